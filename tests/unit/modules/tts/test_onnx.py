from __future__ import annotations

from typing import Any

from modules.tts.onnx import StoppableSession, StopSwitch


class Session:
    def __init__(self) -> None:
        self.calls: list[tuple[Any, Any, Any]] = []

    def run(self, outputs: Any, feeds: Any, options: Any) -> str:
        self.calls.append((outputs, feeds, options))
        return "result"


def test_runs_obey_the_options_set_last() -> None:
    session = Session()
    stoppable = StoppableSession(session)
    first, second = StopSwitch(), StopSwitch()
    stoppable.options = first.options
    assert stoppable.run(None, {"ids": 1}) == "result"
    stoppable.options = second.options
    stoppable.run(["wav"], {"ids": 2})
    assert session.calls == [(None, {"ids": 1}, first.options), (["wav"], {"ids": 2}, second.options)]


def test_a_switch_stops_only_its_own_runs() -> None:
    first, second = StopSwitch(), StopSwitch()
    first.stop()
    assert first.options.terminate
    assert not second.options.terminate
