"""The settings schema as data: one `Key` for each setting."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

VERSION = 2
"""Version of the format of the settings file; a file without one has version 1."""
VERSION_KEY = "version"
"""Where a file says its version: at the top, outside of all sections."""


@dataclass(frozen=True, slots=True)
class Key:
    """One setting, as the schema describes it."""

    section: str
    name: str
    spec: Mapping[str, Any]
    """Its JSON Schema."""

    @property
    def path(self) -> str:
        """Section and name, for example "llm.threads"."""
        return f"{self.section}.{self.name}"

    @property
    def variable(self) -> str:
        """The environment variable that overrides it, for example "ARVIS_LLM_THREADS"."""
        return variable_of(self.path)

    @property
    def kind(self) -> str:
        """JSON Schema type: string, integer, number, boolean or array (of strings)."""
        return str(self.spec["type"])

    @property
    def default(self) -> Any:
        """Value where nothing else is set, as `native` makes it."""
        return self.native(self.spec["default"])

    @property
    def safe(self) -> Any:
        """Value where what is set cannot be used: the default, unless that would be less private or secure."""
        return self.native(self.spec.get("x-if-wrong", self.spec["default"]))

    @property
    def old_paths(self) -> tuple[str, ...]:
        """Names under which files of earlier versions have it."""
        return tuple(self.spec.get("x-renamed-from", ()))

    @property
    def restart(self) -> bool:
        """Whether a change counts only after Arvis was started again."""
        return bool(self.spec["x-restart"])

    def native(self, value: Any) -> Any:
        """A valid value in the type that `config.settings` holds: int, float, bool, str or a tuple of str."""
        if self.kind == "integer":
            return int(value)
        if self.kind == "number":
            return float(value)
        return tuple(value) if self.kind == "array" else value

    def allowed(self) -> str:
        """The values that are allowed, in words that follow "must be"."""
        spec = self.spec
        if "x-allowed" in spec:
            return str(spec["x-allowed"])
        if "enum" in spec:
            return "one of " + ", ".join(spec["enum"])
        if self.kind == "array":
            return "a list of different names out of " + ", ".join(spec["items"]["enum"])
        if self.kind in ("integer", "number"):
            what = "a whole number" if self.kind == "integer" else "a number"
            return f"{what} from {spec['minimum']} to {spec['maximum']}"
        return {"boolean": "true or false", "string": "text in quotes"}[self.kind]


def variable_of(path: str) -> str:
    """The environment variable of a path, for example "ARVIS_LLM_THREADS" for "llm.threads"."""
    return "ARVIS_" + path.replace(".", "_").upper()


@cache
def document() -> Mapping[str, Any]:
    """The whole JSON Schema (draft 2020-12)."""
    text = resources.files("config").joinpath("schema.json").read_text(encoding="utf-8")
    return MappingProxyType(json.loads(text))


@cache
def sections() -> Mapping[str, str]:
    """Name and description of each section, in the order of the schema."""
    tables = document()["properties"].items()
    return MappingProxyType({name: spec["description"] for name, spec in tables if name != VERSION_KEY})


@cache
def keys() -> Mapping[str, Key]:
    """Every setting by its path, in the order of the schema."""
    return MappingProxyType({key.path: key for key in _entries() if "x-secret" not in key.spec})


@cache
def secrets() -> Mapping[str, Key]:
    """Every secret by its path: it is described here, but is kept elsewhere and is no setting."""
    return MappingProxyType({key.path: key for key in _entries() if "x-secret" in key.spec})


def _entries() -> list[Key]:
    tables = document()["properties"]
    return [Key(section, name, spec) for section in sections() for name, spec in tables[section]["properties"].items()]
