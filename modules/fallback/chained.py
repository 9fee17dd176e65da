"""What engines that are chains of engines have in common, whatever their stage."""

from __future__ import annotations

from typing import Generic

from modules.engine import ProgressCallback
from modules.fallback.chain import E, EngineChain


class Chained(Generic[E]):
    """Loads, warms and closes as one engine what is several.

    Args:
        chain: The engines.
    """

    def __init__(self, chain: EngineChain[E]) -> None:
        self.chain = chain

    @property
    def name(self) -> str:
        """Name of the engine that is asked at present."""
        return self.chain.current.engine.name

    async def load(self, progress: ProgressCallback | None = None) -> None:
        """Load the first engine that can be loaded; a second call returns at once.

        Raises:
            ArvisError: None can.
        """
        await self.chain.load(progress)

    async def warm_up(self) -> float:
        """Warm up the engine that is asked at present; return its floor in seconds.

        Raises:
            ArvisError: No engine is left.
        """
        return await self.chain.warm_up()

    async def close(self) -> None:
        """Close all engines."""
        await self.chain.close()
