"""`arvis config secret`: keys and tokens, which are never settings and never in a file that can be read."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from arvis.cli.config_common import JsonOption, is_terminal
from arvis.cli.context import read_settings
from arvis.cli.group import Document, tell

if TYPE_CHECKING:
    from modules.security.secrets import LayeredSecrets

app = typer.Typer(help="Keep keys and tokens in the system's keyring.", no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="For example: llm.api_key")]


@app.command("set")
def set_secret(ctx: typer.Context, name: NameArgument) -> None:
    """Keep a secret. It is asked for, or read from standard input; it is never an argument, which others could see."""
    from modules.security.secrets import variable

    variable(name)  # before anything is asked
    store = _store(ctx)
    store.set(name, _read(name))
    typer.echo(f"Kept: {name} ({store.where(name)})")


@app.command("unset")
def unset_secret(ctx: typer.Context, name: NameArgument) -> None:
    """Forget a secret."""
    typer.echo(f"Forgotten: {name}" if _store(ctx).delete(name) else f"There was none: {name}")


@app.command("list")
def list_secrets(ctx: typer.Context, json: JsonOption = False) -> Document | None:
    """List the secrets that there can be and where they are; never what they are."""
    from modules.security.secrets import SECRETS

    store = _store(ctx)
    places = {name: _place(store, name) for name in SECRETS}
    if json:
        return {
            "secrets": [
                {"name": name, "variable": SECRETS[name], "place": place or None} for name, place in places.items()
            ]
        }
    for name, place in places.items():
        shown = "not known" if place is None else place or "not set"
        typer.echo(f"{name}: {shown} (or {SECRETS[name]} in the environment)")
    return None


def _place(store: LayeredSecrets, name: str) -> str | None:
    """Where a secret is; empty where it has no value, and None, with a sentence, where that cannot be found out."""
    from modules.security.base import SecretError

    try:
        return store.where(name)
    except SecretError as error:
        tell(f"{name}: {error.message}")
        return None


def _store(ctx: typer.Context) -> LayeredSecrets:
    from arvis import security
    from modules.security.base import ignore

    record = security.open_audit().record if read_settings(ctx).settings.security.audit else ignore
    return security.secret_store(ask_passphrase if is_terminal() else None, record, tell)


def _read(name: str) -> str:
    """The secret: what is typed without being shown, or else the first line of standard input."""
    if is_terminal():
        return str(typer.prompt(f"Value of {name}", hide_input=True, err=True))
    return sys.stdin.readline().rstrip("\r\n") if sys.stdin is not None else ""


def ask_passphrase(new: bool) -> str:
    """Ask for the passphrase of the file of secrets, twice where it is a new one."""
    question = "New passphrase of the encrypted file" if new else "Passphrase of the encrypted file"
    return str(
        typer.prompt(question, hide_input=True, confirmation_prompt=new, default="", show_default=False, err=True)
    )
