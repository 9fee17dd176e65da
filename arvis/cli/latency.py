"""The latency record of a turn as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from modules.turn.latency import LatencyRecord

_WORDS = {
    "final_transcript": "final transcript",
    "end_decided": "end of speech certain",
    "first_token": "first token",
    "first_clause": "first clause",
    "first_audio": "first audio handed over",
    "first_audible": "first audible sound",
    "total": "end of the turn",
}


def latency_table(record: LatencyRecord) -> Table:
    """A row for each stage in the order in which it was reached, with the milliseconds since the one before."""
    from rich import box
    from rich.table import Table

    table = Table("after the end of speech", box=box.SIMPLE)
    table.add_column("ms", justify="right")
    table.add_column("own part", justify="right")
    slowest = record.slowest()
    before = 0.0
    for reached, stage in sorted((value, stage) for stage, value in record.as_dict().items() if value is not None):
        mark = "  slowest" if slowest is not None and slowest[0] == stage else ""
        table.add_row(_WORDS[stage] + mark, f"{reached:.0f}", f"{reached - before:.0f}")
        before = reached
    return table
