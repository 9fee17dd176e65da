from __future__ import annotations

import pytest

from modules.endpointing.debounce import AdaptiveDebounce


def _turns(debounce: AdaptiveDebounce, cancelled: int, others: int) -> list[bool]:
    return [debounce.record(True) for _ in range(cancelled)] + [debounce.record(False) for _ in range(others)]


def test_it_starts_short() -> None:
    debounce = AdaptiveDebounce()
    assert debounce.seconds == 0.4
    assert debounce.adaptive


def test_it_grows_after_ten_turns_of_which_many_were_cancelled() -> None:
    debounce = AdaptiveDebounce()
    assert _turns(debounce, 4, 6) == [False] * 9 + [True]
    assert debounce.seconds == 0.5


def test_it_shrinks_slower_than_it_grows() -> None:
    debounce = AdaptiveDebounce()
    _turns(debounce, 10, 0)
    assert _turns(debounce, 1, 9)[-1]
    assert debounce.seconds == 0.45


@pytest.mark.parametrize("cancelled", [2, 3])
def test_it_stays_in_between(cancelled: int) -> None:
    debounce = AdaptiveDebounce()
    _turns(debounce, 10, 0)
    assert not any(_turns(debounce, cancelled, 10 - cancelled))
    assert debounce.seconds == 0.5


def test_each_ten_turns_count_by_themselves() -> None:
    debounce = AdaptiveDebounce()
    _turns(debounce, 10, 0)
    _turns(debounce, 3, 7)
    _turns(debounce, 3, 7)
    assert debounce.seconds == 0.5


def test_it_keeps_within_its_bounds() -> None:
    debounce = AdaptiveDebounce()
    changes = [any(_turns(debounce, 10, 0)) for _ in range(9)]
    assert debounce.seconds == 1.2
    assert changes == [True] * 8 + [False]
    changes = [any(_turns(debounce, 0, 10)) for _ in range(17)]
    assert debounce.seconds == 0.4
    assert changes == [True] * 16 + [False]


def test_what_is_set_holds() -> None:
    debounce = AdaptiveDebounce()
    debounce.set(0.8)
    assert not debounce.adaptive
    assert not any(_turns(debounce, 10, 0))
    assert debounce.seconds == 0.8


def test_what_is_set_can_be_taken_back() -> None:
    debounce = AdaptiveDebounce()
    _turns(debounce, 10, 0)
    debounce.set(0.8)
    debounce.set(None)
    assert debounce.adaptive
    assert debounce.seconds == 0.5


@pytest.mark.parametrize(("given", "used"), [(0.0, 0.4), (-1.0, 0.4), (0.4, 0.4), (1.2, 1.2), (60.0, 1.2)])
def test_what_is_set_is_brought_into_bounds(given: float, used: float) -> None:
    debounce = AdaptiveDebounce()
    debounce.set(given)
    assert debounce.seconds == used
