from __future__ import annotations

import threading

import numpy as np
import pytest

from modules.audio.base import SPEECH_RATE, Samples
from modules.stt.threaded import Stopped
from modules.stt.whisper_model import MOST_TOKENS, Decoded
from modules.stt.whisper_recogniser import WhisperRecogniser, token_limit, windows

GOOD = Decoded((1, 2, 3, 4), -0.2, 0.0, True)
UNSURE = Decoded((5, 6), -1.2, 0.1, True)
LOOP = Decoded((1, 2, 3) * 20, -0.1, 0.0, True)
CAPPED = Decoded((7, 8, 9) * 20, -0.1, 0.0, False)
NOBODY = Decoded((5,), -1.2, 0.7, True)


class Script:
    """A model that gives prepared results, one for each window, and then the last one again."""

    languages = frozenset({"en", "de"})

    def __init__(self, *results: Decoded) -> None:
        self.results = list(results)
        self.encoded: list[tuple[float, float]] = []
        """Seconds of audio and of window."""
        self.decoded: list[tuple[str, int]] = []
        """Language and limit."""
        self.detections = 0
        self.sure = True
        """Whether the language is clear in a window that is not the full one."""
        self.closed = False
        self.on_encode: threading.Event | None = None

    def encode(self, samples: Samples, seconds: float) -> float:
        self.encoded.append((len(samples) / SPEECH_RATE, seconds))
        if self.on_encode is not None:
            self.on_encode.set()
        return seconds

    def detect(self, encoded: float) -> tuple[str, float]:
        self.detections += 1
        return ("de", 0.9) if self.sure or encoded == 30.0 else ("en", 0.4)

    def decode(self, encoded: float, language: str, limit: int) -> Decoded:
        self.decoded.append((language, limit))
        return self.results.pop(0) if len(self.results) > 1 else self.results[0]

    def text(self, tokens: tuple[int, ...] | list[int]) -> str:
        return " ".join(map(str, tokens))

    def close(self) -> None:
        self.closed = True


def _audio(seconds: float) -> Samples:
    return np.random.default_rng(0).normal(0.0, 0.1, round(seconds * SPEECH_RATE)).astype(np.float32)


def _hear(model: Script, seconds: float, language: str | None = "en") -> str:
    return WhisperRecogniser(model).recognise(_audio(seconds), language, threading.Event()).text


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.5, [10.0, 30.0]),
        (2.0, [10.0, 30.0]),
        (4.0, [10.0, 12.0, 30.0]),
        (9.0, [10.0, 17.0, 30.0]),
        (9.5, [10.5, 17.5, 30.0]),
        (25.0, [26.0, 30.0]),
        (28.0, [29.0, 30.0]),
        (29.5, [30.0]),
    ],
)
def test_windows_are_short_first_and_never_over_thirty_seconds(seconds: float, expected: list[float]) -> None:
    assert windows(seconds) == expected


def test_the_limit_of_tokens_grows_with_the_speech() -> None:
    assert token_limit(1.0, 10.0) == 32
    assert token_limit(9.0, 10.0) == 128
    assert token_limit(25.0, 26.0) == MOST_TOKENS
    assert token_limit(1.0, 30.0) == MOST_TOKENS


def test_a_sound_result_takes_one_short_window() -> None:
    model = Script(GOOD)
    assert _hear(model, 3.0) == "1 2 3 4"
    assert model.encoded == [(3.0, 10.0)]
    assert model.decoded == [("en", 56)]
    assert model.detections == 0


@pytest.mark.parametrize("bad", [UNSURE, LOOP, CAPPED])
def test_a_result_that_looks_wrong_is_made_again_in_a_longer_window(bad: Decoded) -> None:
    model = Script(bad, GOOD)
    assert _hear(model, 4.0) == "1 2 3 4"
    assert [window for _, window in model.encoded] == [10.0, 12.0]


