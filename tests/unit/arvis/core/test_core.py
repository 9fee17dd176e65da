"""What the core tells the window and asks of the session, over fakes."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from arvis.core.snapshot import BROKEN, EngineStatus, SessionOpened
from modules.engine import LoadProgress
from modules.turn.events import (
    DebounceChanged,
    EngineFailed,
    EngineLoading,
    InputLevel,
    ListeningModeChanged,
    MicrophoneChanged,
    ModelMeasured,
    Notice,
    OverlapChanged,
    PhaseChanged,
    ReplyDropped,
    ReplyEnded,
    ReplyText,
    Role,
    SpeculationMeasured,
    TurnMeasured,
    UserText,
    UtteranceDropped,
)
from modules.turn.latency import LatencyRecord
from modules.turn.machine import Overlap, Phase
from modules.turn.settings import ListeningMode
from tests.unit.arvis.fakes import Desk, collect


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk()


def test_every_event_of_a_turn_reaches_the_window(desk: Desk) -> None:
    seen = collect(desk.core)
    events: list[object] = [
        PhaseChanged(1, 0, Phase.LISTENING),
        UserText(1, 0, "what time", final=False),
        UserText(1, 0, "What time is it?", final=True),
        PhaseChanged(1, 0, Phase.COMMITTED),
        ReplyText(1, 0, "Noon."),
        PhaseChanged(1, 0, Phase.SPEAKING),
        ReplyEnded(1, 0, "Noon.", interrupted=False, spoken=True),
        PhaseChanged(1, 0, Phase.IDLE),
        TurnMeasured(1, LatencyRecord(total=900.0)),
        Notice("info", "hint", "Speak up."),
    ]
    desk.tell(*events)
    assert seen == events
    assert desk.core.snapshot.phase is Phase.IDLE


def test_an_utterance_that_is_reopened_withdraws_its_reply_and_goes_on(desk: Desk) -> None:
    seen = collect(desk.core)
    events: list[object] = [
        PhaseChanged(1, 0, Phase.LISTENING),
        UserText(1, 0, "What is it?", final=True),
        PhaseChanged(1, 0, Phase.SPECULATIVE),
        PhaseChanged(1, 1, Phase.LISTENING),
        ReplyDropped(1, 0),
        UserText(1, 1, "What is it like in", final=False),
        SpeculationMeasured(1, 0, 1, 12, 300.0),
        ModelMeasured("small", 1, 40.0, 150.0, 9.0),
    ]
    desk.tell(*events)
    assert seen == events
    desk.tell(UserText(1, 0, "What is it?", final=True), ReplyText(1, 0, "stale"))
    assert seen == events


def test_what_was_no_turn_is_told_once_and_has_no_more_words(desk: Desk) -> None:
    seen = collect(desk.core)
    events: list[object] = [
        PhaseChanged(1, 0, Phase.LISTENING),
        UserText(1, 0, "mm", final=False),
        UtteranceDropped(1),
    ]
    desk.tell(*events, UtteranceDropped(1), UserText(1, 0, "mm hm", final=True))
    assert seen == events


def test_speech_over_a_reply_is_told_while_the_reply_is_heard(desk: Desk) -> None:
    seen = collect(desk.core)
    spoken = PhaseChanged(1, 0, Phase.SPEAKING)
    overlaps = [OverlapChanged(1, overlap) for overlap in (Overlap.DUCKED, Overlap.PAUSED, Overlap.NONE)]
    desk.tell(spoken, *overlaps, PhaseChanged(1, 0, Phase.IDLE), OverlapChanged(1, Overlap.DUCKED))
    assert seen == [spoken, *overlaps, PhaseChanged(1, 0, Phase.IDLE)]


def test_the_microphone_is_what_the_session_says_and_a_closed_one_has_no_level(desk: Desk) -> None:
    seen = collect(desk.core)
    desk.tell(InputLevel(0.5), MicrophoneChanged(True), InputLevel(0.25))
    assert desk.core.snapshot.microphone_open
    desk.tell(MicrophoneChanged(False), InputLevel(0.5))
    assert seen == [True, 0.25, False]
    assert not desk.core.snapshot.microphone_open


def test_how_to_listen_is_asked_for_and_counts_when_the_session_has_taken_it(desk: Desk) -> None:
    seen = collect(desk.core)
    desk.core.set_listening(ListeningMode.HANDS_FREE)
    desk.core.set_debounce(0.8)
    desk.core.set_debounce(None)
    assert desk.calls == ["listen hands-free", "debounce 0.8", "debounce None"]
    assert (seen, desk.core.snapshot.listening) == ([], ListeningMode.PUSH_TO_TALK)
    changed = DebounceChanged(0.8, adaptive=False)
    desk.tell(ListeningModeChanged(ListeningMode.HANDS_FREE), changed)
    assert seen == [ListeningMode.HANDS_FREE, changed]
    assert isinstance(seen[0], ListeningMode)
    assert (desk.core.snapshot.listening, desk.core.snapshot.debounce) == (ListeningMode.HANDS_FREE, changed)


def test_the_licence_of_the_wake_word_is_told_when_it_is_switched_on(desk: Desk) -> None:
    seen = collect(desk.core)
    desk.tell(ListeningModeChanged(ListeningMode.WAKE_WORD), ListeningModeChanged(ListeningMode.WAKE_WORD))
    notices = [event for event in seen if isinstance(event, Notice)]
    assert len(notices) == 1
    assert "CC BY-NC-SA 4.0" in notices[0].text


@pytest.mark.parametrize(
    ("role", "severity"), [("echo", "warning"), ("endpoint", "warning"), ("vad", "error"), ("wake", "error")]
)
def test_an_engine_that_can_be_done_without_is_a_warning(desk: Desk, role: Role, severity: str) -> None:
    seen = collect(desk.core)
    desk.tell(EngineFailed(role, "engine", "missing", "It is missing."))
    assert [event.severity for event in seen if isinstance(event, Notice)] == [severity]


def test_what_was_queued_when_a_turn_was_cancelled_is_dropped(desk: Desk) -> None:
    desk.tell(PhaseChanged(1, 0, Phase.SPEAKING), PhaseChanged(2, 0, Phase.LISTENING))
    seen = collect(desk.core)
    desk.tell(ReplyText(1, 0, "stale"), UserText(1, 0, "stale", final=True), PhaseChanged(1, 0, Phase.IDLE))
    assert seen == []
    desk.tell(ReplyEnded(1, 0, "kept", interrupted=True, spoken=True), ReplyText(1, 0, "after the end"))
    assert seen == [ReplyEnded(1, 0, "kept", interrupted=True, spoken=True)]


def test_the_talk_key_presses_and_releases_once(desk: Desk) -> None:
    desk.make_ready()
    for _ in range(25):
        desk.core.press()
    desk.core.release()
    desk.core.release()
    assert desk.calls == ["press", "release"]


def test_a_tap_on_the_talk_key_stops_the_answer(desk: Desk) -> None:
    desk.make_ready()
    desk.tell(PhaseChanged(1, 0, Phase.SPEAKING))
    desk.core.press()
    desk.core.release()
    assert desk.calls == ["press", "stop"]


def test_toggle_mode_talks_between_two_presses(qtbot: QtBot) -> None:
    desk = Desk("toggle")
    desk.make_ready()
    desk.core.press()
    desk.core.release()
    desk.tell(PhaseChanged(1, 0, Phase.LISTENING))
    desk.core.press()
    desk.core.release()
    assert desk.calls == ["press", "release"]


def test_in_toggle_mode_the_key_does_not_end_what_speech_began(qtbot: QtBot) -> None:
    desk = Desk("toggle", listening=ListeningMode.HANDS_FREE)
    desk.make_ready()
    desk.tell(PhaseChanged(1, 0, Phase.LISTENING))
    desk.core.press()
    desk.core.release()
    desk.tell(PhaseChanged(1, 0, Phase.IDLE), PhaseChanged(2, 0, Phase.LISTENING))
    desk.core.stop()
    desk.tell(PhaseChanged(2, 0, Phase.IDLE), PhaseChanged(3, 0, Phase.LISTENING))
    desk.core.press()
    assert desk.calls == ["press", "stop", "press"]


def test_in_toggle_mode_a_turn_that_failed_leaves_nothing_to_be_ended(qtbot: QtBot) -> None:
    desk = Desk("toggle", listening=ListeningMode.HANDS_FREE)
    desk.make_ready()
    desk.core.press()
    desk.core.release()
    desk.tell(PhaseChanged(1, 0, Phase.LISTENING), PhaseChanged(1, 0, Phase.IDLE))
    desk.tell(PhaseChanged(2, 0, Phase.LISTENING))
    desk.core.press()
    assert desk.calls == ["press", "press"]


def test_talking_and_typing_need_not_wait_for_the_engines(desk: Desk) -> None:
    seen = collect(desk.core)
    desk.core.press()
    desk.core.release()
    desk.core.submit("hello")
    assert desk.calls == ["press", "release", "submit hello"]
    assert seen == []


def test_talking_and_typing_without_a_session_is_refused_with_the_reason(desk: Desk) -> None:
    desk.tell(SessionOpened(usable=False))
    seen = collect(desk.core)
    desk.core.press()
    desk.core.release()
    desk.core.submit("hello")
    assert desk.calls == []
    assert seen == [Notice("info", "not-available", BROKEN)] * 2


def test_everything_may_be_tried_when_an_engine_failed_because_the_session_loads_it_again(desk: Desk) -> None:
    desk.tell(EngineFailed("llm", "openai", "refused", "The server refuses."), SessionOpened(usable=True))
    desk.core.press()
    desk.core.release()
    desk.core.submit("hello")
    desk.core.stop()
    assert desk.calls == ["press", "release", "submit hello", "stop"]


def test_a_muted_microphone_refuses_the_talk_key_with_a_notice(desk: Desk) -> None:
    desk.make_ready()
    seen = collect(desk.core)
    desk.core.set_muted(True)
    desk.core.set_muted(True)
    desk.core.press()
    desk.core.release()
    assert desk.calls == ["mute"]
    muted, notice = seen
    assert muted is True
    assert isinstance(notice, Notice)
    assert "muted" in notice.text
    desk.core.set_muted(False)
    desk.core.press()
    assert desk.calls == ["mute", "unmute", "press"]


@pytest.mark.parametrize("mode", list(ListeningMode))
@pytest.mark.parametrize("phase", list(Phase))
def test_muting_is_the_business_of_the_session_whatever_goes_on(
    qtbot: QtBot, mode: ListeningMode, phase: Phase
) -> None:
    desk = Desk(listening=mode)
    desk.make_ready()
    desk.tell(PhaseChanged(1, 0, phase))
    desk.core.set_muted(True)
    desk.tell(PhaseChanged(2, 0, Phase.LISTENING))
    assert desk.calls == ["mute"]


def test_engines_are_told_and_a_broken_one_is_also_a_notice(desk: Desk) -> None:
    seen = collect(desk.core)
    desk.tell(
        EngineLoading("stt", LoadProgress("whisper", "Reading weights", 0.5)),
        EngineFailed("stt", "whisper", "missing-model", "The model is missing."),
    )
    assert seen == [
        EngineStatus("stt", "whisper", "loading", "Reading weights", 0.5),
        EngineStatus("stt", "whisper", "failed", "The model is missing."),
        Notice("error", "missing-model", "The model is missing.", quotes=False),
    ]


def test_the_talk_key_means_nothing_while_another_one_is_chosen(desk: Desk) -> None:
    desk.core.ignore_hotkey(True)
    desk.core.ignore_hotkey(True)
    desk.core.hotkey_pressed.emit()
    desk.core.hotkey_released.emit()
    assert desk.calls == []
    desk.core.ignore_hotkey(False)
    desk.core.hotkey_pressed.emit()
    assert desk.calls == ["press"]
