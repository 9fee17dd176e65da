"""The root of every error that Arvis raises on purpose."""

from __future__ import annotations

from typing import ClassVar


class ArvisError(Exception):
    """A failure that can be told to the user in one sentence.

    Each stage of the pipeline has one subclass (in its `base.py`); code that handles a failure looks at `code`
    and `retryable`, never at the words of the message.

    Attributes:
        stage: The part of Arvis that failed, for example "stt".
        code: What failed, stable and machine-readable, for example "no-device".
        message: One clear sentence for the user, with what to do next where something can be done.
        retryable: Whether the same call may succeed when it is made again unchanged.
    """

    stage: ClassVar[str] = "arvis"

    def __init__(self, code: str, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retryable = retryable

    def __str__(self) -> str:
        return self.message


class MissingDependencyError(ArvisError):
    """An optional package is not installed; the message says which command installs it."""

    stage = "dependency"
