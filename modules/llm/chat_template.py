"""The text that a conversation becomes before a model reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from modules.llm.base import LanguageModelError, Message
from utils.optional import require


class ChatTemplate:
    """A model's own chat template, as its metadata has it (Jinja).

    Args:
        source: The template.
        begin: Text of the model's begin-of-sequence token.
        end: Text of its end-of-sequence token.
        reserved: Texts of all control tokens. They are taken out of what people say, so that no message can end
            itself early or pretend to be another role.

    Raises:
        LanguageModelError: The template has a syntax error.
    """

    def __init__(self, source: str, *, begin: str, end: str, reserved: Iterable[str] = ()) -> None:
        formats = require("llama_cpp.llama_chat_format", extra="llama", purpose="A model on this machine")
        jinja = require("jinja2", extra="llama", purpose="A model on this machine")
        self._errors: tuple[type[Exception], ...] = (jinja.TemplateError, ValueError, TypeError)
        try:
            self._for_reply = formats.Jinja2ChatFormatter(source, end, begin)
            self._for_prefix = formats.Jinja2ChatFormatter(source, end, begin, add_generation_prompt=False)
        except self._errors as error:
            raise _unusable() from error
        texts = sorted(filter(None, reserved), key=len, reverse=True)
        self._reserved = re.compile("|".join(map(re.escape, texts))) if texts else None

    def render(self, messages: Sequence[Message], *, reply_follows: bool = True) -> str:
        """The prompt.

        Args:
            messages: The conversation. Where the template knows no system role, its text opens the first user
                message instead.
            reply_follows: Whether the prompt ends with the beginning of the assistant's message. When `messages` ends
                with one, that is the beginning, and it is left open.

        Raises:
            LanguageModelError: The template cannot express these messages.
        """
        if reply_follows and messages and messages[-1].role == "assistant":
            return self.render(messages[:-1]) + self._clean(messages[-1].content)
        formatter = self._for_reply if reply_follows else self._for_prefix
        cleaned = [replace(message, content=self._clean(message.content)) for message in messages]
        try:
            return _apply(formatter, cleaned)
        except self._errors as error:
            folded = _fold_system(cleaned)
            if folded == cleaned:
                raise _unusable() from error
        try:
            return _apply(formatter, folded)
        except self._errors as error:
            raise _unusable() from error

    def _clean(self, text: str) -> str:
        # Once is not enough: taking one out of the middle may join the halves of another.
        while self._reserved is not None and (cleaned := self._reserved.sub("", text)) != text:
            text = cleaned
        return text


def _apply(formatter: object, messages: Sequence[Message]) -> str:
    pairs = [{"role": message.role, "content": message.content} for message in messages]
    return str(formatter(messages=pairs).prompt)  # type: ignore[operator]  # a class of an untyped package


def _fold_system(messages: list[Message]) -> list[Message]:
    if len(messages) < 2 or messages[0].role != "system" or messages[1].role != "user":
        return messages
    system, user, *rest = messages
    return [Message("user", f"{system.content}\n\n{user.content}"), *rest]


def _unusable() -> LanguageModelError:
    return LanguageModelError(
        "bad-template", "The chat template inside the model cannot be used. Choose another instruct or chat model."
    )
