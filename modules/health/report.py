"""What is known of all parts at one time, and what has changed in one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modules.health.base import Check, Finding, Status, worst

_BAD = (Status.DEGRADED, Status.UNHEALTHY)


@dataclass(frozen=True, slots=True)
class Transition:
    """The status of a part has changed."""

    name: str
    title: str
    old: Status
    new: Status
    reason: str
    """Why it is what it is now, in one sentence."""
    remedy: str = ""
    engine: str = ""
    """Name of the engine that was tried, where the part is a stage with engines."""

    @property
    def is_failure(self) -> bool:
        """Whether the part does worse than before, as far as is known."""
        return self.new in _BAD and worst((self.old, self.new)) is self.new

    @property
    def is_recovery(self) -> bool:
        """Whether the part works again."""
        return self.old in _BAD and self.new is Status.HEALTHY


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one part."""

    check: Check
    finding: Finding
    seen: float | None = None
    """Monotonic seconds at which it was found out; None when it was not looked at yet."""

    @property
    def status(self) -> Status:
        """What it means for Arvis as a whole: one can do without what is not essential."""
        if self.finding.status is Status.UNHEALTHY and not self.check.essential:
            return Status.DEGRADED
        return self.finding.status


@dataclass(frozen=True, slots=True)
class HealthReport:
    """What is known of every part."""

    entries: Mapping[str, Entry]
    """By the names of the checks, in their order."""

    @property
    def overall(self) -> Status:
        """The gravest of all; a part that is not essential makes it DEGRADED at most."""
        return worst(entry.status for entry in self.entries.values())

    @property
    def ready(self) -> bool:
        """Whether Arvis can answer now: every essential part was looked at, and works, well or not."""
        essential = (entry.finding.status for entry in self.entries.values() if entry.check.essential)
        return all(status in (Status.HEALTHY, Status.DEGRADED) for status in essential)

    @property
    def broken(self) -> tuple[str, ...]:
        """Titles of the essential parts that do not work."""
        return tuple(entry.check.title for entry in self.entries.values() if entry.status is Status.UNHEALTHY)

    def named(self, *statuses: Status) -> tuple[str, ...]:
        """Names of the parts that have one of these statuses."""
        return tuple(name for name, entry in self.entries.items() if entry.finding.status in statuses)

    def statuses(self) -> dict[str, str]:
        """The status of each part by its name."""
        return {name: str(entry.finding.status) for name, entry in self.entries.items()}

    def document(self) -> dict[str, Any]:
        """All of it, as it can be written as JSON."""
        return {
            "status": str(self.overall),
            "checks": [
                {
                    "name": name,
                    "title": entry.check.title,
                    "essential": entry.check.essential,
                    "status": str(entry.finding.status),
                    "reason": entry.finding.reason,
                    "remedy": entry.finding.remedy,
                    "figures": dict(entry.finding.figures),
                }
                for name, entry in self.entries.items()
            ],
        }
