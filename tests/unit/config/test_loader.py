"""Files that are right, missing, or wrong in every way: Arvis always gets valid settings and says what was wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import schema
from config.loader import Loaded, load
from config.schema import Key
from config.settings import Settings

IGNORED = "; it is ignored."
ALL_DEFAULTS = "; every setting has its default."


def loaded(tmp_path: Path, text: str | bytes, environ: dict[str, str] | None = None) -> Loaded:
    path = tmp_path / "config.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(path, environ or {})


def only_problem(found: Loaded) -> str:
    (problem,) = found.problems
    return str(problem).removeprefix(str(found.path))


def test_a_missing_file_means_defaults(tmp_path: Path) -> None:
    found = load(tmp_path / "none.toml", {})
    assert found.settings == Settings()
    assert found.problems == ()
    assert set(found.sources.values()) == {"default"}
    assert found.path == tmp_path / "none.toml"


def test_the_users_own_file_is_read_without_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARVIS_HOME", str(tmp_path))
    (tmp_path / "config.toml").write_text("[llm]\nthreads = 3\n")
    found = load()
    assert found.path == tmp_path / "config.toml"
    assert found.settings.llm.threads == 3


def test_values_of_the_file_win_over_defaults(tmp_path: Path) -> None:
    found = loaded(tmp_path, "[llm]\nthreads = 4\ntemperature = 1\n[tts]\nfallback = []\n[reply]\nread_aloud = false\n")
    assert found.problems == ()
    assert found.settings == Settings.of(
        {"llm.threads": 4, "llm.temperature": 1.0, "tts.fallback": (), "reply.read_aloud": False}
    )
    assert type(found.settings.llm.temperature) is float
    assert found.sources["llm.threads"] == "file"
    assert found.sources["llm.model"] == "default"


def test_a_file_from_a_windows_editor_is_read(tmp_path: Path) -> None:
    found = loaded(tmp_path, "[llm]\r\nthreads = 4\r\n".encode("utf-8-sig"))
    assert (found.settings.llm.threads, found.problems) == (4, ())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "[llm]\n\nthreads = 99",
            ", line 3: llm.threads is 99, but must be a whole number from 1 to 32; the default, 2, is used.",
        ),
        (
            '[llm]\nthreads = "two"',
            ', line 2: llm.threads is "two", but must be a whole number from 1 to 32; the default, 2, is used.',
        ),
        (
            "llm.threads = true",
            ", line 1: llm.threads is true, but must be a whole number from 1 to 32; the default, 2, is used.",
        ),
        (
            "[llm]\ntemperature = nan",
            ", line 2: llm.temperature is NaN, but must be a number from 0 to 2; the default, 0.0, is used.",
        ),
        (
            '[talk]\nmode = "push"',
            ', line 2: talk.mode is "push", but must be one of hold, toggle; the default, "hold", is used.',
        ),
        (
            'stt = { language = "English" }',
            ', line 1: stt.language is "English", but must be "auto" or a language code such as "en"; '
            'the default, "auto", is used.',
        ),
        (
            '[tts]\nfallback = ["piper", "piper"]',
            ', line 2: tts.fallback is ["piper", "piper"], but must be a list of different names out of hibari, piper, '
            'espeak-ng; the default, ["piper", "espeak-ng"], is used.',
        ),
        (
            "[audio]\ninput_device = 1979-05-27",
            ', line 2: audio.input_device is "1979-05-27", but must be text in quotes; the default, "", is used.',
        ),
        (
            "[talk]\ndebounce = 0.2",
            ", line 2: talk.debounce is 0.2, but must be 0, or a number from 0.4 to 1.2; the default, 0.0, is used.",
        ),
        (
            '[talk]\nlistening = "always"',
            ', line 2: talk.listening is "always", but must be one of push-to-talk, hands-free, wake-word; '
            'the default, "push-to-talk", is used.',
        ),
        (
            "[audio]\necho_cancellation = true",
            ", line 2: audio.echo_cancellation is true, but must be one of auto, on, off; "
            'the default, "auto", is used.',
        ),
        (
            "[reply]\nread_aloud = 1",
            ", line 2: reply.read_aloud is 1, but must be true or false; the default, true, is used.",
        ),
        ("[llm]\nthread = 3", f", line 2: there is no setting llm.thread; did you mean llm.threads{IGNORED}"),
        (
            "[stt]\nmax_tokens = 9",
            f", line 2: there is no setting stt.max_tokens; did you mean llm.max_tokens{IGNORED}",
        ),
        (
            "[llm]\nzzz = 3",
            f", line 2: there is no setting llm.zzz; see `arvis config show` for those there are{IGNORED}",
        ),
        ("[lllm]\nthreads = 3", f", line 1: there is no section [lllm]; did you mean [llm]{IGNORED}"),
        (
            "\n[zzz]",
            ", line 2: there is no section [zzz]; there are audio, talk, wake, stt, vad, endpoint, llm, tts, reply, "
            "ui, logging; it is ignored.",
        ),
        (
            "threads = 3",
            f", line 1: there is no setting threads outside of a section; it belongs below [stt] or [llm]{IGNORED}",
        ),
        (
            "llm = 3",
            f", line 1: llm is a section; write [llm] on a line of its own and its keys below{IGNORED}",
        ),
        (
            '"llm.threads" = 3',
            f", line 1: there is no setting llm.threads outside of a section; did you mean llm.threads{IGNORED}",
        ),
    ],
)
def test_a_wrong_key_is_told_with_its_line_and_the_default_is_used(tmp_path: Path, text: str, problem: str) -> None:
    found = loaded(tmp_path, text)
    assert only_problem(found) == problem
    assert found.settings == Settings()


def test_a_secret_in_the_file_is_refused_and_not_repeated(tmp_path: Path) -> None:
    problem = only_problem(loaded(tmp_path, '[llm]\napi_key = "sk-123"'))
    assert "ARVIS_LLM_API_KEY" in problem
    assert "sk-123" not in problem


def test_a_long_wrong_value_is_shortened(tmp_path: Path) -> None:
    problem = only_problem(loaded(tmp_path, f'[llm]\nengine = "{"x" * 500}"'))
    assert "xxx…, but must be one of llama-cpp, openai" in problem
    assert len(problem) < 200


def test_good_keys_beside_bad_ones_are_kept(tmp_path: Path) -> None:
    found = loaded(tmp_path, "[llm]\nthreads = 99\nmax_tokens = 50\n[vad]\nthreshold = 7\n")
    assert [(problem.line, problem.key) for problem in found.problems] == [(2, "llm.threads"), (5, "vad.threshold")]
    assert found.settings == Settings.of({"llm.max_tokens": 50})
    assert found.sources["llm.threads"] == "default"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "[llm]\nthreads = = 3",
            f", line 2: the file is not valid TOML (Invalid value){ALL_DEFAULTS}",
        ),
        (
            "[llm]\nthreads = 3\nthreads = 4\n",
            f", line 3: the file is not valid TOML (Cannot overwrite a value){ALL_DEFAULTS}",
        ),
        (
            '[llm]\nmodel = "x',
            f", line 2: the file is not valid TOML (Unterminated string (at end of document)){ALL_DEFAULTS}",
        ),
        (b"[llm]\nmodel = '\xff'", f", line 2: the file is not UTF-8 text{ALL_DEFAULTS}"),
    ],
)
def test_a_file_that_is_not_toml_is_told_with_its_line(tmp_path: Path, text: str | bytes, problem: str) -> None:
    found = loaded(tmp_path, text)
    assert only_problem(found) == problem
    assert found.settings == Settings()


@pytest.mark.parametrize("text", ["a = " + "[" * 50_000, "a = " + "9" * 5000])
def test_a_file_beyond_the_limits_of_the_parser_is_told(tmp_path: Path, text: str) -> None:
    assert only_problem(loaded(tmp_path, text)).startswith(", line 1: the file is not valid TOML (")


def test_a_folder_in_place_of_the_file_is_told(tmp_path: Path) -> None:
    found = load(tmp_path, {})
    assert only_problem(found) == f": the file cannot be read (Is a directory){ALL_DEFAULTS}"


def test_a_renamed_key_still_counts_and_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = dict(schema.keys())
    spec = {**known["talk.hotkey"].spec, "x-renamed-from": ["keys.talk"]}
    known["talk.hotkey"] = Key("talk", "hotkey", spec)
    monkeypatch.setattr("config.loader.keys", lambda: known)
    found = loaded(tmp_path, '[keys]\ntalk = "f8"')
    assert found.settings.talk.hotkey == "f8"
    assert only_problem(found) == ", line 2: keys.talk is now called talk.hotkey; rename it; its value is used."
