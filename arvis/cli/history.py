"""`arvis history`: what was said, found, exported and erased."""

from __future__ import annotations

import json as codec
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arvis.cli.context import begin
from arvis.cli.group import Document
from utils.errors import ArvisError

if TYPE_CHECKING:
    from modules.history.base import Conversation, SessionSummary, TurnRecord
    from modules.history.store import HistoryStore

app = typer.Typer(help="Show, search, export and erase past conversations.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Last = Annotated[str | None, typer.Option(metavar="SPAN", help="Only the last 90s, 15m, 1h30m, 7d, ...")]
Since = Annotated[str | None, typer.Option(metavar="TIME", help="Only from this date or time (ISO 8601).")]
Until = Annotated[str | None, typer.Option(metavar="TIME", help="Only before this date or time (ISO 8601).")]
Sessions = Annotated[
    list[str] | None,
    typer.Option("--session", metavar="ID", help="Only this conversation; may be repeated."),
]


class Format(StrEnum):
    """What `export` writes."""

    JSON = "json"
    MARKDOWN = "markdown"


@app.command("list")
def list_(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="How many, the latest last.")] = 20,
    json: Json = False,
) -> Document | None:
    """List conversations, the one that was used last at the end."""
    from modules.history.exporting import iso_time, session_document

    with _history(ctx) as history:
        found = history.sessions(limit)[::-1]
    if json:
        return {
            "sessions": [
                {
                    **session_document(entry.session),
                    "turns": entry.turns,
                    "last": iso_time(entry.last),
                    "opening": entry.opening,
                }
                for entry in found
            ]
        }
    for entry in found:
        typer.echo(_summary(entry))
    if not found:
        typer.echo("There are no conversations.")
    return None


@app.command("search")
def search(
    ctx: typer.Context,
    words: Annotated[list[str], typer.Argument(help="Words that were said or heard; the last one may go on.")],
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="The most that are shown.")] = 20,
    last: Last = None,
    since: Since = None,
    until: Until = None,
    json: Json = False,
) -> Document | None:
    """Find the turns in which all of these words are, the newest first. Case and accents make no difference."""
    from modules.history.exporting import local_time, turn_document

    begin_, end = _times(last, since, until)
    with _history(ctx) as history:
        hits = history.search(" ".join(words), limit, since=begin_, until=end)
    if json:
        return {
            "hits": [
                {"session": hit.turn.session, **turn_document(hit.turn), "snippet": hit.snippet, "marks": hit.marks}
                for hit in hits
            ]
        }
    for hit in hits:
        typer.echo(f"{hit.turn.session[:8]}  {hit.turn.id:>6}  {local_time(hit.turn.started)}  {_line(hit.snippet)}")
    if not hits:
        typer.echo("Nothing was found.")
    return None


@app.command("show")
def show(
    ctx: typer.Context,
    session: Annotated[str, typer.Argument(metavar="ID", help="As `list` prints it; its beginning is enough.")],
    json: Json = False,
) -> Document | None:
    """Print a conversation."""
    from modules.history.exporting import as_document, local_time

    with _history(ctx) as history:
        conversation = history.session(_known(history, session))
    if conversation is None:  # erased a moment ago
        raise _none(session)
    if json:
        (document,) = as_document([conversation])["sessions"]
        return dict(document)
    about = conversation.session
    typer.echo(f"{about.id}  {local_time(about.started)}  {_line(about.title)}".rstrip())
    for turn in conversation.turns:
        for line in _turn_lines(turn):
            typer.echo(line)
    return None


@app.command("export")
def export(
    ctx: typer.Context,
    out: Annotated[Path | None, typer.Option(dir_okay=False, help="File to write; default: standard output.")] = None,
    form: Annotated[Format, typer.Option("--format", help="What to write.")] = Format.JSON,
    sounds: Annotated[
        Path | None, typer.Option(file_okay=False, help="Folder for the recordings (WAV), as far as they were kept.")
    ] = None,
    session: Sessions = None,
    last: Last = None,
    since: Since = None,
    until: Until = None,
) -> None:
    """Write conversations: all, or those that the options mean."""
    from modules.history.base import Selection
    from modules.history.exporting import as_document, as_markdown
    from utils.files import write_atomic

    begin_, end = _times(last, since, until)
    with _history(ctx) as history:
        ids = tuple(_known(history, id_) for id_ in session or ())
        narrow = bool(ids) or begin_ is not None or end is not None
        meant = Selection(sessions=ids, since=begin_, until=end, everything=not narrow)
        conversations = list(history.conversations(meant))
        if sounds is not None:
            typer.echo(f"Recordings: {_copy_sounds(history, conversations, sounds.absolute())}", err=True)
    text = (
        as_markdown(conversations)
        if form is Format.MARKDOWN
        else codec.dumps(as_document(conversations), ensure_ascii=False, indent=2) + "\n"
    )
    if out is None:
        sys.stdout.write(text)
        return
    write_atomic(out.absolute(), text.encode())
    typer.echo(f"Saved {out}", err=True)


