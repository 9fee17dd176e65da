"""`arvis bench`: measurements that anybody can repeat."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arvis.cli import bench_barge_in, bench_echo, bench_wake
from arvis.cli.bench_options import AudioOption, JsonOption, QuickOption, SceneOption
from arvis.cli.bench_tables import milliseconds, number, show
from arvis.cli.context import begin
from arvis.cli.group import Document

if TYPE_CHECKING:
    from config.settings import Settings
    from modules.bench.hands_free import Answered
    from modules.bench.turn import Measured

app = typer.Typer(help="Measure.", no_args_is_help=True)
app.command("barge-in")(bench_barge_in.barge_in)
app.command("echo")(bench_echo.echo)
app.command("wake")(bench_wake.wake)


@app.callback()
def _bench() -> None:
    """Measure."""


@app.command("turn")
def turn(
    ctx: typer.Context,
    audio: AudioOption = None,
    runs: Annotated[int, typer.Option(min=1, help="How often each recording is used.")] = 1,
    hands_free: Annotated[
        bool, typer.Option("--hands-free", help="Play the recordings to an open microphone instead.")
    ] = False,
    endpoint: Annotated[
        str | None, typer.Option(help="With --hands-free: smart-turn or none; default: the setting.")
    ] = None,
    scene: SceneOption = None,
    quick: QuickOption = False,
    json: JsonOption = False,
) -> Document | None:
    """Measure whole spoken turns against the bare engines on the same input."""
    import asyncio

    settings = begin(ctx).settings
    if hands_free:
        if runs != 1:
            raise typer.BadParameter("Has no meaning together with --hands-free.", param_hint="--runs")
        return _hands_free(_with_endpoint(settings, endpoint), scene or [], audio, quick, json)
    if endpoint is not None or scene or quick:
        raise typer.BadParameter("--endpoint, --scene and --quick have a meaning together with --hands-free only.")
    from arvis import app as composition

    bench = asyncio.run(composition.run_bench_turn(settings, audio, runs, on_turn=_show))
    if json:
        return bench.as_dict()
    _print(bench.as_dict())
    return None


def _show(measured: Measured) -> None:
    """Say how it goes: a run takes as long as its recordings."""
    audible = measured.latency.first_audible or 0.0
    typer.echo(f"{measured.file}: first audible sound after {audible:.0f} ms, ratio {measured.ratio:.2f}", err=True)


def _print(document: Document) -> None:
    rows = [
        (f"{title}: {name.replace('_', ' ')}", number(spread["p50"]), number(spread["p95"]))
        for title, group in (("turn", "latency_ms"), ("bare engine", "floors_ms"))
        for name, spread in document[group].items()
    ]
    show(("", "p50 ms", "p95 ms"), rows)
    typer.echo(f"Turns: {document['turns']}")
    typer.echo(f"First audible sound over the sum of the bare engines (p50): {document['ratio_of_medians']}")


def _with_endpoint(settings: Settings, model: str | None) -> Settings:
    if model is None:
        return settings
    if model not in ("smart-turn", "none"):
        raise typer.BadParameter("Choose smart-turn or none.", param_hint="--endpoint")
    return replace(settings, endpoint=replace(settings.endpoint, model=model))


def _hands_free(settings: Settings, scenes: list[Path], audio: Path | None, quick: bool, json: bool) -> Document | None:
    import asyncio

    from arvis.cli import bench_engines

    report = asyncio.run(bench_engines.run_hands_free(settings, scenes, audio, quick, _show_answer)).as_dict()
    if json:
        return report
    _print_hands_free(report)
    return None


def _show_answer(answered: Answered) -> None:
    pause = f" with a pause of {answered.pause:g} s" if answered.pause else ""
    if answered.audible_ms is None:
        outcome = f"no answer. {answered.notice}".strip()
    elif answered.cut_off:
        outcome = f"cut off {-answered.audible_ms:.0f} ms before the end"
    else:
        outcome = f"first audible sound after {answered.audible_ms:.0f} ms"
    typer.echo(f"{answered.file}{pause}: {outcome}", err=True)


def _print_hands_free(document: Document) -> None:
    by_pause = document["by_pause_s"].items()
    cells = [(f"pause {pause} s" if pause != "0" else "as recorded", cell) for pause, cell in by_pause]
    cells += [("pauses under 0.5 s", document["pauses_under_500_ms"]), ("all", document["all"])]
    rows = [
        (name, str(c["utterances"]), str(c["cut_offs"]), str(c["unanswered"]), *milliseconds(c["audible_ms"]))
        for name, c in cells
    ]
    show(("end of turn: " + document["endpoint"], "utterances", "cut off", "unanswered", "p50 ms", "p95 ms"), rows)
    stages = [(name.replace("_", " "), *milliseconds(spread)) for name, spread in document["stages_ms"].items()]
    show(("after the end as it was heard live", "p50 ms", "p95 ms"), stages)
    told = document["speculation"]
    typer.echo(
        f"Replies begun early: {told['started']}; used {told['used']}, wasted {told['wasted']} "
        f"(hit rate {number(told['hit_rate'], 2)}, {told['wasted_tokens']} tokens, {told['wasted_ms']:.0f} ms)"
    )
