"""Environment variables win over the file, and a wrong one is told and ignored."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.loader import load
from config.schema import keys
from config.settings import Settings
from config.validation import shown


@pytest.mark.parametrize(
    ("variable", "text", "path", "value"),
    [
        ("ARVIS_LLM_THREADS", "4", "llm.threads", 4),
        ("ARVIS_LLM_TEMPERATURE", " 1 ", "llm.temperature", 1.0),
        ("ARVIS_REPLY_READ_ALOUD", "Off", "reply.read_aloud", False),
        ("ARVIS_REPLY_READ_ALOUD", "1", "reply.read_aloud", True),
        ("ARVIS_TTS_FALLBACK", "espeak-ng, piper", "tts.fallback", ("espeak-ng", "piper")),
        ("ARVIS_TTS_FALLBACK", '["espeak-ng"]', "tts.fallback", ("espeak-ng",)),
        ("ARVIS_TTS_FALLBACK", "[]", "tts.fallback", ()),
        ("ARVIS_NOTIFICATIONS_ROUTES", "a=ui,tts; b=none", "notifications.routes", ("a=ui,tts", "b=none")),
        ("ARVIS_NOTIFICATIONS_ROUTES", '["a=ui,tts"]', "notifications.routes", ("a=ui,tts",)),
        (
            "ARVIS_LOGGING_COMPONENTS",
            "modules.stt=debug,arvis=info",
            "logging.components",
            ("modules.stt=debug", "arvis=info"),
        ),
        ("ARVIS_LLM_BASE_URL", "http://host/v1", "llm.base_url", "http://host/v1"),
    ],
)
def test_a_variable_is_read_in_the_type_of_its_key(variable: str, text: str, path: str, value: object) -> None:
    found = load(Path("none"), {variable: text})
    assert found.problems == ()
    assert found.settings == Settings.of({path: value})
    assert found.sources[path] == "environment"


def test_a_variable_wins_over_the_file_and_a_wrong_one_leaves_it(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[llm]\nthreads = 3\nmax_tokens = 50\n")
    found = load(path, {"ARVIS_LLM_THREADS": "many", "ARVIS_LLM_MAX_TOKENS": "60"})
    assert (found.settings.llm.threads, found.settings.llm.max_tokens) == (3, 60)
    assert (found.sources["llm.threads"], found.sources["llm.max_tokens"]) == ("file", "environment")
    assert [str(problem) for problem in found.problems] == [
        'environment: ARVIS_LLM_THREADS is "many", but must be a whole number from 1 to 32; the variable is ignored.'
    ]


@pytest.mark.parametrize(
    ("variable", "text", "allowed"),
    [
        ("ARVIS_REPLY_READ_ALOUD", "perhaps", "true or false"),
        ("ARVIS_LLM_TEMPERATURE", "nan", "a number from 0 to 2"),
        ("ARVIS_TTS_FALLBACK", "sam", "different names, separated by commas, out of hibari, piper, espeak-ng"),
        ("ARVIS_UI_THEME", "Dark", "one of system, light, dark"),
        ("ARVIS_LOGGING_COMPONENTS", "a", keys()["logging.components"].allowed()),
        ("ARVIS_TTS_FALLBACK", "[hibari", "different names, separated by commas, out of hibari, piper, espeak-ng"),
        ("ARVIS_TTS_FALLBACK", "[]\nb = 1", "different names, separated by commas, out of hibari, piper, espeak-ng"),
    ],
)
def test_a_wrong_variable_is_told(variable: str, text: str, allowed: str) -> None:
    found = load(Path("none"), {variable: text})
    assert found.settings == Settings()
    assert [str(problem) for problem in found.problems] == [
        f"environment: {variable} is {shown(text)}, but must be {allowed}; the variable is ignored."
    ]


def test_a_variable_with_a_slip_of_the_pen_is_told() -> None:
    found = load(Path("none"), {"ARVIS_LLM_THREDS": "4", "ARVIS_UI_ZZZZZZ": "1"})
    assert [str(problem) for problem in found.problems] == [
        "environment: there is no setting for ARVIS_LLM_THREDS; did you mean ARVIS_LLM_THREADS; it is ignored.",
        "environment: there is no setting for ARVIS_UI_ZZZZZZ; it is ignored.",
    ]


def test_a_wrong_variable_does_not_allow_what_was_to_be_refused() -> None:
    found = load(Path("none"), {"ARVIS_NETWORK_OFFLINE": "ja"})
    assert found.settings.network.offline is True
    assert [str(problem) for problem in found.problems] == [
        'environment: ARVIS_NETWORK_OFFLINE is "ja", but must be true or false; true is used, to be on the safe side.'
    ]


def test_the_variable_of_an_earlier_name_still_counts_and_the_present_one_wins() -> None:
    found = load(Path("none"), {"ARVIS_TALK_DEBOUNCE": "0.6"})
    assert found.settings.talk.debounce_seconds == 0.6
    assert [problem.wrong for problem in found.problems] == [
        "ARVIS_TALK_DEBOUNCE is now called ARVIS_TALK_DEBOUNCE_SECONDS"
    ]
    both = load(Path("none"), {"ARVIS_TALK_DEBOUNCE": "0.6", "ARVIS_TALK_DEBOUNCE_SECONDS": "0.7"})
    assert (both.settings.talk.debounce_seconds, both.problems) == (0.7, ())


def test_bytes_that_are_no_text_are_shown_as_escapes() -> None:
    found = load(Path("none"), {"ARVIS_LLM_ENGINE": "\udcff", "ARVIS_LLM_\udcff": "1"})
    told = [str(problem) for problem in found.problems]
    assert told[0] == (
        'environment: ARVIS_LLM_ENGINE is "\\udcff", but must be one of llama-cpp, openai; the variable is ignored.'
    )
    assert told[1].startswith("environment: there is no setting for ARVIS_LLM_\\udcff; ")


def test_empty_foreign_and_secret_variables_are_no_settings() -> None:
    environ = {
        "ARVIS_LLM_THREADS": "",
        "ARVIS_HOME": "/x",
        "ARVIS_LLM_API_KEY": "sk",
        "ARVIS_METRICS_TOKEN": "x",
        "PATH": "/bin",
    }
    found = load(Path("none"), environ)
    assert (found.settings, found.problems) == (Settings(), ())


def test_without_a_mapping_the_environment_of_the_process_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARVIS_LLM_THREADS", "5")
    assert load(Path("none")).settings.llm.threads == 5
