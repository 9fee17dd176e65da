"""What goes to the file and what to standard error."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from utils import logging as logs


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    level = logging.getLogger().level
    yield
    logs.tear_down()
    logging.getLogger().setLevel(level)


def written(folder: Path) -> str:
    return (folder / logs.FILE_NAME).read_text(encoding="utf-8")


def test_own_messages_from_the_chosen_level_reach_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("info", tmp_path / "log")
    log = logging.getLogger("modules.turn.session")
    log.debug("too small")
    log.info("a turn began")
    log.warning("a device is gone")
    text = written(tmp_path / "log")
    assert "too small" not in text
    assert "INFO modules.turn.session [MainThread] a turn began" in text
    assert "WARNING modules.turn.session [MainThread] a device is gone" in text
    assert capsys.readouterr().err == "arvis: a device is gone\n"


def test_other_libraries_are_heard_from_warnings_upward(tmp_path: Path) -> None:
    logs.set_up("debug", tmp_path)
    logging.getLogger("httpx").info("POST what was said")
    logging.getLogger("httpx").warning("slow")
    assert "what was said" not in written(tmp_path)
    assert "slow" in written(tmp_path)


def test_a_traceback_goes_to_the_file_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("warning", tmp_path)
    try:
        raise ValueError("inside")
    except ValueError:
        logging.getLogger("arvis").exception("a turn")
    assert "ValueError: inside" in written(tmp_path)
    assert capsys.readouterr().err == ""


def test_a_second_set_up_replaces_the_first(tmp_path: Path) -> None:
    before = len(logging.getLogger().handlers)
    logs.set_up("warning", tmp_path / "a")
    logs.set_up("error", tmp_path / "b")
    assert len(logging.getLogger().handlers) == before + 2
    logging.getLogger("arvis").error("once")
    assert written(tmp_path / "a") == ""
    assert written(tmp_path / "b").count("once") == 1


def test_a_full_file_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MAX_BYTES", 1000)
    logs.set_up("info", tmp_path)
    for _ in range(100):
        logging.getLogger("arvis").info("x" * 100)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "arvis.log", "arvis.log.1", "arvis.log.2", "arvis.log.3", "arvis.log.4"
    ]  # fmt: skip


def test_a_folder_that_cannot_be_written_leaves_standard_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    logs.set_up("info", tmp_path / "file" / "log")
    logging.getLogger("arvis").error("still heard")
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("arvis: there is no log file: ")
    assert second == "arvis: still heard"
