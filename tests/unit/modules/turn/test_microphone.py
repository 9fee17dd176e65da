"""Who may use the microphone, and when it is closed: modes, mute and the talk key, over fakes in virtual time."""

from __future__ import annotations

import asyncio

import pytest

from modules.turn.events import (
    ListeningModeChanged,
    MicrophoneChanged,
    Notice,
    ReplyEnded,
    UserText,
)
from modules.turn.parts import EarParts
from modules.turn.session import TurnSession
from modules.turn.settings import ListeningMode
from modules.turn.state import Overlap, Phase
from modules.vad.base import VadError
from tests.fakes.audio import FakeSource
from tests.fakes.clock import run_virtual
from tests.fakes.desk import REPLY, Desk, play, talk, whole_turn
from tests.fakes.engines import FakeEchoCanceller, FakeEndpointModel, FakeLanguageModel, FakeVad, FakeWake
from tests.fakes.room import LOUD, ask, open_desk, opened, reach, say, sentences

HANDS_FREE, WAKE_WORD, PUSH_TO_TALK = ListeningMode.HANDS_FREE, ListeningMode.WAKE_WORD, ListeningMode.PUSH_TO_TALK
MOMENTS = ["idle", "listening", "speculative", "committed", "speaking", "paused"]


def desk_at(mode: ListeningMode = HANDS_FREE) -> Desk:
    """Slow enough for every phase to last, with a phrase that is heard at once."""
    ears = EarParts(FakeVad(), FakeEchoCanceller(), endpoint_model=FakeEndpointModel(), wake=FakeWake(ends=[0.5]))
    model = FakeLanguageModel(first_token_seconds=1.0)
    return open_desk(ears, {"listening": mode, "earcons": False}, model=model, source=FakeSource(level=0.0))


async def come_to(desk: Desk, session: TurnSession, moment: str) -> None:
    """A turn up to a moment of it."""
    await opened(desk)
    if moment == "idle":
        await asyncio.sleep(0.3)
        return
    await asyncio.sleep(0.6)  # the phrase is over
    await say(desk, 0.8)
    await reach(desk, session, Phase.SPEAKING if moment == "paused" else Phase(moment))
    await asyncio.sleep(0.05)
    if moment == "paused":
        desk.source.sounds.append((0.5, LOUD))
        await asyncio.sleep(0.2)
        assert session.state.overlap is Overlap.PAUSED


def opens(desk: Desk) -> list[bool]:
    return [event.is_open for event in desk.of(MicrophoneChanged)]


# --- mute -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [HANDS_FREE, WAKE_WORD])
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_muted_microphone_is_closed_and_nothing_is_read_from_it(moment: str, mode: ListeningMode) -> None:
    desk = desk_at(mode)

    async def script(session: TurnSession) -> None:
        await come_to(desk, session, moment)
        session.set_muted(True)
        await asyncio.sleep(0.0)
        reads = desk.source.reads
        await asyncio.sleep(0.001)
        assert not desk.source.is_open
        desk.source.sounds.append((1.0, LOUD))
        await session.idle()
        await asyncio.sleep(5.0)
        assert desk.source.reads == reads
        assert desk.source.readers == 0
        answered = moment in ("committed", "speaking", "paused")
        assert len(session.conversation.turns) == answered, "what was asked before is answered all the same"
        desk.source.sounds.clear()
        session.set_muted(False)
        await opened(desk)
        await asyncio.sleep(0.4)  # the phrase is over when the words begin
        await ask(desk, session, "another one")

    session = play(desk, script)
    assert desk.source.reads_after_close == 0
    assert session.conversation.turns[-1].user == "another one"
    assert not any(turn.interrupted for turn in session.conversation.turns)
    assert opens(desk) == [True, False, True, False]
    assert sentences(desk) == []


def test_muting_takes_the_microphone_from_the_talk_key() -> None:
    desk = Desk()

    async def script(session: TurnSession) -> None:
        session.press()
        await asyncio.sleep(0.5)
        session.set_muted(True)
        await asyncio.sleep(0.001)
        assert not desk.source.is_open
        session.release()
        session.press()
        session.release()
        await session.idle()
        assert desk.source.opened == 1
        session.set_muted(False)
        await whole_turn(session)

    session = play(desk, script)
    assert [notice.code for notice in desk.of(Notice)] == ["muted"]
    assert desk.source.reads_after_close == 0
    assert [turn.assistant for turn in session.conversation.turns] == [REPLY]


