"""What the manager does with models that are here."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from modules.models import store
from modules.models.base import ModelError
from modules.models.fit import Verdict
from modules.models.inspection import State
from modules.models.layout import model_folder
from modules.models.lookup import path_of, resolve
from modules.models.manager import Freed
from tests.integration.models.conftest import CONFIG, SIZE, WEIGHTS, Desk, a_model

TOTAL = SIZE + len(CONFIG)


def place(desk: Desk, model_id: str = "test-model") -> Path:
    """Have a model installed, without the network."""

    def fill(folder: Path) -> None:
        (folder / "weights.gguf").write_bytes(WEIGHTS)
        (folder / "config.json").write_bytes(CONFIG)

    return store.install(desk.root / model_id, fill)


def test_what_is_not_here_is_available(desk: Desk) -> None:
    manager = desk.manager(a_model(desk.web()))
    (status,) = manager.statuses()
    assert (status.state, status.path, status.present, status.local) == (State.AVAILABLE, None, 0, False)
    assert manager.path_of("test-model") is None
    assert manager.path_of("another") is None


def test_an_unknown_name_is_told_with_what_to_do(desk: Desk) -> None:
    with pytest.raises(ModelError, match="arvis models list") as caught:
        desk.manager().status("another")
    assert caught.value.code == "unknown-model"


def test_a_setting_may_name_an_installed_model(desk: Desk) -> None:
    manager = desk.manager(a_model(desk.web()))
    with pytest.raises(ModelError, match="arvis models install test-model") as caught:
        resolve("test-model", desk.root, manager.models)
    assert caught.value.code == "not-installed"
    place(desk)
    path = desk.root / "test-model" / "weights.gguf"
    assert manager.path_of("test-model") == path
    assert path_of("test-model", desk.root, manager.models) == path
    assert resolve("test-model", desk.root, manager.models) == str(path)
    assert resolve("owner/model", desk.root, manager.models) == "owner/model"
    assert path_of("embedded", desk.root, manager.models) is None


async def test_a_changed_file_makes_a_model_broken_and_installing_repairs_it(desk: Desk) -> None:
    desk.serve()
    place(desk)
    manager = desk.manager(a_model(desk.web()))
    weights = desk.root / "test-model" / "weights.gguf"
    status = weights.stat()
    weights.write_bytes(WEIGHTS[::-1])
    os.utime(weights, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert manager.status("test-model").state is State.INSTALLED  # size and time are the same

    assert await manager.verify("test-model") == ["weights.gguf"]
    assert manager.status("test-model").state is State.BROKEN
    assert manager.path_of("test-model") is None

    await manager.install("test-model")
    desk.check()
    # The file that was right was not fetched again.
    assert [request.path for request in desk.server.requests] == ["/files/weights.gguf"]


async def test_what_is_not_installed_cannot_be_verified(desk: Desk) -> None:
    with pytest.raises(ModelError) as caught:
        await desk.manager(a_model()).verify("test-model")
    assert caught.value.code == "not-installed"


async def test_a_model_whose_file_is_gone_is_broken(desk: Desk) -> None:
    (place(desk) / "config.json").unlink()
    manager = desk.manager(a_model())
    assert manager.status("test-model").state is State.BROKEN
    assert await manager.verify("test-model") == ["config.json"]


async def test_a_model_that_was_only_touched_is_trusted_again_when_it_is_verified(desk: Desk) -> None:
    os.utime(place(desk) / "weights.gguf", (1.0, 1.0))
    manager = desk.manager(a_model())
    assert manager.status("test-model").state is State.BROKEN
    assert await manager.verify("test-model") == []
    assert manager.status("test-model").state is State.INSTALLED


def test_removing_frees_its_room(desk: Desk) -> None:
    place(desk)
    manager = desk.manager(a_model())
    present = manager.status("test-model").present
    assert TOTAL < present < TOTAL + 1000
    assert manager.remove("test-model") == present
    assert manager.status("test-model").state is State.AVAILABLE
    assert not (desk.root / "test-model").exists()
    with pytest.raises(ModelError) as caught:
        manager.remove("test-model")
    assert caught.value.code == "not-installed"


@pytest.mark.parametrize(
    "use", [("llama-cpp", "test-model"), ("llama-cpp", "embedded"), ("llama-cpp", ""), ("other", "PATH")]
)
def test_what_is_in_use_is_kept(desk: Desk, use: tuple[str, str]) -> None:
    folder = place(desk)
    engine, name = use
    desk.used = [(engine, str(folder / "weights.gguf") if name == "PATH" else name)]
    manager = desk.manager(a_model(embedded=True))
    with pytest.raises(ModelError, match="Choose another model") as caught:
        manager.remove("test-model")
    assert caught.value.code == "in-use"
    assert manager.unused() == []
    assert manager.free() == []
    assert folder.is_dir()


def test_the_embedded_model_of_another_engine_is_not_this_one(desk: Desk) -> None:
    place(desk)
    desk.used = [("moonshine", "embedded"), ("llama-cpp", "other"), ("llama-cpp", str(desk.root / "other"))]
    manager = desk.manager(a_model(embedded=True))
    assert [freed.id for freed in manager.free()] == ["test-model"]


def test_freeing_removes_models_downloads_and_left_overs(desk: Desk) -> None:
    place(desk, "used")
    place(desk, "unused")
    (desk.root / "begun.download").mkdir()
    (desk.root / "begun.download" / "weights.gguf.part").write_bytes(b"x" * 1000)
    (desk.root / "old.removed").mkdir()
    desk.used = [("llama-cpp", "used")]
    manager = desk.manager(*(a_model(desk.web(), model_id=name) for name in ("used", "unused", "begun", "absent")))
    unused = manager.unused()
    assert [(freed.id, freed.partial) for freed in unused] == [("unused", False), ("begun", True)]
    assert unused[1] == Freed("begun", 1000, True)
    assert manager.free() == unused
    assert {path.name for path in desk.root.iterdir() if path.is_dir()} == {"used"}


def test_what_another_process_installs_is_left_alone(desk: Desk) -> None:
    place(desk)
    manager = desk.manager(a_model())
    with store.lock_of(model_folder(desk.root, "test-model")):
        with pytest.raises(ModelError) as caught:
            manager.remove("test-model")
        assert (caught.value.code, caught.value.retryable) == ("busy", True)
        assert manager.free() == []
    assert manager.status("test-model").state is State.INSTALLED


def test_a_model_fits_the_disk_by_what_is_missing_of_it(desk: Desk) -> None:
    manager = desk.manager(a_model(desk.web()))
    desk.free = 200_000_000 + TOTAL
    assert manager.fit("test-model").verdict is Verdict.FITS
    desk.free -= 1
    assert manager.fit("test-model").verdict is Verdict.TOO_BIG
    assert manager.recommend("en") == []
    place(desk)
    assert manager.fit("test-model").verdict is Verdict.FITS
    assert [choice.model.id for choice in manager.recommend("en")] == ["test-model"]
    assert manager.recommend("de") == []
