"""What every engine has in common, whatever its stage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class LoadProgress:
    """How far an engine has come with loading."""

    engine: str
    """Name of the engine, as in its registry."""
    note: str
    """What is being done, in words for the user, for example "Joining the model's parts"."""
    fraction: float | None = None
    """Part done, 0 to 1; None when it is not known."""


ProgressCallback = Callable[[LoadProgress], None]
"""Called with progress from any thread; must return at once."""


class Engine(Protocol):
    """Life cycle of an engine: built cheaply, loaded in the background, warmed up, used, closed.

    Building one only checks its arguments; heavy imports and weights wait for `load`.
    """

    @property
    def name(self) -> str:
        """Name of the engine, as in its registry."""
        ...

    async def load(self, progress: ProgressCallback | None = None) -> None:
        """Import libraries and read weights; a second call returns at once.

        Raises:
            utils.errors.ArvisError: Something needed is missing or broken, in words for the user.
        """
        ...

    async def warm_up(self) -> float:
        """Run a small input until first-use costs are paid, then once more; return that last run's seconds.

        The value is the engine's floor on this machine: no turn can be faster in this stage.
        """
        ...

    async def close(self) -> None:
        """Free memory and threads; a closed engine may be loaded again."""
        ...
