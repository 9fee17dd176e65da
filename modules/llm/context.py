"""Keeping a conversation within what a model can read."""

from __future__ import annotations

from bisect import bisect_left

from modules.llm.base import GenerationOptions, LanguageModel, LanguageModelError, Message
from modules.llm.conversation import Conversation

_STEP = 0.25
"""What is cut off is rounded up to multiples of this part of the budget. So the place of the cut stays where it is for
many turns, and the model goes on knowing how its prompt begins."""


def fit(
    conversation: Conversation, user_text: str, model: LanguageModel, options: GenerationOptions | None = None
) -> list[Message]:
    """The prompt for `user_text`, without as many of the oldest turns as it takes to fit in the model's context.

    A turn goes as a whole; the system prompt and the newest user message always stay. The same conversation, longer
    by a turn, is mostly cut at the same place.

    Args:
        conversation: What was said so far.
        user_text: What the user says now.
        model: Where the prompt is to go; it is loaded.
        options: What the reply may need; at most half of the context is set aside for it.

    Raises:
        LanguageModelError: Even without any earlier turn the prompt is too long.
    """
    context = model.capabilities.context_tokens
    budget = context - min((options or GenerationOptions()).max_tokens, context // 2)
    messages = conversation.messages_for(user_text)
    total = model.count_tokens(messages)
    if total <= budget:
        return messages
    head, turns = _split(messages)
    earlier, newest = turns[:-1], turns[-1]

    def without(count: int) -> list[Message]:
        return [*head, *(message for turn in earlier[count:] for message in turn), *newest]

    step = max(1, int(budget * _STEP))
    target = -(-(total - budget) // step) * step
    cut = bisect_left(range(len(earlier)), target, key=lambda count: total - model.count_tokens(without(count)))
    kept = without(cut)
    if (length := model.count_tokens(kept)) > budget:
        raise LanguageModelError(
            "too-long",
            f"That is too long for the language model: it takes {budget} tokens, and this has {length}. "
            "Say it in fewer words.",
        )
    return kept


def _split(messages: list[Message]) -> tuple[list[Message], list[list[Message]]]:
    """The system prompt, if there is one, and the turns; the last turn is the newest user message alone."""
    starts = [index for index, message in enumerate(messages) if message.role == "user"]
    turns = [messages[start:end] for start, end in zip(starts, [*starts[1:], len(messages)], strict=True)]
    return messages[: starts[0]], turns
