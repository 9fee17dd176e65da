"""Installs one model after the other, from a server that is a function; what was begun is gone on with."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import cast

import httpx

import modules.models.download
import modules.models.installation  # noqa: F401  # imported now instead of in each process
from modules.models.catalogue import Catalogue, Kind, Licence, Model, ModelFile, UrlSource
from modules.models.http import ModelHttp
from modules.models.inspection import State
from modules.models.manager import ModelManager, World
from modules.models.sources import Places
from modules.network.client import ClientPool

SIZE = 300_000
WEIGHTS = random.Random(1).randbytes(SIZE)
FILES = {"config.json": b'{"layers": 2}', "weights.gguf": WEIGHTS}
MODELS = 3


def catalogue() -> Catalogue:
    files = tuple(ModelFile(name, len(data), hashlib.sha256(data).hexdigest()) for name, data in FILES.items())
    source = UrlSource({name: f"http://server.localhost/{name}" for name in FILES})
    return Catalogue(
        tuple(
            Model(
                id=f"model-{number}",
                kind=Kind.LLM,
                engine="llama-cpp",
                name="Test model",
                description="A model for tests.",
                licence=Licence("MIT"),
                languages=(),
                size=SIZE,
                memory=1,
                parameters=1,
                quality=1,
                notes=(),
                files=files,
                sources=(source,),
            )
            for number in range(MODELS)
        )
    )


class _Pieces(httpx.AsyncByteStream):
    def __init__(self, data: bytes) -> None:
        self._data = data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for begin in range(0, len(self._data), 30_000):
            await asyncio.sleep(0)
            yield self._data[begin : begin + 30_000]


def _answer(request: httpx.Request) -> httpx.Response:
    data = FILES[request.url.path.removeprefix("/")]
    start = int(request.headers.get("range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
    headers = {"ETag": '"1"', "Content-Length": str(len(data) - start)}
    if start:
        headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
    return httpx.Response(206 if start else 200, headers=headers, stream=_Pieces(data[start:]))


class _Pool:
    def acquire(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(_answer))

    async def release(self) -> None:
        pass


def manager(folder: Path) -> ModelManager:
    http = ModelHttp(cast(ClientPool, _Pool()))
    world = World(places=lambda: Places("", ""), free=lambda _: 10**12)
    return ModelManager(folder / "models", catalogue(), http=http, world=world)


def write(folder: Path, committed: Callable[[str], object]) -> None:
    async def work() -> None:
        models = manager(folder)
        while True:
            for model in models.models:
                await models.install(model.id)
                committed(f"installed {model.id}")
            for model in models.models:
                committed(f"removing {model.id}")
                models.remove(model.id)

    asyncio.run(work())


def verify(folder: Path, committed: list[str]) -> None:
    models = manager(folder)
    for status in models.statuses():
        made = models.root / f"{status.model.id}.download"
        if status.state is State.INSTALLED:
            assert status.path is not None
            assert {name: (status.path / name).read_bytes() for name in FILES} == FILES
        else:
            # Never a part in the place of a model, and what there is of it is right so far.
            assert status.state in (State.AVAILABLE, State.PARTIAL), status.state
            assert not (models.root / status.model.id).exists()
            for part in made.glob("*.part"):
                data = part.read_bytes()
                assert FILES[part.name.removesuffix(".part")].startswith(data), (part, len(data))
    told = [line.split() for line in committed]
    last = {model_id: what for what, model_id in told}
    for model_id, what in last.items():
        assert what == "removing" or models.path_of(model_id) is not None, (model_id, json.dumps(told[-5:]))
