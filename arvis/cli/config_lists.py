"""`arvis config schema`, `profiles` and `flags`."""

from __future__ import annotations

import typer

from arvis.cli.config_common import JsonOption
from arvis.cli.context import read_settings
from arvis.cli.group import Document


def schema() -> None:
    """Print the JSON Schema (2020-12) of the settings file; editors that know TOML can use it."""
    import json

    from config.schema import document

    typer.echo(json.dumps(dict(document()), ensure_ascii=False, indent=2))


def profiles(ctx: typer.Context, json: JsonOption = False) -> Document | None:
    """List the profiles: files of settings that come before the settings file while they are chosen."""
    from config.profiles import folder, names

    loaded = read_settings(ctx)
    known = names(loaded.path)
    if json:
        return {"folder": str(folder(loaded.path)), "profiles": list(known), "active": loaded.profile or None}
    for name in known:
        typer.echo(f"{'*' if name == loaded.profile else ' '} {name}")
    if not known:
        advice = "`arvis --profile NAME config set KEY=VALUE` makes one"
        typer.echo(f"There is no profile in {folder(loaded.path)}; {advice}.")
    return None


def flags(ctx: typer.Context, json: JsonOption = False) -> Document | None:
    """List what is new and can be switched off: who decides about it, and when the flag goes."""
    from config.flags import flags as known

    loaded = read_settings(ctx)
    if json:
        return {
            "flags": [
                {
                    "key": flag.path,
                    "value": loaded.settings.get(flag.path),
                    "default": flag.default,
                    "owner": flag.owner,
                    "since": flag.since,
                    "removal": flag.removal,
                    "description": flag.description,
                }
                for flag in known()
            ]
        }
    for flag in known():
        value, default = (str(is_on).lower() for is_on in (loaded.settings.get(flag.path), flag.default))
        typer.echo(f"{flag.path} = {value}  # default {default}, owner {flag.owner}, to be removed in {flag.removal}")
        typer.echo(f"    {flag.description}")
    return None
