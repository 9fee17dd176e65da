"""The settings of one call of the command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from arvis.cli.group import tell

if TYPE_CHECKING:
    from config.loader import Loaded


def read_settings(ctx: typer.Context) -> Loaded:
    """Read the settings file that --config names, or the user's own."""
    from config import loader, overrides

    options = ctx.find_root().params
    return loader.load(
        options.get("config"),
        profile=options.get("profile"),
        overrides=overrides.assignments(options.get("set_") or ()),
    )


def begin(ctx: typer.Context) -> Loaded:
    """Read the settings, say what is wrong in them, set up logging, and stay on this machine if that is wanted."""
    from modules.network.guard import set_offline
    from utils import logging, paths

    loaded = read_settings(ctx)
    wanted = loaded.settings.logging
    words = bool(ctx.find_root().params.get("debug_transcripts"))
    logging.set_up(wanted.level, paths.log_dir(), wanted.components, words=words)
    for problem in loaded.problems:
        tell(str(problem))
    set_offline(loaded.settings.network.offline)
    return loaded
