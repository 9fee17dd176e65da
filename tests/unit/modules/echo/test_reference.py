from __future__ import annotations

import numpy as np
import pytest

from modules.audio.base import AudioChunk, Samples
from modules.echo.reference import FRAME, LEAD_SECONDS, ReferenceReader
from tests.unit.modules.echo.fakes import Tape, noise


def _read(reader: ReferenceReader, times: list[float]) -> Samples:
    silence = np.zeros(FRAME, np.float32)
    return np.concatenate([silence if (frame := reader.read(time)) is None else frame for time in times])


def _firsts(tape: Tape) -> list[int]:
    """First samples of the frames that were read; each is read a second time, to see whether it was known."""
    return list(dict.fromkeys(first for first, _ in tape.asked))


def _tone(rate: int, hertz: float, seconds: float = 3.0) -> Samples:
    samples: Samples = (0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)
    return samples


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 24000, 32000, 44100, 48000, 96000])
@pytest.mark.parametrize("hertz", [150.0, 1000.0, 3300.0])
def test_a_tone_comes_out_at_16_khz_at_its_time_whatever_the_rate_of_the_device(rate: int, hertz: float) -> None:
    reader = ReferenceReader(Tape(_tone(rate, hertz), rate))
    got = _read(reader, [1.0 + number / 100 for number in range(50)])
    first = round((1.0 + LEAD_SECONDS) * 16000)
    wanted = _tone(16000, hertz)[first : first + got.shape[0]]
    # A frame begins at a whole sample of the device: at most half of one is off.
    allowed = np.pi * hertz / rate + 0.02
    assert float(np.sqrt(np.mean((got - wanted) ** 2) / np.mean(wanted**2))) < allowed


def test_what_16_khz_cannot_carry_is_left_out() -> None:
    reader = ReferenceReader(Tape(_tone(48000, 11000.0), 48000))
    got = _read(reader, [1.0 + number / 100 for number in range(20)])
    assert float(np.abs(got).max()) < 0.005


@pytest.mark.parametrize("rate", [16000, 22050, 48000])
def test_frames_have_no_gap_however_much_the_times_of_the_microphone_jitter(rate: int) -> None:
    tape = Tape(noise(4.0, rate=rate), rate)
    steady = _read(ReferenceReader(tape), [1.0 + number / 100 for number in range(100)])
    jitter = np.random.default_rng(0).uniform(-0.003, 0.003, 100)
    jitter[0] = 0.0
    shaken = _read(ReferenceReader(tape), [1.0 + number / 100 + float(jitter[number]) for number in range(100)])
    assert np.array_equal(shaken, steady)


def test_a_slow_drift_is_not_followed_while_something_is_played() -> None:
    tape = Tape(noise(60.0))
    _read(ReferenceReader(tape), [1.0 + number / 100 * (1 + 2e-4) for number in range(5000)])
    assert set(np.diff(_firsts(tape))) == {FRAME}


def test_a_drift_of_some_milliseconds_is_corrected_in_a_pause() -> None:
    samples = noise(60.0)
    samples[30 * 16000 : 31 * 16000] = 0.0
    tape = Tape(samples)
    times = [1.0 + number / 100 * (1 + 2e-4) for number in range(4000)]
    _read(ReferenceReader(tape), times)
    jumps = [(number, step) for number, step in enumerate(np.diff(_firsts(tape))) if step != FRAME]
    assert len(jumps) == 1
    number, step = jumps[0]
    assert 30.0 < times[number] < 31.0
    assert step - FRAME == pytest.approx(2e-4 * number / 100 * 16000, abs=8)


def test_lost_samples_of_the_microphone_are_caught_up_with() -> None:
    tape = Tape(noise(10.0))
    reader = ReferenceReader(tape)
    _read(reader, [1.0 + number / 100 for number in range(100)])
    _read(reader, [2.5 + number / 100 for number in range(10)])
    margin = tape.asked[0][0] - round((1.0 + LEAD_SECONDS) * 16000)
    assert tape.asked[-1][0] == round((2.59 + LEAD_SECONDS) * 16000) + margin


def test_another_rate_begins_anew_at_the_right_place() -> None:
    tape = Tape(_tone(48000, 440.0), 48000)
    reader = ReferenceReader(tape)
    _read(reader, [1.0, 1.01])
    tape.samples, tape.rate = _tone(16000, 440.0), 16000
    first = round((1.02 + LEAD_SECONDS) * 16000)
    assert _read(reader, [1.02]) == pytest.approx(_tone(16000, 440.0)[first : first + FRAME], abs=0.01)


def test_silence_is_told_as_such_until_a_sound_could_be_heard_too_early() -> None:
    played = np.concatenate((np.zeros(16000, np.float32), noise(1.0)))
    times = [0.5 + number / 100 for number in range(100)]
    reader = ReferenceReader(Tape(played))
    first_sound = next(time for time in times if reader.read(time) is not None)
    assert first_sound == pytest.approx(1.0 - LEAD_SECONDS, abs=0.0101)


def test_what_is_softer_than_16_bits_can_tell_is_silence() -> None:
    assert ReferenceReader(Tape(np.full(16000, 1e-6, np.float32))).read(0.5) is None


class _LateTape(Tape):
    """A speaker that is handed the sound only when the microphone's clock says `known`."""

    known = 0.0

    def read(self, begin: float, end: float) -> AudioChunk:
        chunk = super().read(begin, end)
        unknown = np.arange(chunk.frames) + chunk.frame_index >= round(self.known * self.rate)
        return AudioChunk(np.where(unknown, np.float32(0.0), chunk.samples), self.rate, chunk.frame_index, chunk.time)


def test_it_reads_less_far_ahead_where_the_speaker_is_filled_at_the_last_moment() -> None:
    tape = _LateTape(noise(3.0, rate=48000), 48000)
    reader = ReferenceReader(tape)
    whole = ReferenceReader(Tape(tape.samples, 48000))
    for number in range(100):
        tape.known = 1.0 + number / 100 + 0.018  # 8 ms ahead of the end of the frame
        got = reader.read(1.0 + number / 100)
    wanted = whole.read(1.99 - LEAD_SECONDS + 0.005)  # 5 ms ahead, and the filter takes one more
    assert got is not None
    assert wanted is not None
    assert got == pytest.approx(wanted, abs=1e-6)


def test_a_gap_in_what_is_played_is_no_reason_to_read_less_far_ahead() -> None:
    samples = noise(3.0)
    samples[20000:24000] = 0.0
    tape = Tape(samples)
    _read(ReferenceReader(tape), [1.0 + number / 100 for number in range(100)])
    assert set(np.diff(_firsts(tape))) == {FRAME}
