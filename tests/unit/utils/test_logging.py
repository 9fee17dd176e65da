"""What goes to the file and what to standard error."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from utils import logging as logs
from utils.discretion import log_words, words_allowed


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    level = logging.getLogger().level
    yield
    logs.tear_down()
    logging.getLogger().setLevel(level)


def written(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / logs.FILE_NAME).read_text(encoding="utf-8").splitlines()]


def events(folder: Path) -> list[tuple[str, str, str]]:
    return [(line["level"], line["logger"], line["event"]) for line in written(folder)]


def test_own_messages_from_the_chosen_level_reach_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("info", tmp_path / "log")
    log = logging.getLogger("modules.turn.session")
    log.debug("too small")
    log.info("a turn began")
    log.warning("a device is gone")
    assert events(tmp_path / "log") == [
        ("info", "modules.turn.session", "a turn began"),
        ("warning", "modules.turn.session", "a device is gone"),
    ]
    assert capsys.readouterr().err == "arvis: a device is gone\n"


def test_other_libraries_are_heard_from_warnings_upward(tmp_path: Path) -> None:
    logs.set_up("debug", tmp_path)
    logging.getLogger("httpx").info("POST what was said")
    logging.getLogger("httpx").warning("slow: %s", "what was said")
    ((_, name, event),) = events(tmp_path)
    assert name == "httpx"
    assert event.startswith("slow: %s [test_logging:")


def test_a_part_can_have_a_level_of_its_own(tmp_path: Path) -> None:
    logs.set_up("warning", tmp_path, [" modules.stt = DEBUG ", "modules.tts=error"])
    for name in ("modules.stt.whisper", "modules.tts.piper", "modules.llm"):
        logging.getLogger(name).debug("small")
        logging.getLogger(name).warning("large")
    assert [(level, name) for level, name, _ in events(tmp_path)] == [
        ("debug", "modules.stt.whisper"), ("warning", "modules.stt.whisper"), ("warning", "modules.llm"),
    ]  # fmt: skip


@pytest.mark.parametrize("entry", ["", "modules.stt", "modules.stt=loud", "=debug", "modules..stt=debug", "a b=debug"])
def test_a_level_that_means_nothing_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str], entry: str) -> None:
    logs.set_up("error", tmp_path, [entry])
    logs.set_up("warning", tmp_path, [entry, "modules.stt=info"])
    assert capsys.readouterr().err == (
        f"arvis: logging.components: '{entry}' means nothing; write it as 'modules.stt=debug'\n"
    )
    assert logging.getLogger("modules.stt").level == logging.INFO


def test_a_traceback_goes_to_the_file_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("warning", tmp_path)
    try:
        raise ValueError("inside")
    except ValueError:
        logging.getLogger("arvis").exception("a turn")
    assert "ValueError: (withheld)" in written(tmp_path)[0]["error"]
    assert capsys.readouterr().err == ""


def test_words_are_in_the_file_only_with_leave_and_then_at_every_level(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = logging.getLogger("modules.turn")
    logs.set_up("debug", tmp_path / "without")
    log_words(log, "heard", "open the doors")
    logs.set_up("error", tmp_path / "with", ["modules.turn=error"], words=True)
    log_words(log, "heard", "open the doors")
    logs.tear_down()
    assert not words_allowed()
    assert [event for _, _, event in events(tmp_path / "without")] == ["heard: 3 words"]
    assert [event for _, _, event in events(tmp_path / "with")] == [
        "what is said and answered is written to the log", "heard: open the doors",
    ]  # fmt: skip
    assert capsys.readouterr().err == "arvis: what is said and answered is written to the log\n"


def test_a_second_set_up_replaces_the_first(tmp_path: Path) -> None:
    before = len(logging.getLogger().handlers)
    logs.set_up("warning", tmp_path / "a", ["modules.stt=debug"])
    logs.set_up("error", tmp_path / "b")
    assert len(logging.getLogger().handlers) == before + 2
    assert logging.getLogger("modules.stt").level == logging.NOTSET
    logging.getLogger("arvis").error("once")
    assert written(tmp_path / "a") == []
    assert [event for _, _, event in events(tmp_path / "b")] == ["once"]


def test_a_full_file_is_put_aside(tmp_path: Path) -> None:
    logs.set_up("info", tmp_path, max_bytes=1000, files=4)
    for _ in range(100):
        logging.getLogger("arvis").info("x" * 100)
    names = sorted(path.name for path in tmp_path.iterdir() if not path.name.startswith("."))
    assert names == ["arvis.log", "arvis.log.1", "arvis.log.2", "arvis.log.3"]


def test_a_folder_that_cannot_be_written_leaves_standard_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    logs.set_up("info", tmp_path / "file" / "log")
    logging.getLogger("arvis").error("still heard")
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("arvis: there is no log file: ")
    assert second == "arvis: still heard"


def test_setting_up_imports_nothing_heavy() -> None:
    code = (
        "import sys, pathlib, tempfile\n"
        "from utils import logging as logs\n"
        "logs.set_up('debug', pathlib.Path(tempfile.mkdtemp()))\n"
        "print(sorted({'structlog', 'rich', 'filelock', 'asyncio', 'logging.handlers'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
