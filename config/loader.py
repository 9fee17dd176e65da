"""Reads the settings: default < file < profile < environment < command line. Nothing keeps Arvis from starting."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from config import consistency, environment, overrides, profiles
from config.layer import Layer, read_layer
from config.problem import Problem
from config.schema import keys
from config.settings import Settings
from utils import paths

Source = Literal["default", "file", "profile", "environment", "command line"]


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked of `load`, so that it can be asked again."""

    path: Path
    environ: Mapping[str, str] | None = field(repr=False)
    """None for the environment of the process. It holds secrets."""
    profile: str | None
    overrides: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings, and how they came about."""

    settings: Settings
    problems: tuple[Problem, ...]
    sources: Mapping[str, Source]
    """For each path, where its value comes from."""
    path: Path
    """The settings file; it need not exist."""
    profile: str
    """The profile in use; empty for none."""
    layers: tuple[Layer, ...] = field(repr=False)
    """The files: the user's own, and that of the profile."""
    request: Request = field(repr=False)


def load(
    path: Path | None = None,
    environ: Mapping[str, str] | None = None,
    *,
    profile: str | None = None,
    overrides: Mapping[str, str] | None = None,
) -> Loaded:
    """Read the settings.

    Args:
        path: The settings file; None for the user's own. A file that does not exist means defaults.
        environ: The environment; None for that of the process.
        profile: The profile, "" for none; None for the one that the environment names.
        overrides: Values as text by path, from the command line.

    Returns:
        Settings that are all valid; for whatever was not, there is a problem, and the next lower source is used.
    """
    return _load(Request(paths.config_file() if path is None else path, environ, profile, overrides or {}), {})


def reload(before: Loaded) -> Loaded:
    """Read the same settings again; a file that is broken by now keeps the values that it had."""
    return _load(before.request, {layer.path: layer for layer in before.layers})


def _load(request: Request, before: Mapping[Path, Layer]) -> Loaded:
    environ = os.environ if request.environ is None else request.environ
    layers = [read_layer(request.path, before.get(request.path))]
    name, place = profiles.chosen(request.profile, environ)
    found, problems = profiles.find(request.path, name, place) if name else (None, ())
    if found is not None:
        layers.append(read_layer(found, before.get(found), over="the settings file"))
    by_variable, wrong_variables = environment.read(environ)
    by_command, wrong_commands = overrides.read(request.overrides)
    levels: list[tuple[Source, Mapping[str, Any]]] = [
        ("file", layers[0].values),
        *(("profile", layer.values) for layer in layers[1:]),  # one at most
        ("environment", by_variable),
        ("command line", by_command),
    ]
    values: dict[str, Any] = {}
    sources: dict[str, Source] = dict.fromkeys(keys(), "default")
    for source, given in levels:
        values |= given
        sources |= dict.fromkeys(given, source)
    conflicts = consistency.settle(values, sources, layers)
    told = [problem for layer in layers for problem in layer.problems]
    return Loaded(
        Settings.of(values),
        (*told, *problems, *wrong_variables, *wrong_commands, *conflicts),
        sources,
        request.path,
        name if found is not None else "",
        tuple(layers),
        request,
    )
