"""What is under way for one turn."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from modules.turn.listening import Listening
from modules.turn.replying import Reply
from modules.turn.timeline import Timeline


@dataclass(slots=True)
class Turn:
    """The work of the present turn, and of none but it."""

    turn_id: int
    timeline: Timeline
    user_text: str = ""
    listening: Listening | None = None
    """Its utterance, if it was opened with the talk key."""
    capture: asyncio.Task[None] | None = None
    settling: asyncio.Task[None] | None = None
    """Makes the transcript."""
    reply: Reply | None = None
    reply_task: asyncio.Task[None] | None = None
    begun: float = 0.0
    """Monotonic seconds at which the reply was begun."""
    speculative: bool = False
    """Whether the reply was begun before the end of the utterance was certain, and none of it was given yet."""
    revisions: int = 0
    """How often the utterance was reopened."""
