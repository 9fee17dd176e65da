"""`arvis transcribe`: the words of recordings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arvis.cli.context import begin
from arvis.cli.group import Document, error_document, tell
from utils.errors import ArvisError

if TYPE_CHECKING:
    from config.settings import Settings
    from modules.audio.base import AudioChunk
    from modules.stt.base import Transcriber, Transcript
    from modules.vad.base import VoiceActivityDetector


def transcribe(
    ctx: typer.Context,
    # Not checked here: a file that may not be read is told like any other that cannot be.
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", readable=False, help="Recordings: WAV, FLAC, OGG or MP3.")
    ],
    engine: Annotated[str | None, typer.Option(help="faster-whisper or moonshine; default: the setting.")] = None,
    language: Annotated[str | None, typer.Option(help="Language code such as en, or auto.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> Document | None:
    """Print what is said in recordings. One that cannot be read does not keep the others from being transcribed."""
    import asyncio

    settings = _with(begin(ctx).settings, engine, language)
    return asyncio.run(_run(settings, files, json))


def _with(settings: Settings, engine: str | None, language: str | None) -> Settings:
    stt = settings.stt
    if engine is not None and engine != stt.engine:
        stt = replace(stt, engine=engine, model="embedded")  # a model belongs to its engine
    if language is not None:
        stt = replace(stt, language=language)
    return replace(settings, stt=stt)


async def _run(settings: Settings, files: Sequence[Path], json: bool) -> Document | None:
    entries: list[Document] = []
    async for path, result in _each(settings, files):
        if isinstance(result, ArvisError):
            tell(result.message if len(files) == 1 else f"{path}: {result.message}")
            entries.append({"file": str(path)} | error_document(result.code, result.message))
            continue
        entries.append(_entry(path, result))
        if not json:
            typer.echo(result.text if len(files) == 1 else f"{path}: {result.text}")
    failed = [entry["error"] for entry in entries if "error" in entry]
    if json:
        return {"files": entries} | ({"error": failed[0]} if failed else {})
    if failed:
        raise typer.Exit(1)
    return None


async def _each(settings: Settings, files: Sequence[Path]) -> AsyncIterator[tuple[Path, Transcript | ArvisError]]:
    import asyncio

    from arvis import app
    from modules.audio.files import read_audio

    vad, transcriber = app.build_vad(settings), app.build_transcriber(settings)
    language = None if settings.stt.language == "auto" else settings.stt.language
    try:
        for path in files:
            try:
                audio = read_audio(path)
            except ArvisError as error:
                yield path, error
                continue
            # After the first readable file: a name that is wrong is told at once. What fails here fails for all.
            await asyncio.gather(vad.load(), transcriber.load())
            try:
                yield path, await _hear(vad, transcriber, audio, language)
            except ArvisError as error:
                yield path, error
    finally:
        await asyncio.gather(vad.close(), transcriber.close())


async def _hear(
    vad: VoiceActivityDetector, transcriber: Transcriber, audio: AudioChunk, language: str | None
) -> Transcript:
    from modules.stt.base import TranscriptionError

    # Engines invent words where nobody speaks, so the detector of speech decides first.
    if vad.spans(audio):
        transcript = await transcriber.transcribe(audio, language=language)
        if transcript.text:
            return transcript
    raise TranscriptionError("nothing-heard", "I did not hear anything in this recording.")


def _entry(path: Path, transcript: Transcript) -> Document:
    return {
        "file": str(path),
        "text": transcript.text,
        "language": transcript.language,
        "confidence": transcript.confidence,
        "audio_seconds": round(transcript.audio_seconds, 3),
    }
