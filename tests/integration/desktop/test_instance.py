"""Two starts of Arvis, on real sockets and locks."""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from arvis.desktop import instance_server
from arvis.desktop.instance import MESSAGE_BYTES, Claim, Instance, InstanceError, Request, find_instance
from arvis.desktop.instance_server import InstanceServer
from arvis.desktop.verbs import Verb
from utils.files import FileError

ROOT = Path(__file__).parents[3]


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return find_instance(tmp_path, tmp_path / "config.toml", "", {"XDG_RUNTIME_DIR": str(tmp_path)})


class Listener:
    """A server that notes what it is told, and refuses what it is told to refuse."""

    def __init__(self, instance: Instance, user: int | None = None) -> None:
        self.told: list[Request] = []
        self.refusal = ""
        self.server = InstanceServer(instance, self.act, user)

    def act(self, request: Request) -> str:
        self.told.append(request)
        return self.refusal


@pytest.fixture
def listener(instance: Instance, qtbot: QtBot) -> Iterator[Listener]:
    made = Listener(instance, os.getuid())
    yield made
    made.server.close()


class Teller(threading.Thread):
    """Another start of Arvis, which may wait."""

    def __init__(self, instance: Instance, request: Request, seconds: float = 20.0) -> None:
        super().__init__(name="teller")
        self._told = (instance, request, seconds)
        self.answer: str | None = "not yet"
        self.error: InstanceError | None = None

    def run(self) -> None:
        instance, request, seconds = self._told
        try:
            self.answer = instance.tell(request, seconds)
        except InstanceError as error:
            self.error = error

    def finish(self, qtbot: QtBot) -> Teller:
        self.start()
        qtbot.waitUntil(lambda: not self.is_alive(), timeout=20_000)
        self.join()
        return self


@pytest.mark.parametrize("verb", Verb)
def test_a_verb_arrives_and_is_answered(instance: Instance, listener: Listener, qtbot: QtBot, verb: Verb) -> None:
    assert Teller(instance, Request(verb, "token")).finish(qtbot).answer == ""
    assert listener.told == [Request(verb, "token")]


def test_fifty_in_a_row_are_all_answered(instance: Instance, listener: Listener, qtbot: QtBot) -> None:
    answers = [Teller(instance, Request(Verb.STOP)).finish(qtbot).answer for _ in range(50)]
    assert answers == [""] * 50
    assert len(listener.told) == 50


def test_those_who_are_waited_for_are_no_garbage(instance: Instance, listener: Listener, qtbot: QtBot) -> None:
    with socket.socket(socket.AF_UNIX) as slow:
        slow.connect(str(instance.path))
        qtbot.waitUntil(lambda: len(listener.server._callers) == 1)
        gc.collect()
        slow.sendall(Request(Verb.STOP).encoded())
        qtbot.waitUntil(lambda: listener.told != [])
    qtbot.waitUntil(lambda: not listener.server._callers)
    assert listener.told == [Request(Verb.STOP)]


def test_the_socket_and_its_folder_are_the_users_alone(instance: Instance, listener: Listener) -> None:
    assert instance.path.stat().st_mode & 0o077 == 0
    assert instance.path.parent.stat().st_mode & 0o777 == 0o700


def test_nobody_is_there(instance: Instance) -> None:
    assert instance.tell(Request(Verb.STOP)) is None


def test_a_socket_that_somebody_left_who_was_killed_is_nobody(instance: Instance, qtbot: QtBot) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(instance.path))
    assert instance.tell(Request(Verb.STOP)) is None
    listener = Listener(instance)
    assert listener.server.listens
    assert Teller(instance, Request(Verb.STOP)).finish(qtbot).answer == ""
    listener.server.close()


def test_a_refusal_is_a_sentence_that_always_fits(instance: Instance, listener: Listener, qtbot: QtBot) -> None:
    listener.refusal = "Arvis is locked."
    assert Teller(instance, Request(Verb.TALK)).finish(qtbot).answer == "Arvis is locked."
    listener.refusal = "\N{GRINNING FACE}" * 10_000
    answer = Teller(instance, Request(Verb.TALK)).finish(qtbot).answer
    assert answer == "\N{GRINNING FACE}" * 300


def raw(instance: Instance, data: bytes, answers: list[bytes]) -> threading.Thread:
    """A program that sends anything, and reads until the other side has had enough."""

    def run() -> None:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(20)
            connection.connect(str(instance.path))
            try:
                connection.sendall(data)
                answers.append(connection.recv(MESSAGE_BYTES))
            except ConnectionError:
                answers.append(b"")

    return threading.Thread(target=run)


@pytest.mark.parametrize(
    "data",
    [b"\n", b"talk\n", b"[]\n", b"{}\n", b'{"verb": "format"}\n', b'{"verb": 3}\n', b"\xff\xfe\n", b"[" * 3000 + b"\n"],
)
def test_what_means_nothing_is_refused(instance: Instance, listener: Listener, qtbot: QtBot, data: bytes) -> None:
    answers: list[bytes] = []
    thread = raw(instance, data, answers)
    thread.start()
    qtbot.waitUntil(lambda: not thread.is_alive(), timeout=20_000)
    assert b"nothing that Arvis can be told" in answers[0]
    assert listener.told == []


