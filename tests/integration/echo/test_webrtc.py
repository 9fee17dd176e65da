"""The real canceller with real speech in simulated rooms."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from modules.audio.base import AudioChunk, Samples
from modules.audio.files import read_audio
from modules.audio.reference import ReferenceBuffer
from modules.audio.resample import resample
from modules.bench.acoustics import ROOMS, active_level
from modules.bench.echo import DoubleTalk, EchoBenchEngines, FarEnd, measure_echo
from modules.bench.echo_scene import Utterance
from modules.echo.webrtc import WebRtcEchoCanceller
from modules.vad.silero import SileroVad

ROOT = Path(__file__).parents[3]
RATE = 16000
BEGIN = 1000.0
FAR = [read_audio(path) for path in sorted(ROOT.glob("tests/data/questions/*.flac"))]
NEAR = [Utterance(read_audio(path), "") for path in sorted(ROOT.glob("assets/speech/sense*.flac"))[:3]]
BY_NAME = {room.name: room for room in ROOMS}


@pytest.fixture
async def canceller() -> AsyncIterator[WebRtcEchoCanceller]:
    engine = WebRtcEchoCanceller()
    await engine.load()
    yield engine
    await engine.close()


def _at_level(samples: Samples, decibels: float) -> Samples:
    scaled: Samples = (samples * 10 ** ((decibels - active_level(samples, RATE)) / 20)).astype(np.float32)
    return scaled


def _voice(recordings: Sequence[AudioChunk], seconds: float) -> Samples:
    joined = np.concatenate([_at_level(recording.samples, -20.0) for recording in recordings])
    return np.resize(joined, round(seconds * RATE))


def _decibels(samples: Samples) -> float:
    return float(10 * np.log10(np.mean(samples.astype(np.float64) ** 2) + 1e-12))


class _Desk:
    """A speaker at some rate, filled 30 ms ahead in blocks of 10 ms, and the microphone beside it.

    Args:
        canceller: Loaded.
        rate: Of the speaker.
        shift: Seconds by which the driver's idea of when a sample is heard is too late.
    """

    def __init__(self, canceller: WebRtcEchoCanceller, rate: int = 48000, shift: float = 0.0) -> None:
        self._rate = rate
        self._shift = shift
        self._reference = ReferenceBuffer(rate)
        self.stream = canceller.open(self._reference)

    def run(self, played: Samples, captured: Samples) -> Samples:
        """What comes out, in its place."""
        device = resample(AudioChunk(played, RATE), self._rate).samples
        block, ahead = self._rate // 100, 3
        clean = np.zeros_like(captured)
        for number in range(captured.shape[0] // 160):
            for filled in range(ahead + 1) if number == 0 else (number + ahead,):
                part = device[filled * block : (filled + 1) * block]
                self._reference.write(part, BEGIN + self._shift + filled / 100)
            at = number * 160
            chunk = AudioChunk(captured[at : at + 160], RATE, at, BEGIN + at / RATE)
            for out in self.stream.feed(chunk):
                clean[out.frame_index : out.frame_index + out.frames] = out.samples
        return clean


@pytest.mark.parametrize(
    ("room", "removed"), [("laptop", 30.0), ("desk", 30.0), ("living-room", 25.0), ("bare-hall", 20.0), ("booth", 30.0)]
)
def test_the_echo_of_speech_is_removed(canceller: WebRtcEchoCanceller, room: str, removed: float) -> None:
    played = _voice(FAR, 12.0)
    captured = BY_NAME[room].stream(RATE).feed(played)
    clean = _Desk(canceller).run(played, captured)
    warm = slice(4 * RATE, -160)
    assert _decibels(captured[warm]) - _decibels(clean[warm]) > removed
    first = slice(RATE // 2, 2 * RATE)
    assert _decibels(captured[first]) - _decibels(clean[first]) > 15.0


@pytest.mark.parametrize("rate", [16000, 44100, 48000])
@pytest.mark.parametrize("shift", [-0.02, 0.02])
def test_the_rate_of_the_speaker_and_clocks_that_are_off_by_20_ms_do_not_matter(
    canceller: WebRtcEchoCanceller, rate: int, shift: float
) -> None:
    played = _voice(FAR, 9.0)
    captured = BY_NAME["desk"].stream(RATE).feed(played)
    clean = _Desk(canceller, rate, shift).run(played, captured)
    warm = slice(4 * RATE, -160)
    assert _decibels(captured[warm]) - _decibels(clean[warm]) > 25.0


def test_an_echo_that_comes_a_quarter_of_a_second_late_is_removed_too(canceller: WebRtcEchoCanceller) -> None:
    played = _voice(FAR, 9.0)
    captured = replace(BY_NAME["desk"], delay_ms=280.0).stream(RATE).feed(played)
    clean = _Desk(canceller).run(played, captured)
    warm = slice(4 * RATE, -160)
    assert _decibels(captured[warm]) - _decibels(clean[warm]) > 20.0


def test_a_change_of_the_way_of_the_sound_is_learnt(canceller: WebRtcEchoCanceller) -> None:
    played = _voice(FAR, 14.0)
    captured = BY_NAME["desk"].stream(RATE).feed(played)
    captured[6 * RATE :] = BY_NAME["study"].stream(RATE).feed(played)[6 * RATE :]
    clean = _Desk(canceller).run(played, captured)
    for part, removed in ((slice(7 * RATE, 9 * RATE), 10.0), (slice(10 * RATE, -160), 25.0)):
        assert _decibels(captured[part]) - _decibels(clean[part]) > removed


def test_a_voice_is_not_touched_before_and_after_the_assistant_speaks(canceller: WebRtcEchoCanceller) -> None:
    desk = _Desk(canceller)
    played = np.zeros(12 * RATE, np.float32)
    played[4 * RATE : 7 * RATE] = _voice(FAR, 3.0)
    voice = _voice([utterance.audio for utterance in NEAR], 12.0)
    clean = desk.run(played, voice + BY_NAME["desk"].stream(RATE).feed(played))
    assert np.array_equal(clean[: 3 * RATE], (voice + BY_NAME["desk"].stream(RATE).feed(played))[: 3 * RATE])
    late = slice(9 * RATE, -160)
    assert _decibels(clean[late] - voice[late]) < _decibels(voice[late]) - 30.0
    assert desk.stream.settled


@pytest.mark.parametrize("room", ["laptop", "living-room"])
async def test_its_own_echo_is_not_taken_for_speech_and_the_user_is_heard_over_it(
    canceller: WebRtcEchoCanceller, room: str
) -> None:
    vad = SileroVad()
    bench = await measure_echo(
        EchoBenchEngines(canceller, vad), FAR, NEAR, rooms=[BY_NAME[room]], near_db=[0.0], seed=1
    )
    await vad.close()
    (alone,), (both,) = bench.far_end, bench.double_talk
    assert isinstance(alone, FarEnd)
    assert isinstance(both, DoubleTalk)
    assert alone.raw_onsets >= 10
    assert alone.false_onsets <= 1
    assert both.recall > 0.9
    assert both.missed == 0
    assert both.onset_ms.maximum <= 100.0


def test_the_same_sound_comes_out_each_time(canceller: WebRtcEchoCanceller) -> None:
    played = _voice(FAR, 3.0)
    captured = BY_NAME["study"].stream(RATE).feed(played)
    assert np.array_equal(_Desk(canceller).run(played, captured), _Desk(canceller).run(played, captured))


async def test_loading_and_warming_up_twice_is_harmless() -> None:
    engine = WebRtcEchoCanceller()
    await engine.load()
    await engine.load()
    assert 0.0 < await engine.warm_up() < 0.1
    await engine.close()


def test_the_native_state_goes_with_the_stream(canceller: WebRtcEchoCanceller) -> None:
    from livekit.rtc import _ffi_client

    def alive() -> int:
        gc.collect()
        return sum(not handle.disposed for handle in list(_ffi_client._live_handles))

    before = alive()
    streams = [_Desk(canceller) for _ in range(3)]
    assert alive() == before + 3
    del streams
    assert alive() == before


def test_the_library_is_imported_by_load_only_says_nothing_and_lets_the_process_end() -> None:
    code = (
        "import asyncio, logging, sys; logging.basicConfig(level=logging.INFO);"
        "from modules.echo.webrtc import WebRtcEchoCanceller as C; c = C();"
        "assert not [name for name in sys.modules if name.startswith('livekit')];"
        "asyncio.run(c.load()); asyncio.run(c.warm_up())"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, timeout=60)
    assert (done.stdout, done.stderr) == (b"", b"")


def test_nothing_is_lost_where_it_begins_and_ends_to_work(canceller: WebRtcEchoCanceller) -> None:
    played = np.zeros(7 * RATE, np.float32)
    played[2 * RATE : 3 * RATE] = _voice(FAR, 1.0)
    time = np.arange(played.shape[0]) / RATE
    tone = (0.1 * np.sin(2 * np.pi * 1000 * time)).astype(np.float32)
    clean = _Desk(canceller).run(played, tone)  # a headset: the microphone does not hear what is played
    step = float(np.abs(np.diff(tone)).max())
    assert float(np.abs(np.diff(clean[:-160])).max()) < 2.0 * step
    assert np.array_equal(clean[5 * RATE : -160], tone[5 * RATE : -160])
