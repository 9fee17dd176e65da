from __future__ import annotations

import itertools

import numpy as np
import pytest

from modules.audio.base import AudioChunk, Samples
from modules.echo.base import EchoError
from modules.echo.reference import FRAME
from modules.echo.stream import WebRtcEchoStream
from tests.unit.modules.echo.fakes import FakeRtc, Tape, decibels, noise

BEGIN = 50.0


def _feed(stream: WebRtcEchoStream, samples: Samples, sizes: list[int], at: int = 0) -> list[AudioChunk]:
    out: list[AudioChunk] = []
    for size in itertools.cycle(sizes):
        piece = samples[at : at + size]
        if not piece.shape[0]:
            return out
        out += stream.feed(AudioChunk(piece, 16000, at, BEGIN + at / 16000))
        at += piece.shape[0]
    return out


def _joined(chunks: list[AudioChunk]) -> Samples:
    return np.concatenate([chunk.samples for chunk in chunks])


@pytest.mark.parametrize("sizes", [[160], [320], [512], [480, 160, 333, 171]])
def test_with_nothing_played_every_sample_comes_back_unchanged_with_its_time(sizes: list[int]) -> None:
    rtc = FakeRtc()
    stream = WebRtcEchoStream(rtc, Tape(np.zeros(1, np.float32)))
    sound = noise(1.0)
    out = _feed(stream, sound, sizes)
    assert np.array_equal(_joined(out), sound[: 16000 - FRAME])
    assert [chunk.frames for chunk in out] == [FRAME] * 99
    assert [chunk.frame_index for chunk in out] == list(range(0, 16000 - FRAME, FRAME))
    assert [chunk.time for chunk in out] == pytest.approx([BEGIN + number / 100 for number in range(99)])
    assert rtc.modules[0].frames == 0  # an open microphone costs nothing


@pytest.mark.parametrize("sizes", [[160], [320], [500]])
def test_nothing_is_lost_twice_or_broken_where_the_cancellers_begin_and_end(sizes: list[int]) -> None:
    played = np.zeros(16000 * 8, np.float32)
    played[32000:48000] = noise(1.0, level=0.01)
    stream = WebRtcEchoStream(FakeRtc(), Tape(played, begin=BEGIN))
    time = np.arange(16000 * 8) / 16000
    tone = (0.5 * np.sin(2 * np.pi * 437 * time + 1.0)).astype(np.float32)
    out = _joined(_feed(stream, tone, sizes))
    step = float(np.abs(np.diff(tone)).max())
    # Before, and a second after the last sound, it is the tone itself; in between there is no step.
    assert np.array_equal(out[:31000], tone[:31000])
    assert np.array_equal(out[65000:], tone[65000 : out.shape[0]])
    assert float(np.abs(np.diff(out[31000:65000])).max()) < 1.3 * step
    # The stand-in halves what it hears, without moving it.
    assert out[40000:44000] == pytest.approx(0.5 * tone[40000:44000], abs=0.01)


def test_what_the_cancellers_held_from_before_a_rest_is_not_heard_again() -> None:
    played = np.zeros(16000 * 8, np.float32)
    played[16000:17600] = noise(0.1)
    played[80000:81600] = noise(0.1, seed=1)
    stream = WebRtcEchoStream(FakeRtc(), Tape(played, begin=BEGIN))
    sound = np.zeros(16000 * 8, np.float32)
    sound[20000:34000] = 0.5  # ends in the cancellers when they begin to rest
    out = _joined(_feed(stream, sound, [320]))
    assert float(np.abs(out[40000:]).max()) == 0.0


def test_a_sound_without_time_comes_back_as_it_is() -> None:
    stream = WebRtcEchoStream(FakeRtc(), Tape(noise(2.0)))
    chunk = AudioChunk(noise(0.03), 16000)
    assert stream.feed(chunk) == [chunk]


def test_another_rate_is_refused() -> None:
    stream = WebRtcEchoStream(FakeRtc(), Tape(noise(1.0)))
    with pytest.raises(EchoError) as caught:
        stream.feed(AudioChunk(np.zeros(480, np.float32), 48000, 0, 1.0))
    assert caught.value.code == "wrong-rate"


def test_it_settles_after_a_second_of_speech_from_the_speaker_however_long_that_takes() -> None:
    played = np.zeros(16000 * 10, np.float32)
    played[16000:24000] = noise(0.5)
    played[32000:64000] = noise(2.0, level=0.001)  # too soft to learn from
    played[80000:96000] = noise(1.0)
    stream = WebRtcEchoStream(FakeRtc(), Tape(played, begin=BEGIN))
    silence = np.zeros(16000 * 10, np.float32)
    _feed(stream, silence[:78000], [320])
    assert not stream.settled
    _feed(stream, silence[:86400], [320], at=78000)
    assert not stream.settled
    _feed(stream, silence, [320], at=86400)
    assert stream.settled


def test_the_filter_takes_over_when_it_has_proved_itself() -> None:
    played = noise(6.0)
    captured = np.concatenate((np.zeros(400, np.float32), 0.3 * played[:-400]))
    captured[64000:] += noise(2.0, level=0.05, seed=1)
    out = _joined(_feed(WebRtcEchoStream(FakeRtc(), Tape(played, begin=BEGIN)), captured, [320]))
    # Here the stand-in only halves the echo: what removes it is the filter.
    assert decibels(out[:4800]) == pytest.approx(decibels(captured[:4800]) - 6.0, abs=0.5)
    assert decibels(out[48000:63000]) < decibels(captured[48000:63000]) - 30.0
    assert decibels(out[70000:95000]) == pytest.approx(decibels(noise(1.0, level=0.05)), abs=1.0)
