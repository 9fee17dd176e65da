"""`arvis bench barge-in`: whether Arvis can be interrupted on an open loudspeaker, and by what it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from arvis.cli.bench_options import JsonOption, QuickOption, SceneOption
from arvis.cli.bench_tables import milliseconds, number, percent, show
from arvis.cli.context import begin
from arvis.cli.group import Document

if TYPE_CHECKING:
    from modules.bench.barge_in import Trial
    from modules.bench.soak import Soak

_STOPS = ("stops in %", "words", "turn", "nothing", "mm-hmm", "noise")
"""What ended an answer: words (recall), and what should not have; "turn": the words became the next turn."""
_TIMES = ("ms after the onset", "softer", "p95", "silent", "p95", "decided", "p95")


def barge_in(
    ctx: typer.Context, scene: SceneOption = None, quick: QuickOption = False, json: JsonOption = False
) -> Document | None:
    """Let Arvis talk in simulated rooms, and speak, cough and type over it; takes virtual time only."""
    from arvis.cli import bench_engines
    from modules.bench.virtual_time import run_virtual

    settings = begin(ctx).settings
    report = run_virtual(lambda: bench_engines.run_barge_in(settings, scene or [], quick, _tell, _tell_soak)).as_dict()
    if json:
        return report
    _print(report)
    return None


def _tell(trial: Trial) -> None:
    """Say how it goes: all trials take half an hour."""
    outcome = "went on" if not trial.ended else "ended"
    if trial.silent_ms is not None:
        outcome += f", silent after {trial.silent_ms:.0f} ms"
    typer.echo(f"{trial.room}, {trial.near_db:+g} dB, {trial.extra_delay_ms:g} ms: {trial.sound}: {outcome}", err=True)


def _tell_soak(soak: Soak) -> None:
    typer.echo(f"{soak.room}: {soak.minutes:g} minutes alone, {len(soak.turns)} turns of its own", err=True)


def _print(document: Document) -> None:
    cells = [(f"{cell['room']} {cell['near_db']:+g} dB", cell) for cell in document["by_room_and_near_db"]]
    cells += [("0 dB and more", document["near_at_least_0_db"]), ("all", document["all"])]
    if document["trials"]:
        show(_STOPS, [_stops(name, cell) for name, cell in cells])
        show(_TIMES, [_times(name, cell) for name, cell in cells])
        resumed = document["resumed"]
        typer.echo(f"Trials: {document['trials']}")
        typer.echo(
            f"Answers that went on after a pause: {resumed['checked']} checked, {resumed['with_a_loss']} lost "
            f"something, worst jump {number(resumed['worst_jump_ms'])} ms"
        )
    soak = document["soak"]
    if soak["each"]:
        typer.echo(
            f"Alone on an open speaker for {soak['minutes']} minutes: {soak['turns']} turns of its own, "
            f"{soak['ended']} answers ended, {soak['pauses']} paused"
        )


def _stops(name: str, cell: Document) -> tuple[str, ...]:
    false = cell["false_stops_by"]
    shares = (cell["recall"], cell["words_became_the_turn"], false["nothing"], false["backchannel"], false["noise"])
    return (name, *(percent(share) for share in shares))


def _times(name: str, cell: Document) -> tuple[str, ...]:
    spreads = (cell["duck_ms"], cell["silent_ms"], cell["ended_ms"])
    return (name, *(value for spread in spreads for value in milliseconds(spread)))
