"""The page of what happens when something breaks is the one that is made from the code."""

from __future__ import annotations

from pathlib import Path

from tests.faults import report

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"


def test_the_page_says_what_happens() -> None:
    assert PAGE.read_text(encoding="utf-8") == report.render(), (
        "run: python -m tests.faults.report >docs/reliability.md"
    )
