"""`arvis` and `arvis run`: the window."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from arvis.cli.context import begin
from arvis.cli.group import tell
from arvis.desktop.verbs import TOKEN, Verb
from utils.errors import ArvisError

if TYPE_CHECKING:
    from arvis.desktop.instance import Claim, Instance

NO_SCREEN = "There is no screen to show the window on. Use `arvis ask` to talk to Arvis from here."


def run(
    ctx: typer.Context,
    hidden: Annotated[bool, typer.Option("--hidden", help="Begin as an icon in the tray, if there is one.")] = False,
    talk: Annotated[bool, typer.Option("--talk", help="Have the running Arvis listen.")] = False,
    release: Annotated[bool, typer.Option("--release", help="Have it answer what was said.")] = False,
    toggle_talk: Annotated[bool, typer.Option("--toggle-talk", help="The one or the other.")] = False,
    stop: Annotated[bool, typer.Option("--stop", help="Have it be silent.")] = False,
    mute: Annotated[bool, typer.Option("--mute", help="Have it close the microphone.")] = False,
    unmute: Annotated[bool, typer.Option("--unmute", help="Let it open the microphone again.")] = False,
    show: Annotated[
        bool, typer.Option("--show", help="Have it show its window; starts it if it does not run.")
    ] = False,
    hide: Annotated[bool, typer.Option("--hide", help="Have it hide its window.")] = False,
    quit_: Annotated[bool, typer.Option("--quit", help="End it.")] = False,
) -> None:
    """Open the window, or tell the Arvis that runs already what to do."""
    wanted = [
        verb
        for verb, is_wanted in {
            Verb.TALK: talk,
            Verb.RELEASE: release,
            Verb.TOGGLE_TALK: toggle_talk,
            Verb.STOP: stop,
            Verb.MUTE: mute,
            Verb.UNMUTE: unmute,
            Verb.SHOW: show,
            Verb.HIDE: hide,
            Verb.QUIT: quit_,
        }.items()
        if is_wanted
    ]
    if len(wanted) + hidden > 1:
        raise typer.BadParameter("one of --hidden, --talk, --release and so on at a time")
    if not wanted:
        open_window(ctx, hidden=hidden)
    elif not _is_told(ctx, wanted[0]):
        if wanted[0] is not Verb.SHOW:
            raise ArvisError("not-running", "Arvis is not running. `arvis` starts it.")
        open_window(ctx)


def open_window(ctx: typer.Context, *, hidden: bool = False) -> None:
    """Open the window, or have the one that is open already come to the front."""
    if not has_screen(os.environ):
        tell(NO_SCREEN)
        raise typer.Exit(2)
    claim = _claim(ctx, hidden=hidden)
    try:
        loaded = begin(ctx, tells_remote=False)
        try:
            from arvis.ui.launch import run_window
        except ImportError as error:
            raise ArvisError(
                "no-window",
                f"The window cannot be shown, because a library is missing ({error}). `make setup` installs it.",
            ) from error
        raise typer.Exit(run_window(loaded, claim=claim, hidden=hidden))
    finally:
        if claim is not None:
            claim.close()


def _claim(ctx: typer.Context, *, hidden: bool) -> Claim | None:
    """Be the only Arvis with these settings, so that it can be told something; None where that is not possible.

    Raises:
        typer.Exit: There is one already; its window is shown, unless this one would not have one.
        InstanceError: There is one already that does not answer.
    """
    from arvis.desktop.instance import Claim, InstanceError, Request
    from utils.files import FileError

    try:
        instance = _instance(ctx)
        claim = instance.claim()
    except (FileError, InstanceError) as error:
        tell(f"{error.message} Until then this Arvis cannot be told anything by another start of it.")
        return None
    if claim is None and not hidden:
        answered = instance.claim_or_tell(Request(Verb.SHOW, os.environ.get(TOKEN, "")))
        claim = answered if isinstance(answered, Claim) else None
    if claim is None:
        tell("Arvis is running already." if hidden else "Arvis is running already; its window is shown now.")
        raise typer.Exit
    return claim


def _is_told(ctx: typer.Context, verb: Verb) -> bool:
    """Tell the Arvis that runs what to do; False when none runs.

    Raises:
        InstanceError: It was not done.
    """
    from arvis.desktop.instance import InstanceError, Request

    refusal = _instance(ctx).tell(Request(verb, os.environ.get(TOKEN, "")))
    if refusal:
        raise InstanceError("refused", refusal)
    return refusal is not None


def _instance(ctx: typer.Context) -> Instance:
    """Where the Arvis is found that works with the settings of this call."""
    from arvis.desktop.instance import find_instance
    from config import profiles
    from utils import paths

    options = ctx.find_root().params
    profile, _ = profiles.chosen(options.get("profile"), os.environ)
    return find_instance(paths.data_dir(), options.get("config") or paths.config_file(), profile)


def has_screen(environ: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Whether Qt finds a screen: the session has one, or QT_QPA_PLATFORM names a platform that needs none."""
    if platform in ("win32", "darwin") or environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"):
        return True
    chosen = environ.get("QT_QPA_PLATFORM", "").split(":")[0]
    return bool(chosen) and not chosen.startswith(("xcb", "wayland"))
