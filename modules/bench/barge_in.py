"""Measures whether an assistant that talks through a loudspeaker can be interrupted, and by what it is not.

Everything runs in virtual time, with the real detector of speech, echo canceller, transcriber and voice.
"""

from __future__ import annotations

import asyncio
import itertools
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from modules.audio.base import AudioChunk
from modules.bench.acoustics import Room
from modules.bench.continuity import lost_seconds
from modules.bench.near_sounds import SoundMaker, at_level
from modules.bench.open_speaker import Assistant, TalkEngines
from modules.bench.scenes import MEANT, BargeInScene, Sound, SoundKind
from modules.bench.talk import Action, Talk
from modules.bench.words import understood
from modules.turn.events import ReplyEnded
from modules.turn.settings import SessionSettings

_CALM_SECONDS = 1.0
"""Silence before the next answer."""
_QUESTION = "Go on."
"""Typed, so that an answer begins; the model that answers does not read it."""
_ATTEMPTS = 3
"""Answers that are begun for a sound, when the assistant takes its own voice for somebody and ends them."""
_BEFORE = (1.5, 3.0)
"""Seconds of an answer before a sound begins."""
_MEANT_SECONDS = 5.0
"""Time after the end of words in which they must have become the next turn."""
_OTHER_SECONDS = 3.0
"""Time after the end of another sound for which the answer must have gone on; the reply is held 2 s at most."""
_NOTHING_SECONDS = 8.0
"""Length of the silence that stands for no sound."""
_FOLLOWED_SECONDS = 2.5
"""Time after the end of the last hold that is listened to, to find out whether words were lost."""
_UNDERSTOOD = 0.5
"""Part of the words from which on they count as understood."""

_ROUNDING = 1e-3
"""Seconds before what follows."""

OnTrial = Callable[["Trial"], None]


@dataclass(frozen=True, slots=True)
class Trial:
    """One sound over one answer. Times are in milliseconds from the onset of the sound at the microphone."""

    room: str
    near_db: float
    extra_delay_ms: float
    sound: str
    """Its name; "before ..." where the answer ended before the sound could begin, which counts as kind "nothing"."""
    kind: SoundKind
    ended: bool
    """The answer was ended."""
    ended_ms: float | None
    """When it was decided to end it."""
    duck_ms: float | None
    """When the answer got softer at the loudspeaker."""
    silent_ms: float | None
    """When the loudspeaker fell silent: for good if the answer ended, else for its first hold."""
    paused: bool
    heard: tuple[str, ...]
    """The turns that were made of it."""
    understood: bool
    """The next turn has at least half of the words."""
    lost_ms: float | None
    """What of the answer was skipped by a pause; negative when some of it was said twice; None without a pause."""


async def measure(
    engines: TalkEngines,
    settings: SessionSettings,
    scene: BargeInScene,
    sounds: SoundMaker,
    on_trial: OnTrial | None = None,
) -> list[Trial]:
    """Run a scene: each sound over an answer of its own, in each room, at each level and delay.

    Raises:
        utils.errors.ArvisError: An engine failed, or a sound cannot be made.
    """
    assistant = Assistant(engines, settings, scene.costs)
    bench = _BargeIn(assistant, scene, await assistant.level(), {s: await sounds.make(s) for s in scene.sounds})
    trials: list[Trial] = []
    for room, delay, level in itertools.product(scene.rooms, scene.extra_delay_ms, scene.near_db):
        async for trial in bench.run(room, delay, level):
            trials.append(trial)
            if on_trial is not None:
                on_trial(trial)
    return trials


