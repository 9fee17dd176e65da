"""`arvis config`: what is in force and why, whether it is valid, and how it is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from arvis.cli import config_change, config_edit, config_lists, config_secret, config_transfer, config_versions
from arvis.cli.config_common import JsonOption
from arvis.cli.context import read_settings
from arvis.cli.group import Document, tell

if TYPE_CHECKING:
    from config.loader import Loaded

app = typer.Typer(help="Show, check and change the settings.", no_args_is_help=True)


@app.command("get")
def get(
    ctx: typer.Context,
    names: Annotated[list[str], typer.Argument(metavar="KEY|SECTION...", help="For example: llm.threads")],
    json: JsonOption = False,
) -> Document | None:
    """Print the value that is in force: of one setting as it is, of several as TOML."""
    from config.validation import as_toml
    from config.writer import expanded

    loaded = _read_and_tell(ctx)
    paths = expanded(names)
    if json:
        return {
            "values": {path: loaded.settings.get(path) for path in paths},
            "sources": {path: loaded.sources[path] for path in paths},
        }
    if paths == list(names) and len(paths) == 1:
        typer.echo(_plain(loaded.settings.get(paths[0])))
        return None
    for path in paths:
        typer.echo(f"{path} = {as_toml(loaded.settings.get(path))}")
    return None


app.command("set")(config_change.set_values)
app.command("unset")(config_change.unset)
app.command("reset")(config_change.reset)
app.command("edit")(config_edit.edit)


@app.command("show")
def show(
    ctx: typer.Context,
    origin: Annotated[bool, typer.Option("--origin", help="Say exactly where: file and line, or variable.")] = False,
    json: JsonOption = False,
) -> Document | None:
    """Print every setting that is in force, as TOML, with where its value comes from."""
    loaded = _read_and_tell(ctx)
    if json:
        return _document(loaded, origin)
    for line in _lines(loaded, origin):
        typer.echo(line)
    return None


@app.command("validate")
def validate(ctx: typer.Context, json: JsonOption = False) -> Document | None:
    """Check the settings file, the profile and the environment; exit code 1 when something is wrong."""
    loaded = read_settings(ctx)
    if json:
        found = [
            {"place": problem.place, "line": problem.line, "key": problem.key, "message": str(problem)}
            for problem in loaded.problems
        ]
        error = {"error": {"code": "invalid", "message": str(loaded.problems[0])}} if found else {}
        return {"path": str(loaded.path), "problems": found} | error
    if not loaded.problems:
        typer.echo(
            "OK" if loaded.path.exists() else f"OK: there is no {loaded.path}, so every setting has its default."
        )
        return None
    for problem in loaded.problems:
        typer.echo(str(problem))
    raise typer.Exit(1)


@app.command("path")
def path(ctx: typer.Context) -> None:
    """Print where the settings file is, or would be."""
    typer.echo(str(read_settings(ctx).path))


app.command("schema")(config_lists.schema)
app.command("profiles")(config_lists.profiles)
app.command("flags")(config_lists.flags)
app.command("export")(config_transfer.export)
app.command("import")(config_transfer.import_)
app.command("migrate")(config_versions.migrate)
app.command("rollback")(config_versions.rollback)
app.add_typer(config_secret.app, name="secret")


def _read_and_tell(ctx: typer.Context) -> Loaded:
    """The settings that are in force, once it was said what is wrong with the others."""
    loaded = read_settings(ctx)
    for problem in loaded.problems:
        tell(str(problem))
    return loaded


def _plain(value: Any) -> str:
    """A value for a script: text without quotes."""
    from config.validation import as_toml

    return value if isinstance(value, str) else as_toml(value)


def _document(loaded: Loaded, with_origin: bool) -> Document:
    from config.origin import origin
    from config.schema import keys, sections

    document: Document = {
        "path": str(loaded.path),
        "exists": loaded.path.exists(),
        "profile": loaded.profile,
        "settings": {
            section: {key.name: loaded.settings.get(key.path) for key in keys().values() if key.section == section}
            for section in sections()
        },
        "sources": dict(loaded.sources),
        "problems": [str(problem) for problem in loaded.problems],
    }
    if with_origin:
        document["origins"] = {path: origin(loaded, path) for path in keys()}
    return document


def _lines(loaded: Loaded, with_origin: bool) -> list[str]:
    from config.origin import origin
    from config.schema import keys, sections
    from config.validation import as_toml

    lines = [f"# {loaded.path}" + ("" if loaded.path.exists() else " (does not exist)")]
    for section in sections():
        lines += ["", f"[{section}]"]
        for key in keys().values():
            if key.section == section:
                place = origin(loaded, key.path) if with_origin else loaded.sources[key.path]
                lines.append(f"{key.name} = {as_toml(loaded.settings.get(key.path))}  # {place}")
    return lines
