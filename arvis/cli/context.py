"""The settings of one call of the command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from arvis.cli.group import tell

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from config.loader import Loaded
    from config.problem import Problem
    from modules.network.base import RemoteUse


def read_settings(ctx: typer.Context) -> Loaded:
    """Read the settings file that --config names, or the user's own.

    Raises:
        config.problem.SettingsError: A setting that is given on the command line means nothing. A profile may be one
            that is to be made.
    """
    from config import loader, overrides

    options = ctx.find_root().params
    loaded = loader.load(
        options.get("config"),
        profile=options.get("profile"),
        overrides=overrides.assignments(options.get("set_") or ()),
    )
    _refuse(loaded, lambda problem: bool(problem.key))
    return loaded


def begin(ctx: typer.Context, *, tells_remote: bool = True) -> Loaded:
    """Read the settings, say what is wrong in them, set up logging, and stay on this machine if that is wanted.

    Args:
        ctx: The call of the command.
        tells_remote: Whether the use of another machine is told on standard error; the window has its own sign.
    """
    from modules.network.guard import set_offline
    from utils import logging, paths

    loaded = read_settings(ctx)
    _refuse(loaded, lambda problem: True)
    wanted = loaded.settings.logging
    words = bool(ctx.find_root().params.get("debug_transcripts"))
    logging.set_up(wanted.level, paths.log_dir(), wanted.components, words=words)
    for problem in loaded.problems:
        tell(str(problem))
    set_offline(loaded.settings.network.offline)
    if tells_remote:
        _tell_remote(ctx, loaded)
    return loaded


def _refuse(loaded: Loaded, counts: Callable[[Problem], bool]) -> None:
    """End where the command line is wrong: nothing is done without what was just asked for."""
    from config.overrides import PLACE
    from config.problem import SettingsError

    for problem in loaded.problems:
        if problem.place == PLACE and counts(problem):
            raise SettingsError("command-line", f"{problem.wrong}; {problem.allowed}".rstrip("; ") + ".")


def _tell_remote(ctx: typer.Context, loaded: Loaded) -> None:
    """Say and write down which other machines this command uses."""
    from arvis.security import RemoteRecord, open_audit
    from modules.network.policy import POLICY

    told: set[RemoteUse] = set()

    def tell_once(uses: Sequence[RemoteUse]) -> None:
        for use in uses:
            if use not in told:
                told.add(use)
                tell(f"{use.host} is used for {use.purpose}.")

    ends = [POLICY.subscribe(tell_once)]
    if loaded.settings.security.audit:
        record = RemoteRecord(open_audit().record)
        ends += [POLICY.subscribe(record.used), POLICY.subscribe_refusals(record.refused)]
    for end in ends:
        ctx.call_on_close(end)
