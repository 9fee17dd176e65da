"""`arvis` and `arvis run`."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from arvis.cli.run import NO_SCREEN, has_screen
from arvis.desktop.instance import Claim, Instance, find_instance
from arvis.desktop.verbs import TOKEN, Verb
from config.loader import Loaded
from tests.unit.arvis.cli.conftest import Command

ROOT = Path(__file__).parents[4]


@pytest.fixture(autouse=True)
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of sockets of the test's own."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv(TOKEN, raising=False)
    return tmp_path / "arvis"


class Opened(list[Loaded]):
    """What the window was opened with."""

    def __init__(self) -> None:
        super().__init__()
        self.claims: list[Claim | None] = []
        self.hidden: list[bool] = []


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch) -> Opened:
    """A window that only notes what it was opened with."""
    opened = Opened()

    def run_window(loaded: Loaded, *, claim: Claim | None, hidden: bool) -> int:
        opened.append(loaded)
        opened.claims.append(claim)
        opened.hidden.append(hidden)
        return 7

    module = ModuleType("arvis.ui.launch")
    module.run_window = run_window  # type: ignore[attr-defined]  # a stand-in
    monkeypatch.setitem(sys.modules, "arvis.ui.launch", module)
    for variable in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(variable, raising=False)
    return opened


@pytest.mark.parametrize("arguments", [(), ("run",)])
def test_the_window_gets_the_settings_and_gives_the_exit_code(
    arvis: Command, window: Opened, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    (tmp_path / "home" / "config.toml").write_text("[ui]\ntheme = 'dark'\n")
    assert arvis(*arguments).exit_code == 7
    assert window[0].settings.ui.theme == "dark"


@pytest.mark.parametrize("arguments", [(), ("run",)])
def test_without_a_screen_it_says_what_to_do(arvis: Command, window: Opened, arguments: tuple[str, ...]) -> None:
    assert arvis.fails(*arguments, code=2) == NO_SCREEN
    assert window == []


def test_a_missing_library_is_a_sentence(arvis: Command, window: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.delattr(sys.modules["arvis.ui.launch"], "run_window")
    assert arvis.fails("run").startswith("The window cannot be shown, because a library is missing (")


@pytest.mark.parametrize(
    ("environ", "platform", "expected"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"DISPLAY": ""}, "linux", False),
        ({"QT_QPA_PLATFORM": "offscreen"}, "linux", True),
        ({"QT_QPA_PLATFORM": "xcb"}, "linux", False),
        ({"QT_QPA_PLATFORM": "wayland;xcb"}, "linux", False),
        ({}, "darwin", True),
    ],
)
def test_what_counts_as_a_screen(environ: dict[str, str], platform: str, expected: bool) -> None:
    assert has_screen(environ, platform) is expected


class Running:
    """An Arvis that runs: it has the claim, in a process of its own, and answers as it is told."""

    def __init__(self, instance: Instance) -> None:
        self.told: list[dict[str, str]] = []
        self.answer = {"refused": ""}
        self._process = subprocess.Popen(
            [sys.executable, "-c", HOLDER.format(path=str(instance.path))], cwd=ROOT, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"claimed\n"
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(instance.path))
        self._socket.listen()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            with connection, connection.makefile("rwb") as file:
                line = file.readline()
                if not line:
                    return
                self.told.append(json.loads(line))
                file.write(json.dumps(self.answer).encode() + b"\n")

    def close(self) -> None:
        with socket.socket(socket.AF_UNIX) as last:
            last.connect(self._socket.getsockname())
        self._thread.join()
        self._socket.close()
        self._process.communicate()


HOLDER = """
import sys
from pathlib import Path
from arvis.desktop.instance import Instance
claim = Instance(Path({path!r})).claim()
print("claimed", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    home = tmp_path / "home"
    made = Running(find_instance(home / "data", home / "config.toml", "", os.environ))
    yield made
    made.close()


@pytest.mark.parametrize("verb", [verb for verb in Verb if verb is not Verb.SHOW])
def test_nobody_can_be_told_where_none_runs(arvis: Command, window: Opened, verb: Verb) -> None:
    assert arvis.fails("run", f"--{verb}") == "Arvis is not running. `arvis` starts it."
    assert window == []


@pytest.mark.parametrize("verb", Verb)
def test_the_running_one_is_told(arvis: Command, window: Opened, running: Running, verb: Verb) -> None:
    result = arvis("run", f"--{verb}")
    assert (result.exit_code, result.output) == (0, "")
    assert running.told == [{"verb": verb.value, "token": ""}]
    assert window == []


def test_what_it_refuses_is_a_sentence(arvis: Command, running: Running) -> None:
    running.answer = {"refused": "Arvis is locked."}
    assert arvis.fails("run", "--talk") == "Arvis is locked."


@pytest.mark.parametrize("answer", [{}, {"other": 1}])
def test_an_answer_that_means_nothing_is_a_sentence(arvis: Command, running: Running, answer: dict[str, str]) -> None:
    running.answer = answer
    assert "does not answer" in arvis.fails("run", "--stop")


def test_a_second_start_shows_the_first(
    arvis: Command, window: Opened, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv(TOKEN, "lent")
    result = arvis("run")
    assert (result.exit_code, result.stderr) == (0, "arvis: Arvis is running already; its window is shown now.\n")
    assert running.told == [{"verb": "show", "token": "lent"}]
    assert window == []


def test_a_second_start_at_login_disturbs_nobody(
    arvis: Command, window: Opened, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    result = arvis("run", "--hidden")
    assert (result.exit_code, result.stderr) == (0, "arvis: Arvis is running already.\n")
    assert (running.told, window) == ([], [])


@pytest.mark.parametrize(("profile", "other"), [("", False), ("work", True)])
def test_each_profile_is_one_of_its_own(
    arvis: Command, window: Opened, running: Running, monkeypatch: pytest.MonkeyPatch, profile: str, other: bool
) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("ARVIS_PROFILE", profile)
    assert arvis("run").exit_code == (7 if other else 0)
    assert (window != []) is other


@pytest.mark.parametrize(("arguments", "hidden"), [((), False), (("--show",), False), (("--hidden",), True)])
def test_the_first_one_has_the_claim(
    arvis: Command, window: Opened, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], hidden: bool
) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    assert arvis("run", *arguments).exit_code == 7
    assert window.hidden == [hidden]
    assert window.claims[0] is not None
    assert arvis("run").exit_code == 7, "it is let go of at the end"


def test_one_thing_at_a_time(arvis: Command, window: Opened) -> None:
    for arguments in (("--talk", "--stop"), ("--hidden", "--show")):
        assert "at a time" in arvis.misused("run", *arguments)


def test_where_the_folder_of_sockets_is_open_it_starts_all_the_same(
    arvis: Command, window: Opened, runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    runtime.mkdir(mode=0o755)
    result = arvis("run")
    assert result.exit_code == 7
    assert "open to other users" in result.stderr
    assert window.claims == [None]
    assert "open to other users" in arvis.fails("run", "--stop")
