"""Arvis on a session bus, called with the tools that desktops bind to keys."""

from __future__ import annotations

import logging
import shutil
import subprocess
import threading
from collections.abc import Iterator

import pytest
from PyQt6.QtDBus import QDBusConnection
from pytestqt.qtbot import QtBot

from arvis.desktop.dbus_service import INTERFACE, PATH, SERVICE, DBusService
from arvis.desktop.verbs import Verb
from arvis.ui.mode import Mode

GDBUS = ("gdbus", "call", "--session", "--dest", SERVICE, "--object-path", PATH, "--method")


class Scene:
    """The service, and another program that calls it."""

    def __init__(self, connection: QDBusConnection, address: str, qtbot: QtBot) -> None:
        self.done: list[Verb] = []
        self.refusal = ""
        self.service = DBusService(self.act, Mode.READY, connection)
        self._address = address
        self._qtbot = qtbot

    def act(self, verb: Verb) -> str:
        self.done.append(verb)
        return self.refusal

    def call(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run another program to its end, while this one answers."""
        ended: list[subprocess.CompletedProcess[str]] = []
        environ = {"DBUS_SESSION_BUS_ADDRESS": self._address, "PATH": "/usr/bin:/bin"}

        def run() -> None:
            ended.append(subprocess.run(command, env=environ, capture_output=True, text=True, timeout=20, check=False))

        thread = threading.Thread(target=run)
        thread.start()
        self._qtbot.waitUntil(lambda: not thread.is_alive(), timeout=20_000)
        thread.join()
        return ended[0]


@pytest.fixture
def scene(connection: QDBusConnection, address: str, qtbot: QtBot) -> Iterator[Scene]:
    scene = Scene(connection, address, qtbot)
    assert scene.service.is_there
    yield scene
    scene.service.close()


@pytest.mark.parametrize(
    ("method", "arguments", "verb"),
    [
        ("Talk", (), Verb.TALK),
        ("Release", (), Verb.RELEASE),
        ("ToggleTalk", (), Verb.TOGGLE_TALK),
        ("Stop", (), Verb.STOP),
        ("Mute", ("true",), Verb.MUTE),
        ("Mute", ("false",), Verb.UNMUTE),
        ("Show", (), Verb.SHOW),
        ("Hide", (), Verb.HIDE),
        ("Quit", (), Verb.QUIT),
    ],
)
def test_every_verb(scene: Scene, method: str, arguments: tuple[str, ...], verb: Verb) -> None:
    ended = scene.call(*GDBUS, f"{INTERFACE}.{method}", *arguments)
    assert (ended.returncode, ended.stdout.strip()) == (0, "()")
    assert scene.done == [verb]


@pytest.mark.skipif(shutil.which("busctl") is None, reason="busctl comes with systemd, which is not on this machine")
def test_busctl_calls_it_too(scene: Scene) -> None:
    assert scene.call("busctl", "--user", "call", SERVICE, PATH, INTERFACE, "Mute", "b", "true").returncode == 0
    assert scene.done == [Verb.MUTE]


def test_a_refusal_is_an_error_with_its_sentence(scene: Scene) -> None:
    scene.refusal = "Arvis is locked."
    ended = scene.call(*GDBUS, f"{INTERFACE}.Talk")
    assert ended.returncode == 1
    assert "org.arvis.Error.Refused: Arvis is locked." in ended.stderr


@pytest.mark.parametrize("call", [("Format",), ("Mute",), ("Mute", "3.5")])
def test_what_it_does_not_have_is_an_error(scene: Scene, call: tuple[str, ...]) -> None:
    assert scene.call(*GDBUS, f"{INTERFACE}.{call[0]}", *call[1:]).returncode == 1
    assert scene.done == []


def state(scene: Scene) -> str:
    return scene.call(*GDBUS, "org.freedesktop.DBus.Properties.Get", INTERFACE, "State").stdout.strip()


def test_the_state_can_be_read(scene: Scene) -> None:
    before = state(scene)
    scene.service.show_mode(Mode.SPEAKING)
    assert (before, state(scene)) == ("(<'ready'>,)", "(<'speaking'>,)")


def test_a_change_of_the_state_is_told(scene: Scene, address: str, qtbot: QtBot) -> None:
    monitor = subprocess.Popen(
        ["gdbus", "monitor", "--session", "--dest", SERVICE],
        env={"DBUS_SESSION_BUS_ADDRESS": address, "PATH": "/usr/bin:/bin"}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    told: list[str] = []

    def listen() -> None:
        assert monitor.stdout is not None
        for line in monitor.stdout:
            if "PropertiesChanged" in line:
                told.append(line)

    def is_told() -> bool:
        scene.service.show_mode(Mode.LISTENING)  # again and again: nobody says when the monitor has begun to listen
        return told != []

    listener = threading.Thread(target=listen)
    listener.start()
    with monitor:
        try:
            qtbot.waitUntil(is_told, timeout=20_000)
        finally:
            monitor.terminate()
            listener.join()
    assert "PropertiesChanged ('org.arvis.Arvis1', {'State': <'listening'>}, @as [])" in told[0]


def test_only_one_has_the_name(scene: Scene, address: str, caplog: pytest.LogCaptureFixture) -> None:
    other = QDBusConnection.connectToBus(address, "other")
    with caplog.at_level(logging.INFO):
        second = DBusService(lambda _: "", Mode.READY, other)
    assert not second.is_there
    assert len(caplog.records) == 1
    second.close()
    QDBusConnection.disconnectFromBus("other")
    assert scene.call(*GDBUS, f"{INTERFACE}.Stop").returncode == 0


def test_after_the_end_it_is_not_found(scene: Scene) -> None:
    scene.service.close()
    assert "ServiceUnknown" in scene.call(*GDBUS, f"{INTERFACE}.Stop").stderr


def test_without_a_bus_there_is_a_line_in_the_log(qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    none = QDBusConnection.connectToBus("unix:path=/nowhere", "no bus")
    with caplog.at_level(logging.INFO):
        service = DBusService(lambda _: "", Mode.READY, none)
    service.show_mode(Mode.SPEAKING)
    service.close()
    assert not service.is_there
    assert len(caplog.records) == 1