@app.command("erase")
def erase(
    ctx: typer.Context,
    turn: Annotated[
        list[int] | None, typer.Option("--turn", metavar="N", help="Only this turn; may be given several times.")
    ] = None,
    session: Sessions = None,
    last: Last = None,
    since: Since = None,
    until: Until = None,
    everything: Annotated[bool, typer.Option("--all", help="All conversations.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> Document | None:
    """Erase what all of the options mean, for good: nothing of it is left in the file."""
    from modules.history.base import Selection

    begin_, end = _times(last, since, until)
    narrow = bool(turn or session) or begin_ is not None or end is not None
    if narrow == everything:
        raise typer.BadParameter("say which turns or conversations, or --all.", param_hint="--turn, --session, --last")
    with _history(ctx) as history:
        ids = tuple(_known(history, id_) for id_ in session or ())
        meant = Selection(turns=tuple(turn or ()), sessions=ids, since=begin_, until=end, everything=everything)
        count = history.count(meant)
        if count and not yes:
            typer.confirm(f"Erase {count} turns for good?", abort=True, err=True)
        erased = history.erase(meant)
    if json:
        return {"erased": erased}
    typer.echo(f"Erased: {erased}")
    return None


@contextmanager
def _history(ctx: typer.Context) -> Iterator[HistoryStore]:
    from modules.history.base import FILE_NAME
    from modules.history.opening import open_history
    from utils import paths

    history = open_history(paths.data_dir() / FILE_NAME, begin(ctx).settings.history.url)
    try:
        yield history
    finally:
        history.close()


def _times(last: str | None, since: str | None, until: str | None) -> tuple[float | None, float | None]:
    """Unix seconds: from, up to but without; None where there is no limit."""
    from modules.metrics.window import window

    wanted = window(time.time(), last, since, until)
    return (
        None if last is None and since is None else wanted.since,
        None if until is None else wanted.until,
    )


def _known(history: HistoryStore, beginning: str) -> str:
    found = history.matching(beginning) if beginning else []
    if not found:
        raise _none(beginning)
    if len(found) > 1:
        raise ArvisError(
            "several-sessions", f"'{_line(beginning)}' means {len(found)} conversations. Write more of the ID."
        )
    return found[0]


def _none(session: str) -> ArvisError:
    return ArvisError(
        "no-session", f"There is no conversation '{_line(session)}'. `arvis history list` shows which there are."
    )


def _copy_sounds(history: HistoryStore, conversations: list[Conversation], folder: Path) -> int:
    from utils.files import write_atomic

    notes = [note for conversation in conversations for turn in conversation.turns for note in turn.sounds]
    for note in notes:
        write_atomic(folder / note.file, history.sounds.read(note.file))
    return len(notes)


def _summary(entry: SessionSummary) -> str:
    from modules.history.exporting import local_time

    turns = f"{entry.turns} turn" + "s" * (entry.turns != 1)
    return (
        f"{entry.session.id[:8]}  {local_time(entry.last)}  {turns:>9}  {_line(entry.session.title or entry.opening)}"
    )


def _turn_lines(turn: TurnRecord) -> Iterator[str]:
    from modules.history.exporting import local_time

    yield ""
    yield f"[{turn.id}] {local_time(turn.started)}"
    yield from _speech("You", turn.said)
    if turn.heard or turn.interrupted:
        yield from _speech("Arvis", turn.heard + " [interrupted]" * turn.interrupted)


def _speech(who: str, words: str) -> Iterator[str]:
    for number, line in enumerate(words.strip().splitlines()):
        yield f"  {'' if number else who + ':':<7}{_line(line)}"


def _line(text: str) -> str:
    """On one line, and without characters that a terminal would obey."""
    return "".join(character if character.isprintable() else " " for character in text)
