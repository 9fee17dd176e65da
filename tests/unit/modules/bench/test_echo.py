from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from modules.audio.base import AudioChunk, PlaybackReference, Samples
from modules.bench.acoustics import Room
from modules.bench.echo import DoubleTalk, EchoBenchEngines, FarEnd, measure_echo
from modules.bench.echo_scene import Utterance
from modules.echo.base import EchoError, EchoStream
from modules.engine import ProgressCallback
from modules.stt.base import TranscriberCapabilities, Transcript
from modules.vad.base import SpeechSpan

RATE = 16000
ROOM = Room("test room", rt60_s=0.1, delay_ms=5.0, echo_db=-10.0, noise_db=-80.0)


class _Engine:
    name = "fake"

    def __init__(self) -> None:
        self.loads = 0

    async def load(self, progress: ProgressCallback | None = None) -> None:
        self.loads += 1

    async def warm_up(self) -> float:
        return 0.0

    async def close(self) -> None:
        raise AssertionError("the caller closes engines")


@dataclass
class _Stream:
    """Makes everything softer, from some time on, one chunk late."""

    decibels: float
    works_after: float
    reference: PlaybackReference
    settled: bool = False
    held: AudioChunk | None = None
    heard: list[Samples] = field(default_factory=list)

    def feed(self, chunk: AudioChunk) -> list[AudioChunk]:
        self.heard.append(self.reference.read(chunk.time, chunk.time + chunk.seconds).samples)
        held, self.held = self.held, chunk
        if held is None:
            return []
        gain = 10.0 ** (-self.decibels / 20.0) if held.frame_index >= self.works_after * RATE else 1.0
        return [AudioChunk((gain * held.samples).astype(np.float32), RATE, held.frame_index, held.time)]


class _Canceller(_Engine):
    def __init__(self, decibels: float = 40.0, works_after: float = 0.0) -> None:
        super().__init__()
        self.decibels = decibels
        self.works_after = works_after
        self.streams: list[_Stream] = []

    def open(self, reference: PlaybackReference) -> EchoStream:
        self.streams.append(_Stream(self.decibels, self.works_after, reference))
        return self.streams[-1]


