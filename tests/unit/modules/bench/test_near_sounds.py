"""Sounds near the microphone: they begin at once, are as loud as is asked for, and are made by who can."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from modules.audio.base import SPEECH_RATE, AudioChunk
from modules.audio.files import write_wav
from modules.bench.acoustics import active_level
from modules.bench.near_sounds import SoundMaker, at_level, trimmed
from modules.bench.scene_fields import SceneError
from modules.bench.scenes import Sound
from modules.tts.base import SynthesisError
from tests.fakes.engines import FakeSynthesizer
from tests.unit.modules.bench.stand_ins import LoudnessVad


@dataclass
class Voices:
    """Builds voices, of which one is missing."""

    built: list[FakeSynthesizer] = field(default_factory=list)

    def __call__(self, name: str) -> FakeSynthesizer:
        voice = FakeSynthesizer(name, seconds=0.0)
        if name == "missing":
            voice.load_errors = [SynthesisError("gone", "There is no such voice here.")]
        if name == "mute":
            voice.silent = True
        self.built.append(voice)
        return voice


def padded(seconds: float) -> AudioChunk:
    tone = 0.3 * np.sin(np.arange(round(seconds * SPEECH_RATE)))
    return AudioChunk(np.concatenate([np.zeros(3200), tone, np.zeros(1600)]).astype(np.float32), SPEECH_RATE)


def test_silence_around_a_sound_is_cut() -> None:
    assert trimmed(padded(0.5)).seconds == pytest.approx(0.5, abs=0.011)
    assert trimmed(AudioChunk(np.zeros(1600, np.float32), SPEECH_RATE)).frames == 0
    assert trimmed(AudioChunk(np.zeros(0, np.float32), SPEECH_RATE)).frames == 0


@pytest.mark.parametrize("decibels", [-50.0, -26.0, -6.0])
def test_a_sound_gets_its_level(decibels: float) -> None:
    chunk = at_level(trimmed(padded(0.5)), decibels)
    assert active_level(chunk.samples, SPEECH_RATE) == pytest.approx(decibels, abs=0.1)


def test_silence_stays_silence() -> None:
    assert at_level(AudioChunk(np.zeros(0, np.float32), SPEECH_RATE), -20.0).frames == 0


async def test_words_are_said_by_the_first_voice_that_works() -> None:
    voices = Voices()
    maker = SoundMaker(voices, LoudnessVad())
    sound = Sound("a", "interruption", say="one two three", voices=("missing", "good"))
    made = await maker.make(sound)
    assert made.seconds == pytest.approx(0.3, abs=0.02)
    assert await maker.make(sound) is made
    higher = await maker.make(Sound("b", "interruption", say="one two three", voices=("good",), pitch=1.5))
    assert higher.seconds == pytest.approx(0.2, abs=0.02)
    assert [voice.name for voice in voices.built] == ["missing", "good"]
    await maker.close()
    assert voices.built[1].closed


async def test_that_nobody_can_say_it_is_told() -> None:
    maker = SoundMaker(Voices(), LoudnessVad())
    with pytest.raises(SceneError, match=r"No voice can say the sound 'a': There is no such voice here\."):
        await maker.make(Sound("a", "stop", say="Stop!", voices=("missing",)))
    with pytest.raises(SceneError, match=r"The voice mute makes no sound of 'Stop!'\."):
        await maker.make(Sound("b", "stop", say="Stop!", voices=("mute",)))


async def test_a_part_of_a_recording(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", padded(1.0))
    maker = SoundMaker(Voices(), LoudnessVad())
    whole = await maker.make(Sound("whole", "interruption", file=tmp_path / "a.wav"))
    part = await maker.make(Sound("part", "interruption", file=tmp_path / "a.wav", begin=0.5, end=0.9))
    assert whole.seconds == pytest.approx(1.0, abs=0.011)
    assert part.seconds == pytest.approx(0.4, abs=0.011)


async def test_noises_and_nothing() -> None:
    maker = SoundMaker(Voices(), LoudnessVad())
    assert (await maker.make(Sound("cough", "noise", noise="cough", seed=1))).seconds > 0.1
    assert (await maker.make(Sound("none", "nothing"))).frames == 0
