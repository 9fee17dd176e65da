"""The settings of one call of the command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from arvis.cli.group import tell

if TYPE_CHECKING:
    from config.loader import Loaded


def read_settings(ctx: typer.Context) -> Loaded:
    """Read the settings file that --config names, or the user's own."""
    from config import loader

    return loader.load(ctx.find_root().params.get("config"))


def begin(ctx: typer.Context) -> Loaded:
    """Read the settings, say what is wrong in them, and set up logging."""
    from utils import logging, paths

    loaded = read_settings(ctx)
    logging.set_up(loaded.settings.logging.level, paths.log_dir())
    for problem in loaded.problems:
        tell(str(problem))
    return loaded