class _BargeIn:
    def __init__(
        self, assistant: Assistant, scene: BargeInScene, voice_db: float, sounds: Mapping[Sound, AudioChunk]
    ) -> None:
        self._assistant = assistant
        self._scene = scene
        self._voice_db = voice_db
        self._sounds = sounds

    async def run(self, room: Room, delay_ms: float, near_db: float) -> AsyncIterator[Trial]:
        """All sounds in one room, one after the other, in one opening of the microphone; other rooms do not matter."""
        answers = itertools.cycle(self._scene.answers)
        generator = np.random.default_rng((self._scene.seed, zlib.crc32(f"{room.name}/{delay_ms}/{near_db}".encode())))
        delayed = replace(room, delay_ms=room.delay_ms + delay_ms)
        latency = self._scene.output_latency_ms / 1000.0
        level = self._voice_db + room.echo_db + near_db
        blank = Trial(room.name, near_db, delay_ms, "", "nothing", False, None, None, None, False, (), False, None)
        async with self._assistant.talk(delayed, latency_seconds=latency, seed=self._scene.seed) as talk:
            for number in generator.permutation(len(self._scene.sounds)):
                sound = self._scene.sounds[number]
                chunk = at_level(self._sounds[sound], level + sound.louder)
                wait = generator.uniform(*_BEFORE)
                named = replace(blank, sound=sound.name, kind=sound.kind)
                for _ in range(_ATTEMPTS):
                    if await self._speaks(talk, next(answers), wait):
                        yield await self._trial(talk, named, sound, chunk)
                        break
                    heard = tuple(talk.spoken_turns(0.0))
                    yield replace(blank, sound=f"before {sound.name}", ended=True, heard=heard)
                    await talk.silence(_CALM_SECONDS)

    async def _speaks(self, talk: Talk, answer: str, seconds: float) -> bool:
        """Begin an answer; returns whether it is still being given after some seconds."""
        talk.forget()
        self._assistant.model.answer = answer
        await talk.ask(_QUESTION)
        await asyncio.sleep(seconds)
        return talk.is_audible() and _ended(talk, 0.0) is None

    async def _trial(self, talk: Talk, blank: Trial, sound: Sound, chunk: AudioChunk) -> Trial:
        onset = talk.now()
        talk.desk.sound(chunk, onset)
        await self._watch(talk, sound, chunk, onset)
        trial = _judge(talk, blank, sound, onset)
        await talk.silence(_CALM_SECONDS)
        return trial

    async def _watch(self, talk: Talk, sound: Sound, chunk: AudioChunk, onset: float) -> None:
        """Wait until it can be told what became of the sound."""
        if sound.kind not in MEANT:
            await asyncio.sleep(_OTHER_SECONDS + (chunk.seconds or _NOTHING_SECONDS))
            resumed = talk.last("resume", onset)
            if resumed is not None:
                await asyncio.sleep(max(0.0, resumed + _FOLLOWED_SECONDS - talk.now()))
            return
        enough = chunk.seconds + _MEANT_SECONDS
        if sound.kind == "stop":
            await talk.until(lambda: _ended(talk, onset) is not None, enough)
        else:
            await talk.until(lambda: bool(talk.spoken_turns(onset)), enough)


def _judge(talk: Talk, blank: Trial, sound: Sound, onset: float) -> Trial:
    ended = _ended(talk, onset)
    held = talk.first("pause", onset)
    ducked = talk.first("duck", onset)
    heard = tuple(talk.spoken_turns(onset))
    silent = _silence(talk, onset)
    return replace(
        blank,
        ended=ended is not None,
        ended_ms=None if ended is None else _ms(ended - onset),
        duck_ms=None if ducked is None else _ms(talk.desk.at_loudspeaker(ducked) - onset),
        silent_ms=None if silent is None else _ms(silent),
        paused=held is not None,
        heard=heard,
        understood=bool(heard) and understood(sound.words, heard[0]) >= _UNDERSTOOD,
        lost_ms=_lost_ms(talk, onset) if ended is None else None,
    )


def _ended(talk: Talk, since: float) -> float | None:
    return next((h.time for h in talk.events if h.time >= since and _is_cut(h.event)), None)


def _is_cut(event: object) -> bool:
    return isinstance(event, ReplyEnded) and event.interrupted


def _silence(talk: Talk, onset: float) -> float | None:
    """Seconds from the onset to the last sound of the answer before it ended, or else before its first hold."""
    told: float | None = _ended(talk, onset)
    after: Action = "begin"
    if told is None:
        told, after = talk.first("pause", onset), "resume"
    if told is None:
        return None
    again = talk.first(after, told) or talk.now()
    last = talk.desk.tape.last_sound(onset, talk.desk.at_loudspeaker(again) - _ROUNDING)
    return max(0.0, last - onset) if last is not None else 0.0


def _lost_ms(talk: Talk, onset: float) -> float | None:
    """The worst of the holds since the onset."""
    lost: list[float] = []
    held = talk.first("pause", onset)
    while held is not None and (resumed := talk.first("resume", held)) is not None:
        holds = talk.desk.at_loudspeaker(held), talk.desk.at_loudspeaker(resumed)
        found = lost_seconds(talk.desk.tape, talk.output.played, *holds)
        lost += [] if found is None else [_ms(found)]
        held = talk.first("pause", resumed)
    return max(lost, key=abs, default=None)


def _ms(seconds: float) -> float:
    return round(seconds * 1000.0, 1)
