"""The session of the running application, over fake engines and real files."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from arvis import assistant as module
from arvis import figures
from arvis.assistant import Assistant
from arvis.engines import EngineHooks
from arvis.services import Services, open_services
from config import writer
from config.loader import load
from config.watcher import Change
from modules.fallback.events import Moment, SwitchEvent
from modules.health.base import Check, Finding, Status
from modules.health.checker import HealthChecker
from modules.health.report import Transition
from modules.history.base import Resumed
from modules.llm.base import LanguageModelError
from modules.metrics.store import MetricsStore
from modules.network.guard import set_offline
from modules.notifications.base import Channel, Notification, Priority
from modules.security.base import SecretError
from modules.tts.speech import SpeechRenderer
from modules.turn.events import DebounceChanged, EngineReady, Notice, PhaseChanged
from modules.turn.parts import EarParts, SessionParts
from modules.turn.state import Phase
from tests.fakes.audio import FakeOutput, FakeSource
from tests.fakes.engines import FakeLanguageModel, FakeSynthesizer, FakeTranscriber, FakeVad

SETTINGS = """
version = 2
[reply]
read_aloud = false
[health]
interval_seconds = 0
[history]
enabled = false
"""


async def look() -> Finding:
    return Finding(Status.HEALTHY, "There is room.")


class Desk:
    """An assistant over fakes, with everything that it told."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch, settings: str = SETTINGS) -> None:
        self.file = home / "config.toml"
        self.file.write_text(settings)
        self.services: Services = open_services(load(self.file, {}))
        self.events: list[Any] = []
        self.changed = asyncio.Event()
        self.synthesizer = FakeSynthesizer()
        self.hooks: list[EngineHooks] = []
        source, output = FakeSource(), FakeOutput()

        def build_parts(_settings: object, *parts: Any) -> SessionParts:
            self.hooks.append(parts[-1])
            renderer = SpeechRenderer(self.synthesizer)
            return SessionParts(source, output, FakeTranscriber(), FakeLanguageModel(), renderer, EarParts(FakeVad()))

        monkeypatch.setattr(module, "build_parts", build_parts)
        monkeypatch.setattr(module, "build_health", lambda *_, **__: HealthChecker([Check("disk", "Disk", look)]))

    def play(self, script: Callable[[Assistant], Awaitable[object]]) -> None:
        async def main() -> None:
            assistant = Assistant(self.services, FakeSource(), FakeOutput(), EarParts(FakeVad()), self.tell)
            await assistant.load()
            await script(assistant)
            await assistant.idle()
            await assistant.close()

        asyncio.run(main())
        self.services.close()

    def tell(self, event: object) -> None:
        self.events.append(event)
        self.changed.set()

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    async def until(self, kind: type[Any]) -> Any:
        async with asyncio.timeout(20):
            while not self.of(kind):
                self.changed.clear()
                await self.changed.wait()
        return self.of(kind)[-1]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("ARVIS_HOME", str(tmp_path))
    yield tmp_path
    set_offline(False)


@pytest.fixture
def desk(home: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(home, monkeypatch)


async def one_turn(assistant: Assistant) -> None:
    assistant.submit("where is the purple elephant")
    await assistant.idle()


def test_a_turn_is_measured_and_its_words_are_not(desk: Desk, home: Path) -> None:
    desk.play(one_turn)
    assert [event.phase for event in desk.of(PhaseChanged)][-1] is Phase.IDLE
    samples = list(MetricsStore(home / "data" / "metrics").read())
    names = {sample.name for sample in samples}
    assert {"turns_total", "turn_latency_seconds", "health_status"} <= names
    written = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file() and path != desk.file)
    assert b"elephant" not in written
    assert b"Paris" not in written


