"""Secrets in GNOME's keyring, on a bus of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    shutil.which("gnome-keyring-daemon") is None or shutil.which("dbus-daemon") is None,
    reason="needs gnome-keyring and dbus, a keyring and a bus that no desktop uses",
)

ROOT = Path(__file__).resolve().parents[3]
READY_SECONDS = 20.0
CONNECT = "import secretstorage; collection = secretstorage.get_default_collection(secretstorage.dbus_init())\n"
COLLECTIONS = """
import secretstorage
found = secretstorage.get_all_collections(secretstorage.dbus_init())
print(sum(not collection.collection_path.endswith("/session") for collection in found))
"""
HAS_OWNER = """
import secretstorage
from jeepney.bus_messages import message_bus
ask = message_bus.NameHasOwner("org.freedesktop.secrets")
print(secretstorage.dbus_init().send_and_get_reply(ask).body[0])
"""
STORE = """
import sys
from modules.security.base import SecretError
from modules.security.secrets_keyring import KeyringSecrets
store = KeyringSecrets(float(sys.argv[1]), waiting=print)
assert store.usable
try:
    print({act})
except SecretError as error:
    print(error.code)
"""


@dataclass
class Desktop:
    """A home, a bus and a keyring daemon."""

    environment: dict[str, str]
    daemon: subprocess.Popen[bytes] = field(init=False)

    def start_keyring(self, *options: str) -> None:
        """Start the daemon, and wait until it has its name on the bus."""
        command = ["gnome-keyring-daemon", "--foreground", "--components=secrets", *options]
        self.daemon = subprocess.Popen(
            command, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        assert self.daemon.stdin is not None
        self.daemon.stdin.write(b"open sesame")
        self.daemon.stdin.close()
        deadline = time.monotonic() + READY_SECONDS
        while self.python(HAS_OWNER) != "True":  # any other question would make the bus start a second one
            assert time.monotonic() < deadline, "the keyring did not start"

    def python(self, code: str, *arguments: str) -> str:
        """What a program in a process of its own printed."""
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return done.stdout.strip()

    def store(self, act: str, seconds: float = 30.0) -> str:
        """What the keyring's store said, with so many seconds of patience."""
        return self.python(STORE.replace("{act}", act), str(seconds))


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[Desktop]:
    """With a keyring that is unlocked."""
    yield from running(tmp_path, "--unlock")


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Desktop]:
    """With a daemon that has no keyring yet."""
    yield from running(tmp_path)


def running(tmp_path: Path, *options: str) -> Iterator[Desktop]:
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(runtime)}
    bus = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address=1"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert bus.stdout is not None
    environment["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
    desktop = Desktop(environment)
    try:
        desktop.start_keyring(*options)
        yield desktop
    finally:
        for process in (desktop.daemon, bus):
            process.kill()
            process.wait()
        bus.stdout.close()


def test_what_is_set_is_there_for_the_next_process_until_it_is_deleted(desktop: Desktop) -> None:
    assert desktop.store('store.set("llm.api_key", "sk-very-secret")') == "None"
    assert desktop.store('(store.names(), store.get("llm.api_key"))') == "(('llm.api_key',), 'sk-very-secret')"
    assert desktop.store('(store.delete("llm.api_key"), store.names())') == "(True, ())"


def test_a_locked_keyring_is_a_sentence(desktop: Desktop) -> None:
    assert desktop.store('store.set("llm.api_key", "sk-very-secret")') == "None"
    assert desktop.python(CONNECT + "collection.lock(); print(collection.is_locked())") == "True"
    assert desktop.store('store.get("llm.api_key")') == "locked"


def test_a_locked_keyring_says_what_it_has_and_has_not_without_a_window(desktop: Desktop) -> None:
    assert desktop.store('store.set("llm.api_key", "sk-very-secret")') == "None"
    assert desktop.python(CONNECT + "collection.lock(); print(collection.is_locked())") == "True"
    assert desktop.store("store.names()") == "('llm.api_key',)"
    assert desktop.store('store.get("metrics.token")') == "None"


def test_reading_makes_no_keyring_where_there_is_none(fresh: Desktop) -> None:
    assert fresh.store('(store.get("llm.api_key"), store.names(), store.delete("llm.api_key"))') == "(None, (), False)"
    assert fresh.python(COLLECTIONS) == "0"
    assert fresh.store('store.set("llm.api_key", "sk-very-secret")') == "locked"  # nobody is there to choose a password


def test_a_keyring_that_hangs_is_given_up(desktop: Desktop) -> None:
    desktop.daemon.send_signal(signal.SIGSTOP)
    assert desktop.store('store.get("llm.api_key")', 1.0) == "keyring-hangs"
