"""An answer that one model begins and another one ends."""

from __future__ import annotations

import re
from collections.abc import Sequence

from modules.llm.base import GenerationOptions, LanguageModel, Message

_GO_ON = (
    "Your answer was cut off there. Write only what comes after its last words, to the end of the answer. "
    "Begin in the middle of the sentence if that is where it was cut off, and repeat nothing."
)
_LAST_WORD = re.compile(r"[^\W_]+\Z")
_LEAST = 8
"""Letters and digits that a repetition has after the end of a word; less may well be how the answer goes on."""
_EXACT_LEAST = 12
"""The same for a model that goes on from given words, and so has no reason to repeat any."""
_OPEN, _CLOSE = "<think>", "</think>"


def continued(
    messages: Sequence[Message], said: str, model: LanguageModel, options: GenerationOptions
) -> list[Message]:
    """The prompt for a model that is to end an answer.

    Where the model cannot go on from given words, it is asked to. Then it is shown only whole words: the last one may
    have been cut off, and it writes that again. As many of the oldest turns are left out as it takes to fit in the
    model's context.

    Args:
        messages: The prompt for the answer.
        said: The answer so far; empty when it has not begun.
        model: Is to go on; it is loaded.
        options: What the reply may need; at most half of the context is set aside for it.
    """
    prompt = list(messages)
    if said.strip() and model.capabilities.continues_replies:
        prompt.append(Message("assistant", said.rstrip()))
    elif shown := _LAST_WORD.sub("", said).rstrip():
        prompt += [Message("assistant", shown), Message("user", _GO_ON)]
    context = model.capabilities.context_tokens
    budget = context - min(options.max_tokens, context // 2)
    first = 1 if prompt[0].role == "system" else 0
    # The newest question stays, and what follows it.
    for _ in range((len(messages) - first) // 2):
        if model.count_tokens(prompt) <= budget:
            break
        del prompt[first : first + 2]
    return prompt


def open_thought(raw: str) -> str:
    """What closes the thought in which an answer broke off; empty when it was not thinking."""
    begun = raw.lstrip()
    if not begun or _CLOSE in begun:
        return ""
    if begun.startswith(_OPEN):
        return _CLOSE
    return _OPEN[len(begun) :] + _CLOSE if _OPEN.startswith(begun) else ""


class Seam:
    """Joins what a second model writes to what the first one has written, without saying anything twice.

    A model that goes on may begin with words that were said: the last few, or all of them. What it writes is held back
    until it is clear whether it does. Capitals, spaces and punctuation make no difference.

    Args:
        said: The answer so far; not blank.
        exact: Whether the model goes on from given words, rather than being asked to.
    """

    def __init__(self, said: str, *, exact: bool) -> None:
        self._said = said
        self._exact = exact
        self._letters = _letters(said)
        cut_off = not exact and said[-1].isalnum()
        least = _EXACT_LEAST if exact else 1 if cut_off else _LEAST
        self._begins = [
            place
            for place, (index, _) in enumerate(self._letters)
            if (index == 0 or not said[index - 1].isalnum()) and len(self._letters) - place >= least
        ]
        self._held = ""
        self._tail: str | None = None
        """What was said last and may come again; None while it is not clear whether anything is repeated."""
        self._joined = False

    def feed(self, piece: str) -> str:
        """Take a piece; return what is to be said of what has come so far, which may be empty."""
        if self._joined:
            return piece
        self._held += piece
        if self._tail is None:
            self._look()
        return self._release() if self._tail is not None else ""

    def finish(self) -> str:
        """The model is done: what was held back and is no repetition."""
        if self._joined or self._tail is not None:
            return ""
        heard = _letters(self._held)
        if heard and any(self._agrees(place, heard) for place in self._begins):
            return ""
        self._tail = ""
        return self._release()

    def _look(self) -> None:
        """Find out whether what has come is a repetition, and of how much."""
        heard = _letters(self._held)
        if not heard:
            return
        alive = [place for place in self._begins if self._agrees(place, heard)]
        whole = [place for place in alive if len(self._letters) - place <= len(heard)]
        if len(alive) > len(whole):  # a longer repetition may be on its way
            return
        self._tail = ""
        if whole:
            last = heard[len(self._letters) - whole[0] - 1][0]
            self._held = self._held[last + 1 :]
            self._tail = self._said[self._letters[-1][0] + 1 :].strip()
        elif not self._exact and self._said[-1].isalnum() and self._held[:1].isalnum():
            self._held = f" {self._held}"

    def _agrees(self, place: int, heard: list[tuple[int, str]]) -> bool:
        """Whether what has come repeats what was said from `place` on, as far as it goes."""
        return all(one[1] == other[1] for one, other in zip(self._letters[place:], heard, strict=False))

    def _release(self) -> str:
        """What is held, without punctuation and space that were said already."""
        text = self._held
        if self._tail:
            text = text.removeprefix(self._tail)
        if self._said[-1].isspace():
            text = text.lstrip()
        self._held = ""
        self._joined = bool(text)
        return text


def _letters(text: str) -> list[tuple[int, str]]:
    """Letters and digits with their places, in one case."""
    return [(index, character.casefold()) for index, character in enumerate(text) if character.isalnum()]
