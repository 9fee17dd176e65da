"""A PostgreSQL server of its own, in a folder of its own, on a free port of this machine."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

USERS = ("postgres", "nobody")
"""The server refuses to run as root, so one of these runs it then."""


def programs() -> Path | None:
    """Where Debian's package, or anybody else's, has put the server."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


@dataclass
class Server:
    """A server that can be ended and begun again."""

    programs: Path
    folder: Path
    port: int
    user: str | None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def url(self, database: str) -> str:
        return f"postgresql://arvis@127.0.0.1:{self.port}/{database}"

    def begin(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off -c shared_buffers=4MB"
        self.call("pg_ctl", "-w", "-s", "-D", self.data, "-l", self.folder / "log", "-o", options, "start")

    def end(self) -> None:
        self.call("pg_ctl", "-w", "-s", "-D", self.data, "-m", "immediate", "stop")

    def make(self, database: str) -> None:
        self.call("createdb", "-h", "127.0.0.1", "-p", self.port, "-U", "arvis", database)

    def call(self, program: str, *arguments: object) -> None:
        command = [str(self.programs / program), *map(str, arguments)]
        as_user = ["runuser", "-u", self.user, "--"] if self.user else []
        # Without a pipe of ours, as the server would keep it open.
        with open(self.folder / "said", "w") as said:
            done = subprocess.run([*as_user, *command], stdout=said, stderr=said, cwd=self.folder, check=False)
        assert done.returncode == 0, (self.folder / "said").read_text()


@contextmanager
def running_server(where: Path) -> Iterator[Server]:
    """A server without a password, whose only user is "arvis"."""
    folder = Path(tempfile.mkdtemp(prefix="arvis-postgresql-"))
    user = next((name for name in USERS if _exists(name)), None) if os.geteuid() == 0 else None
    if user is not None:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    server = Server(where, folder, port, user)
    try:
        server.call("initdb", "-D", server.data, "-U", "arvis", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        server.begin()
        try:
            yield server
        finally:
            server.end()
    finally:
        shutil.rmtree(folder)


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True