class _LevelVad(_Engine):
    """Takes for speech what is louder than -50 dB."""

    def open(self) -> _LevelVad:
        return self

    def feed(self, chunk: AudioChunk) -> list[float]:
        whole = chunk.samples[: chunk.frames // 512 * 512].reshape(-1, 512)
        return [float(np.mean(window.astype(np.float64) ** 2) > 1e-5) for window in whole]

    def spans(self, audio: AudioChunk) -> list[SpeechSpan]:
        raise AssertionError("streams are measured")


class _Listener(_Engine):
    """Understands all of what is soft enough, else one word more."""

    capabilities = TranscriberCapabilities(frozenset({"en"}), False)

    async def transcribe(self, audio: AudioChunk, *, language: str | None = None) -> Transcript:
        assert language == "en"
        loud = float(np.abs(audio.samples).max()) > 0.12
        return Transcript("Open the door, please!" + (" Banana." if loud else ""))


def _speech(seconds: float, seed: int = 0) -> AudioChunk:
    return AudioChunk(
        (0.1 * np.random.default_rng(seed).standard_normal(round(seconds * RATE))).astype(np.float32), RATE
    )


FAR = [_speech(2.0), _speech(3.0, 1), _speech(2.5, 2), _speech(2.0, 3)]
NEAR = [Utterance(_speech(0.8, 5), "open the door please"), Utterance(_speech(0.5, 6), "Open the door, please.")]


async def _measure(
    canceller: _Canceller, near: Sequence[Utterance] = (), listener: _Listener | None = None
) -> tuple[dict[str, object], list[FarEnd | DoubleTalk]]:
    results: list[FarEnd | DoubleTalk] = []
    engines = EchoBenchEngines(canceller, _LevelVad(), listener)
    bench = await measure_echo(engines, FAR, near, rooms=[ROOM], near_db=[0.0, 6.0], on_result=results.append)
    assert results == [*bench.far_end, *bench.double_talk]
    return bench.as_dict(), results


async def test_what_is_removed_is_told_in_decibels_and_speech_that_is_not_there_is_counted() -> None:
    canceller = _Canceller()
    report, results = await _measure(canceller)
    (room,) = results
    assert isinstance(room, FarEnd)
    assert room.removed_db == pytest.approx(40.0, abs=0.1)
    assert room.converged_s == 0.0
    assert (room.false_onsets, room.early_onsets) == (0, 0)
    assert room.raw_onsets == 2  # the pauses in what is played after the first 4 s
    assert room.cost > 0.0
    assert report["false_onsets_per_minute"] == 0.0
    assert report["raw_onsets_per_minute"] == pytest.approx(2 / (6.7 / 60), abs=0.1)
    assert canceller.loads == 1


async def test_a_canceller_that_needs_time_or_does_nothing_is_seen() -> None:
    slow, _ = await _measure(_Canceller(works_after=3.2))
    assert slow["converged_s"] == {"min": 3.5, "p50": 3.5, "p95": 3.5, "max": 3.5}
    (idle,) = (await _measure(_Canceller(decibels=0.0)))[1]
    assert isinstance(idle, FarEnd)
    assert idle.removed_db == pytest.approx(0.0, abs=0.01)
    assert idle.converged_s is None
    assert idle.false_onsets == idle.raw_onsets == 2
    assert idle.early_onsets == 2


async def test_the_reference_is_what_is_played_when_it_is_played() -> None:
    canceller = _Canceller()
    await _measure(canceller)
    heard = np.concatenate(canceller.streams[0].heard)
    assert heard.shape[0] == 3 * round((9.5 + 4 * 0.3) * RATE)
    assert float(np.sqrt(np.mean(heard[:48000] ** 2))) == pytest.approx(0.1, abs=0.005)
    assert not np.abs(heard[2 * 48000 + 2000 : 2 * 48000 + 12000]).max() > 1e-4  # the pause between sentences
    before = canceller.streams[0].reference.read(99.0, 99.5)
    assert (before.frames, before.sample_rate) == (24000, 48000)
    assert not before.samples.any()
    across = canceller.streams[0].reference.read(99.999, 100.001).samples
    assert across.shape == (96,)
    assert not across[:48].any()
    assert np.array_equal(across[48:], canceller.streams[0].reference.read(100.0, 100.001).samples)


async def test_how_much_of_a_voice_is_left_is_measured() -> None:
    report, results = await _measure(_Canceller(decibels=0.0), NEAR, _Listener())
    quiet, loud = results[1:]
    assert isinstance(quiet, DoubleTalk)
    assert isinstance(loud, DoubleTalk)
    assert (quiet.room, quiet.near_db, loud.near_db) == ("test room", 0.0, 6.0)
    assert (quiet.utterances, quiet.missed, quiet.recall) == (2, 0, 1.0)
    assert quiet.onset_ms.maximum == 0.0
    assert quiet.words_wrong == quiet.words_wrong_raw == 0.25  # one word more for each four
    assert quiet.words_wrong_alone == 0.0 or quiet.words_wrong_alone == 0.25
    assert isinstance(report["double_talk"], list)
    assert report["double_talk"][0]["word_error_rate"] == 0.25


async def test_a_canceller_that_takes_the_voice_away_is_seen() -> None:
    _, results = await _measure(_Canceller(decibels=60.0), NEAR)
    trial = results[1]
    assert isinstance(trial, DoubleTalk)
    assert (trial.recall, trial.missed) == (0.0, 2)
    assert trial.onset_ms.count == 0
    assert trial.words_wrong is None


async def test_an_utterance_without_a_voice_has_no_onset() -> None:
    _, results = await _measure(_Canceller(), [Utterance(AudioChunk(np.zeros(RATE, np.float32), RATE), "")])
    trial = results[1]
    assert isinstance(trial, DoubleTalk)
    assert (trial.recall, trial.missed, trial.utterances) == (0.0, 1, 1)


async def test_it_is_the_same_for_the_same_seed() -> None:
    _, a = await _measure(_Canceller(decibels=12.0), NEAR)
    _, b = await _measure(_Canceller(decibels=12.0), NEAR)
    assert [r for r in a if isinstance(r, DoubleTalk)] == [r for r in b if isinstance(r, DoubleTalk)]
    assert isinstance(a[0], FarEnd)
    assert isinstance(b[0], FarEnd)
    assert a[0].removed_db == b[0].removed_db


async def test_too_little_to_play_is_told() -> None:
    with pytest.raises(EchoError) as caught:
        await measure_echo(EchoBenchEngines(_Canceller(), _LevelVad()), [_speech(4.0)], ())
    assert caught.value.code == "too-short"
