"""What is wrong in the settings, in words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in the settings file or in an environment variable."""

    place: str
    """The file, or "environment"."""
    line: int | None
    """Line in the file, from 1; None for the environment or where a line has no meaning."""
    key: str
    """Path of the setting, name of the variable, or "" when the file as a whole is meant."""
    wrong: str
    """What is wrong, beginning with the key where there is one."""
    allowed: str
    """What is allowed, or what to do; empty where there is nothing to add."""
    used: str
    """What Arvis does instead."""

    @property
    def where(self) -> str:
        """File and line, or "environment"."""
        return self.place if self.line is None else f"{self.place}, line {self.line}"

    def __str__(self) -> str:
        parts = [self.wrong, self.allowed, self.used]
        return f"{self.where}: {'; '.join(part for part in parts if part)}."
