from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from arvis.desktop.autostart import AutostartError, Start, autostart_for
from arvis.desktop.autostart_windows import KEY, WindowsAutostart, run_value

START = Start((r"C:\Program Files\Arvis\arvis.exe", "run", "--hidden"))


class Registry(ModuleType):
    """The functions of winreg that are used, over a dictionary."""

    HKEY_CURRENT_USER, KEY_SET_VALUE, KEY_QUERY_VALUE, REG_SZ = "HKCU", 2, 1, 1

    def __init__(self) -> None:
        super().__init__("winreg")
        self.values: dict[str, str] = {}
        self.error: OSError | None = None

    @contextmanager
    def OpenKey(self, root: str, key: str, reserved: int, access: int) -> Iterator[str]:
        assert (root, key, reserved) == ("HKCU", KEY, 0)
        if self.error is not None:
            raise self.error
        yield "key"

    CreateKeyEx = OpenKey

    def SetValueEx(self, key: Any, name: str, reserved: int, kind: int, value: str) -> None:
        self.values[name] = value

    def QueryValueEx(self, key: Any, name: str) -> tuple[str, int]:
        if name not in self.values:
            raise FileNotFoundError(name)
        return self.values[name], self.REG_SZ

    def DeleteValue(self, key: Any, name: str) -> None:
        if name not in self.values:
            raise FileNotFoundError(name)
        del self.values[name]


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    registry = Registry()
    monkeypatch.setitem(sys.modules, "winreg", registry)
    return registry


def test_on_and_off(registry: Registry) -> None:
    autostart = autostart_for("win32", {})
    assert isinstance(autostart, WindowsAutostart)
    assert autostart.found() is None
    autostart.enable(START)
    assert registry.values == {"Arvis": r'"C:\Program Files\Arvis\arvis.exe" run --hidden'}
    assert autostart.found() == autostart.line(START)
    autostart.disable()
    autostart.disable()
    assert autostart.found() is None


def test_a_registry_that_refuses_is_told(registry: Registry) -> None:
    autostart = WindowsAutostart()
    registry.error = PermissionError(13, "Access is denied")
    with pytest.raises(AutostartError, match="Access is denied"):
        autostart.enable(START)
    with pytest.raises(AutostartError, match="Access is denied") as caught:
        autostart.disable()
    assert autostart.place in caught.value.message
    assert autostart.found() is None


def test_what_needs_a_folder_of_its_own_cannot_be_started_from_there(registry: Registry) -> None:
    with pytest.raises(AutostartError) as caught:
        run_value(Start(("python",), Path("C:/src")))
    assert caught.value.code == "not-installed"
