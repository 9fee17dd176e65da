"""Profiles: files of settings that win over the user's own file while they are chosen."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from config.problem import Problem, SettingsError
from config.validation import printable

VARIABLE = "ARVIS_PROFILE"
"""The environment variable that chooses one."""
FOLDER = "profiles"
"""The folder of the profiles, beside the settings file."""
_NAME = r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"


def chosen(name: str | None, environ: Mapping[str, str]) -> tuple[str, str]:
    """Name of the profile that counts, "" for none, and where it was chosen: the command line wins."""
    return (name, "command line") if name is not None else (environ.get(VARIABLE, ""), "environment")


def folder(settings: Path) -> Path:
    """The folder of the profiles that belong to a settings file."""
    return settings.parent / FOLDER


def path_of(settings: Path, name: str) -> Path:
    """The file of a profile, which need not exist.

    Raises:
        SettingsError: A profile cannot have this name.
    """
    if not re.fullmatch(_NAME, name):
        raise SettingsError(
            "profile-name",
            f"'{printable(name)}' cannot be the name of a profile: use up to 64 letters, digits, - and _.",
        )
    return folder(settings) / f"{name}.toml"


def names(settings: Path) -> tuple[str, ...]:
    """The profiles that there are, sorted."""
    try:
        files = os.listdir(folder(settings))
    except (OSError, ValueError):  # no folder, or one that is closed; a NUL in its path
        return ()
    found = (file.removesuffix(".toml") for file in files if file.endswith(".toml"))
    return tuple(sorted(name for name in found if re.fullmatch(_NAME, name)))


def find(settings: Path, name: str, place: str) -> tuple[Path | None, tuple[Problem, ...]]:
    """The file of the chosen profile, or None and why it cannot be used.

    Args:
        settings: The settings file.
        name: The profile, not empty.
        place: Where it was chosen, for the problem.
    """
    try:
        path = path_of(settings, name)
    except SettingsError as error:
        return None, (Problem(place, None, "", error.message.removesuffix("."), "", "no profile is used"),)
    known = names(settings)
    if name in known:
        return path, ()
    advice = f"there are {', '.join(known)}" if known else f"a profile is a file in {printable(str(path.parent), 200)}"
    return None, (Problem(place, None, "", f"there is no profile {name}", advice, "no profile is used"),)
