from __future__ import annotations

import numpy as np
import pytest

from modules.audio.base import AudioChunk, Samples
from modules.audio.resample import StreamResampler, resample


def _sine(rate: int, seconds: float = 1.0, hertz: float = 440.0) -> Samples:
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate)).astype(np.float32)


def _stream(resampler: StreamResampler, samples: Samples, rate: int, step: int, time: float = 0.0) -> list[AudioChunk]:
    chunks = [
        resampler.push(AudioChunk(samples[at : at + step], rate, at, time + at / rate if time else 0.0))
        for at in range(0, samples.shape[0], step)
    ]
    return [*chunks, resampler.flush()]


@pytest.mark.parametrize(("rate", "new_rate"), [(48000, 16000), (44100, 16000), (8000, 16000), (22050, 48000)])
def test_a_tone_keeps_its_pitch_length_and_level(rate: int, new_rate: int) -> None:
    converted = resample(AudioChunk(_sine(rate), rate), new_rate)
    assert converted.sample_rate == new_rate
    assert converted.frames == pytest.approx(new_rate, abs=1)
    inner = slice(new_rate // 10, -new_rate // 10)
    assert np.max(np.abs(converted.samples[inner] - _sine(new_rate)[: converted.frames][inner])) < 1e-3


def test_the_same_rate_is_the_same_chunk() -> None:
    chunk = AudioChunk(_sine(16000), 16000)
    assert resample(chunk, 16000) is chunk


def test_index_and_time_of_a_chunk_are_those_of_the_new_rate() -> None:
    converted = resample(AudioChunk(_sine(48000), 48000, frame_index=4800, time=7.5), 16000)
    assert converted.frame_index == 1600
    assert converted.time == 7.5


@pytest.mark.parametrize(("rate", "new_rate", "step"), [(48000, 16000, 480), (24000, 48000, 2400), (44100, 16000, 441)])
def test_a_stream_equals_the_whole(rate: int, new_rate: int, step: int) -> None:
    samples = _sine(rate)
    chunks = _stream(StreamResampler(new_rate), samples, rate, step)
    joined = np.concatenate([chunk.samples for chunk in chunks])
    whole = resample(AudioChunk(samples, rate), new_rate).samples
    assert joined.shape == whole.shape
    assert np.max(np.abs(joined - whole)) < 1e-5


def test_frame_indices_are_gapless_and_times_are_those_of_the_samples() -> None:
    samples = _sine(48000)
    emitted = 0
    for chunk in _stream(StreamResampler(16000), samples, 48000, 480, time=100.0):
        assert chunk.frame_index == emitted
        assert chunk.time == pytest.approx(100.0 + emitted / 16000, abs=1e-9)
        emitted += chunk.frames
    assert emitted == 16000


def test_the_output_of_a_stream_begins_at_the_index_of_its_first_chunk() -> None:
    resampler = StreamResampler(16000)
    ready = resampler.push(AudioChunk(_sine(48000), 48000, frame_index=96000))
    assert ready.frame_index == 32000
    assert ready.time == 0.0


def test_times_follow_the_clock_of_the_device() -> None:
    resampler = StreamResampler(16000)
    resampler.push(AudioChunk(_sine(16000), 16000, 0, 50.0))
    later = resampler.push(AudioChunk(_sine(16000), 16000, 16000, 51.002))
    assert later.time == pytest.approx(51.002)


def test_a_change_of_the_input_rate_loses_nothing() -> None:
    resampler = StreamResampler(48000)
    first = resampler.push(AudioChunk(_sine(24000, 0.5), 24000))
    second = resampler.push(AudioChunk(_sine(22050, 0.5), 22050))
    last = resampler.flush()
    assert first.frames + second.frames + last.frames == pytest.approx(48000, abs=2)
    assert second.frame_index == first.frames
    assert last.frame_index == first.frames + second.frames


def test_a_flushed_resampler_starts_anew_and_goes_on_counting() -> None:
    resampler = StreamResampler(16000)
    for _ in range(2):
        _stream(resampler, _sine(48000), 48000, 4800)
    again = _stream(resampler, _sine(48000), 48000, 4800)
    assert again[0].frame_index == 32000
    assert np.max(np.abs(again[0].samples[:100] - _sine(16000)[:100])) < 0.02


def test_there_is_nothing_to_flush_before_the_first_chunk() -> None:
    resampler = StreamResampler(16000)
    assert resampler.flush().frames == 0
    assert resampler.push(AudioChunk(_sine(16000), 16000, frame_index=320)).frame_index == 320