def test_muted_while_it_opens_it_stays_closed() -> None:
    desk = desk_at()
    desk.source.open_seconds = 1.0

    async def script(session: TurnSession) -> None:
        await asyncio.sleep(0.5)
        session.set_muted(True)
        await asyncio.sleep(3.0)
        assert not desk.source.is_open
        assert desk.source.reads == 0
        session.set_muted(False)
        await ask(desk, session)

    session = play(desk, script)
    assert len(session.conversation.turns) == 1


def test_a_session_that_is_muted_is_answered_in_writing() -> None:
    desk = desk_at()

    async def script(session: TurnSession) -> None:
        session.set_muted(True)
        session.submit("typed")
        await session.idle()

    session = play(desk, script)
    assert [turn.user for turn in session.conversation.turns] == ["typed"]


def test_muting_again_and_again_leaves_one_owner() -> None:
    desk = desk_at()

    async def script(session: TurnSession) -> None:
        for _ in range(20):
            session.set_muted(True)
            await asyncio.sleep(0.003)
            session.set_muted(False)
            await asyncio.sleep(0.007)
        await ask(desk, session)
        assert desk.source.readers == 1

    session = play(desk, script)
    assert len(session.conversation.turns) == 1
    assert desk.source.reads_after_close == 0


# --- modes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", MOMENTS)
def test_leaving_hands_free_closes_the_microphone(moment: str) -> None:
    desk = desk_at()

    async def script(session: TurnSession) -> None:
        await come_to(desk, session, moment)
        session.set_listening(PUSH_TO_TALK)
        await asyncio.sleep(0.001)
        assert not desk.source.is_open
        await session.idle()
        assert session.listening is PUSH_TO_TALK
        desk.source.level = 0.2
        await whole_turn(session)

    session = play(desk, script)
    assert session.conversation.turns[-1].assistant == REPLY
    assert len(session.conversation.turns) == 1 + (moment in ("committed", "speaking", "paused"))
    assert desk.source.reads_after_close == 0
    assert sentences(desk) == []


@pytest.mark.parametrize("moment", MOMENTS)
def test_between_the_open_modes(moment: str) -> None:
    desk = desk_at()

    async def script(session: TurnSession) -> None:
        await come_to(desk, session, moment)
        session.set_listening(WAKE_WORD)
        await asyncio.sleep(0.001)
        await session.idle()
        session.set_listening(HANDS_FREE)
        await asyncio.sleep(0.001)
        await opened(desk)
        await asyncio.sleep(1.0)
        await ask(desk, session, "another one")

    session = play(desk, script)
    assert session.conversation.turns[-1].user == "another one"
    assert [event.mode for event in desk.of(ListeningModeChanged)] == [HANDS_FREE, WAKE_WORD, HANDS_FREE]
    assert sentences(desk) == []


def test_a_session_without_ears_says_so() -> None:
    desk = Desk()

    async def script(session: TurnSession) -> None:
        session.set_listening(HANDS_FREE)
        assert session.listening is PUSH_TO_TALK
        await whole_turn(session)

    session = play(desk, script)
    assert [notice.code for notice in desk.of(Notice)] == ["no-open-microphone"]
    assert [event.mode for event in desk.of(ListeningModeChanged)] == [PUSH_TO_TALK]
    assert len(session.conversation.turns) == 1


def test_hands_free_without_a_voice_detector_goes_back_to_the_key() -> None:
    ears = EarParts(FakeVad(load_errors=[VadError("no-vad", "The voice detector is missing.")]))
    desk = open_desk(ears)

    async def script(session: TurnSession) -> None:
        await asyncio.sleep(0.1)
        assert session.listening is PUSH_TO_TALK
        desk.source.level = 0.2
        await whole_turn(session)
        desk.source.level = 0.0
        session.set_listening(HANDS_FREE)  # which tries once more
        await ask(desk, session)

    session = play(desk, script)
    assert sentences(desk) == [("error", "no-vad")]
    assert len(session.conversation.turns) == 2


def test_a_mode_that_is_left_while_its_engines_load_opens_nothing() -> None:
    desk = open_desk(EarParts(FakeVad(load_seconds=2.0)))

    async def script(session: TurnSession) -> None:
        await asyncio.sleep(0.0)
        session.set_listening(PUSH_TO_TALK)
        await asyncio.sleep(5.0)
        assert desk.source.opened == 0
        session.set_listening(HANDS_FREE)
        await ask(desk, session)

    session = play(desk, script)
    assert len(session.conversation.turns) == 1


