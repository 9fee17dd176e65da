"""Runs the measurements of an open microphone with the engines that the settings name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

from arvis import app as composition
from arvis.cli.group import tell
from config.settings import Settings
from modules.audio.base import SPEECH_RATE, AudioChunk, AudioOutput, AudioSource
from modules.engine import Engine
from modules.tts.base import Synthesizer
from modules.turn.parts import EarParts, SessionParts
from utils.errors import ArvisError

if TYPE_CHECKING:
    from modules.bench.barge_in import Trial
    from modules.bench.barge_in_report import BargeInReport
    from modules.bench.echo import DoubleTalk, EchoBench, FarEnd
    from modules.bench.echo_scene import Utterance
    from modules.bench.hands_free import Answered
    from modules.bench.hands_free_report import HandsFreeReport
    from modules.bench.soak import Soak
    from modules.bench.wake import WakeBench

_SEED = 1
"""Of the noise from which voices speak that are loaded for a measurement."""

_MISSING = "No scene of this kind is among those that were given. See docs/benchmarks.md for what a scene says."


class NothingToRunError(ArvisError):
    """There is nothing to measure."""

    stage = "bench"


@contextmanager
def scene_files(given: Sequence[Path]) -> Iterator[list[Path]]:
    """The scenes that were given, or else those that come with Arvis."""
    with as_file(files("assets")) as assets:
        yield list(given) or sorted((assets / "scenes").glob("*.json"))


@asynccontextmanager
async def loaded(*engines: Engine | None) -> AsyncIterator[None]:
    """Engines that are loaded and warm inside the block, and closed after it."""
    present = [engine for engine in engines if engine is not None]
    try:
        for engine in present:
            await engine.load()
            await engine.warm_up()
        yield
    finally:
        for engine in present:
            await engine.close()


async def run_barge_in(
    settings: Settings,
    scenes: Sequence[Path],
    quick: bool,
    on_trial: Callable[[Trial], None],
    on_soak: Callable[[Soak], None],
) -> BargeInReport:
    """Run all barge-in and soak scenes; belongs on a loop in virtual time.

    Raises:
        utils.errors.ArvisError: A scene or an engine cannot be used.
    """
    import onnxruntime

    from modules.bench import barge_in, soak
    from modules.bench.barge_in_report import BargeInReport
    from modules.bench.near_sounds import SoundMaker
    from modules.bench.open_speaker import TalkEngines
    from modules.bench.scene_files import scenes_of
    from modules.bench.scenes import BargeInScene, SoakScene
    from modules.tts.registry import SYNTHESIZERS

    onnxruntime.set_seed(_SEED)
    settings = _on_open_speaker(settings)
    engines = TalkEngines(
        transcriber=composition.build_transcriber(settings),
        vad=composition.build_vad(settings),
        synthesizer=composition.build_synthesizer(settings),
        canceller=composition.build_echo_canceller(settings),
        endpoint_model=composition.build_endpoint_model(settings),
        threshold=settings.vad.threshold,
    )
    with scene_files(scenes) as paths:
        interruptions = scenes_of(BargeInScene, paths, quick=quick)
        soliloquies = scenes_of(SoakScene, paths, quick=quick)
        if not interruptions and not soliloquies:
            raise NothingToRunError("no-scene", _MISSING)
        session = composition.session_settings(settings)
        sounds = SoundMaker(lambda name: SYNTHESIZERS.create(name), engines.vad, _SEED)
        trials: list[Trial] = []
        soaks: list[Soak] = []
        async with loaded(
            engines.transcriber, engines.vad, engines.synthesizer, engines.canceller, engines.endpoint_model
        ):
            try:
                for scene in interruptions:
                    trials += await barge_in.measure(engines, session, scene, sounds, on_trial)
                for silence in soliloquies:
                    soaks += await soak.measure(engines, session, silence, on_soak)
            finally:
                await sounds.close()
    return BargeInReport(tuple(trials), tuple(soaks))


async def run_hands_free(
    settings: Settings, scenes: Sequence[Path], audio: Path | None, quick: bool, on_answer: Callable[[Answered], None]
) -> HandsFreeReport:
    """Play the recordings of all hands-free scenes, or in place of theirs those of a folder, in real time.

    Raises:
        utils.errors.ArvisError: A scene, a recording or an engine cannot be used.
    """
    from modules.bench import hands_free
    from modules.bench.hands_free_report import HandsFreeReport
    from modules.bench.scene_files import scenes_of
    from modules.bench.scenes import HandsFreeScene
    from modules.bench.turn import recordings

    settings = composition.uncached(settings)
    vad, model = composition.build_vad(settings), composition.build_language_model(settings)
    transcriber, renderer = composition.build_streaming_transcriber(settings), composition.build_renderer(settings)
    endpoint = composition.build_endpoint_model(settings)

    def parts(source: AudioSource, output: AudioOutput) -> SessionParts:
        ears = EarParts(vad, is_isolated=lambda: True, endpoint_model=endpoint, threshold=settings.vad.threshold)
        return SessionParts(source, output, transcriber, model, renderer, ears)

    answers: list[Answered] = []
    with scene_files(scenes) as paths:
        found = scenes_of(HandsFreeScene, paths, quick=quick)
        if not found:
            raise NothingToRunError("no-scene", _MISSING)
        if audio is not None:
            found = [replace(scene, recordings=tuple(recordings(audio))) for scene in found]
        async with loaded(vad, transcriber, model, renderer.synthesizer, endpoint):
            for scene in found:
                answers += await hands_free.measure(
                    parts, composition.session_settings(settings), scene, vad, on_answer
                )
    return HandsFreeReport(settings.endpoint.model, tuple(answers))


async def run_echo(settings: Settings, quick: bool, on_result: Callable[[FarEnd | DoubleTalk], None]) -> EchoBench:
    """Measure the echo canceller, with the voice of Arvis and the sample speech.

    Raises:
        utils.errors.ArvisError: An engine cannot be used, or echo cancellation is switched off.
    """
    from modules.bench.acoustics import ROOMS
    from modules.bench.echo import NEAR_DB, EchoBenchEngines, measure_echo

    settings = _on_open_speaker(settings)
    canceller = composition.build_echo_canceller(settings)
    if canceller is None:
        raise NothingToRunError(
            "echo-off", "Echo cancellation is switched off. Set audio.echo_cancellation to auto or on to measure it."
        )
    vad, transcriber = composition.build_vad(settings), composition.build_transcriber(settings)
    synthesizer = composition.build_synthesizer(settings)
    try:
        return await measure_echo(
            EchoBenchEngines(canceller, vad, transcriber),
            await _monologue(synthesizer, quick),
            _sample_speech(),
            rooms=ROOMS[:2] if quick else ROOMS,
            near_db=(0.0,) if quick else NEAR_DB,
            seed=_SEED,
            on_result=on_result,
        )
    finally:
        for engine in (canceller, vad, transcriber, synthesizer):
            await engine.close()


async def _monologue(synthesizer: Synthesizer, quick: bool) -> list[AudioChunk]:
    """What the assistant says by itself, sentence by sentence, at 16 kHz."""
    import numpy as np

    from modules.audio.resample import resample
    from modules.bench.scene_files import scenes_of
    from modules.bench.scenes import SoakScene

    await synthesizer.load()
    with scene_files([]) as paths:
        answers = scenes_of(SoakScene, paths)[0].answers
    said: list[AudioChunk] = []
    for sentence in " ".join(answers[:1] if quick else answers).split(". "):
        chunks = [chunk async for chunk in synthesizer.stream(sentence)]
        samples = np.concatenate([chunk.samples for chunk in chunks])
        said.append(resample(AudioChunk(samples, chunks[0].sample_rate), SPEECH_RATE))
    return said


def _sample_speech() -> list[Utterance]:
    """What people say in the recordings that come with Arvis."""
    from modules.audio.files import read_audio
    from modules.bench.echo_scene import Utterance

    with as_file(files("assets") / "speech") as folder:
        lines = (folder / "transcripts.tsv").read_text(encoding="utf-8").splitlines()
        transcripts = [line.split("\t") for line in lines]
        return [Utterance(read_audio(folder / f"{name}.flac"), words) for name, words in transcripts]


async def run_wake(settings: Settings, audio: Path | None, on_progress: Callable[[str], None]) -> WakeBench:
    """Measure the wake word detector, over the recordings of a folder or else the sample speech.

    Raises:
        utils.errors.ArvisError: The detector, a voice or a recording cannot be used.
    """
    from modules.bench.turn import recordings
    from modules.bench.wake import measure_wake
    from modules.tts.registry import SYNTHESIZERS

    detector = composition.build_wake_word(settings)
    voices = [voice for name in SYNTHESIZERS.names() if await _works(voice := SYNTHESIZERS.create(name))]
    with as_file(files("assets") / "speech") as samples:
        try:
            return await measure_wake(
                detector, voices, recordings(audio if audio is not None else samples), on_progress=on_progress
            )
        finally:
            for engine in (detector, *voices):
                await engine.close()


async def _works(voice: Synthesizer) -> bool:
    """Whether a voice can be loaded; it is closed again, because a measurement seeds voices before it loads them."""
    try:
        await voice.load()
    except ArvisError as error:
        tell(f"Without the voice {voice.name}: {error.message}")
        return False
    await voice.close()
    return True


def _on_open_speaker(settings: Settings) -> Settings:
    """What is simulated is no headset, whatever speaker this machine has."""
    wanted = settings.audio.echo_cancellation
    audio = replace(settings.audio, echo_cancellation="on" if wanted == "auto" else wanted)
    return replace(settings, audio=audio)
