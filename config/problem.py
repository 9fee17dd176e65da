"""What is wrong in the settings, in words."""

from __future__ import annotations

from dataclasses import dataclass

from config.validation import printable
from utils.errors import ArvisError

_LONGEST_PLACE = 500


class SettingsError(ArvisError):
    """Something that was asked of the settings cannot be done; their file is as it was."""

    stage = "settings"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a settings file, in an environment variable or on the command line."""

    place: str
    """The file, "environment" or "command line"."""
    line: int | None
    """Line in the file, from 1; None elsewhere or where a line has no meaning."""
    key: str
    """Path of the setting, name of the variable, or "" when the file as a whole is meant."""
    wrong: str
    """What is wrong, beginning with the key where there is one."""
    allowed: str
    """What is allowed, or what to do; empty where there is nothing to add."""
    used: str
    """What Arvis does instead."""
    harmless: bool = False
    """Whether it is only worth knowing: the file says what is meant, in words of another version."""

    @property
    def where(self) -> str:
        """File and line, "environment" or "command line"."""
        place = printable(self.place, _LONGEST_PLACE)
        return place if self.line is None else f"{place}, line {self.line}"

    @property
    def refusal(self) -> str:
        """The problem of a file that is refused as a whole, so that nothing is used instead."""
        return self._told(self.wrong, self.allowed)

    def __str__(self) -> str:
        return self._told(self.wrong, self.allowed, self.used)

    def _told(self, *parts: str) -> str:
        return f"{self.where}: {'; '.join(part for part in parts if part)}."
