"""Makes the sounds of a scene: words of a voice, parts of recordings, noises."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

import numpy as np

from modules.audio.base import SPEECH_RATE, AudioChunk
from modules.audio.files import read_audio
from modules.audio.resample import resample
from modules.bench.acoustics import active_level
from modules.bench.noises import make_noise
from modules.bench.scene_fields import SceneError
from modules.bench.scenes import MEANT, Sound
from modules.bench.utterances import speech_bounds
from modules.tts.base import Synthesizer
from modules.vad.base import VoiceActivityDetector
from utils.errors import ArvisError

_FRAME = SPEECH_RATE // 100
_EDGE_DB = 35.0
"""What is softer than the loudest 10 ms by more than this belongs to the silence around a sound."""


class SoundMaker:
    """Makes each sound once.

    Args:
        voice: Builds a voice engine by its name.
        vad: Finds where the speech in recordings begins; loaded.
        seed: Of the noise from which voices such as Piper's speak.
    """

    def __init__(self, voice: Callable[[str], Synthesizer], vad: VoiceActivityDetector, seed: int = 0) -> None:
        self._voice = voice
        self._vad = vad
        self._seed = seed
        self._loaded: dict[str, Synthesizer] = {}
        self._made: dict[Sound, AudioChunk] = {}

    async def make(self, sound: Sound) -> AudioChunk:
        """The sound at 16 kHz without silence around it, so that it begins at its onset; empty for kind "nothing".

        Raises:
            utils.errors.ArvisError: The recording cannot be read, or none of the voices can be used.
        """
        if sound not in self._made:
            self._made[sound] = trimmed(await self._raw(sound))
        return self._made[sound]

    async def close(self) -> None:
        """Free the voices."""
        for voice in self._loaded.values():
            await voice.close()
        self._loaded.clear()

    async def _raw(self, sound: Sound) -> AudioChunk:
        if sound.say:
            return await self._say(sound)
        if sound.noise:
            return make_noise(sound.noise, sound.seed)
        if sound.file is not None:
            return self._record(sound.file, sound)
        return AudioChunk(np.zeros(0, np.float32), SPEECH_RATE)

    def _record(self, path: Path, sound: Sound) -> AudioChunk:
        part = _part(read_audio(path), sound.begin, sound.end)
        if sound.kind not in MEANT:
            return part
        return _part(part, *speech_bounds(part, self._vad, path.name))

    async def _say(self, sound: Sound) -> AudioChunk:
        voice = await self._first(sound)
        async with aclosing(voice.stream(sound.say)) as chunks:
            parts = [chunk.samples async for chunk in chunks]
        if not parts:
            raise SceneError("scene-wrong", f"The voice {voice.name} makes no sound of '{sound.say}'.")
        # Samples that are played faster than they were made sound higher.
        rate = round(voice.capabilities.sample_rate * sound.pitch)
        return resample(AudioChunk(np.concatenate(parts), rate), SPEECH_RATE)

    async def _first(self, sound: Sound) -> Synthesizer:
        import onnxruntime

        failures: list[str] = []
        for name in sound.voices:
            if name in self._loaded:
                return self._loaded[name]
            onnxruntime.set_seed(self._seed)  # taken by the sessions that are opened after it
            try:
                voice = self._voice(name)
                await voice.load()
            except ArvisError as error:
                failures.append(error.message)
            else:
                self._loaded[name] = voice
                return voice
        raise SceneError("no-voice", f"No voice can say the sound '{sound.name}': {' '.join(failures)}")


def _part(chunk: AudioChunk, begin: float, end: float | None) -> AudioChunk:
    last = None if end is None else round(end * SPEECH_RATE)
    return AudioChunk(chunk.samples[round(begin * SPEECH_RATE) : last], SPEECH_RATE)


def trimmed(chunk: AudioChunk) -> AudioChunk:
    """Without the silence before the first and after the last sound (16 kHz)."""
    count = chunk.frames // _FRAME
    powers = (chunk.samples[: count * _FRAME].reshape(count, _FRAME).astype(np.float64) ** 2).mean(axis=1)
    if not count or not powers.max():
        return AudioChunk(np.zeros(0, np.float32), chunk.sample_rate)
    loud = np.flatnonzero(powers >= powers.max() * 10.0 ** (-_EDGE_DB / 10.0))
    return AudioChunk(chunk.samples[loud[0] * _FRAME : (loud[-1] + 1) * _FRAME], chunk.sample_rate)


def at_level(chunk: AudioChunk, decibels: float) -> AudioChunk:
    """As loud as this relative to full scale while there is sound; silence stays silence."""
    if not chunk.frames:
        return chunk
    gain = 10.0 ** ((decibels - active_level(chunk.samples, chunk.sample_rate)) / 20.0)
    return AudioChunk((chunk.samples * gain).astype(np.float32), chunk.sample_rate)
