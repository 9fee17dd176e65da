"""`arvis bench echo`: how much echo is removed, and how much of the user is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from arvis.cli.bench_options import JsonOption, QuickOption
from arvis.cli.bench_tables import milliseconds, number, percent, show
from arvis.cli.context import begin
from arvis.cli.group import Document

if TYPE_CHECKING:
    from modules.bench.echo import DoubleTalk, FarEnd


def echo(ctx: typer.Context, quick: QuickOption = False, json: JsonOption = False) -> Document | None:
    """Let Arvis speak in simulated rooms, alone and together with people, and see what the canceller leaves."""
    import asyncio

    from arvis.cli import bench_engines

    report = asyncio.run(bench_engines.run_echo(begin(ctx).settings, quick, _tell)).as_dict()
    if json:
        return report
    _print(report)
    return None


def _tell(result: FarEnd | DoubleTalk) -> None:
    from modules.bench.echo import FarEnd

    if isinstance(result, FarEnd):
        told = f"{result.removed_db:.1f} dB removed"
    else:
        told = f"user at {result.near_db:+g} dB: {percent(result.recall)} % of their speech is heard"
    typer.echo(f"{result.room}: {told}", err=True)


def _print(document: Document) -> None:
    show(
        ("Arvis alone", "removed dB", "after s", "false onsets/min", "without"),
        [
            (
                room["room"],
                number(room["removed_db"], 1),
                number(room["converged_s"], 1),
                number(room["false_onsets_per_minute"], 1),
                number(room["raw_onsets_per_minute"], 1),
            )
            for room in document["far_end"]
        ],
    )
    show(
        ("both speak", "heard %", "onset p50 ms", "p95", "missed", "wrong words %", "without"),
        [
            (
                f"{trial['room']} {trial['near_db']:+g} dB",
                percent(trial["recall"]),
                *milliseconds(trial["onset_ms"]),
                f"{trial['missed']} of {trial['utterances']}",
                percent(trial["word_error_rate"]),
                percent(trial["word_error_rate_raw"]),
            )
            for trial in document["double_talk"]
        ],
    )
    typer.echo(f"Takes {100 * document['real_time_factor']['p50']:.1f} % of a core while Arvis speaks")
