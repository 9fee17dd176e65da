"""`arvis lock`: the passphrase that the window asks for."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from arvis.cli.context import begin
from arvis.cli.group import Document, tell
from utils.errors import ArvisError

if TYPE_CHECKING:
    from config.settings import Settings
    from modules.security.lock import Lock

app = typer.Typer(help="Set or remove the passphrase of the window's lock.", no_args_is_help=True)


class PassphraseError(ArvisError):
    """No passphrase was given, or the second time another one."""

    stage = "cli"


@app.command("set")
def set_passphrase(ctx: typer.Context) -> None:
    """Set or change the passphrase. They are asked for, or read from standard input: the present one, the new one."""
    settings = begin(ctx).settings
    lock = _lock(settings)
    old = ask("Present passphrase") if lock.has_passphrase else ""
    lock.set_passphrase(old, ask_twice("New passphrase"))
    typer.echo("The passphrase is set.")
    if settings.security.role == "owner":
        tell(
            "The setting security.role is 'owner', so nothing is locked yet. Set it to what somebody without the "
            "passphrase is to be: arvis config set security.role=guest"
        )


@app.command("remove")
def remove(ctx: typer.Context) -> None:
    """Remove the passphrase; it is asked for, or read from standard input."""
    lock = _lock(begin(ctx).settings)
    if not lock.has_passphrase:
        typer.echo("There is no passphrase.")
        return
    lock.remove_passphrase(ask("Present passphrase"))
    typer.echo("The passphrase is removed.")


@app.command("status")
def status(
    ctx: typer.Context, json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False
) -> Document | None:
    """Say whether there is a passphrase, and what somebody may do who does not give it."""
    settings = begin(ctx).settings
    lock = _lock(settings)
    state = lock.state()
    if json:
        return {
            "passphrase": lock.has_passphrase,
            "locks": state.can_lock,
            "role": settings.security.role,
            "may": [str(permission) for permission in state.allowed],
            "file": str(lock.file),
        }
    if not lock.has_passphrase:
        typer.echo("There is no passphrase, so nothing is locked.")
    elif not state.can_lock:
        typer.echo("There is a passphrase, but nothing is locked: the setting security.role is 'owner'.")
    else:
        words = ", ".join(permission.words for permission in state.allowed)
        typer.echo(f"There is a passphrase. Who does not give it is a {settings.security.role}, and may: {words}.")
        typer.echo(f"If it is forgotten, delete {lock.file}")
    return None


def ask(title: str) -> str:
    """A passphrase, unseen from a terminal, or a line of standard input.

    Raises:
        PassphraseError: There was none.
    """
    if sys.stdin.isatty():
        text: str = typer.prompt(title, hide_input=True, err=True)
    else:
        text = sys.stdin.readline().rstrip("\r\n")
    if not text:
        raise PassphraseError("no-passphrase", "No passphrase was given.")
    return text


def ask_twice(title: str) -> str:
    """A new passphrase: from a terminal it must be typed twice.

    Raises:
        PassphraseError: There was none, or the second was another one.
    """
    text = ask(title)
    if sys.stdin.isatty() and ask(f"{title} again") != text:
        raise PassphraseError("not-the-same", "The two are not the same. Try again.")
    return text


def _lock(settings: Settings) -> Lock:
    from arvis.security import build_lock, open_audit
    from modules.security.base import ignore

    return build_lock(settings, open_audit().record if settings.security.audit else ignore)
