"""`arvis say`: speak a text, or save it as sound."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arvis.cli.context import begin
from arvis.cli.saving import check_target
from utils.errors import ArvisError

if TYPE_CHECKING:
    from config.settings import Settings
    from modules.audio.base import AudioOutput


def say(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(help="What to say.")],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", readable=False, help="Save as a WAV file instead of speaking."),
    ] = None,
    voice: Annotated[str | None, typer.Option(help="Name of the voice; default: the setting.")] = None,
    engine: Annotated[str | None, typer.Option(help="hibari, piper or espeak-ng; default: the setting.")] = None,
) -> None:
    """Speak a text aloud, or save it as a WAV file."""
    import asyncio

    if output is not None:
        check_target(output, "-o")
    settings = _with(begin(ctx).settings, voice, engine)
    asyncio.run(_run(settings, text, output))


def _with(settings: Settings, voice: str | None, engine: str | None) -> Settings:
    tts = settings.tts
    if engine is not None:
        # Whoever names an engine wants to hear that one; and a voice belongs to its engine.
        tts = replace(tts, engine=engine, fallback=(), voice=tts.voice if engine == tts.engine else "")
    if voice is not None:
        tts = replace(tts, voice=voice)
    return replace(settings, tts=tts)


async def _run(settings: Settings, text: str, path: Path | None) -> None:
    from arvis import app
    from modules.audio.files import write_wav
    from modules.audio.recorder import RecorderOutput

    if path is None:
        await _speak(settings, text, app.build_output(settings))
        return
    recorder = RecorderOutput()
    await _speak(settings, text, recorder)
    write_wav(path, recorder.recording)
    typer.echo(f"Saved: {path} ({recorder.recording.seconds:.1f} s)")


async def _speak(settings: Settings, text: str, output: AudioOutput) -> None:
    import asyncio

    from arvis import app
    from modules.tts.chunker import ClauseChunker

    renderer = app.build_renderer(settings)
    chunker = ClauseChunker()
    said = False
    try:
        await renderer.synthesizer.load()
        await output.begin()  # not earlier: loading would starve an open device
        for clause in [*chunker.feed(text), *chunker.flush()]:
            async for chunk in renderer.render(clause, voice=settings.tts.voice or None, speed=settings.tts.speed):
                await output.play(chunk)
                said = True
        await output.drain()
    finally:
        await asyncio.gather(output.close(), renderer.synthesizer.close())
    if not said:
        raise _silent(text, renderer.synthesizer.name)


def _silent(text: str, engine: str) -> ArvisError:
    from modules.tts.words import has_words

    if not has_words(text):
        return ArvisError("nothing-to-say", "There is nothing to say in this text: it has no letter and no digit.")
    return ArvisError(
        "unknown-script",
        f"The voice engine '{engine}' makes no sound of this text: it knows no letter in it. "
        "For many languages there is a voice of espeak-ng, for example: --engine espeak-ng --voice ja.",
    )
