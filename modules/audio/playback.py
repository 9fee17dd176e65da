"""What a speaker is about to play, and the clock that knows what has been heard of it; without a device."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from modules.audio.base import Samples
from modules.audio.gain import GainRamp
from modules.audio.reference import ReferenceBuffer
from modules.audio.ring import RingBuffer

QUEUE_SECONDS = 2.0
"""Sound that waits to be played at most."""

AUDIBLE = 0.01
"""Magnitude, of 1, from which a sample counts as sound: 40 dB below full scale."""

FADE_SECONDS = 0.01
"""Length of a fade; shorter ones click."""

_JITTER_SECONDS = 0.003
"""Difference between the time a driver reports and the expected one that is not a change of the device's delay."""

_SETTLED_SECONDS = 0.1
"""After this the time at which a frame was heard is final; drivers correct their first reports within it."""

_SPANS_KEPT = 32


class _Span(NamedTuple):
    """A stretch of the device's stream that was filled with sound without a gap."""

    frame: int
    """First frame, counted in the device's stream."""
    position: int
    """The sample in it, counted in the queue."""
    length: int


class _Playback:
    """State of one playback."""

    def __init__(self, base: int) -> None:
        self.base = base  # position of its first sample in the queue
        self.whole_until = base  # a gap before this position is not an underrun
        self.audible_position: int | None = None
        self.audible_frame: int | None = None
        self.audible_time: float | None = None


