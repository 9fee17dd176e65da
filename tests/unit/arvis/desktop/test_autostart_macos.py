from __future__ import annotations

import plistlib
from pathlib import Path

import pytest

from arvis.desktop.autostart import Start
from arvis.desktop.autostart_macos import MacAutostart, launch_agent
from utils.files import FileError

START = Start(("/Applications/Arvis.app/Contents/MacOS/arvis", "run", "--hidden"))


@pytest.fixture
def autostart(tmp_path: Path) -> MacAutostart:
    return MacAutostart(tmp_path / "LaunchAgents")


def test_the_agent() -> None:
    assert launch_agent(START) == {
        "Label": "org.arvis.Arvis",
        "ProgramArguments": ["/Applications/Arvis.app/Contents/MacOS/arvis", "run", "--hidden"],
        "RunAtLoad": True,
        "ProcessType": "Interactive",
    }
    whole = launch_agent(Start(("python3", "-m", "arvis"), Path("/src/arvis"), {"ARVIS_HOME": "/data"}))
    assert whole["WorkingDirectory"] == "/src/arvis"
    assert whole["EnvironmentVariables"] == {"ARVIS_HOME": "/data"}


def test_on_and_off(autostart: MacAutostart) -> None:
    assert autostart.found() is None
    autostart.enable(START)
    assert plistlib.loads(Path(autostart.place).read_bytes()) == launch_agent(START)
    assert autostart.found() == autostart.line(START)
    autostart.disable()
    autostart.disable()
    assert autostart.found() is None


@pytest.mark.parametrize(
    "data",
    [
        b"", b"nothing", plistlib.dumps({}), plistlib.dumps([1]), plistlib.dumps({"ProgramArguments": [1]}),
        plistlib.dumps({"ProgramArguments": ["x"], "Disabled": True}),
        b'<?xml version="1.0"?><plist><dict><key>a</key></plist>',
    ],
)  # fmt: skip
def test_what_is_switched_off_or_broken_is_off(autostart: MacAutostart, data: bytes) -> None:
    place = Path(autostart.place)
    place.parent.mkdir()
    place.write_bytes(data)
    assert autostart.found() is None


def test_what_cannot_be_removed_is_told(autostart: MacAutostart) -> None:
    Path(autostart.place).mkdir(parents=True)
    with pytest.raises(FileError):
        autostart.disable()
