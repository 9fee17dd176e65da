"""`arvis bench wake`: how well the wake phrase is heard, and what waiting for it costs."""

from __future__ import annotations

import typer

from arvis.cli.bench_options import AudioOption, JsonOption
from arvis.cli.bench_tables import milliseconds, number, show
from arvis.cli.context import begin
from arvis.cli.group import Document


def wake(ctx: typer.Context, audio: AudioOption = None, json: JsonOption = False) -> Document | None:
    """Say the wake phrase in several voices, and play speech in which nobody says it."""
    import asyncio

    from arvis.cli import bench_engines

    settings = begin(ctx).settings
    report = asyncio.run(bench_engines.run_wake(settings, audio, lambda what: typer.echo(what, err=True))).as_dict()
    if json:
        return report
    _print(report)
    return None


def _print(document: Document) -> None:
    rows = [
        (name, f"{voice['hits']} of {voice['said']}", *milliseconds(voice["delay_ms"]))
        for name, voice in [*document["voices"].items(), ("all", document)]
    ]
    show((f'"{document["phrase"]}"', "heard", "delay p50 ms", "p95 ms"), rows)
    show(
        ("said in its place", "heard"),
        [(phrase, f"{near['heard']} of {near['said']}") for phrase, near in document["near_phrases"].items()],
    )
    typer.echo(
        f"False alarms: {document['false_accepts']} in {number(60 * document['speech_hours'], 1)} minutes of speech"
    )
    typer.echo(f"Waiting takes {document['cpu_percent_of_core']} % of a core")
