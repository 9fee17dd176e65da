"""How an installation is shown on the terminal."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from modules.models.progress import Progress

_WORDS = {
    "waiting": "waiting for another Arvis",
    "checking": "checking",
    "downloading": "downloading",
    "installing": "installing",
    "done": "done",
}


class ProgressLine:
    """One line on standard error that is written anew again and again, and is gone in the end.

    Args:
        name: What is installed.
        enabled: Whether anything is shown.
    """

    def __init__(self, name: str, *, enabled: bool) -> None:
        self._name = name
        self._enabled = enabled
        self._bars: Any = None
        self._task: Any = None

    def __enter__(self) -> Self:
        if self._enabled:
            from rich.console import Console
            from rich.progress import (
                BarColumn,
                DownloadColumn,
                Progress,
                TextColumn,
                TimeRemainingColumn,
                TransferSpeedColumn,
            )

            self._bars = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                DownloadColumn(),
                TransferSpeedColumn(),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._bars.start()
            self._task = self._bars.add_task(self._name, total=None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

    def update(self, progress: Progress) -> None:
        """Show a report."""
        if self._bars is not None:
            words = f"{self._name}: {_WORDS[progress.phase]}"
            self._bars.update(self._task, description=words, completed=progress.done, total=progress.total or None)
