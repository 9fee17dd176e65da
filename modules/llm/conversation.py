"""What was said so far."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from modules.llm.base import Message

_ELLIPSIS = re.compile(r"\s*(?:…|\.{3,})\s*$")


@dataclass(frozen=True, slots=True)
class Turn:
    """One finished exchange."""

    user: str
    assistant: str
    """What the user heard of the answer; empty if it was interrupted before its first word."""
    interrupted: bool = False


class Conversation:
    """The system prompt and the finished turns, oldest first. It grows by whole turns only."""

    def __init__(self, system_prompt: str) -> None:
        self.system_prompt = system_prompt
        """May change at any time; empty for none."""
        self._turns: tuple[Turn, ...] = ()

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The finished turns as they are now; later turns do not change what was returned."""
        return self._turns

    def add_turn(self, user: str, assistant: str, *, interrupted: bool = False) -> Turn:
        """Add a finished turn and return it as it is kept.

        Args:
            user: What the user said or typed.
            assistant: The whole answer, or as much of it as was heard when it was interrupted. An ellipsis at the
                end of an interrupted answer is dropped, for the model would learn to answer with ellipses.
            interrupted: Whether the answer was cut off.
        """
        heard = assistant.strip()
        if interrupted:
            heard = _ELLIPSIS.sub("", heard)
        turn = Turn(user.strip(), heard, interrupted)
        self._turns = (*self._turns, turn)
        return turn

    def resume(self, turns: Sequence[Turn]) -> None:
        """Put turns of an earlier session before those of this one."""
        self._turns = (*turns, *self._turns)

    def messages_for(self, user_text: str) -> list[Message]:
        """The whole conversation with `user_text` as its newest message.

        Roles alternate, as most chat templates demand: what the user said in a turn whose answer was never heard is
        joined with what they said next.
        """
        messages = [Message("system", self.system_prompt)] if self.system_prompt.strip() else []
        unanswered: list[str] = []
        for turn in self._turns:
            unanswered.append(turn.user)
            if turn.assistant:
                messages += [Message("user", "\n".join(unanswered)), Message("assistant", turn.assistant)]
                unanswered = []
        return [*messages, Message("user", "\n".join([*unanswered, user_text.strip()]))]