def test_who_changes_the_mode_to_and_fro_while_its_engines_load_gets_the_last_one() -> None:
    # The wake word takes longest: hands-free, chosen in between, is ready before it.
    desk = open_desk(
        EarParts(FakeVad(load_seconds=1.0), wake=FakeWake(load_seconds=3.0, ends=[0.5])),
        {"listening": WAKE_WORD, "earcons": False},
    )

    async def script(session: TurnSession) -> None:
        for mode in (HANDS_FREE, WAKE_WORD):
            await asyncio.sleep(0.1)
            session.set_listening(mode)
        await asyncio.sleep(2.0)
        assert desk.source.opened == 0
        await opened(desk)
        await asyncio.sleep(0.4)
        await ask(desk, session)

    session = play(desk, script)
    assert len(session.conversation.turns) == 1
    assert desk.source.opened == 1


# --- the talk key -----------------------------------------------------------------------------------------------


def heard(desk: Desk) -> float:
    """Seconds of speech that the last utterance holds."""
    return sum(chunk.seconds for chunk in desk.transcriber.streams[-1].fed if chunk.samples[0] > 0)


def test_the_talk_key_takes_the_microphone_and_gives_it_back() -> None:
    desk = desk_at()

    async def script(session: TurnSession) -> None:
        await opened(desk)
        desk.source.sounds.append((0.5, 0.0))
        session.press()
        await asyncio.sleep(0.1)
        desk.source.sounds[:] = [(1.0, LOUD)]
        await asyncio.sleep(3.0)  # however long the silence, the key decides
        assert session.state.phase is Phase.LISTENING
        session.release()
        await session.idle()
        await opened(desk)
        await ask(desk, session, "another one")

    session = play(desk, script)
    assert [turn.user for turn in session.conversation.turns] == ["what is the capital of france", "another one"]
    assert opens(desk) == [True, False, True, False, True, False]
    assert desk.source.reads_after_close == 0


@pytest.mark.parametrize("moment", ["listening", "speculative"])
def test_words_said_before_the_key_are_kept(moment: str) -> None:
    desk = desk_at()

    async def script(session: TurnSession) -> None:
        await come_to(desk, session, moment)
        desk.source.sounds[:] = [(0.5, LOUD)]
        session.press()
        await asyncio.sleep(1.0)
        session.release()
        await session.idle()

    session = play(desk, script)
    assert len(session.conversation.turns) == 1
    assert len([text for text in desk.of(UserText) if text.final]) == 1
    assert heard(desk) == pytest.approx(1.3, abs=0.05)


@pytest.mark.parametrize("moment", ["committed", "speaking", "paused"])
def test_the_key_over_a_reply_begins_an_utterance_of_its_own(moment: str) -> None:
    desk = desk_at()

    async def script(session: TurnSession) -> None:
        await come_to(desk, session, moment)
        session.press()
        desk.source.sounds[:] = [(0.5, LOUD)]
        await asyncio.sleep(1.0)
        session.release()
        await session.idle()

    session = play(desk, script)
    assert desk.of(ReplyEnded)[0].interrupted
    assert desk.of(ReplyEnded)[-1].text == REPLY
    assert heard(desk) == pytest.approx(0.5, abs=0.05)
    assert not session.conversation.turns[-1].interrupted


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_key_that_is_only_touched_leaves_hands_free_at_work(moment: str) -> None:
    desk = desk_at()

    async def script(session: TurnSession) -> None:
        await come_to(desk, session, moment)
        desk.source.sounds.clear()
        await talk(session, 0.0)
        await asyncio.sleep(0.5)
        await session.idle()
        await opened(desk)
        await asyncio.sleep(0.5)
        await ask(desk, session, "another one")

    session = play(desk, script)
    assert session.conversation.turns[-1].user == "another one"
    assert desk.source.reads_after_close == 0


def test_stop_while_the_key_is_held_gives_the_microphone_back() -> None:
    desk = desk_at()

    async def script(session: TurnSession) -> None:
        await opened(desk)
        session.press()
        await asyncio.sleep(0.5)
        session.stop()
        await asyncio.sleep(0.5)
        assert desk.source.is_open
        session.release()
        await ask(desk, session)

    session = play(desk, script)
    assert len(session.conversation.turns) == 1


# --- closing ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_session_can_be_closed_at_any_moment(moment: str) -> None:
    desk = desk_at()

    async def main() -> set[asyncio.Task[object]]:
        session = desk.session()
        await session.load()
        await come_to(desk, session, moment)
        await session.close()
        return {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}

    assert run_virtual(main) == set()
    assert not desk.source.is_open
    assert not desk.output.is_open
    assert desk.source.reads_after_close == 0
    assert opens(desk) == [True, False]
