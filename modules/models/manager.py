"""The model manager: what there is, what fits, and how it gets here, is checked, and goes away again."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from modules.models import hub_listing, index_url, store
from modules.models.base import EMBEDDED, ModelError
from modules.models.catalogue import Catalogue, FolderSource, Model, catalogue
from modules.models.fit import Fit, Machine, Recommendation, fit, recommend
from modules.models.inspection import State, Status, inspect, wrong_files
from modules.models.layout import download_folder, left_overs, model_folder, removed_folder
from modules.models.machine import this_machine
from modules.models.progress import ProgressObserver, Tracker
from modules.models.shared import Shared
from modules.models.sources import Places, Tools
from modules.models.space import Space, free_bytes
from utils import paths

if TYPE_CHECKING:
    from modules.models.download import Downloader
    from modules.models.http import ModelHttp
    from utils.aio import Worker

Use = tuple[str, str]
"""An engine, and the model that a setting names for it: an ID, "embedded", "", or a path."""


@dataclass(frozen=True, slots=True)
class Freed:
    """Something that takes up room and is not used."""

    id: str
    size: int
    """Bytes."""
    partial: bool
    """Whether it is an installation that was begun, and not a model."""


def _places() -> Places:
    import os

    return Places(index_url.index_url(os.environ, index_url.pip_files(), index_url.uv_files()), hub_listing.endpoint())


@dataclass(frozen=True, slots=True)
class World:
    """What the manager knows of the world around it; tests have another."""

    places: Callable[[], Places] = _places
    free: Callable[[Path], int] = free_bytes
    machine: Callable[[Path], Machine] = this_machine
    in_use: Callable[[], Collection[Use]] = tuple
    """The models that settings name."""
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


class ModelManager:
    """Lists, installs, checks and removes models.

    Listing and removing block for as long as the disk does. The asynchronous methods belong to one event loop.

    Args:
        root: Where models are; None for the user's model cache.
        models: The catalogue; None for the one that comes with Arvis.
        http: Asks servers; None for the way of this process, with its policy.
        world: What else it needs to know.
    """

    def __init__(
        self,
        root: Path | None = None,
        models: Catalogue | None = None,
        *,
        http: ModelHttp | None = None,
        world: World | None = None,
    ) -> None:
        self.root = root or paths.models_dir()
        self.models = models or catalogue()
        self._http = http
        self._world = world or World()
        self._running: dict[str, Shared] = {}

    def status(self, model_id: str) -> Status:
        """What of a model is here.

        Raises:
            ModelError: There is no such model.
        """
        return inspect(self.models[model_id], self.root)

    def statuses(self) -> list[Status]:
        """What is here of every model, in the order of the catalogue."""
        return [inspect(model, self.root) for model in self.models]

    def path_of(self, model_id: str) -> Path | None:
        """What the engine of a model opens; None where there is no such model, or it is not installed."""
        model = self.models.find(model_id)
        return inspect(model, self.root).path if model is not None else None

    def machine(self) -> Machine:
        """What this machine has.

        Raises:
            OSError: The disk cannot be asked.
        """
        return self._world.machine(self.root)

    def fit(self, model_id: str) -> Fit:
        """How a model fits this machine.

        Raises:
            ModelError: There is no such model.
        """
        return self.fit_on(self.machine(), self.status(model_id))

    def fit_on(self, machine: Machine, status: Status) -> Fit:
        """How a model fits a machine, with what is here of it already."""
        return fit(status.model, machine, present=_present(status))

    def recommend(self, language: str = "") -> list[Recommendation]:
        """The best model of each kind for this machine.

        Args:
            language: Code of the language that they must know; empty for any.
        """
        return recommend(
            self.models, self.machine(), language=language, present=lambda model: _present(inspect(model, self.root))
        )

    @property
    def running(self) -> tuple[str, ...]:
        """IDs of the models that are being installed by this manager."""
        return tuple(self._running)

    async def install(
        self, model_id: str, on_progress: ProgressObserver | None = None, *, folder: Path | None = None
    ) -> Path:
        """Install a model, or go on with that, or repair it; one that is here is left as it is.

        Who asks for a model that is being installed gets the result of that, and the reports too. When this is
        cancelled, the installation goes on for the others who wait for it; when nobody does, it is paused.

        Args:
            model_id: Which one.
            on_progress: Gets reports, on the loop; must return at once.
            folder: Where the files are on this machine; None for the sources of the catalogue.

        Returns:
            What its engine opens.

        Raises:
            ModelError: There is no such model, no source has it, the disk is full, it was paused ("paused") or
                cancelled ("cancelled").
            OfflineError: Arvis is offline, and nothing on this machine has it.
            FileError: Something that must not be written through is in the way.
        """
        status = self.status(model_id)
        if status.path is not None:
            return status.path
        running = self._running.get(model_id)
        if running is None:
            running = self._running[model_id] = Shared()
            running.task = asyncio.create_task(self._install(status.model, running, folder), name=f"install {model_id}")
            running.task.add_done_callback(lambda _: self._running.pop(model_id, None))
        return await running.wait(on_progress)

    def pause(self, model_id: str) -> bool:
        """Stop an installation; what has arrived stays, and `install` goes on with it. False if there is none."""
        return self._stop(model_id, "paused", "The installation was paused. Install the model again to go on with it.")

    async def cancel(self, model_id: str) -> None:
        """Stop an installation, here or begun earlier, and remove what has arrived.

        Raises:
            ModelError: There is no such model, or another process installs it.
        """
        model = self.models[model_id]
        running = self._running.get(model_id)
        if self._stop(model_id, "cancelled", "The installation was cancelled.") and running and running.task:
            await asyncio.wait([running.task])
        await asyncio.to_thread(self._remove_download, model)

    async def verify(self, model_id: str) -> list[str]:
        """Read every byte of a model; one that is not right is not used until it is repaired, one that is right is.

        Returns:
            The files that are not the right ones; empty where all are.

        Raises:
            ModelError: There is no such model, or it is not installed.
        """
        status = self.status(model_id)
        if status.state not in (State.INSTALLED, State.BROKEN):
            raise ModelError("not-installed", f"{status.model.name} is not installed.")
        wrong = await asyncio.to_thread(wrong_files, status.model, self.root)
        folder = model_folder(self.root, model_id)
        if wrong and not status.packaged:
            store.distrust(folder)
        elif status.state is State.BROKEN:
            store.trust(folder)
        return wrong

    def remove(self, model_id: str) -> int:
        """Remove a model, and what was begun of it; return the bytes that are free now.

        Raises:
            ModelError: There is no such model, it is in use, is not here, is part of an installed package, or is being
                installed.
        """
        status = self.status(model_id)
        model = status.model
        if self._is_used(model):
            raise ModelError(
                "in-use", f"{model.name} is in use. Choose another model in the settings first, and remove it then."
            )
        if not status.present:
            if status.packaged:
                raise ModelError(
                    "packaged", f"{model.name} is part of an installed Python package and goes with it: pip uninstall."
                )
            raise ModelError("not-installed", f"{model.name} is not installed.")
        self._remove(model)
        return status.present

    def unused(self) -> list[Freed]:
        """What could be removed: models that no setting names, and installations that were begun."""
        found = []
        for status in self.statuses():
            model_id = status.model.id
            if not status.present or model_id in self._running:
                continue
            if not self._is_used(status.model):
                found.append(Freed(model_id, status.present, status.state is State.PARTIAL))
        return found

    def free(self) -> list[Freed]:
        """Remove what is not used, but for what another process is installing; return what is gone."""
        gone = []
        for unused in self.unused():
            try:
                self._remove(self.models[unused.id])
            except ModelError:
                continue
            gone.append(unused)
        for folder in left_overs(self.root):
            shutil.rmtree(folder, ignore_errors=True)
        return gone

    async def _install(self, model: Model, running: Shared, folder: Path | None) -> Path:
        from utils.aio import Worker

        worker = Worker("models")
        tracker = Tracker(model.id, running.report, self._world.clock)
        try:
            await worker.run(import_module, "modules.network.client")  # in the thread, as it takes a tenth of a second
            from modules.models.installation import Installation

            installation = Installation(model, self.root, self._tools(worker), tracker, self._world.sleep)
            await installation.run(model.sources if folder is None else (FolderSource(folder),))
        except asyncio.CancelledError:
            if running.reason is not None:
                raise running.reason from None
            raise
        finally:
            worker.close()
        path = self.path_of(model.id)
        assert path is not None, "what was just installed is there"
        return path

    def _tools(self, worker: Worker) -> Tools:
        from modules.models.http import ModelHttp

        http = self._http or ModelHttp()
        space = Space(self.root, self._world.free, self._world.clock)
        return Tools(http, self._downloader(http, worker, space), worker, self._world.places(), space.require)

    def _downloader(self, http: ModelHttp, worker: Worker, space: Space) -> Downloader:
        from modules.models.download import Downloader

        return Downloader(http, worker, space.look, sleep=self._world.sleep)

    def _stop(self, model_id: str, code: str, message: str) -> bool:
        running = self._running.get(model_id)
        if running is None or running.task is None:
            return False
        running.reason = ModelError(code, message)
        return running.task.cancel()

    def _is_used(self, model: Model) -> bool:
        folder = model_folder(self.root, model.id).resolve()
        for engine, name in self._world.in_use():
            if name == model.id or (model.embedded and engine == model.engine and name in (EMBEDDED, "")):
                return True
            if Path(name).is_absolute() and Path(name).resolve().is_relative_to(folder):
                return True
        return False

    def _remove(self, model: Model) -> None:
        """Remove a model's folders. It is gone at once, even if deleting its files takes a while."""
        self._remove_download(model)
        with store.disk_errors(self.root), store.held(model_folder(self.root, model.id), model.name):
            folder, away = model_folder(self.root, model.id), removed_folder(self.root, model.id)
            if folder.is_dir():
                shutil.rmtree(away, ignore_errors=True)
                folder.rename(away)
                shutil.rmtree(away, ignore_errors=True)

    def _remove_download(self, model: Model) -> None:
        if self.root.is_dir():
            with store.disk_errors(self.root), store.held(model_folder(self.root, model.id), model.name):
                shutil.rmtree(download_folder(self.root, model.id), ignore_errors=True)


def _present(status: Status) -> int:
    """Bytes of a model that need not be written any more."""
    return status.model.size if status.state is State.INSTALLED else status.present
