"""One installation: sources in order, into a folder beside the model's place, which moves there when all is right."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path

from modules.models import store
from modules.models.base import DownloadError, ModelError
from modules.models.catalogue import Model, Source
from modules.models.checksums import Expected, is_right
from modules.models.layout import download_folder, learned_file, model_folder
from modules.models.progress import Phase, Tracker
from modules.models.sources import Filler, Known, Tools, clean, describe
from modules.network.base import OfflineError
from utils.files import private_folder, write_atomic

log = logging.getLogger(__name__)

_LOCK_SECONDS = 0.5
"""Between two looks whether another process is done."""


class Installation:
    """Installs a model.

    Args:
        model: What is wanted.
        root: Where models are.
        tools: What sources are read with.
        tracker: Told how far it has come.
        sleep: Waits.
    """

    def __init__(
        self,
        model: Model,
        root: Path,
        tools: Tools,
        tracker: Tracker,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._model = model
        self._folder = model_folder(root, model.id)
        self._made = download_folder(root, model.id)
        self._tools = tools
        self._tracker = tracker
        self._sleep = sleep

    async def run(self, sources: Sequence[Source]) -> Path:
        """Install the model unless it is there, and return its folder.

        When this is cancelled, or fails, what has arrived stays for the next time.

        Raises:
            ModelError: No source has it, or the disk is full.
            OfflineError: Arvis is offline, and nothing on this machine has it.
            FileError: Something that must not be written through is in the way.
        """
        with store.disk_errors(self._folder):
            private_folder(self._folder.parent)
            async with self._alone():
                if not store.is_complete(self._folder):
                    await self._install(sources)
        self._tracker.phase(Phase.DONE)
        return self._folder

    async def _install(self, sources: Sequence[Source]) -> None:
        private_folder(self._made)
        await self._tools.worker.run(self._take_over)
        known = await self._fill(sources)
        self._tracker.phase(Phase.INSTALLING)
        await self._tools.worker.run(self._publish, known)

    async def _fill(self, sources: Sequence[Source]) -> Known:
        """Try the sources in order, and return what the files were compared with."""
        filler = Filler(self._model, self._made, self._tools, self._tracker)
        errors: list[ModelError | OfflineError] = []
        for source in sources:
            try:
                return await filler.fill(source)
            except (DownloadError, OfflineError) as error:
                log.info("%s is not to be had from %s: %s", self._model.id, describe(source), error.code)
                errors.append(error)
        raise self._failure(errors)

    def _failure(self, errors: Sequence[ModelError | OfflineError]) -> ModelError | OfflineError:
        """What to tell of several failures: being offline only where nothing else has failed."""
        telling = [error for error in errors if not isinstance(error, OfflineError)]
        if not telling:
            return errors[-1] if errors else ModelError("not-there", f"There is no source of {self._model.name}.")
        last = telling[-1]
        tried = f" ({len(errors)} sources were tried)" if len(errors) > 1 else ""
        return ModelError(
            last.code,
            f"{self._model.name} could not be installed{tried}: {last.message}",
            retryable=any(error.retryable for error in telling),
        )

    def _take_over(self) -> None:
        """Use what is right of a model that is there but damaged."""
        if not self._folder.is_dir() or self._folder.is_symlink():
            return
        for file in self._model.files:
            old, new = self._folder / file.name, self._made / file.name
            if file.sha256 is not None and not new.exists() and is_right(old, Expected(file.size, file.sha256)):
                old.rename(new)

    def _publish(self, known: Known) -> None:
        clean(self._made, self._model)
        learned = {name: asdict(expected) for name, expected in known.items()}
        write_atomic(learned_file(self._made), json.dumps(learned).encode())
        store.publish(self._made, self._folder)

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """Have the lock of the model; another process that has it is waited for."""
        from filelock import Timeout

        lock = store.lock_of(self._folder)
        while True:
            try:
                lock.acquire(timeout=0)
                break
            except Timeout:
                self._tracker.phase(Phase.WAITING)
                await self._sleep(_LOCK_SECONDS)
        try:
            yield
        finally:
            lock.release()
