"""Whole sessions in which everything fails in turn, with errors that quote what was said: nothing of it is on file."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from modules.audio.base import AudioError
from modules.llm.base import GenerationOptions, LanguageModelError, Message
from modules.notifications.base import Channel, Delivery
from modules.notifications.events import from_notice
from modules.notifications.history import FILE_NAME, History
from modules.notifications.manager import NotificationManager
from modules.notifications.records import audit_record, log_notification
from modules.notifications.words import log_event_words
from modules.stt.base import TranscriptionError
from modules.tts.base import SynthesisError
from modules.turn.events import Notice, SessionEvent, UserText
from modules.turn.session import TurnSession
from tests.fakes.desk import Desk, play, talk
from tests.fakes.engines import FakeLanguageModel, FakeTranscriber
from utils import logging as logs
from utils.discretion import redact
from utils.errors import ArvisError

SPOKEN = "does the walrus own a trombone"
TYPED = "paint my gazebo turquoise"
REPLY = ("The walrus", " owns a", " mandolin.", " It is", " turquoise.")
WORDS = ("walrus", "trombone", "gazebo", "turquoise", "mandolin")
SECRET = "sk-very-secret-key"


def library_error(words: str) -> ValueError:
    return ValueError(f"cannot process '{words}' with key {SECRET}")


def caused(error: ArvisError, words: str) -> ArvisError:
    """As engines make them: with a sentence that quotes the library, and the library's error as its cause."""
    error.__cause__ = library_error(words)
    return error


class WildModel(FakeLanguageModel):
    """Raises something that nobody has expected, from an error that nobody has expected either."""

    async def stream(
        self, messages: Sequence[Message], options: GenerationOptions | None = None
    ) -> AsyncGenerator[str, None]:
        yield "The walrus"
        try:
            raise library_error(TYPED)
        except ValueError:
            raise KeyError(f"{SPOKEN} {TYPED}")  # noqa: B904  # both are in the traceback


def _fails_to_hear(desk: Desk) -> None:
    desk.transcriber.errors.append(
        TranscriptionError("engine-failed", f"The speech recognition failed: {library_error(SPOKEN)}")
    )


def _fails_to_answer(desk: Desk) -> None:
    error = LanguageModelError("server-failed", f"The server failed (500): {library_error(TYPED)}. Ask again.")
    desk.model.errors = {3: caused(error, SPOKEN)}


def _fails_to_speak(desk: Desk) -> None:
    error = SynthesisError("tts", f"The voice engine 'x' cannot say: {''.join(REPLY)}")
    desk.synthesizer.errors.append(caused(error, "".join(REPLY)))


def _fails_to_play(desk: Desk) -> None:
    desk.output.begin_error = AudioError("no-device", "No speaker.")


def _fails_wildly(desk: Desk) -> None:
    desk.model = WildModel(reply=REPLY)


FAULTS: dict[str, Callable[[Desk], None]] = {
    "none": lambda desk: None,
    "hearing": _fails_to_hear,
    "answering": _fails_to_answer,
    "speaking": _fails_to_speak,
    "playing": _fails_to_play,
    "unexpected": _fails_wildly,
}


@dataclass
class Kept:
    """Everything that a session leaves behind."""

    folder: Path
    audit: list[object]
    events: list[SessionEvent]

    def text(self) -> str:
        files = sorted(path for path in self.folder.rglob("*") if path.is_file())
        return "\n".join([*(path.read_text("utf-8") for path in files), json.dumps(self.audit)]).lower()

    def events_of_log(self) -> list[str]:
        lines = (self.folder / "log" / logs.FILE_NAME).read_text("utf-8").splitlines()
        return [json.loads(line)["event"] for line in lines]


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    level = logging.getLogger().level
    yield
    logs.tear_down()
    logging.getLogger().setLevel(level)


def hold(folder: Path, fault: str, *, words: bool) -> Kept:
    """A session with one spoken and one typed turn at the level "debug", and everything of it that is kept."""
    logs.set_up("debug", folder / "log", ["httpx=debug", "asyncio=debug"], words=words)
    redact(SECRET)
    audit: list[object] = []
    manager = NotificationManager(History(folder / "data" / FILE_NAME, 100))
    manager.subscribe(Channel.LOG, log_notification)
    manager.subscribe(Channel.AUDIT, lambda delivery: audit.append(audit_record(delivery)))

    def broken(delivery: Delivery) -> None:
        raise library_error(delivery.entry.sentence)

    manager.subscribe(Channel.UI, broken)

    class ListeningDesk(Desk):
        def __call__(self, event: SessionEvent) -> None:
            super().__call__(event)
            log_event_words(event)
            if isinstance(event, Notice):
                manager.publish(from_notice(event))

    desk = ListeningDesk(transcriber=FakeTranscriber(text=SPOKEN), model=FakeLanguageModel(reply=REPLY))
    FAULTS[fault](desk)

    async def script(session: TurnSession) -> None:
        await talk(session)
        await session.idle()
        session.submit(TYPED)
        await session.idle()
        asyncio.get_running_loop().call_exception_handler(
            {"message": f"Task got {SPOKEN}", "exception": library_error(SPOKEN)}
        )
        logging.getLogger("httpx").debug("POST %s", TYPED)
        logging.getLogger("httpx").warning("retry of %r", {"prompt": TYPED})

    play(desk, script)
    manager.close()
    return Kept(folder, audit, desk.events)


@pytest.mark.parametrize("fault", FAULTS)
def test_no_word_and_no_secret_is_kept(tmp_path: Path, fault: str, capfd: pytest.CaptureFixture[str]) -> None:
    kept = hold(tmp_path, fault, words=False)
    text = kept.text() + capfd.readouterr().err.lower()
    assert [word for word in (*WORDS, SECRET) if word in text] == []
    # It was looked where something is: turns took place, and what failed is on file.
    assert [event.text for event in kept.events if isinstance(event, UserText) and event.typed] == [TYPED]
    assert "typed: 4 words" in kept.events_of_log()
    failed = any(isinstance(event, Notice) for event in kept.events)
    assert failed is (fault != "none")
    assert ("cannot process" in str([e.text for e in kept.events if isinstance(e, Notice)])) is (
        fault in ("hearing", "answering")
    )
    assert ('"code":' in text) is failed
    assert "(withheld)" in text


@pytest.mark.parametrize("fault", FAULTS)
def test_with_leave_the_words_are_in_the_log_and_nowhere_else(tmp_path: Path, fault: str) -> None:
    kept = hold(tmp_path, fault, words=True)
    log = (tmp_path / "log" / logs.FILE_NAME).read_text("utf-8")
    assert f"typed: {TYPED}" in kept.events_of_log()
    assert (f"heard: {SPOKEN}" in kept.events_of_log()) is (fault != "hearing")
    assert (f"answered: {''.join(REPLY)}" in kept.events_of_log()) is (fault not in ("answering", "unexpected"))
    assert SECRET not in log
    history = tmp_path / "data" / FILE_NAME
    elsewhere = json.dumps(kept.audit) + (history.read_text("utf-8") if history.exists() else "")
    assert [word for word in WORDS if word in elsewhere] == []
