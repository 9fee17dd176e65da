"""Which notification goes where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from modules.notifications.base import Channel, Notification, NotificationError, Priority

DEFAULTS: Mapping[Priority, frozenset[Channel]] = {
    Priority.DEBUG: frozenset({Channel.LOG}),
    Priority.INFO: frozenset({Channel.UI, Channel.LOG}),
    Priority.WARNING: frozenset({Channel.UI, Channel.AUDIO, Channel.LOG}),
    Priority.ERROR: frozenset({Channel.UI, Channel.AUDIO, Channel.LOG, Channel.AUDIT}),
    Priority.CRITICAL: frozenset(Channel),
}
"""Channels by priority; the setting `notifications.speak` adds the voice to those below CRITICAL."""
NEVER = "never"
NOWHERE = "none"


@dataclass(frozen=True, slots=True)
class Routes:
    """The rules that are in force.

    A route of its own, for a code or a priority, replaces the rule of its priority as a whole.
    """

    speak_from: Priority | None = None
    """Spoken from this priority up; None for CRITICAL only."""
    sounds: bool = True
    own: Mapping[str, frozenset[Channel]] = field(default_factory=dict)
    """By code, or by the label of a priority; the code goes first."""

    def channels(self, notification: Notification) -> frozenset[Channel]:
        """Where a notification is told."""
        chosen = self.own.get(notification.code, self.own.get(notification.priority.label))
        if chosen is None:
            chosen = DEFAULTS[notification.priority]
            if self.speak_from is not None and notification.priority >= self.speak_from:
                chosen |= {Channel.TTS}
        return chosen if self.sounds else chosen - {Channel.AUDIO}


def parse_routes(speak: str, sounds: bool, routes: Iterable[str]) -> tuple[Routes, list[str]]:
    """The rules that settings mean, and a sentence for each setting that means nothing and is left out.

    Args:
        speak: A priority, or "never".
        sounds: Whether there are sounds at all.
        routes: Each a code or a priority with its channels: "microphone-lost=ui,tts"; "none" for nowhere.
    """
    problems = []
    own = {}
    try:
        speak_from = None if speak == NEVER else parse_priority(speak)
    except NotificationError as error:
        speak_from = None
        problems.append(f"notifications.speak: {error.message}")
    for line in routes:
        try:
            name, channels = parse_route(line)
        except NotificationError as error:
            problems.append(f"notifications.routes: {error.message}")
        else:
            own[name] = channels
    return Routes(speak_from, sounds, own), problems


def parse_priority(text: str) -> Priority:
    """The priority of this label.

    Raises:
        NotificationError: There is none.
    """
    try:
        return Priority[text.strip().upper()]
    except KeyError:
        known = ", ".join(priority.label for priority in reversed(Priority))
        raise NotificationError("no-priority", f"'{text}' is no priority. Use one of: {known}.") from None


def parse_route(line: str) -> tuple[str, frozenset[Channel]]:
    """A code or the label of a priority, and its channels.

    Raises:
        NotificationError: The line is no route.
    """
    name, equals, listed = line.partition("=")
    names = [part.strip().lower() for part in listed.split(",")]
    if not equals or not name.strip() or not all(names):
        raise NotificationError("no-route", f"'{line}' is no route. Write it as 'microphone-lost=ui,tts'.")
    if names == [NOWHERE]:
        return name.strip().lower(), frozenset()
    unknown = [part for part in names if part not in tuple(Channel)]
    if unknown:
        known = ", ".join(Channel)
        raise NotificationError("no-channel", f"'{unknown[0]}' is no channel. Use some of: {known}; or '{NOWHERE}'.")
    return name.strip().lower(), frozenset(Channel(part) for part in names)
