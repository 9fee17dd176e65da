"""`arvis config edit`."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import typer

from arvis.cli.config_common import change_lines, is_terminal, notes, record, target, tell_judged
from arvis.cli.group import tell

_EDITORS = ("sensible-editor", "nano", "vim", "vi")
"""Tried in this order where the environment names none."""


def edit(ctx: typer.Context) -> None:
    """Open the settings file in $VISUAL or $EDITOR. What is not valid is not saved; it can be edited again."""
    from config import transfer
    from config.problem import SettingsError
    from config.schema import VERSION
    from config.settings_file import content

    editor = _editor(os.environ)
    file = target(ctx)
    before = content(file)
    text = f"version = {VERSION}\n".encode() if before is None else before
    try:
        with tempfile.TemporaryDirectory(prefix="arvis-") as folder:
            copy = Path(folder) / "config.toml"
            copy.write_bytes(text)
            after = _edited(editor, copy, file)
    except OSError as error:
        reason = error.strerror or error
        raise SettingsError(
            "no-copy", f"The copy that is edited is not there: {reason}. Nothing was changed."
        ) from error
    if after == text:
        typer.echo("Nothing was changed.")
        return
    changes = transfer.replace_content(file, before, after)
    record(ctx, changes)
    for line in change_lines(changes) or ["Saved; no setting has changed."]:
        typer.echo(line)
    for line in notes(ctx, file, changes):
        tell(line)


def _edited(editor: list[str], copy: Path, file: Path) -> bytes:
    """Let the user edit until it is valid.

    Raises:
        config.problem.SettingsError: The editor failed, or the user gave up; what was written is kept then.
    """
    from config import transfer
    from config.problem import SettingsError

    while True:
        _run(editor, copy)
        if tell_judged(transfer.problems_of(copy, str(file))):
            return copy.read_bytes()
        if not (is_terminal() and typer.confirm("Edit again?", default=True, err=True)):
            kept = transfer.keep_rejected(file, copy)
            raise SettingsError("invalid", f"The settings were not changed. What you wrote is kept in {kept}.")


def _editor(environ: Mapping[str, str]) -> list[str]:
    from config.problem import SettingsError

    named = environ.get("VISUAL") or environ.get("EDITOR")
    try:
        command = shlex.split(named or "")
    except ValueError as error:
        raise SettingsError("no-editor", f"The editor '{named}' cannot be started: {error}.") from error
    command = command or [found for name in _EDITORS if (found := shutil.which(name))][:1]
    if not command:
        raise SettingsError("no-editor", "There is no editor. Name one in the environment variable EDITOR.")
    return command


def _run(editor: list[str], copy: Path) -> None:
    from config.problem import SettingsError

    try:
        code = subprocess.run([*editor, str(copy)], check=False).returncode  # nosec B603  # the user's own editor
    except OSError as error:
        raise SettingsError(
            "no-editor",
            f"The editor '{editor[0]}' cannot be started: {error.strerror or error}. "
            "Name another one in the environment variable EDITOR.",
        ) from error
    if code != 0:
        raise SettingsError("editor-failed", f"The editor '{editor[0]}' ended with code {code}. Nothing was changed.")
