"""Conversations as documents: JSON for programs, Markdown for people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from modules.history.base import Conversation, FailureNote, SessionRecord, TurnRecord

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Speakers:
    """What Markdown calls those who speak."""

    user: str = "You"
    assistant: str = "Arvis"
    interrupted: str = "interrupted"


def as_document(conversations: Iterable[Conversation]) -> dict[str, Any]:
    """What `json.dumps` takes; times are UTC in ISO 8601, recordings are named as their files are."""
    return {
        "format": "arvis-history",
        "version": FORMAT_VERSION,
        "sessions": [
            {
                **session_document(conversation.session),
                "turns": [turn_document(turn) for turn in conversation.turns],
                "failures": [_failure_document(failure) for failure in conversation.failures],
            }
            for conversation in conversations
        ],
    }


def session_document(session: SessionRecord) -> dict[str, Any]:
    """A session without its turns."""
    return {
        "id": session.id,
        "started": iso_time(session.started),
        "ended": None if session.ended is None else iso_time(session.ended),
        "title": session.title,
    }


def turn_document(turn: TurnRecord) -> dict[str, Any]:
    """A turn with all there is about it."""
    return {
        "id": turn.id,
        "number": turn.number,
        "started": iso_time(turn.started),
        "ended": None if turn.ended is None else iso_time(turn.ended),
        "said": turn.said,
        "heard": turn.heard,
        "interrupted": turn.interrupted,
        "typed": turn.typed,
        "spoken": turn.spoken,
        "language": turn.language,
        "trace_id": turn.trace_id,
        "phases": [
            {"phase": entry.phase, "revision": entry.revision, "milliseconds": entry.milliseconds}
            for entry in turn.phases
        ],
        "latency_milliseconds": {stage: value for stage, value in turn.latency.as_dict().items() if value is not None},
        "engine_calls": [
            {
                "stage": call.stage,
                "engine": call.engine,
                "started": iso_time(call.started),
                "milliseconds": call.milliseconds,
                "error": call.error_code or None,
            }
            for call in turn.calls
        ],
        "sounds": [{"kind": note.kind.value, "file": note.file, "seconds": note.seconds} for note in turn.sounds],
    }


def as_markdown(conversations: Iterable[Conversation], speakers: Speakers | None = None) -> str:
    """A page with a chapter for each session; times are those of this machine.

    Words are quoted, so that nothing in them can be taken for a heading.
    """
    names = speakers or Speakers()
    return "\n".join(line for conversation in conversations for line in _chapter(conversation, names))


def iso_time(unix: float) -> str:
    """UTC in ISO 8601, with milliseconds."""
    return datetime.fromtimestamp(unix, UTC).isoformat(timespec="milliseconds")


def local_time(unix: float) -> str:
    """Date and time of this machine's zone, as people read it."""
    return datetime.fromtimestamp(unix, UTC).astimezone().strftime("%Y-%m-%d %H:%M")


def _failure_document(failure: FailureNote) -> dict[str, Any]:
    return {"at": iso_time(failure.at), "code": failure.code, "text": failure.text, "turn": failure.turn_number}


def _chapter(conversation: Conversation, names: Speakers) -> list[str]:
    session = conversation.session
    lines = [f"## {' — '.join(filter(None, (local_time(session.started), session.title)))}", ""]
    for turn in conversation.turns:
        lines += _speech(f"**{names.user}** ({local_time(turn.started)})", turn.said)
        if turn.heard or turn.interrupted:
            lines += _speech(f"**{names.assistant}**" + f" ({names.interrupted})" * turn.interrupted, turn.heard)
    return lines


def _speech(who: str, words: str) -> list[str]:
    return [f"{who}:", "", *(f"> {line}".rstrip() for line in words.splitlines() or [""]), ""]
