"""The latency of a turn as a table."""

from __future__ import annotations

from dataclasses import fields, replace

from rich.console import Console
from rich.table import Table

from arvis.cli.latency import latency_table
from modules.turn.latency import LatencyRecord

RECORD = LatencyRecord(90.0, 450.0, 120.0, 200.0, 455.0, 480.0, 3000.0)


def rows(table: Table) -> list[list[str]]:
    console = Console(width=100, no_color=True)
    with console.capture() as captured:
        console.print(table)
    lines = [line.split() for line in captured.get().splitlines()]
    return [line for line in lines if line and line[-1].isdigit()]


def test_stages_are_in_the_order_in_which_they_were_reached_each_with_its_own_part() -> None:
    assert rows(latency_table(RECORD)) == [
        ["final", "transcript", "90", "90"],
        ["first", "token", "120", "30"],
        ["first", "clause", "200", "80"],
        ["end", "of", "speech", "certain", "slowest", "450", "250"],
        ["first", "audio", "handed", "over", "455", "5"],
        ["first", "audible", "sound", "480", "25"],
        ["end", "of", "the", "turn", "3000", "2520"],
    ]


def test_every_stage_has_its_words_and_one_that_was_not_reached_has_no_row() -> None:
    assert len(rows(latency_table(RECORD))) == len(fields(LatencyRecord))
    assert len(rows(latency_table(replace(RECORD, first_token=None)))) == len(fields(LatencyRecord)) - 1
    assert rows(latency_table(LatencyRecord())) == []
