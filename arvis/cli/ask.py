"""`arvis ask`: one turn, typed or from a recording."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arvis.cli.context import begin
from arvis.cli.group import Document
from arvis.cli.saving import check_target
from utils.errors import ArvisError

if TYPE_CHECKING:
    from arvis.cli.following import TurnFollower
    from config.settings import Settings
    from modules.audio.base import AudioChunk, AudioOutput
    from modules.audio.recorder import RecorderOutput


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and what becomes of the answer."""

    text: str | None
    audio: Path | None
    realtime: bool
    save: Path | None
    speak: bool | None
    """True insists on the speaker, False keeps it silent; None uses it unless the answer goes elsewhere."""
    json: bool

    @property
    def aloud(self) -> bool:
        """Whether the answer goes to the speaker."""
        return self.speak if self.speak is not None else not (self.json or self.save)

    @property
    def voiced(self) -> bool:
        """Whether the answer is turned into speech at all."""
        return self.aloud or self.save is not None or (self.json and self.speak is None)


def ask(
    ctx: typer.Context,
    text: Annotated[str | None, typer.Argument(help="What you ask.")] = None,
    audio: Annotated[
        Path | None, typer.Option(metavar="FILE", readable=False, help="A recording of what you ask.")
    ] = None,
    realtime: Annotated[
        bool, typer.Option("--realtime", help="Feed the recording at the speed of speech, as a microphone would.")
    ] = False,
    save: Annotated[
        Path | None, typer.Option(metavar="FILE", readable=False, help="Save the spoken answer as a WAV file.")
    ] = None,
    speak: Annotated[
        bool | None,
        typer.Option("--speak/--no-speak", help="Speak the answer aloud. Default: unless it is saved or --json."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> Document | None:
    """Ask one question and get the answer in words and aloud."""
    import asyncio

    _check(text, audio, realtime, save, speak)
    question = Question(text, audio, realtime, save, speak, json)
    settings = begin(ctx).settings
    settings = replace(settings, reply=replace(settings.reply, read_aloud=question.voiced))
    turn, recording = asyncio.run(_hold(settings, question))
    if save is not None:
        _save(save, recording)
    if speak and not turn.spoken:
        raise ArvisError("not-spoken", "The answer could not be spoken aloud; `arvis devices` lists the speakers.")
    if json:
        return _document(settings, turn, recording, save)
    _print_latency(turn, save)
    return None


def _check(text: str | None, audio: Path | None, realtime: bool, save: Path | None, speak: bool | None) -> None:
    if (text is None) == (audio is None):
        raise typer.BadParameter("give either a TEXT or --audio FILE.", param_hint="TEXT")
    if text is not None and not text.strip():
        raise typer.BadParameter("the text is empty.", param_hint="TEXT")
    if realtime and audio is None:
        raise typer.BadParameter("it needs --audio FILE.", param_hint="--realtime")
    if save is not None and speak:
        raise typer.BadParameter("the answer is either saved or spoken aloud.", param_hint="--save")
    if save is not None:
        check_target(save, "--save")


async def _hold(settings: Settings, question: Question) -> tuple[TurnFollower, AudioChunk | None]:
    """Hold the turn; returns what happened and the spoken answer, if it was not sent to the speaker."""
    from arvis import app
    from arvis.cli.config_common import is_terminal
    from arvis.cli.config_secret import ask_passphrase
    from arvis.cli.following import TurnFollower, write_now
    from modules.audio.file_source import FileSource
    from modules.audio.recorder import RecorderOutput

    recorder: RecorderOutput | None = None if question.aloud else RecorderOutput()
    output: AudioOutput = app.build_output(settings) if recorder is None else recorder
    follower = TurnFollower(None if question.json else write_now)
    if question.audio is None:
        source = app.build_microphone(settings)
    else:
        source = FileSource(_read(question.audio), realtime=question.realtime)
    session = app.build_session(
        settings, source=source, output=output, listener=follower, ask=ask_passphrase if is_terminal() else None
    )
    try:
        await session.load(listen=question.audio is not None)
        follower.require_engine("llm")
        if question.save is not None:
            follower.require_engine("tts")
        if question.text is not None:
            session.submit(question.text)
        else:
            follower.require_engine("stt")
            session.press()
        await session.idle()
    finally:
        await session.close()
    follower.require_answer()
    return follower, recorder.recording if recorder is not None else None


def _read(path: Path) -> AudioChunk:
    """Read the recording before any engine is loaded, so that a bad file is told at once."""
    from modules.audio.files import read_audio

    return read_audio(path)


def _save(path: Path, recording: AudioChunk | None) -> None:
    from modules.audio.files import write_wav

    if recording is None or not recording.frames:
        raise ArvisError("not-spoken", "The answer could not be spoken, so there is nothing to save.")
    write_wav(path, recording)


def _document(settings: Settings, turn: TurnFollower, recording: AudioChunk | None, save: Path | None) -> Document:
    speed = turn.model.tokens_per_second if turn.model is not None else None
    chosen = {"stt": settings.stt.engine, "llm": settings.llm.engine, "tts": settings.tts.engine}
    return {
        "transcript": turn.transcript,
        "reply": turn.reply,
        "engines": chosen | {role: name for role, name in turn.engines.items() if role in chosen},
        "timings_ms": turn.latency.as_dict(),
        "tokens_per_second": round(speed, 1) if speed is not None else None,
        "audio_seconds": round(recording.seconds, 3) if recording is not None else 0.0,
        "saved": str(save) if save is not None else None,
    }


def _print_latency(turn: TurnFollower, save: Path | None) -> None:
    from rich.console import Console

    from arvis.cli.latency import latency_table

    if save is not None:
        typer.echo(f"Saved: {save}")
    Console().print(latency_table(turn.latency))
