"""`arvis` and `arvis run`: the window."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

import typer

from arvis.cli.context import begin
from arvis.cli.group import tell
from utils.errors import ArvisError

NO_SCREEN = "There is no screen to show the window on. Use `arvis ask` to talk to Arvis from here."


def run(ctx: typer.Context) -> None:
    """Open the window."""
    if not has_screen(os.environ):
        tell(NO_SCREEN)
        raise typer.Exit(2)
    loaded = begin(ctx, tells_remote=False)
    try:
        from arvis.ui.launch import run_window
    except ImportError as error:
        raise ArvisError(
            "no-window",
            f"The window cannot be shown, because a library is missing ({error}). `make setup` installs it.",
        ) from error
    raise typer.Exit(run_window(loaded))


def has_screen(environ: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Whether Qt finds a screen: the session has one, or QT_QPA_PLATFORM names a platform that needs none."""
    if platform in ("win32", "darwin") or environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"):
        return True
    chosen = environ.get("QT_QPA_PLATFORM", "").split(":")[0]
    return bool(chosen) and not chosen.startswith(("xcb", "wayland"))