def test_who_sends_too_much_is_sent_away(
    instance: Instance, listener: Listener, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instance_server, "SILENCE_MS", 600_000)
    answers: list[bytes] = []
    thread = raw(instance, b"x" * 10 * MESSAGE_BYTES, answers)
    thread.start()
    qtbot.waitUntil(lambda: not thread.is_alive(), timeout=20_000)
    assert answers == [b""]
    assert listener.told == []


def test_who_says_nothing_is_sent_away(
    instance: Instance, listener: Listener, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instance_server, "SILENCE_MS", 1)
    answers: list[bytes] = []
    thread = raw(instance, b'{"verb": "stop"', answers)
    thread.start()
    qtbot.waitUntil(lambda: not thread.is_alive(), timeout=20_000)
    assert answers == [b""]
    assert listener.told == []


@pytest.mark.skipif(not hasattr(socket, "SO_PEERCRED"), reason="this system does not tell whose process it is")
def test_another_user_is_sent_away(instance: Instance, qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    listener = Listener(instance, os.getuid() + 1)
    told = Teller(instance, Request(Verb.QUIT)).finish(qtbot)
    listener.server.close()
    assert told.error is not None
    assert told.error.code == "no-answer"
    assert listener.told == []
    assert "another user" in caplog.text


def test_who_cannot_listen_says_so_in_the_log(tmp_path: Path, qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        listener = Listener(Instance(tmp_path / "missing" / "x.sock"))
    assert not listener.server.listens
    assert len(caplog.records) == 1


def test_only_one_has_the_claim_until_it_lets_go(instance: Instance, tmp_path: Path) -> None:
    claim = instance.claim()
    assert isinstance(claim, Claim)
    other = threading.Thread(target=lambda: found.append(instance.claim()))
    found: list[Claim | None] = []
    other.start()
    other.join()
    assert found == [None]
    claim.close()
    again = instance.claim_or_tell(Request(Verb.SHOW))
    assert isinstance(again, Claim)
    again.close()


@contextmanager
def held(instance: Instance) -> Iterator[subprocess.Popen[bytes]]:
    """Another process has the claim, until its standard input ends."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER.format(path=str(instance.path))], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        cwd=ROOT,
    )  # fmt: skip
    assert holder.stdout is not None
    with holder:
        assert holder.stdout.readline() == b"claimed\n"
        yield holder
        holder.kill()


def test_one_that_is_about_to_end_is_waited_for(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    with held(instance) as holder:
        waits: list[float] = []

        def sleep(seconds: float) -> None:
            waits.append(seconds)
            holder.kill()
            holder.wait()

        monkeypatch.setattr(time, "sleep", sleep)
        claim = instance.claim_or_tell(Request(Verb.SHOW))
    assert isinstance(claim, Claim)
    assert waits == [0.1]
    claim.close()


def test_who_does_not_answer_is_not_waited_for_for_ever(instance: Instance) -> None:
    with held(instance) as holder:
        with pytest.raises(InstanceError) as caught:
            instance.claim_or_tell(Request(Verb.SHOW), seconds=0.0)
        assert caught.value.code == "no-answer"
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        claim = instance.claim_or_tell(Request(Verb.SHOW), seconds=0.0)
    assert isinstance(claim, Claim), "the system takes the lock of a killed process back"
    claim.close()


HOLDER = """
import sys
from pathlib import Path
from arvis.desktop.instance import Instance
claim = Instance(Path({path!r})).claim()
print("claimed", flush=True)
sys.stdin.read()
"""


def test_a_listener_that_hangs_is_told_about(instance: Instance, qtbot: QtBot) -> None:
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(instance.path))
        deaf.listen()
        with pytest.raises(InstanceError) as caught:
            instance.tell(Request(Verb.STOP), seconds=0.05)
    assert caught.value.code == "no-answer"
    assert caught.value.retryable


def test_home_settings_and_profile_each_have_their_own(tmp_path: Path) -> None:
    environ = {"XDG_RUNTIME_DIR": str(tmp_path)}
    a, b = tmp_path / "a", tmp_path / "b"
    found = [
        find_instance(a, a, "", environ), find_instance(b, a, "", environ), find_instance(a, b, "", environ),
        find_instance(a, a, "work", environ),
    ]  # fmt: skip
    assert len({instance.path for instance in found}) == 4
    assert found[0] == find_instance(a, a, "", environ)


def test_a_folder_that_others_can_enter_is_refused(tmp_path: Path) -> None:
    (tmp_path / "arvis").mkdir(mode=0o755)
    with pytest.raises(InstanceError) as caught:
        find_instance(tmp_path, tmp_path, "", {"XDG_RUNTIME_DIR": str(tmp_path)})
    assert caught.value.code == "open-folder"


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileError):
        find_instance(tmp_path, tmp_path, "", {"XDG_RUNTIME_DIR": str(tmp_path / "file")})


def test_without_a_folder_of_the_session_the_system_names_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    for environ in ({}, {"XDG_RUNTIME_DIR": "not/absolute"}):
        assert find_instance(tmp_path, tmp_path, "", environ).path.parent == tmp_path / "arvis"


def test_a_lock_that_is_a_link_is_not_followed(instance: Instance, tmp_path: Path) -> None:
    instance.path.with_name(f".{instance.path.name}.lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileError) as caught:
        instance.claim()
    assert caught.value.code == "is-link"
    assert not (tmp_path / "elsewhere").exists()
