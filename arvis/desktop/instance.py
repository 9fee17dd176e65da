"""One Arvis for each user, home, settings file and profile: who is there already, and telling them something.

The first one has a lock, which the system takes back however its process ends, and a socket, on which it is told a
verb: one line of JSON, answered by one line of JSON. On Windows the socket is a named pipe. No Qt here: a key of the
desktop that starts `arvis run --toggle-talk` must not wait for it.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from arvis.desktop.verbs import Verb
from utils.errors import ArvisError
from utils.files import FileError, locked, private_folder

MESSAGE_BYTES = 4096
"""The longest message, either way."""
ANSWER_SECONDS = 5.0
"""How long the window may take to answer; it may be drawing."""
BEGIN_SECONDS = 10.0
"""How long one that has the lock may take to listen, or to end: it is starting, or about to go."""
_LOOK_SECONDS = 0.1
_SENTENCE = 300
"""Characters of a refusal; in JSON a character takes up to twelve bytes, and fits into a message with that."""


class InstanceError(ArvisError):
    """Nobody is there to be told, or it could not be done."""

    stage = "desktop"


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody wants."""

    verb: Verb
    token: str = ""
    """What allows the window to come to the front, on Wayland."""

    def encoded(self) -> bytes:
        """As it is sent."""
        return json.dumps({"verb": self.verb, "token": self.token}).encode() + b"\n"


def parse_request(line: bytes) -> Request | None:
    """What was sent; None when it means nothing."""
    try:
        fields = json.loads(line)
        token = fields.get("token", "")
        return Request(Verb(fields["verb"]), token if isinstance(token, str) else "")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def answer_line(refusal: str) -> bytes:
    """The answer as it is sent; an empty refusal means that it was done."""
    return json.dumps({"refused": refusal[:_SENTENCE]}).encode() + b"\n"


def runtime_folder(environ: Mapping[str, str]) -> Path:
    """The folder of sockets and locks, which only this user can enter; it is made if it is missing.

    Raises:
        FileError: It cannot be made.
        InstanceError: Somebody else could have put something into it.
    """
    named = environ.get("XDG_RUNTIME_DIR", "")
    if os.path.isabs(named):
        folder = Path(named) / "arvis"
    else:
        import platformdirs

        folder = platformdirs.user_runtime_path("arvis", appauthor=False)
    private_folder(folder)
    if sys.platform != "win32":
        found = folder.stat()
        if found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
            raise InstanceError("open-folder", f"{folder} is open to other users. Remove it, and start Arvis again.")
    return folder


@dataclass(frozen=True, slots=True)
class Instance:
    """Where the Arvis of a home, a settings file and a profile is found."""

    path: Path
    """The socket; it exists while somebody listens, and after they were killed."""

    @property
    def address(self) -> str:
        """The socket by the name that the system knows it by."""
        return rf"\\.\pipe\{self.path.stem}" if sys.platform == "win32" else str(self.path)

    def tell(self, request: Request, seconds: float = ANSWER_SECONDS) -> str | None:
        """Tell whoever is there, and wait for the answer.

        Returns:
            Why it was not done, empty when it was; None when nobody is there.

        Raises:
            InstanceError: Somebody is there, but does not answer.
        """
        try:
            line = _exchange(self.address, request.encoded(), seconds)
            return str(json.loads(line)["refused"])
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InstanceError(
                "no-answer", "Arvis is running, but does not answer. End it, and try again.", retryable=True
            ) from error

    def claim(self) -> Claim | None:
        """Be the one from now on; None when somebody else is.

        Raises:
            FileError: The lock cannot be made.
        """
        stack = ExitStack()
        try:
            stack.enter_context(locked(self.path, 0.0))
        except FileError as error:
            if error.code == "locked":
                return None
            raise
        return Claim(self, stack)

    def claim_or_tell(self, request: Request, seconds: float = BEGIN_SECONDS) -> Claim | str:
        """Be the one, or tell whoever is; who is just starting or ending is waited for.

        Returns:
            The claim, or why what was wanted was not done, empty when it was.

        Raises:
            FileError: The lock cannot be made.
            InstanceError: Somebody is there, but does not answer.
        """
        deadline = time.monotonic() + seconds
        while True:
            claim = self.claim()
            if claim is not None:
                return claim
            answer = self.tell(request)
            if answer is not None:
                return answer
            if time.monotonic() > deadline:
                raise InstanceError("no-answer", "Arvis is running, but does not answer. End it, and try again.")
            time.sleep(_LOOK_SECONDS)  # there is no loop yet, and a lock tells nobody when it is free


@dataclass(frozen=True, slots=True)
class Claim:
    """Being the one."""

    instance: Instance
    _stack: ExitStack

    def close(self) -> None:
        """Let somebody else be it."""
        with contextlib.suppress(OSError):
            self.instance.path.unlink(missing_ok=True)
        self._stack.close()


def find_instance(home: Path, settings: Path, profile: str, environ: Mapping[str, str] = os.environ) -> Instance:
    """Where the Arvis that works with these is found, if it runs.

    Args:
        home: The folder of the data.
        settings: The settings file.
        profile: The profile; empty for none.
        environ: The environment.

    Raises:
        FileError: The folder of sockets cannot be made.
        InstanceError: Somebody else could have put something into that folder.
    """
    import hashlib

    what = "\0".join((str(home.absolute()), str(settings.absolute()), profile))
    name = hashlib.sha256(what.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return Instance(runtime_folder(environ) / f"{name}.sock")


def _exchange(address: str, message: bytes, seconds: float) -> bytes:
    """Send a message and read the line that answers it."""
    if sys.platform == "win32":
        with open(address, "r+b", buffering=0) as pipe:
            pipe.write(message)
            return pipe.readline(MESSAGE_BYTES)
    import socket

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(seconds)
        connection.connect(address)
        connection.sendall(message)
        with connection.makefile("rb") as file:
            return file.readline(MESSAGE_BYTES)
