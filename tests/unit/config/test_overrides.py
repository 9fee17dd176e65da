"""Settings from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.loader import load
from config.overrides import assignments
from config.problem import SettingsError
from config.settings import Settings


def test_texts_become_values_and_the_last_one_counts() -> None:
    found = assignments(["llm.threads=4", " tts.voice =a=b", "llm.threads=5", "audio.input_device="])
    assert found == {"llm.threads": "5", "tts.voice": "a=b", "audio.input_device": ""}
    loaded = load(Path("none"), {"ARVIS_AUDIO_INPUT_DEVICE": "USB"}, overrides=found)
    assert loaded.problems == ()
    assert loaded.settings == Settings.of({"llm.threads": 5, "tts.voice": "a=b"})
    assert loaded.sources["audio.input_device"] == "command line"


@pytest.mark.parametrize("text", ["llm.threads", "", "=4", " =4"])
def test_what_is_no_assignment_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=r"for example --set llm\.threads=4") as caught:
        assignments([text])
    assert caught.value.code == "assignment"


@pytest.mark.parametrize(
    ("path", "text", "problem"),
    [
        ("llm.threads", "many", 'llm.threads is "many", but must be a whole number from 1 to 32; it is ignored.'),
        ("llm.threads", "", 'llm.threads is "", but must be a whole number from 1 to 32; it is ignored.'),
        ("llm.threads", "99", "llm.threads is 99, but must be a whole number from 1 to 32; it is ignored."),
        ("llm.thread", "4", "there is no setting llm.thread; did you mean llm.threads; it is ignored."),
        (
            "llm.api_key",
            "hunter22",
            "there is no setting llm.api_key; a secret is never kept in a file: use "
            "`arvis config secret set llm.api_key`, or the environment variable ARVIS_LLM_API_KEY; it is ignored.",
        ),
    ],
)
def test_what_is_wrong_is_told_and_ignored(path: str, text: str, problem: str) -> None:
    loaded = load(Path("none"), {}, overrides={path: text})
    assert [str(one) for one in loaded.problems] == [f"command line: {problem}"]
    assert loaded.settings == Settings()


def test_a_slip_does_not_allow_what_was_to_be_refused() -> None:
    loaded = load(Path("none"), {}, overrides={"network.offline": "yess"})
    assert loaded.settings.network.offline is True
    assert str(loaded.problems[0]).endswith("; true is used, to be on the safe side.")
