from __future__ import annotations

from pathlib import Path

import pytest

from modules.security.clock import boot, uptime
from modules.security.throttle import LONGEST_WAIT, Throttle, wait_after
from tests.unit.modules.security.cheap import Clock


def throttle(folder: Path, clock: Clock, run: str = "monday") -> Throttle:
    return Throttle(folder / "tries.json", clock, lambda: run)


def test_each_wrong_try_doubles_the_wait_up_to_a_quarter_of_an_hour() -> None:
    assert [wait_after(failures) for failures in range(14)] == [
        *(0.0, 0.0, 0.0, 0.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0),
        LONGEST_WAIT,
    ]
    assert wait_after(10**9) == LONGEST_WAIT == 900.0


def test_the_wait_passes(tmp_path: Path) -> None:
    clock = Clock()
    tries = throttle(tmp_path, clock)
    for _ in range(5):
        tries.count()
    assert tries.wait == 4.0
    clock.now += 3.0
    assert tries.wait == 1.0
    clock.now += 1.0
    assert tries.wait == 0.0


def test_the_right_one_begins_again(tmp_path: Path) -> None:
    tries = throttle(tmp_path, Clock())
    for _ in range(6):
        tries.count()
    tries.forgive()
    assert (tries.wait, tries.failures) == (0.0, 0)


def test_starting_again_does_not_help(tmp_path: Path) -> None:
    clock = Clock()
    for _ in range(6):
        throttle(tmp_path, clock).count()
    clock.now += 5.0
    assert throttle(tmp_path, clock).wait == 3.0


@pytest.mark.parametrize("uptime", [3.0, 1000.0, 1e9])
def test_after_a_restart_of_the_machine_the_wait_begins_again(tmp_path: Path, uptime: float) -> None:
    tries = throttle(tmp_path, Clock(1000.0))
    for _ in range(6):
        tries.count()
    clock = Clock(uptime)
    later = throttle(tmp_path, clock, run="tuesday")
    assert later.wait == 8.0
    clock.now += 8.0
    assert later.wait == 0.0


def test_a_clock_that_went_back_makes_nobody_wait_longer_than_the_wait(tmp_path: Path) -> None:
    tries = throttle(tmp_path, Clock(5000.0))
    for _ in range(6):
        tries.count()
    assert throttle(tmp_path, Clock(10.0)).wait == 8.0


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"[]", b"null", b"7", b"[" * 100_000, b'{"failures": "many", "at": 0, "run": ""}'),
        *(b'{"failures": 1e999, "at": 0, "run": ""}', b'{"failures": -5, "at": NaN, "run": "monday"}'),
    ],
)
def test_a_damaged_file_counts_as_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "tries.json").write_bytes(content)
    tries = throttle(tmp_path, Clock())
    assert tries.wait == 0.0
    tries.count()
    assert tries.failures <= 1


def test_the_real_clock_grows_and_the_run_stays() -> None:
    first = uptime()
    assert 0 < first <= uptime()
    assert len(boot()) >= 16


def test_where_the_system_tells_no_runs_apart_each_process_has_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modules.security.clock._BOOT_ID", tmp_path / "none")
    monkeypatch.delattr("time.CLOCK_BOOTTIME")
    assert boot() != boot()
    assert uptime() > 0
