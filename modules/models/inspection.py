"""What of a model is on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from modules.models import packages
from modules.models.catalogue import Model, PackageSource
from modules.models.checksums import Expected, is_right
from modules.models.layout import download_folder, learned_file, model_folder
from modules.models.store import is_complete


class State(StrEnum):
    """What may be done with a model."""

    INSTALLED = "installed"
    """It can be used."""
    AVAILABLE = "available"
    """It can be installed."""
    PARTIAL = "partial"
    """Its installation was begun, and can go on."""
    BROKEN = "broken"
    """Its files were changed or are missing; installing it again repairs it."""


@dataclass(frozen=True, slots=True)
class Status:
    """A model and what of it is here."""

    model: Model
    state: State
    path: Path | None = None
    """What its engine opens, where it is installed."""
    packaged: bool = False
    """Whether it is part of an installed package, and so removed with that."""
    local: bool = False
    """Whether it is installed, or can be without any download."""
    present: int = 0
    """Bytes on the disk, in the folder of models."""


def inspect(model: Model, root: Path) -> Status:
    """Look what of a model is here; sizes and times only, so that it is quick."""
    folder, made = model_folder(root, model.id), download_folder(root, model.id)
    if is_complete(folder) and all((folder / file.name).is_file() for file in model.files):
        return Status(model, State.INSTALLED, _entry(folder, model), local=True, present=_bytes(folder))
    found = _packaged(model)
    if found is not None:
        return Status(model, State.INSTALLED, found, packaged=True, local=True, present=_bytes(folder) + _bytes(made))
    local = _can_be_joined(model)
    if folder.is_dir():
        return Status(model, State.BROKEN, local=local, present=_bytes(folder) + _bytes(made))
    present = _bytes(made)
    return Status(model, State.PARTIAL if present else State.AVAILABLE, local=local, present=present)


def wrong_files(model: Model, root: Path) -> list[str]:
    """Read every byte of a model that is here, and return the names of the files that are not the right ones."""
    status, folder = inspect(model, root), model_folder(root, model.id)
    if status.packaged and status.path is not None:
        folder = status.path.parent if model.entry else status.path
    learned = _learned(folder)
    return [
        file.name
        for file in model.files
        if not is_right(folder / file.name, _expected(file.size, file.sha256, learned.get(file.name)))
    ]


def _entry(folder: Path, model: Model) -> Path:
    return folder / model.entry if model.entry else folder


def _packaged(model: Model) -> Path | None:
    """What the engine opens inside installed packages, where all files are there as they are, in one folder."""
    for source in model.sources:
        if not isinstance(source, PackageSource) or any(len(parts) != 1 for parts in source.files.values()):
            continue
        found = {name: packages.installed(parts[0]) for name, parts in source.files.items()}
        paths = [path for path in found.values() if path is not None and path.name in found]
        folders = {path.parent for path in paths}
        sizes = {file.name: file.size for file in model.files}
        if len(paths) == len(model.files) and len(folders) == 1 and all(_size(p) == sizes[p.name] for p in paths):
            return _entry(folders.pop(), model)
    return None


def _can_be_joined(model: Model) -> bool:
    """Whether packages that are installed have every part of every file."""
    return any(
        all(packages.installed(part) is not None for parts in source.files.values() for part in parts)
        for source in model.sources
        if isinstance(source, PackageSource)
    )


def _learned(folder: Path) -> dict[str, Expected]:
    try:
        noted = json.loads(learned_file(folder).read_text("utf-8"))
        return {name: Expected(**entry) for name, entry in noted.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _expected(size: int | None, sha256: str | None, learned: Expected | None) -> Expected:
    """What the catalogue says goes before what was learned."""
    return learned if sha256 is None and learned is not None else Expected(size, sha256)


def _bytes(folder: Path) -> int:
    return sum(_size(path) for path in _plain_files(folder))


def _plain_files(folder: Path) -> Iterator[Path]:
    if folder.is_dir() and not folder.is_symlink():
        yield from (path for path in folder.iterdir() if path.is_file() and not path.is_symlink())


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
