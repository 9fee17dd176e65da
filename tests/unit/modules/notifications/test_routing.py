from __future__ import annotations

import pytest

from modules.notifications.base import Channel, NotificationError, Priority
from modules.notifications.routing import Routes, parse_priority, parse_routes
from tests.unit.modules.notifications.told import notification

UI, TTS, AUDIO, LOG, AUDIT = Channel


@pytest.mark.parametrize(
    ("priority", "channels"),
    [
        (Priority.DEBUG, {LOG}),
        (Priority.INFO, {UI, LOG}),
        (Priority.WARNING, {UI, AUDIO, LOG}),
        (Priority.ERROR, {UI, AUDIO, LOG, AUDIT}),
        (Priority.CRITICAL, {UI, TTS, AUDIO, LOG, AUDIT}),
    ],
)
def test_where_it_goes_by_its_priority(priority: Priority, channels: set[Channel]) -> None:
    assert Routes().channels(notification(priority=priority)) == channels


def test_settings_change_it() -> None:
    routes, problems = parse_routes(
        "warning", False, ["Microphone-Lost = UI, tts", "hint=none", "info=audit", "loud=audio"]
    )
    assert problems == []
    assert routes.channels(notification("microphone-lost")) == {UI, TTS}
    assert routes.channels(notification("hint", priority=Priority.INFO)) == frozenset()
    assert routes.channels(notification("other", priority=Priority.INFO)) == {AUDIT}
    assert routes.channels(notification("loud")) == frozenset()
    assert routes.channels(notification("other", priority=Priority.WARNING)) == {UI, TTS, LOG}
    assert routes.channels(notification("other", priority=Priority.DEBUG)) == {LOG}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "'' is no route"),
        ("microphone-lost", "'microphone-lost' is no route. Write it as 'microphone-lost=ui,tts'."),
        ("=ui", "is no route"),
        ("x=", "is no route"),
        ("x=ui,,tts", "is no route"),
        ("x=ui,none", "'none' is no channel"),
        ("x=screen", "'screen' is no channel. Use some of: ui, tts, audio, log, audit; or 'none'."),
    ],
)
def test_a_route_that_means_nothing_is_left_out_and_told(line: str, words: str) -> None:
    routes, problems = parse_routes("never", True, [line, "good=log"])
    assert list(routes.own) == ["good"]
    (problem,) = problems
    assert problem.startswith("notifications.routes: ")
    assert words in problem


def test_a_priority_that_means_nothing_is_told_and_nothing_is_spoken() -> None:
    routes, problems = parse_routes("always", True, [])
    assert routes.speak_from is None
    assert problems == [
        "notifications.speak: 'always' is no priority. Use one of: critical, error, warning, info, debug."
    ]


def test_a_priority_is_read_by_its_label() -> None:
    assert parse_priority(" Error ") is Priority.ERROR
    with pytest.raises(NotificationError) as caught:
        parse_priority("40")
    assert caught.value.code == "no-priority"
