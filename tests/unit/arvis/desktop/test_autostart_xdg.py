from __future__ import annotations

from pathlib import Path

import pytest

from arvis.desktop.autostart import Start
from arvis.desktop.autostart_xdg import XdgAutostart, desktop_entry, exec_line
from utils.files import FileError

START = Start(("/opt/arvis/arvis", "run", "--hidden"))


@pytest.fixture
def autostart(tmp_path: Path) -> XdgAutostart:
    return XdgAutostart(tmp_path / "autostart")


def test_the_entry() -> None:
    assert desktop_entry(Start(("/usr/bin/python3", "-m", "arvis"), Path("/src/my arvis"))) == (
        "[Desktop Entry]\n"
        "Type=Application\n"
        "Name=Arvis\n"
        "Comment=Voice assistant\n"
        "Icon=arvis\n"
        "Exec=/usr/bin/python3 -m arvis\n"
        "Path=/src/my arvis\n"
        "Terminal=false\n"
        "StartupNotify=false\n"
        "X-GNOME-Autostart-enabled=true\n"
    )
    assert "Path" not in desktop_entry(START)


@pytest.mark.parametrize(
    ("argument", "written"),
    [
        ("plain-1.0_/x", "plain-1.0_/x"),
        ("two words", '"two words"'),
        ("", '""'),
        ("100%", "100%%"),
        ('say "hi"', r'"say \\"hi\\""'),
        ("$HOME", r'"\\$HOME"'),
        ("`id`", r'"\\`id\\`"'),
        ("back\\slash", r'"back\\\\slash"'),
        ("a;b", '"a;b"'),
        ("x\nExec=evil", r'"x\nExec=evil"'),
    ],
)
def test_arguments_are_quoted_as_the_specification_says(argument: str, written: str) -> None:
    assert exec_line(Start(("arvis", argument))) == f"arvis {written}"


def test_the_environment_is_set() -> None:
    start = Start(("/opt/arvis",), environ={"ARVIS_HOME": "/my data"})
    assert exec_line(start) == 'env "ARVIS_HOME=/my data" /opt/arvis'


def test_on_and_off(autostart: XdgAutostart) -> None:
    assert autostart.found() is None
    autostart.enable(START)
    assert autostart.found() == autostart.line(START) == "/opt/arvis/arvis run --hidden"
    assert Path(autostart.place).stat().st_mode & 0o777 == 0o600
    autostart.disable()
    autostart.disable()
    assert autostart.found() is None
    assert not Path(autostart.place).exists()


@pytest.mark.parametrize(
    "text",
    [
        "", "nothing", "[Desktop Entry]\n", "[Other]\nExec=x\n", "[Desktop Entry]\nExec=x\nHidden=true\n",
        "[Desktop Entry]\nExec=x\nX-GNOME-Autostart-enabled=false\n", "\x00", "[Desktop Entry\nExec=x",
    ],
)  # fmt: skip
def test_what_is_switched_off_or_broken_is_off(autostart: XdgAutostart, text: str) -> None:
    place = Path(autostart.place)
    place.parent.mkdir()
    place.write_text(text)
    assert autostart.found() is None


def test_bytes_that_are_no_text_are_off(autostart: XdgAutostart) -> None:
    place = Path(autostart.place)
    place.parent.mkdir()
    place.write_bytes(b"[Desktop Entry]\nExec=\xff\n")
    assert autostart.found() is None


def test_an_entry_of_the_desktops_own_editor_is_understood(autostart: XdgAutostart) -> None:
    place = Path(autostart.place)
    place.parent.mkdir()
    place.write_text("# mine\n[Desktop Entry]\nName=Arvis\nName[de]=Arvis: an\nExec=arvis %U\nexec=other\n")
    assert autostart.found() == "arvis %U"


def test_a_link_is_not_written_through(autostart: XdgAutostart, tmp_path: Path) -> None:
    place = Path(autostart.place)
    place.parent.mkdir()
    place.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileError):
        autostart.enable(START)
    assert not (tmp_path / "elsewhere").exists()


def test_what_cannot_be_removed_is_told(autostart: XdgAutostart) -> None:
    Path(autostart.place).mkdir(parents=True)
    with pytest.raises(FileError):
        autostart.disable()