class PlaybackBuffer:
    """A gapless queue of samples between the event loop and an output callback, with its `PlaybackClock`.

    `fill` belongs to the callback's thread, everything else to the loop's. Nothing here waits or locks.

    Args:
        rate: Sample rate of the device in hertz.
        reference: Remembers what `fill` hands over.
    """

    def __init__(self, rate: int, reference: ReferenceBuffer | None = None) -> None:
        self._rate = rate
        self._reference = reference
        self._gain = GainRamp(rate)
        self._ring = RingBuffer(int(QUEUE_SECONDS * rate))
        self._fade_frames = int(FADE_SECONDS * rate)
        self._playback = _Playback(0)
        self._stop_position = 0  # what is queued before it fades out
        self._paused = False
        self._held = False  # paused, as the callback knows it
        self._sounding = False  # whether the last block ended with sound
        self._frame = 0  # next frame of the device's stream
        self._anchor = (0, math.inf)  # a frame of the device's stream, and when it is heard
        self._spans: tuple[_Span, ...] = ()
        self._underruns = 0

    @property
    def queued(self) -> float:
        """Seconds that wait to be handed to the device."""
        return self._ring.available / self._rate

    @property
    def underruns(self) -> int:
        """How often a playback was interrupted because its next samples came too late."""
        return self._underruns

    def begin(self) -> None:
        """Start a new playback at position 0, at full volume; what is left of the one before fades out."""
        self.stop()
        self._gain.set(0.0)
        self._playback = _Playback(self._ring.written)

    def write(self, samples: Samples) -> int:
        """Queue samples at the device's rate and return how many fitted."""
        fitting = samples[: self._ring.free]
        playback = self._playback
        if playback.audible_position is None:
            loud = np.flatnonzero(np.abs(fitting) > AUDIBLE)
            if loud.size:
                playback.audible_position = self._ring.written + int(loud[0])
        return self._ring.write(fitting)

    def finish(self) -> None:
        """All is queued: silence after it is not an underrun."""
        self._playback.whole_until = self._ring.written

    def set_gain(self, decibels: float) -> None:
        """Play at `decibels`, 0 or less, from the next block on; `begin` sets it back to 0.

        Raises:
            ValueError: It is more than 0, or no number.
        """
        self._gain.set(decibels)

    def pause(self) -> None:
        """Fade out in the next block and hold what is queued, from the first sample of that fade on."""
        self._paused = True

    def resume(self) -> None:
        """Go on in the next block, fading in."""
        self._paused = False

    def stop(self) -> None:
        """Fade out in the next block and drop what is queued; ends a pause, in silence."""
        self._stop_position = self._ring.written
        self._paused = False

    def unheard(self, now: float) -> float:
        """Seconds of the current playback that were queued and have not left the speaker at time `now`."""
        return (self._ring.written - self._playback.base) / self._rate - self.heard(now)

    def heard(self, now: float) -> float:
        """Seconds of the current playback that have left the speaker at monotonic time `now`."""
        anchor_frame, anchor_time = self._anchor
        frame = anchor_frame + (now - anchor_time) * self._rate
        for span in reversed(self._spans):
            if frame >= span.frame:
                position = span.position + min(frame - span.frame, span.length)
                return max(0.0, position - self._playback.base) / self._rate
        return 0.0

    @property
    def first_audible(self) -> float | None:
        """Monotonic time at which the first sample over `AUDIBLE` leaves the speaker; None until it is handed over."""
        playback = self._playback
        if playback.audible_time is not None or playback.audible_frame is None:
            return playback.audible_time
        return self._time_of(playback.audible_frame)

    def fill(self, out: Samples, heard_at: float) -> int:
        """Fill one block of the device.

        Args:
            out: The block, mono; all of it is overwritten.
            heard_at: Monotonic time at which its first frame leaves the speaker.

        Returns:
            Frames at the beginning of the block that came from the queue; the rest is silence.
        """
        frame = self._frame
        self._adjust(frame, heard_at)
        count = self._sound(out, frame)
        out[count:] = 0.0
        self._settle(frame)
        if self._reference is not None:
            self._reference.write(out, self._time_of(frame))
        self._frame = frame + out.shape[0]
        return count

    def _sound(self, out: Samples, frame: int) -> int:
        paused = self._paused  # read first: `stop` moves the stop position before it ends the pause
        position = self._ring.read
        if position < self._stop_position:
            count = self._fade_out(out[: self._stop_position - position])
            self._note(frame, position, count)
            self._ring.discard_to(self._stop_position)
        elif paused:
            count = self._fade_out(out)
            self._held = True
        else:
            count = self._go_on(out, frame, position)
        return count

    def _fade_out(self, out: Samples) -> int:
        """Let the sound end, without taking its samples from the queue."""
        count = self._ring.peek_into(out[: self._fade_frames]) if self._sounding else 0
        out[:count] *= self._gain.value * _fade(count)
        self._sounding = False
        return count

    def _go_on(self, out: Samples, frame: int, position: int) -> int:
        count = self._ring.read_into(out)
        if not self._sounding:
            self._gain.jump()
        self._gain.apply(out[:count])
        resumed = self._held and position > self._playback.base
        if resumed:
            length = min(self._fade_frames, count)
            out[:length] *= _fade(length)[::-1]
        self._note(frame, position, count, resumed)
        self._held = False
        self._sounding = 0 < count == out.shape[0]
        return count

    def _adjust(self, frame: int, heard_at: float) -> None:
        if abs(self._time_of(frame) - heard_at) > _JITTER_SECONDS:
            self._anchor = (frame, heard_at)

    def _time_of(self, frame: int) -> float:
        anchor_frame, anchor_time = self._anchor
        return anchor_time + (frame - anchor_frame) / self._rate

    def _note(self, frame: int, position: int, count: int, resumed: bool = False) -> None:
        if not count:
            return
        spans, playback = self._spans, self._playback
        last = spans[-1] if spans else _Span(0, 0, 0)
        if last.frame + last.length == frame and last.position + last.length == position:
            self._spans = (*spans[:-1], last._replace(length=last.length + count))
        else:
            late = position > playback.base and position != playback.whole_until
            self._underruns += late and not resumed
            self._spans = (*spans[1 - _SPANS_KEPT :], _Span(frame, position, count))
        audible = playback.audible_position
        if audible is not None and playback.audible_frame is None and position <= audible < position + count:
            playback.audible_frame = frame + audible - position

    def _settle(self, frame: int) -> None:
        playback = self._playback
        if playback.audible_frame is None or playback.audible_time is not None:
            return
        if frame - playback.audible_frame > _SETTLED_SECONDS * self._rate:
            playback.audible_time = self._time_of(playback.audible_frame)


def _fade(frames: int) -> Samples:
    """Factors from 1 down to 0."""
    return np.asarray(0.5 + 0.5 * np.cos(np.linspace(0.0, np.pi, frames)), np.float32)