def test_nothing_is_stored_where_the_settings_want_no_figures(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(home, monkeypatch, SETTINGS + "[metrics]\nenabled = false\n[security]\naudit = false\n")
    desk.play(one_turn)
    assert desk.hooks[0].collector is None
    assert not (home / "data" / "metrics").exists()
    assert not (home / "data" / "audit").exists()


def test_a_change_of_the_file_reaches_the_session(desk: Desk) -> None:
    async def script(assistant: Assistant) -> None:
        await asyncio.to_thread(writer.change, desk.file, {"talk.debounce_seconds": 0.9, "network.offline": True})
        change = await desk.until(Change)
        assert change.paths == {"talk.debounce_seconds", "network.offline"}
        assert desk.of(DebounceChanged)[-1].seconds == 0.9

    desk.play(script)
    assert desk.services.settings.network.offline
    events = [(record["event"], record["fields"].get("setting")) for record in audit(desk)]
    assert events[:2] == [("log-begun", None), ("started", None)]
    assert ("setting-changed", "network.offline") in events
    assert events[-1] == ("stopped", None)


def test_without_live_reload_the_file_is_left_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(home, monkeypatch, SETTINGS + "[flags]\nlive_reload = false\n")

    async def script(assistant: Assistant) -> None:
        await asyncio.to_thread(writer.change, desk.file, {"network.offline": True})
        assert assistant.follows_settings is False

    desk.play(script)
    assert desk.of(Change) == []


@pytest.mark.parametrize(("first", "told"), [(True, 1), (False, 0)])
def test_an_engine_that_stands_in_is_counted_and_told_once(desk: Desk, first: bool, told: int) -> None:
    error = LanguageModelError("server-gone", "The server is gone.")
    event = SwitchEvent("llm", "openai", "llama-cpp", error, Moment.FIRST_RESULT, 0.02, first=first)

    async def script(assistant: Assistant) -> None:
        on_switch = desk.hooks[0].on_switch
        assert on_switch is not None
        on_switch(event)

    desk.play(script)
    assert [notice.code for notice in desk.of(Notice)] == ["server-gone"] * told
    switched = [record["fields"] for record in audit(desk) if record["event"] == "engine-switched"]
    assert switched == [{"stage": "llm", "failed": "openai", "successor": "llama-cpp", "code": "server-gone"}]
    assert any(series.metric.name == "engine_switches_total" for series in desk.services.collector.series())


@pytest.mark.parametrize(
    ("old", "new", "severity", "code"),
    [
        (Status.HEALTHY, Status.UNHEALTHY, "error", "disk-unhealthy"),
        (Status.UNKNOWN, Status.DEGRADED, "warning", "disk-degraded"),
        (Status.UNHEALTHY, Status.HEALTHY, "info", "disk-recovered"),
    ],
)
def test_health_is_told_written_down_and_counted(
    desk: Desk, old: Status, new: Status, severity: str, code: str
) -> None:
    async def script(assistant: Assistant) -> None:
        assistant.on_health(Transition("disk", "Disk", old, new, "It is full.", "Make room."))

    desk.play(script)
    (notice,) = [notice for notice in desk.of(Notice) if notice.code == code]
    assert notice.severity == severity
    assert "Disk" in notice.text
    assert any(record["fields"] == {"check": "disk", "before": old.value, "after": new.value} for record in audit(desk))


def test_a_notification_is_spoken_between_answers(desk: Desk) -> None:
    async def script(assistant: Assistant) -> None:
        desk.services.notifications.subscribe(Channel.TTS, assistant.speak_notice)
        assistant.submit("hello")
        desk.services.notifications.publish(Notification("disk-full", "The disk is full.", Priority.CRITICAL, "health"))
        await assistant.idle()

    desk.play(script)
    assert desk.synthesizer.spoken == ["The disk is full."]


def spoken(notice: str, priority: Priority = Priority.WARNING) -> Notification:
    return Notification("told", notice, priority, "health")


def test_after_a_critical_notice_the_next_is_spoken_too(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(home, monkeypatch, SETTINGS.replace("false", "true") + '[notifications]\nspeak = "warning"\n')

    async def script(assistant: Assistant) -> None:
        desk.services.notifications.subscribe(Channel.TTS, assistant.speak_notice)
        assistant.submit("hello")
        while assistant.state.phase is not Phase.SPEAKING:
            desk.changed.clear()
            await desk.changed.wait()
        desk.services.notifications.publish(spoken("The disk is full.", Priority.CRITICAL))
        await assistant.idle()
        desk.services.notifications.publish(spoken("The network is slow."))

    desk.play(script)
    assert desk.synthesizer.spoken[-2:] == ["The disk is full.", "The network is slow."]


def test_a_notice_that_comes_as_a_turn_begins_waits_for_its_end(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(home, monkeypatch, SETTINGS + '[notifications]\nspeak = "warning"\n')

    async def script(assistant: Assistant) -> None:
        desk.services.notifications.subscribe(Channel.TTS, assistant.speak_notice)
        assistant.submit("hello")
        desk.services.notifications.publish(spoken("The network is slow."))
        assert desk.synthesizer.spoken == []
        await assistant.idle()
        await asyncio.sleep(0)  # what is waited for comes a step later

    desk.play(script)
    assert desk.synthesizer.spoken == ["The network is slow."]


def test_a_notice_that_was_seen_is_not_spoken_any_more(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(home, monkeypatch, SETTINGS + '[notifications]\nspeak = "warning"\n')

    async def script(assistant: Assistant) -> None:
        manager = desk.services.notifications
        manager.subscribe(Channel.TTS, assistant.speak_notice)
        assistant.submit("hello")
        manager.acknowledge(manager.publish(spoken("The network is slow.")).id)
        assert manager.unread == 0  # it is written, and who watches was told
        await assistant.idle()
        await asyncio.sleep(0)

    desk.play(script)
    assert desk.synthesizer.spoken == []


def test_it_is_told_when_the_settings_are_not_followed_any_more(
    home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        def __init__(self, _: object) -> None:
            raise KeyError("stamp")

    monkeypatch.setattr(module, "SettingsWatcher", Broken)
    Desk(home, monkeypatch).play(one_turn)
    assert "following the settings has ended" in caplog.text


def test_what_is_told_beside_the_turns_is_counted(desk: Desk) -> None:
    async def script(assistant: Assistant) -> None:
        assistant.on_health(Transition("disk", "Disk", Status.HEALTHY, Status.UNHEALTHY, "It is full."))

    desk.play(script)
    counted = [series.labels for series in desk.services.collector.series() if series.metric.name == "notices_total"]
    assert counted == [("error", "disk-unhealthy")]


def test_nobody_waits_for_the_figures_to_be_served(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(home, monkeypatch, SETTINGS + "[metrics]\nserve = true\n")
    answered = threading.Event()

    class Keyring:
        def get(self, _: str) -> None:
            assert answered.wait(20)  # the user is asked for a password, and talks to Arvis first
            raise SecretError("locked", "The keyring is locked.")

    monkeypatch.setattr(figures, "secret_store", lambda _: Keyring())

    async def main() -> None:
        assistant = Assistant(desk.services, FakeSource(), FakeOutput(), EarParts(FakeVad()), desk.tell)
        loading = asyncio.create_task(assistant.load())
        await desk.until(EngineReady)
        await one_turn(assistant)
        answered.set()
        await loading
        await assistant.close()

    asyncio.run(main())
    desk.services.close()
    assert [notice.code for notice in desk.of(Notice)] == ["locked"]


def test_words_are_in_the_log_only_where_they_are_allowed(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        desk.play(one_turn)
    assert "elephant" not in caplog.text


def audit(desk: Desk) -> list[dict[str, Any]]:
    from arvis.security import open_audit

    return list(open_audit().read())


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("hotkey", Status.UNKNOWN, Status.DEGRADED),
        ("tts", Status.HEALTHY, Status.UNHEALTHY),
        ("tts", Status.UNHEALTHY, Status.HEALTHY),
    ],
)
def test_what_is_told_anyway_is_not_told_twice(desk: Desk, name: str, old: Status, new: Status) -> None:
    async def script(assistant: Assistant) -> None:
        assistant.on_health(Transition(name, "It", old, new, "A reason."))

    desk.play(script)
    assert desk.of(Notice) == []


def test_a_conversation_is_kept_and_gone_on_with_after_a_restart(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = SETTINGS.replace("[history]\nenabled = false", "[history]\nenabled = true")
    Desk(home, monkeypatch, kept).play(one_turn)
    again = Desk(home, monkeypatch, kept)

    async def script(assistant: Assistant) -> None:
        resumed = await again.until(Resumed)
        assert [turn.said for turn in resumed.turns] == ["where is the purple elephant"]
        assert [turn.user for turn in assistant.conversation.turns] == ["where is the purple elephant"]
        await one_turn(assistant)

    again.play(script)
    fresh = Desk(home, monkeypatch, kept + "resume = false\n")
    fresh.play(one_turn)
    assert fresh.of(Resumed) == []
