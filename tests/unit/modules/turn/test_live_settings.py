"""Settings that change while a session runs."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from modules.llm.base import GenerationOptions
from modules.llm.conversation import Turn
from modules.turn.events import DebounceChanged, ListeningModeChanged
from modules.turn.session import TurnSession
from modules.turn.settings import ListeningMode, SessionSettings
from tests.fakes.desk import Desk, play

NEW = SessionSettings(
    system_prompt="Answer in rhymes.",
    generation=GenerationOptions(max_tokens=7),
    read_aloud=False,
    debounce_seconds=0.8,
)


def test_the_next_turn_has_the_new_settings() -> None:
    desk = Desk()

    async def script(session: TurnSession) -> None:
        session.submit("hello")
        await session.idle()
        spoken = len(desk.synthesizer.spoken)
        session.apply(NEW)
        session.submit("and now")
        await session.idle()
        assert len(desk.synthesizer.spoken) == spoken

    play(desk, script)
    first, second = desk.model.prompts
    assert (first[0].content, second[0].content) == (SessionSettings().system_prompt, "Answer in rhymes.")
    assert [event.seconds for event in desk.of(DebounceChanged)][-1] == 0.8


def test_what_did_not_change_is_left_as_the_user_has_it() -> None:
    desk = Desk()

    async def script(session: TurnSession) -> None:
        session.set_debounce(0.5)
        session.apply(replace(SessionSettings(), speed=1.5))

    play(desk, script)
    assert [event.seconds for event in desk.of(DebounceChanged)][-1] == 0.5


def test_the_listening_mode_follows() -> None:
    desk = Desk()

    async def script(session: TurnSession) -> None:
        session.apply(replace(SessionSettings(), listening=ListeningMode.HANDS_FREE))

    play(desk, script)
    # There are no ears, so the session says that it stays as it is.
    assert [event.mode for event in desk.of(ListeningModeChanged)] == [ListeningMode.PUSH_TO_TALK]


def test_an_earlier_conversation_is_gone_on_with() -> None:
    desk = Desk()

    async def script(session: TurnSession) -> None:
        session.submit("first")
        await session.idle()
        session.resume([Turn("earlier", "An answer.")])
        await asyncio.sleep(0.1)
        session.submit("second")
        await session.idle()

    session = play(desk, script)
    assert [turn.user for turn in session.conversation.turns] == ["earlier", "first", "second"]
    assert [message.content for message in desk.model.prompts[-1]][1:3] == ["earlier", "An answer."]
    assert [message.content for message in desk.model.prefilled[-1]][1:3] == ["earlier", "An answer."]
