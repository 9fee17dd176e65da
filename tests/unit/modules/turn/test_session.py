"""Whole turns over fakes, on a virtual clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

import pytest

from modules.audio.base import AudioError
from modules.llm.base import LanguageModelError, Message
from modules.stt.base import TranscriptionError
from modules.tts.base import SynthesisError
from modules.tts.speech import SpeechRenderer
from modules.turn.events import (
    EngineFailed,
    EngineReady,
    InputLevel,
    Notice,
    PhaseChanged,
    ReplyEnded,
    ReplyText,
    SessionEvent,
    TurnMeasured,
    UserText,
)
from modules.turn.machine import NOTHING_HEARD, Phase
from modules.turn.session import SessionParts, TurnSession
from modules.turn.settings import SessionSettings
from tests.fakes.audio import FakeOutput, FakeSource
from tests.fakes.clock import loop_time, run_virtual
from tests.fakes.engines import FakeLanguageModel, FakeSynthesizer, FakeTranscriber

E = TypeVar("E")
REPLY = "The capital of France is Paris. It is a big city."


@dataclass
class Desk:
    """A session over fakes, with everything that it said."""

    source: FakeSource = field(default_factory=FakeSource)
    output: FakeOutput = field(default_factory=FakeOutput)
    transcriber: FakeTranscriber = field(default_factory=FakeTranscriber)
    model: FakeLanguageModel = field(default_factory=FakeLanguageModel)
    synthesizer: FakeSynthesizer = field(default_factory=FakeSynthesizer)
    settings: SessionSettings = field(default_factory=SessionSettings)
    events: list[SessionEvent] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, event: SessionEvent) -> None:
        self.events.append(event)
        self.changed.set()

    def session(self) -> TurnSession:
        parts = SessionParts(self.source, self.output, self.transcriber, self.model, SpeechRenderer(self.synthesizer))
        return TurnSession(parts, self.settings, self, loop_time)

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def phases(self) -> list[Phase]:
        return [event.phase for event in self.of(PhaseChanged)]

    @property
    def reply(self) -> str:
        return "".join(event.text for event in self.of(ReplyText))


def play(desk: Desk, script: Callable[[TurnSession], Awaitable[None]]) -> TurnSession:
    """Run a script on a loaded session, and close it."""

    async def main() -> TurnSession:
        session = desk.session()
        await session.load()
        await script(session)
        await session.idle()
        await session.close()
        return session

    return run_virtual(main)


async def talk(session: TurnSession, seconds: float = 1.0) -> None:
    session.press()
    await asyncio.sleep(seconds)
    session.release()


async def until(desk: Desk, session: TurnSession, phase: Phase) -> None:
    while session.state.phase is not phase:
        desk.changed.clear()
        await desk.changed.wait()


async def whole_turn(session: TurnSession) -> None:
    await talk(session)
    await session.idle()


def test_a_spoken_turn() -> None:
    desk = Desk()
    session = play(desk, whole_turn)
    assert desk.phases == [Phase.LISTENING, Phase.SPECULATIVE, Phase.COMMITTED, Phase.SPEAKING, Phase.IDLE]
    assert desk.of(UserText) == [UserText(1, 0, "what is the capital of france", final=True)]
    assert desk.reply == REPLY
    assert desk.of(ReplyEnded) == [ReplyEnded(1, 0, REPLY, interrupted=False, spoken=True)]
    assert desk.synthesizer.spoken == ["The capital of France is Paris.", "It is a big city."]
    assert [turn.assistant for turn in session.conversation.turns] == [REPLY]
    assert len(desk.transcriber.streams[0].fed) == pytest.approx(50, abs=2)
    assert not desk.source.is_open


def test_the_latency_record_counts_from_the_release() -> None:
    desk = Desk()
    play(desk, whole_turn)
    record = desk.of(TurnMeasured)[0].record
    assert record.final_transcript == pytest.approx(100, abs=25)
    assert record.first_token == pytest.approx(150, abs=25)
    assert record.first_clause == pytest.approx(180, abs=25)
    assert record.first_audio == pytest.approx(190, abs=25)
    assert record.first_audible == pytest.approx(210, abs=25)
    assert record.total is not None
    assert 900 < record.total < 2500


def test_the_voice_begins_while_the_model_goes_on() -> None:
    desk = Desk(model=FakeLanguageModel(token_seconds=0.5))
    play(desk, whole_turn)
    kinds = [
        type(e)
        for e in desk.events
        if isinstance(e, ReplyText) or (isinstance(e, PhaseChanged) and e.phase is Phase.SPEAKING)
    ]
    assert kinds.index(PhaseChanged) < 5, "spoke only after the whole reply was there"


def test_partial_transcripts_and_levels_arrive_while_the_key_is_held() -> None:
    desk = Desk(transcriber=FakeTranscriber(partials=["what", "what is"]))
    play(desk, whole_turn)
    assert [(e.text, e.final) for e in desk.of(UserText)] == [
        ("what", False),
        ("what is", False),
        ("what is the capital of france", True),
    ]
    levels = desk.of(InputLevel)
    assert 20 <= len(levels) <= 35
    assert levels[0].rms == pytest.approx(0.2, abs=1e-5)


def test_typed_text_is_answered_aloud_without_the_microphone() -> None:
    desk = Desk()

    async def script(session: TurnSession) -> None:
        session.submit("  What is the capital of France?  ")

    play(desk, script)
    assert desk.of(UserText) == [UserText(1, 0, "What is the capital of France?", final=True, typed=True)]
    assert desk.source.opened == 0
    assert desk.of(ReplyEnded)[0].spoken


def test_a_reply_in_writing_only() -> None:
    desk = Desk(settings=SessionSettings(read_aloud=False))
    play(desk, whole_turn)
    assert desk.of(ReplyEnded) == [ReplyEnded(1, 0, REPLY, interrupted=False, spoken=False)]
    assert (desk.output.begun, desk.synthesizer.loads) == (0, 0)
    assert Phase.SPEAKING not in desk.phases


def test_the_conversation_goes_into_the_next_prompt() -> None:
    desk = Desk()

    async def script(session: TurnSession) -> None:
        await whole_turn(session)
        await whole_turn(session)

    play(desk, script)
    roles = [message.role for message in desk.model.prompts[1]]
    assert roles == ["system", "user", "assistant", "user"]
    assert desk.model.prompts[1][2] == Message("assistant", REPLY)


def test_stop_silences_at_once_and_history_keeps_what_was_heard() -> None:
    desk = Desk()

    async def script(session: TurnSession) -> None:
        await talk(session)
        await until(desk, session, Phase.SPEAKING)
        await asyncio.sleep(0.35)
        session.stop()
        assert desk.output.stops == 1
        assert session.state.phase is Phase.IDLE

    session = play(desk, script)
    ended = desk.of(ReplyEnded)[0]
    assert ended.interrupted
    assert ended.text == "The capital of"
    assert [(turn.assistant, turn.interrupted) for turn in session.conversation.turns] == [("The capital of", True)]
    assert desk.model.closed_streams == 1


def test_pressing_the_key_over_the_answer_begins_the_next_turn() -> None:
    desk = Desk()

    async def script(session: TurnSession) -> None:
        await talk(session)
        await until(desk, session, Phase.SPEAKING)
        await asyncio.sleep(0.2)
        await talk(session)

    play(desk, script)
    assert [(ended.turn_id, ended.interrupted) for ended in desk.of(ReplyEnded)] == [(1, True), (2, False)]
    assert desk.output.begun == 2
    assert not [text for text in desk.of(ReplyText) if text.turn_id == 1][len(desk.model.reply) :]


def test_typing_over_the_answer_ends_it() -> None:
    desk = Desk()

    async def script(session: TurnSession) -> None:
        session.submit("one")
        await until(desk, session, Phase.SPEAKING)
        session.submit("two")

    play(desk, script)
    assert [(e.turn_id, e.interrupted) for e in desk.of(ReplyEnded)] == [(1, True), (2, False)]


@pytest.mark.parametrize("delay", [0.0, 0.005, 0.5, 1.0, 1.05, 1.12, 1.16, 1.3, 2.0])
def test_stop_at_any_moment_leads_to_a_working_next_turn(delay: float) -> None:
    desk = Desk()

    async def script(session: TurnSession) -> None:
        talking = asyncio.ensure_future(talk(session))
        await asyncio.sleep(delay)
        session.stop()
        await talking
        await session.idle()
        desk.events.clear()
        await whole_turn(session)

    play(desk, script)
    assert desk.phases[-2:] == [Phase.SPEAKING, Phase.IDLE]
    assert desk.of(ReplyEnded)[-1].text == REPLY
    assert not desk.source.is_open


def test_silence_is_answered_by_a_sentence() -> None:
    desk = Desk(source=FakeSource(level=0.0))
    play(desk, whole_turn)
    assert desk.of(Notice) == [Notice("info", "nothing-heard", NOTHING_HEARD, 1)]
    assert desk.model.prompts == []
    assert desk.phases[-1] is Phase.IDLE


def test_a_tap_of_the_key_is_an_utterance_without_sound() -> None:
    desk = Desk()

    async def script(session: TurnSession) -> None:
        session.press()
        session.release()
        await session.idle()
        await whole_turn(session)

    play(desk, script)
    assert desk.of(Notice)[0].code == "nothing-heard"
    assert desk.of(ReplyEnded)[0].turn_id == 2


def test_the_end_of_the_source_is_the_end_of_the_utterance() -> None:
    desk = Desk(source=FakeSource(seconds=0.5))

    async def script(session: TurnSession) -> None:
        session.press()

    play(desk, script)
    assert desk.of(ReplyEnded)[0].text == REPLY
    assert len(desk.transcriber.streams[0].fed) == 25


def test_a_key_that_got_stuck_is_taken_as_released() -> None:
    desk = Desk(settings=SessionSettings(max_utterance_seconds=3.0))

    async def script(session: TurnSession) -> None:
        session.press()

    play(desk, script)
    assert sum(chunk.seconds for chunk in desk.transcriber.streams[0].fed) == pytest.approx(3.0)
    assert desk.of(ReplyEnded)[0].text == REPLY


FAILURES: list[tuple[str, Callable[[Desk], None], str]] = [
    (
        "no microphone",
        lambda d: setattr(d.source, "open_error", AudioError("no-device", "No microphone.")),
        "no-device",
    ),
    ("microphone lost", lambda d: setattr(d.source, "lose_after", 0.3), "device-lost"),
    ("transcription", lambda d: d.transcriber.errors.append(TranscriptionError("stt", "Broken.")), "stt"),
    ("model at once", lambda d: d.model.errors.update({0: LanguageModelError("llm", "Broken.")}), "llm"),
    ("model in mid-stream", lambda d: d.model.errors.update({4: LanguageModelError("llm", "Broken.")}), "llm"),
    ("model says nothing", lambda d: setattr(d.model, "reply", ["  "]), "empty-reply"),
]


@pytest.mark.parametrize(("break_it", "code"), [row[1:] for row in FAILURES], ids=[row[0] for row in FAILURES])
def test_a_failure_is_one_sentence_and_the_next_turn_works(break_it: Callable[[Desk], None], code: str) -> None:
    desk = Desk()
    break_it(desk)

    async def script(session: TurnSession) -> None:
        await whole_turn(session)
        assert [(notice.severity, notice.code) for notice in desk.of(Notice)] == [("error", code)]
        assert session.state.phase is Phase.IDLE
        desk.source.open_error = desk.source.lose_after = None
        desk.model.errors.clear()
        desk.model.reply = FakeLanguageModel().reply
        desk.events.clear()
        await whole_turn(session)

    play(desk, script)
    assert desk.of(Notice) == []
    assert desk.of(ReplyEnded)[0].text == REPLY


def test_an_unexpected_exception_is_also_a_sentence(caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk()
    desk.model.errors[0] = ValueError("native code went mad")  # type: ignore[assignment]  # anything may come
    play(desk, whole_turn)
    assert desk.of(Notice)[0].text == "Something unexpected went wrong (ValueError). Please try again."
    assert "native code went mad" in caplog.text


VOICE_FAILURES: list[tuple[str, Callable[[Desk], None], str]] = [
    ("voice", lambda d: d.synthesizer.errors.append(SynthesisError("tts", "Broken.")), "tts"),
    ("no speaker", lambda d: setattr(d.output, "begin_error", AudioError("no-device", "No speaker.")), "no-device"),
    ("speaker lost", lambda d: setattr(d.output, "lose_after_chunks", 1), "device-lost"),
    ("voice not loaded", lambda d: d.synthesizer.load_errors.extend([SynthesisError("x", "Broken.")] * 2), "x"),
]


@pytest.mark.parametrize(("break_it", "code"), [r[1:] for r in VOICE_FAILURES], ids=[r[0] for r in VOICE_FAILURES])
def test_without_a_voice_the_answer_is_given_in_writing(break_it: Callable[[Desk], None], code: str) -> None:
    desk = Desk()
    break_it(desk)
    session = play(desk, whole_turn)
    assert [(notice.severity, notice.code) for notice in desk.of(Notice)] == [("warning", code)]
    assert desk.of(ReplyEnded)[0].text == REPLY
    assert session.conversation.turns[0].assistant == REPLY


def test_whoever_speaks_before_the_engines_are_loaded_is_heard() -> None:
    desk = Desk(transcriber=FakeTranscriber(load_seconds=3.0), model=FakeLanguageModel(load_seconds=5.0))

    async def main() -> None:
        session = desk.session()
        loading = asyncio.ensure_future(session.load())
        await talk(session)
        await session.idle()
        await loading
        await session.close()

    run_virtual(main)
    assert len(desk.transcriber.streams[0].fed) == pytest.approx(50, abs=2)
    assert desk.of(ReplyEnded)[0].text == REPLY
    assert desk.of(TurnMeasured)[0].record.final_transcript == pytest.approx(2100, abs=100)


def test_engines_report_how_they_load_and_a_failed_one_is_tried_again() -> None:
    desk = Desk(model=FakeLanguageModel(name="server", load_errors=[LanguageModelError("refused", "No server.")]))
    play(desk, whole_turn)
    assert desk.of(EngineFailed) == [EngineFailed("llm", "server", "refused", "No server.")]
    assert {(e.role, e.name) for e in desk.of(EngineReady)} == {("stt", "fake"), ("tts", "fake"), ("llm", "server")}
    assert desk.model.loads == 2
    assert desk.of(ReplyEnded)[0].text == REPLY


def test_the_system_prompt_is_read_ahead() -> None:
    desk = Desk(settings=SessionSettings(system_prompt="Be brief."))
    play(desk, whole_turn)
    assert desk.model.prefilled == [[Message("system", "Be brief.")]]


def test_the_words_so_far_are_read_ahead_while_the_user_speaks() -> None:
    desk = Desk(transcriber=FakeTranscriber(partials=["what", "what is the"]))
    play(desk, whole_turn)
    assert [prompt[-1] for prompt in desk.model.prefilled[1:]] == [
        Message("user", "what"),
        Message("user", "what is the"),
    ]


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


def test_close_in_mid_turn_leaves_nothing_running() -> None:
    desk = Desk(model=FakeLanguageModel(hang_at=2))

    async def main() -> set[asyncio.Task[object]]:
        session = desk.session()
        await session.load()
        await talk(session)
        await asyncio.sleep(1.0)
        await session.close()
        return {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}

    assert run_virtual(main) == set()
    assert desk.model.closed
    assert desk.transcriber.closed
    assert desk.synthesizer.closed
    assert not desk.output.is_open


def test_a_hanging_model_is_ended_by_stop() -> None:
    desk = Desk(model=FakeLanguageModel(hang_at=0))

    async def script(session: TurnSession) -> None:
        await talk(session)
        await asyncio.sleep(5.0)
        assert session.state.phase is Phase.COMMITTED
        session.stop()
        await session.idle()
        desk.model.hang_at = None
        await whole_turn(session)

    session = play(desk, script)
    assert [turn.assistant for turn in session.conversation.turns] == [REPLY]
