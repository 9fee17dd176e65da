"""docs/metrics.md."""

from __future__ import annotations

from pathlib import Path

from modules.metrics.catalogue import CATALOGUE

PAGE = Path(__file__).parents[4] / "docs" / "metrics.md"


def test_the_page_lists_every_metric() -> None:
    table = PAGE.read_text().partition("## All metrics")[2]
    rows = [line for line in table.splitlines() if line.startswith("| `")]
    assert rows == [f"| `{m.name}` | {m.kind} | {', '.join(m.labels)} | {m.help} |" for m in CATALOGUE.values()]
