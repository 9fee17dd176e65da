"""A server, and models that it has."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modules.models.catalogue import Catalogue, Kind, Licence, Model, ModelFile, Source, UrlSource
from modules.models.fit import Machine
from modules.models.http import ModelHttp
from modules.models.manager import ModelManager, World
from modules.models.sources import Places
from tests.integration.models.server import FileServer, serving

SILENCE = 0.5
"""Seconds that a manager bears in tests of servers that fall silent; in the others it has time."""
SIZE = 3_000_000
WEIGHTS = random.Random(1).randbytes(SIZE)
CONFIG = b'{"layers": 2}'


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def a_model(*sources: Source, model_id: str = "test-model", **changes: Any) -> Model:
    """A model of two files."""
    facts: dict[str, Any] = {
        "id": model_id,
        "kind": Kind.LLM,
        "engine": "llama-cpp",
        "name": "Test model",
        "description": "A model for tests.",
        "licence": Licence("MIT"),
        "languages": ("en",),
        "size": SIZE + len(CONFIG),
        "memory": 1_000_000,
        "parameters": 1_000,
        "quality": 3,
        "notes": (),
        "files": (
            ModelFile("config.json", len(CONFIG), sha256(CONFIG)),
            ModelFile("weights.gguf", SIZE, sha256(WEIGHTS)),
        ),
        "sources": sources,
        "entry": "weights.gguf",
    }
    return Model(**{**facts, **changes})


class Desk:
    """A manager in a world of its own."""

    def __init__(self, root: Path, server: FileServer) -> None:
        self.root = root
        self.server = server
        self.slept: list[float] = []
        self.free = 10**12
        self.stall_seconds = 30.0
        self._seconds = itertools.count()  # nothing is too soon after what was before
        self.used: list[tuple[str, str]] = []

    def manager(self, *models: Model) -> ModelManager:
        """A manager of these models."""
        return ModelManager(
            self.root, Catalogue(models), http=ModelHttp(stall_seconds=self.stall_seconds), world=self.world()
        )

    def world(self) -> World:
        return World(
            places=lambda: Places(self.server.url("/simple/"), self.server.url("")),
            free=lambda folder: self.free,
            machine=lambda folder: Machine(8 * 10**9, self.free, 4),
            in_use=lambda: self.used,
            clock=lambda: float(next(self._seconds)),
            sleep=self._sleep,
        )

    def web(self, prefix: str = "/files") -> UrlSource:
        """Where the server has the files of the model."""
        return UrlSource({name: self.server.url(f"{prefix}/{name}") for name in ("config.json", "weights.gguf")})

    def serve(self, prefix: str = "/files", **options: Any) -> None:
        """Have the server do so with the weights."""
        self.server.put(f"{prefix}/config.json", CONFIG)
        self.server.put(f"{prefix}/weights.gguf", WEIGHTS, **options)

    def check(self, model_id: str = "test-model") -> None:
        """The model is there whole, and nothing besides."""
        folder = self.root / model_id
        assert (folder / "weights.gguf").read_bytes() == WEIGHTS
        assert (folder / "config.json").read_bytes() == CONFIG
        assert {path.name for path in folder.iterdir()} == {
            "weights.gguf", "config.json", ".complete.json", ".checksums.json",
        }  # fmt: skip
        assert not (self.root / f"{model_id}.download").exists()

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serving() as server:
        yield server


@pytest.fixture
def desk(tmp_path: Path, server: FileServer) -> Desk:
    return Desk(tmp_path / "models", server)
