"""Models of a hub on this machine, with and without checksums in the catalogue."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from modules.models.base import ModelError
from modules.models.catalogue import HubSource, ModelFile
from tests.integration.models.conftest import CONFIG, SIZE, WEIGHTS, Desk, a_model, sha256

SOURCE = HubSource("someone/model", "v1", {"config.json": "config.json", "weights.gguf": "sub/model.gguf"})
UNKNOWN = (ModelFile("config.json"), ModelFile("weights.gguf"))
LISTING = "/api/models/someone/model/revision/v1"


def git_name(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def publish(desk: Desk, weights: bytes = WEIGHTS, config: bytes = CONFIG, **changes: Any) -> None:
    siblings = [
        {"rfilename": "config.json", "size": len(CONFIG), "blobId": git_name(CONFIG)},
        {
            "rfilename": "sub/model.gguf",
            "size": SIZE,
            "blobId": "0" * 40,
            "lfs": {"sha256": sha256(WEIGHTS), "size": SIZE},
        },
    ]
    desk.server.put(LISTING, json.dumps({"siblings": siblings, **changes}).encode())
    desk.server.put("/someone/model/resolve/v1/config.json", config)
    desk.server.put("/someone/model/resolve/v1/sub/model.gguf", weights)


async def test_files_with_checksums_are_fetched_without_a_question(desk: Desk) -> None:
    publish(desk)
    await desk.manager(a_model(SOURCE)).install("test-model")
    desk.check()
    assert desk.server.asked(LISTING) == []


async def test_files_without_are_compared_with_what_the_hub_tells(desk: Desk) -> None:
    publish(desk)
    manager = desk.manager(a_model(SOURCE, files=UNKNOWN))
    await manager.install("test-model")
    desk.check()
    assert len(desk.server.asked(LISTING)) == 1
    assert await manager.verify("test-model") == []
    (desk.root / "test-model" / "config.json").write_bytes(CONFIG[::-1])
    assert await manager.verify("test-model") == ["config.json"]


@pytest.mark.parametrize("wrong", [{"weights": WEIGHTS[::-1]}, {"config": CONFIG[::-1]}])
async def test_what_the_hub_itself_calls_otherwise_is_refused(desk: Desk, wrong: dict[str, bytes]) -> None:
    publish(desk, **wrong)
    with pytest.raises(ModelError) as caught:
        await desk.manager(a_model(SOURCE, files=UNKNOWN)).install("test-model")
    assert caught.value.code == "wrong-checksum"


async def test_a_hub_that_lacks_a_file_is_told(desk: Desk) -> None:
    publish(desk, siblings=[{"rfilename": "config.json", "size": 3, "blobId": "0" * 40}])
    with pytest.raises(ModelError) as caught:
        await desk.manager(a_model(SOURCE, files=UNKNOWN)).install("test-model")
    assert caught.value.code == "not-there"


async def test_a_hub_that_tells_no_checksum_is_not_trusted(desk: Desk) -> None:
    publish(desk, siblings=[{"rfilename": "config.json"}, {"rfilename": "sub/model.gguf", "size": "big"}])
    with pytest.raises(ModelError) as caught:
        await desk.manager(a_model(SOURCE, files=UNKNOWN)).install("test-model")
    assert caught.value.code == "bad-catalogue"


@pytest.mark.parametrize("siblings", [None, [3], "files"])
async def test_a_hub_that_talks_nonsense_is_refused(desk: Desk, siblings: object) -> None:
    publish(desk, siblings=siblings)
    with pytest.raises(ModelError) as caught:
        await desk.manager(a_model(SOURCE, files=UNKNOWN)).install("test-model")
    assert caught.value.code == "bad-answer"


async def test_a_listing_without_end_is_cut_off(desk: Desk) -> None:
    desk.server.put(LISTING, b" ", chunked=True, extra=40_000_000)
    with pytest.raises(ModelError) as caught:
        await desk.manager(a_model(SOURCE, files=UNKNOWN)).install("test-model")
    assert caught.value.code == "wrong-size"
