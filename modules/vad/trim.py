"""What is left of a recording when the silence around the speech is cut off."""

from __future__ import annotations

from collections.abc import Sequence

from modules.audio.base import AudioChunk
from modules.vad.base import SpeechSpan, VoiceActivityDetector


def trim(audio: AudioChunk, spans: Sequence[SpeechSpan], margin: float = 0.1) -> AudioChunk:
    """The part of `audio` from the first to the last span; empty when there is no span.

    Args:
        audio: The recording that the spans were found in.
        spans: Stretches of speech, in order.
        margin: Seconds kept before and after, where the recording has them.
    """
    if not spans:
        return _cut(audio, 0, 0)
    start = round((spans[0].start - margin) * audio.sample_rate)
    end = round((spans[-1].end + margin) * audio.sample_rate)
    return _cut(audio, max(0, start), max(0, min(audio.frames, end)))


def trim_to_speech(audio: AudioChunk, detector: VoiceActivityDetector, margin: float = 0.1) -> AudioChunk:
    """What was said while the key was held (16 kHz), without the silence around it; empty when nothing was said."""
    return trim(audio, detector.spans(audio), margin)


def _cut(audio: AudioChunk, start: int, end: int) -> AudioChunk:
    time = audio.time + start / audio.sample_rate if audio.time else 0.0
    return AudioChunk(audio.samples[start:end], audio.sample_rate, audio.frame_index + start, time)
