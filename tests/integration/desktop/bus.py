"""A session bus of the test's own, and a notification service on it."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SYSTEM_PYTHON = "/usr/bin/python3"
"""The interpreter that Debian's bindings of D-Bus belong to."""
SECONDS = 20.0
"""How long the service may take for anything."""
SERVICE = Path(__file__).with_name("notification_service.py")
CONFIG = """<busconfig>
  <type>session</type><auth>EXTERNAL</auth><listen>unix:dir={folder}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>"""
# No folder of services: nothing may be started by asking for it.


@contextmanager
def session_bus(folder: Path) -> Iterator[str]:
    """A bus; yields its address."""
    config = folder / "bus.conf"
    config.write_text(CONFIG.format(folder=folder))
    daemon = subprocess.Popen(
        ["dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile", "--print-address=1"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert daemon.stdout is not None
        yield daemon.stdout.readline().strip()
    finally:
        daemon.terminate()
        daemon.communicate()


class Service:
    """The service as the test sees it."""

    def __init__(self, address: str, capabilities: str) -> None:
        self._process = subprocess.Popen(
            [SYSTEM_PYTHON, str(SERVICE), capabilities],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=sys.stderr, text=True,
            env={"DBUS_SESSION_BUS_ADDRESS": address, "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        assert self.call() == {"ready": True}

    def call(self) -> dict[str, Any]:
        """The next call that it gets; waits for it."""
        line: dict[str, Any] = json.loads(self._lines.get(timeout=SECONDS))
        return line

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)

    def do(self, what: str) -> None:
        """Have the user do something: "act ID KEY", "close ID REASON"."""
        assert self._process.stdin is not None
        self._process.stdin.write(what + "\n")
        self._process.stdin.flush()

    def end(self) -> None:
        """Let it go."""
        if self._process.poll() is None:
            self.do("quit")
        self._process.wait(SECONDS)
        self._reader.join(SECONDS)
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()


@contextmanager
def notification_service(address: str, capabilities: str = "body,body-markup,actions") -> Iterator[Service]:
    """A service on a bus."""
    service = Service(address, capabilities)
    try:
        yield service
    finally:
        service.end()
