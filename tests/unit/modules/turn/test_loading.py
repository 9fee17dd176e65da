"""Engines that load while a session is at work."""

from __future__ import annotations

import pytest

from modules.llm.base import LanguageModelError
from modules.turn.events import (
    EngineFailed,
    EngineReady,
    ReplyEnded,
)
from tests.fakes.clock import run_virtual
from tests.fakes.desk import REPLY, Desk, play, whole_turn
from tests.fakes.engines import FakeLanguageModel


def test_engines_report_how_they_load_and_a_failed_one_is_tried_again() -> None:
    desk = Desk(model=FakeLanguageModel(name="server", load_errors=[LanguageModelError("refused", "No server.")]))
    play(desk, whole_turn)
    assert desk.of(EngineFailed) == [EngineFailed("llm", "server", "refused", "No server.")]
    assert {(e.role, e.name) for e in desk.of(EngineReady)} == {("stt", "fake"), ("tts", "fake"), ("llm", "server")}
    assert desk.model.loads == 2
    assert desk.of(ReplyEnded)[0].text == REPLY


def test_typing_does_not_need_the_engine_that_listens() -> None:
    desk = Desk()

    async def main() -> None:
        session = desk.session()
        await session.load(listen=False)
        session.submit("hello")
        await session.idle()
        await session.close()

    run_virtual(main)
    assert (desk.transcriber.loads, desk.of(ReplyEnded)[0].text) == (0, REPLY)


def test_an_engine_that_breaks_down_while_it_loads_is_a_sentence(caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk()
    desk.model.load_errors.append(ValueError("native code went mad"))  # type: ignore[arg-type]  # anything may come
    play(desk, whole_turn)
    assert desk.of(EngineFailed) == [EngineFailed("llm", "fake", "load-failed", "fake could not be loaded.")]
    assert "native code went mad" in caplog.text
    assert desk.of(ReplyEnded)[0].text == REPLY
