"""Reads the fields of a scene, and says in a sentence what is wrong with one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from utils.errors import ArvisError

_MISSING = object()


class SceneError(ArvisError):
    """A scene cannot be used."""

    stage = "bench"


class Fields:
    """One object of a JSON document; every field has to be asked for, and `end` refuses those that were not.

    Args:
        file: Name of the file, for messages.
        data: The object.
        path: Where it is in the document, such as "sounds[2]."; empty for the document itself.
    """

    def __init__(self, file: str, data: object, path: str = "") -> None:
        self._file = file
        self._path = path
        if not isinstance(data, Mapping):
            raise self.error(f"{path.rstrip('.') or 'the whole document'} must be an object in braces")
        self._data: Mapping[str, Any] = data
        self._asked: set[str] = set()

    def error(self, problem: str) -> SceneError:
        """What to raise when something is wrong here."""
        return SceneError("scene-wrong", f"In the scene {self._file}, {problem}.")

    def has(self, name: str) -> bool:
        """Whether the field is there."""
        return name in self._data

    def text(self, name: str, default: str | None = None) -> str:
        """A text that is not empty.

        Raises:
            SceneError: It is missing without a default, or something else; so for the others below.
        """
        value = self._value(name, default)
        if not isinstance(value, str) or not value.strip():
            raise self._wrong(name, "a text", value)
        return value

    def choice(self, name: str, options: Collection[str]) -> str:
        """One of some words."""
        value = self.text(name)
        if value not in options:
            raise self._wrong(name, f"one of {', '.join(options)}", value)
        return value

    def number(self, name: str, low: float, high: float, default: float | None = None) -> float:
        """A number between two bounds."""
        return self._number(name, self._value(name, default), low, high)

    def numbers(self, name: str, low: float, high: float, default: list[float] | None = None) -> tuple[float, ...]:
        """A list of numbers between two bounds, at least one."""
        return tuple(self._number(name, value, low, high) for value in self._list(name, default))

    def texts(self, name: str, default: list[str] | None = None) -> tuple[str, ...]:
        """A list of texts, at least one; a single text counts as a list of one."""
        value = self._value(name, default)
        values = [value] if isinstance(value, str) else self._list(name, default)
        for each in values:
            if not isinstance(each, str) or not each.strip():
                raise self._wrong(name, "a list of texts", each)
        return tuple(values)

    def items(self, name: str) -> list[object]:
        """A list of anything, at least one."""
        return self._list(name, None)

    def group(self, name: str, data: object = _MISSING) -> Fields:
        """An object inside this one, empty when it is missing; or `data`, which was found under that name."""
        self._asked.add(name)
        inner = self._data.get(name, {}) if data is _MISSING else data
        return Fields(self._file, inner, f"{self._path}{name}.")

    def end(self) -> None:
        """All was asked for.

        Raises:
            SceneError: There is a field that means nothing.
        """
        unknown = [name for name in self._data if name not in self._asked]
        if unknown:
            known = ", ".join(sorted(self._asked))
            raise self.error(f"'{self._path}{unknown[0]}' means nothing; the fields here are: {known}")

    def _value(self, name: str, default: object) -> Any:
        self._asked.add(name)
        value = self._data.get(name, default)
        if value is None:
            raise self.error(f"'{self._path}{name}' is missing")
        return value

    def _list(self, name: str, default: object) -> list[Any]:
        value = self._value(name, default)
        if not isinstance(value, list) or not value:
            raise self._wrong(name, "a list with something in it", value)
        return value

    def _number(self, name: str, value: object, low: float, high: float) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise self._wrong(name, f"a number from {low:g} to {high:g}", value)
        return float(value)

    def _wrong(self, name: str, wanted: str, value: object) -> SceneError:
        return self.error(f"'{self._path}{name}' must be {wanted}, not {value!r}")
