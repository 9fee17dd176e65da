"""What a session tells, and what health makes of it."""

from __future__ import annotations

import pytest

from modules.engine import LoadProgress
from modules.health.base import Status
from modules.health.session import SILENT_LEVELS, SessionWatch
from modules.turn.events import (
    EngineFailed,
    EngineLoading,
    EngineReady,
    InputLevel,
    PhaseChanged,
    Role,
)
from modules.turn.state import Phase


def loading(role: Role, name: str) -> EngineLoading:
    return EngineLoading(role, LoadProgress(name, "Loading"))


def test_a_turn_is_told_when_it_begins_and_only_then() -> None:
    turns: list[bool] = []
    watch = SessionWatch()
    watch.attach(lambda: turns.append(watch.is_idle), lambda role: None)
    for phase in (Phase.LISTENING, Phase.COMMITTED, Phase.SPEAKING):
        watch(PhaseChanged(1, 0, phase))
        assert not watch.is_idle
    watch(PhaseChanged(1, 0, Phase.IDLE))
    assert (watch.is_idle, turns) == (True, [False])


@pytest.mark.parametrize("role", ["stt", "llm", "tts"])
def test_an_engine_as_it_loads_fails_and_works(role: Role) -> None:
    failed: list[Role] = []
    watch = SessionWatch()
    watch.attach(lambda: None, failed.append)

    def status() -> Status | None:
        obstacle = watch.obstacle(role)
        return None if obstacle is None else obstacle.status

    assert status() is Status.UNKNOWN
    watch(loading(role, "whisper"))
    assert status() is Status.UNKNOWN
    watch(EngineFailed(role, "whisper", "no-model", "There is no model."))
    assert failed == [role]
    obstacle = watch.obstacle(role)
    assert obstacle is not None
    assert (obstacle.status, obstacle.reason, obstacle.engine) == (Status.UNHEALTHY, "There is no model.", "whisper")
    assert obstacle.remedy
    watch(EngineReady(role, "whisper", 1.0, 0.1))
    assert status() is None


def test_a_microphone_that_gives_only_zeros() -> None:
    watch = SessionWatch()
    levels = [0.0] * (SILENT_LEVELS + 1) + [0.0001]
    silent: list[bool] = []
    for level in levels:
        watch(InputLevel(level))
        silent.append(watch.is_microphone_silent)
    assert silent == [False] * (SILENT_LEVELS - 1) + [True, True, False]


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("vad", Status.UNHEALTHY),
        ("wake", Status.UNHEALTHY),
        ("echo", Status.DEGRADED),
        ("endpoint", Status.DEGRADED),
    ],
)
def test_the_engines_of_the_open_microphone(role: Role, status: Status) -> None:
    watch = SessionWatch()
    assert watch.ears().status is Status.HEALTHY  # nothing has asked for any
    watch(EngineReady("echo", "apm", 0.1, 0.001))
    watch(loading(role, "ear"))
    assert watch.ears().status is Status.UNKNOWN
    watch(EngineFailed(role, "ear", "no-model", "It is not installed."))
    found = watch.ears()
    assert (found.status, "It is not installed." in found.reason, bool(found.remedy)) == (status, True, True)
    watch(EngineReady(role, "ear", 0.1, 0.001))
    assert (watch.ears().status, "ear" in watch.ears().reason) == (Status.HEALTHY, True)


def test_the_gravest_of_several_counts() -> None:
    watch = SessionWatch()
    watch(EngineFailed("echo", "apm", "x", "No canceller."))
    watch(EngineFailed("vad", "silero", "x", "No detector."))
    found = watch.ears()
    assert found.status is Status.UNHEALTHY
    assert "Echo cancellation: No canceller." in found.reason
    assert "Speech detection: No detector." in found.reason