def test_the_full_window_comes_last_with_all_tokens() -> None:
    model = Script(LOOP, LOOP, GOOD)
    assert _hear(model, 4.0) == "1 2 3 4"
    assert model.encoded[-1] == (4.0, 30.0)
    assert model.decoded[-1] == ("en", MOST_TOKENS)


def test_what_every_window_repeats_was_said() -> None:
    model = Script(LOOP)
    assert _hear(model, 4.0) == " ".join(["1 2 3"] * 20)


def test_a_loop_without_end_is_reduced_to_one_round() -> None:
    model = Script(CAPPED)
    assert _hear(model, 4.0) == "7 8 9"


def test_of_unsure_results_the_surest_is_taken() -> None:
    model = Script(UNSURE, Decoded((8, 9), -1.1, 0.1, True), UNSURE)
    assert _hear(model, 4.0) == "8 9"


def test_a_complete_result_is_better_than_a_surer_loop() -> None:
    model = Script(CAPPED, UNSURE, CAPPED)
    assert _hear(model, 4.0) == "5 6"


def test_dense_speech_that_fills_every_window_is_split() -> None:
    model = Script(CAPPED, CAPPED, GOOD)
    assert _hear(model, 24.0) == "1 2 3 4 1 2 3 4"
    halves = [seconds for seconds, _ in model.encoded[2:]]
    assert sum(halves) == pytest.approx(24.0)
    assert len(halves) == 2


def test_nobody_speaking_is_empty_after_one_window() -> None:
    model = Script(NOBODY)
    assert _hear(model, 4.0) == ""
    assert len(model.encoded) == 1


def test_a_likely_silence_with_sure_words_is_speech() -> None:
    assert _hear(Script(Decoded((1,), -0.3, 0.9, True)), 1.0) == "1"


@pytest.mark.parametrize("audio", [np.zeros(0, np.float32), np.zeros(48_000, np.float32), _audio(0.01)])
def test_silence_never_reaches_the_model(audio: Samples) -> None:
    model = Script(GOOD)
    assert WhisperRecogniser(model).recognise(audio, None, threading.Event()).text == ""
    assert model.encoded == []


def test_an_empty_text_is_nothing() -> None:
    found = WhisperRecogniser(Script(Decoded((), -0.2, 0.1, True))).recognise(_audio(1.0), "en", threading.Event())
    assert (found.text, found.language) == ("", None)


def test_the_language_is_found_once_and_kept() -> None:
    model = Script(GOOD)
    found = WhisperRecogniser(model).recognise(_audio(60.0), None, threading.Event())
    assert found.language == "de"
    assert model.detections == 1
    assert {language for language, _ in model.decoded} == {"de"}


def test_an_unclear_language_is_looked_for_in_the_full_window() -> None:
    model = Script(GOOD)
    model.sure = False
    found = WhisperRecogniser(model).recognise(_audio(3.0), None, threading.Event())
    assert found.language == "de"
    assert [window for _, window in model.encoded] == [10.0, 30.0]
    assert model.decoded == [("de", 56)]


def test_ten_minutes_go_through_windows_of_thirty_seconds_at_most() -> None:
    model = Script(GOOD)
    text = _hear(model, 600.0)
    assert sum(seconds for seconds, _ in model.encoded) == pytest.approx(600.0)
    assert max(window for _, window in model.encoded) <= 30.0
    assert text.count("1 2 3 4") == len(model.encoded) <= 43


def test_it_stops_between_two_native_calls() -> None:
    model = Script(GOOD)
    model.on_encode = stop = threading.Event()
    with pytest.raises(Stopped):
        WhisperRecogniser(model).recognise(_audio(3.0), None, stop)
    assert len(model.encoded) == 1
    assert model.decoded == []


def test_the_floor_is_one_window() -> None:
    model = Script(GOOD)
    recogniser = WhisperRecogniser(model)
    assert recogniser.floor() > 0.0
    assert model.encoded == [(1.0, 10.0)]
    recogniser.close()
    assert model.closed
    assert recogniser.languages == {"en", "de"}
