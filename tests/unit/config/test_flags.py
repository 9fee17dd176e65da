"""Feature flags are described, and go in time."""

from __future__ import annotations

import pytest

from arvis import __version__
from config.flags import Flag, flags
from config.schema import keys

FLAG = Flag("flags.x", "What it does.", False, "voice", "0.1.0", "0.10.0")


def test_every_flag_is_a_switch_with_an_owner_and_a_removal() -> None:
    found = flags()
    assert [flag.path for flag in found] == [path for path in keys() if path.startswith("flags.")]
    for flag in found:
        assert keys()[flag.path].kind == "boolean"
        assert flag.owner
        assert not flag.is_overdue(flag.since)


@pytest.mark.parametrize("flag", flags(), ids=lambda flag: flag.path)
def test_no_flag_outlives_its_removal(flag: Flag) -> None:
    assert not flag.is_overdue(__version__), f"{flag.path} was to be gone in {flag.removal}"


@pytest.mark.parametrize(
    ("version", "overdue"), [("0.9.9", False), ("0.10.0", True), ("0.10.1", True), ("1.0.0", True), ("0.2.0", False)]
)
def test_overdue_goes_by_numbers(version: str, overdue: bool) -> None:
    assert FLAG.is_overdue(version) is overdue
