from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest
from PyQt6.QtCore import QObject, QThread, pyqtSlot
from pytestqt.qtbot import QtBot

from arvis.bridge import Bridge
from utils.errors import ArvisError


class Ear(QObject):
    """Receives on the thread that it lives in."""

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self.heard: list[object] = []
        self.failures: list[tuple[str, str]] = []
        self.threads: set[QThread | None] = set()
        bridge.published.connect(self.on_event)
        bridge.failed.connect(self.on_failure)

    @pyqtSlot(object)
    def on_event(self, event: object) -> None:
        self.heard.append(event)
        self.threads.add(QThread.currentThread())

    @pyqtSlot(str, str)
    def on_failure(self, code: str, text: str) -> None:
        self.failures.append((code, text))
        self.threads.add(QThread.currentThread())


@pytest.fixture
def bridge(qtbot: QtBot) -> Iterator[Bridge]:
    bridge = Bridge()
    bridge.start()
    yield bridge
    bridge.stop()


@pytest.fixture
def ear(bridge: Bridge) -> Ear:
    return Ear(bridge)


def test_events_arrive_in_order_on_the_gui_thread(bridge: Bridge, ear: Ear, qtbot: QtBot) -> None:
    async def talk() -> None:
        assert threading.current_thread().name == "engine-loop"
        for number in range(100):
            bridge.publish(number)
            await asyncio.sleep(0)

    bridge.run(talk())
    qtbot.waitUntil(lambda: len(ear.heard) == 100)
    assert ear.heard == list(range(100))
    assert ear.threads == {ear.thread()}


def test_calls_are_made_on_the_loop_in_order(bridge: Bridge, ear: Ear, qtbot: QtBot) -> None:
    for number in range(50):
        bridge.call(lambda value: bridge.publish((value, threading.current_thread().name)), number)
    qtbot.waitUntil(lambda: len(ear.heard) == 50)
    assert ear.heard == [(number, "engine-loop") for number in range(50)]


def test_blocking_work_leaves_the_loop_free(bridge: Bridge, ear: Ear, qtbot: QtBot) -> None:
    go_on = threading.Event()

    def work() -> None:
        go_on.wait()
        bridge.publish("worked")

    bridge.run_blocking(work)
    bridge.call(bridge.publish, "free")
    qtbot.waitUntil(lambda: ear.heard == ["free"])
    go_on.set()
    qtbot.waitUntil(lambda: ear.heard == ["free", "worked"])


async def _raise(error: Exception) -> None:
    raise error


def _raise_now(error: Exception) -> None:
    raise error


def test_a_known_failure_arrives_with_its_code_and_sentence(bridge: Bridge, ear: Ear, qtbot: QtBot) -> None:
    bridge.run(_raise(ArvisError("no-device", "There is no microphone.")))
    qtbot.waitUntil(lambda: bool(ear.failures))
    assert ear.failures == [("no-device", "There is no microphone.")]
    assert ear.threads == {ear.thread()}


@pytest.mark.parametrize("way", ["run", "call", "run_blocking", "task"])
def test_an_unknown_failure_is_logged_and_told_without_a_traceback(
    bridge: Bridge, ear: Ear, qtbot: QtBot, caplog: pytest.LogCaptureFixture, way: str
) -> None:
    error = ValueError("secret words")
    match way:
        case "run":
            bridge.run(_raise(error))
        case "call":
            bridge.call(_raise_now, error)
        case "run_blocking":
            bridge.run_blocking(_raise_now, error)
        case _:
            bridge.call(lambda: asyncio.get_running_loop().call_soon(_raise_now, error))
    qtbot.waitUntil(lambda: bool(ear.failures))
    ((code, text),) = ear.failures
    assert code == "internal-error"
    assert "ValueError" in text
    assert "secret words" not in text
    assert any(record.exc_info and record.exc_info[1] is error for record in caplog.records)


def test_the_loop_goes_on_after_a_failure(bridge: Bridge, ear: Ear, qtbot: QtBot) -> None:
    bridge.run(_raise(ArvisError("broken", "It broke.")))
    bridge.call(bridge.publish, "still here")
    qtbot.waitUntil(lambda: ear.heard == ["still here"])


def test_stopping_cancels_what_runs_then_closes_then_ends_the_thread(bridge: Bridge, ear: Ear, qtbot: QtBot) -> None:
    order: list[str] = []

    async def endless() -> None:
        bridge.publish("running")
        try:
            await asyncio.Event().wait()
        finally:
            order.append("cancelled")

    async def closing() -> None:
        order.append("closed")

    bridge.run(endless())
    qtbot.waitUntil(lambda: ear.heard == ["running"])
    bridge.stop(closing)
    assert order == ["cancelled", "closed"]
    assert [thread.name for thread in threading.enumerate() if thread.name == "engine-loop"] == []


def test_a_failure_while_closing_does_not_keep_the_thread(bridge: Bridge, ear: Ear, qtbot: QtBot) -> None:
    bridge.stop(lambda: _raise(ArvisError("stuck", "The device would not close.")))
    qtbot.waitUntil(lambda: bool(ear.failures))
    assert ear.failures == [("stuck", "The device would not close.")]


def test_a_closing_that_never_ends_is_given_up(bridge: Bridge, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    monkeypatch.setattr("arvis.bridge.CLOSE_SECONDS", 0.01)
    cancelled: list[bool] = []

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.append(True)

    bridge.stop(hang)
    assert cancelled == [True]


def test_calls_to_a_stopped_bridge_do_nothing(ear: Ear, bridge: Bridge, qtbot: QtBot) -> None:
    bridge.stop()
    bridge.stop()
    bridge.call(bridge.publish, "late")
    bridge.run(_raise(ValueError()))
    assert ear.heard == []
    assert ear.failures == []


def test_it_can_start_again(bridge: Bridge, ear: Ear, qtbot: QtBot) -> None:
    bridge.stop()
    bridge.start()
    bridge.start()
    bridge.call(bridge.publish, "again")
    qtbot.waitUntil(lambda: ear.heard == ["again"])


def test_a_thread_that_does_not_end_is_given_up_and_logged(
    bridge: Bridge, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("arvis.bridge.JOIN_SECONDS", 0.01)
    thread = next(thread for thread in threading.enumerate() if thread.name == "engine-loop")
    go_on = threading.Event()
    bridge.call(go_on.wait)
    bridge.stop()
    assert "did not end" in caplog.text
    go_on.set()
    thread.join()
