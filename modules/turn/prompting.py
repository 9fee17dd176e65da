"""Lets the model read its next prompt while the user is still speaking it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from modules.llm.base import GenerationOptions, LanguageModel, Message
from modules.llm.context import fit
from modules.llm.conversation import Conversation
from utils.aio import cancel
from utils.errors import ArvisError

log = logging.getLogger(__name__)


class PromptReader:
    """Makes prompts of a conversation, and has them read ahead of time so that answers need not wait for it.

    Args:
        model: Reads them.
        conversation: What was said so far.
        options: Tells what a reply may need.
        is_ready: Whether the model can be used without waiting.
    """

    def __init__(
        self,
        model: LanguageModel,
        conversation: Conversation,
        options: Callable[[], GenerationOptions],
        is_ready: Callable[[], bool],
    ) -> None:
        self._model = model
        self._conversation = conversation
        self._options = options
        self._is_ready = is_ready
        self._reading: asyncio.Task[None] | None = None

    def prompt(self, text: str) -> list[Message]:
        """The prompt for what the user said, within the model's context.

        Raises:
            LanguageModelError: It is too long.
        """
        return fit(self._conversation, text, self._model, self._options())

    async def read(self, words: str = "") -> None:
        """Read what the next prompt begins with: the conversation so far, and what the user has said up to now."""
        if not self._is_ready():
            return
        try:
            messages = self.prompt(words)
            await self._model.prefill(messages if words else messages[:-1])
        except ArvisError as error:  # the turn that needs the model will say so
            log.info("the prompt could not be read ahead: %s", error.code)

    def begin(self, words: str) -> None:
        """Read in the background; what is being read gives way to what is known better now."""
        self.stop()
        self._reading = asyncio.create_task(self.read(words))

    def stop(self) -> None:
        """Make way for the answer."""
        if self._reading is not None:
            self._reading.cancel()

    async def close(self) -> None:
        """Stop, and wait until the model is no longer in use."""
        if self._reading is not None:
            await cancel(self._reading)
