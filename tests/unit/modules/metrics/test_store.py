from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path

import pytest

from modules.metrics.base import Sample
from modules.metrics.segments import Segment, segments
from modules.metrics.store import LEAST_BYTES, MetricsStore, as_record, from_record
from tests.unit.modules.metrics.helpers import sample
from utils.files import FileError


def fill(store: MetricsStore, count: int, first: int = 0, at_once: int = 1) -> None:
    for begin in range(first, first + count, at_once):
        numbers = range(begin, begin + at_once)
        store.append([sample(1_700_000_000.0 + n, float(n), "seconds", stage="first_audible") for n in numbers])


def test_what_was_stored_is_read_again(tmp_path: Path) -> None:
    store = MetricsStore(tmp_path / "metrics")
    samples = [sample(10.25, 0.5), sample(11.0, -3.0, "seconds", stage="x", engine="y")]
    store.append(samples)
    assert list(MetricsStore(tmp_path / "metrics").read()) == samples


def test_nothing_is_stored_and_nothing_is_there(tmp_path: Path) -> None:
    store = MetricsStore(tmp_path / "metrics")
    store.append([])
    assert list(store.read()) == []
    assert store.size == 0
    assert not (tmp_path / "metrics").exists()


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    store = MetricsStore(tmp_path / "metrics", LEAST_BYTES)
    fill(store, 20, at_once=5)
    assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in store.folder.iterdir()} == {0o600}


@pytest.mark.parametrize(("bound", "at_once"), [(LEAST_BYTES, 2), (20_000, 5), (100_000, 50)])
def test_all_files_together_stay_within_the_bound(tmp_path: Path, bound: int, at_once: int) -> None:
    store = MetricsStore(tmp_path / "metrics", bound)
    most = 0
    count = bound // 40
    for first in range(0, count, at_once):
        fill(store, at_once, first, at_once)
        most = max(most, store.size)
    assert bound * 0.8 < most <= bound
    kept = [one.value for one in store.read()]
    assert kept == list(range(first + at_once))[-len(kept) :]  # the newest, without a gap
    assert len(kept) * 80 > bound * 0.5
    assert len(segments(store.folder, "csv")) > 1


def test_a_batch_may_be_larger_than_a_file(tmp_path: Path) -> None:
    store = MetricsStore(tmp_path / "metrics", LEAST_BYTES)
    store.append([sample(float(number), float(number)) for number in range(60)])
    assert [one.value for one in store.read()] == list(range(60))
    assert len(segments(store.folder)) > 5
    assert store.size <= LEAST_BYTES


def test_a_full_file_is_summed_up_by_the_hour(tmp_path: Path) -> None:
    store = MetricsStore(tmp_path / "metrics", 32 * 4000)
    half = [sample(1_699_999_200.0 + number, 2.0 * number, "seconds", stage="x") for number in range(11)]
    store.append(half)
    store.append([sample(1_700_002_800.0, 5.0, "seconds", stage="x")])
    while len(segments(store.folder)) < 2:
        store.append([sample(1_700_002_801.0 + number) for number in range(20)])
    lines = Segment(1, store.folder).summary.read_text().splitlines()
    assert lines[0] == "hour,metric,labels,count,sum,min,max,mean,p50,p95,p99"
    assert lines[1] == "2023-11-14T22:00:00.000Z,seconds,stage=x,11,110,0,20,10,10,19,19.8"
    assert "2023-11-14T23:00:00.000Z,seconds,stage=x,1,5,5,5,5,5,5,5" in lines


def test_summaries_outlive_their_samples(tmp_path: Path) -> None:
    store = MetricsStore(tmp_path / "metrics", 100_000)
    fill(store, 4000, at_once=20)
    assert segments(store.folder, "csv")[0] < segments(store.folder)[0]


def test_a_summary_that_a_killed_process_left_out_is_made_later(tmp_path: Path) -> None:
    store = MetricsStore(tmp_path / "metrics", 100_000)
    fill(store, 100, at_once=10)
    newest = segments(store.folder, "csv")[-1]
    newest.summary.unlink()
    fill(store, 100, 100, at_once=10)
    assert newest.summary.exists()


def test_a_summary_that_gave_way_is_not_made_again(tmp_path: Path) -> None:
    store = MetricsStore(tmp_path / "metrics", 100_000)
    fill(store, 300, at_once=10)
    oldest = segments(store.folder)[0]
    oldest.summary.unlink()
    fill(store, 300, 300, at_once=10)
    assert oldest.samples.exists()
    assert not oldest.summary.exists()


def test_numbers_go_on_when_all_samples_are_gone(tmp_path: Path) -> None:
    store = MetricsStore(tmp_path / "metrics", 100_000)
    fill(store, 100, at_once=10)
    newest = segments(store.folder)[-1]
    for segment in segments(store.folder):
        segment.samples.unlink()
    fill(store, 1)
    assert segments(store.folder) == [newest]


def test_a_window_begins_at_its_first_moment_and_ends_before_its_last(tmp_path: Path) -> None:
    store = MetricsStore(tmp_path / "metrics")
    store.append([sample(float(number), float(number)) for number in range(10)])
    assert [one.value for one in store.read(3.0, 6.0)] == [3.0, 4.0, 5.0]


def test_the_clock_may_jump_back(tmp_path: Path) -> None:
    store = MetricsStore(tmp_path / "metrics")
    for moment in (100.0, 200.0, 50.0, 60.0, 210.0):
        store.append([sample(moment, moment)])
    assert [one.value for one in store.read(55.0, 205.0)] == [100.0, 200.0, 60.0]


def test_files_of_another_time_are_not_opened(tmp_path: Path) -> None:
    store = MetricsStore(tmp_path / "metrics", LEAST_BYTES)
    fill(store, 10)
    old, *_, new = segments(store.folder)
    os.utime(old.samples, (1_000_000_000, 1_000_000_000))
    found = [one.value for one in store.read(since=1_700_000_000.0)]
    assert found[-1] == 9.0
    assert 0.0 not in found
    assert 0.0 in [one.value for one in store.read()]
    assert new != old


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe",
        b"[1, 2]",
        b'{"t": "noon", "n": "level", "v": 1}',
        b'{"t": 1, "n": "level", "v": true}',
        b'{"t": 1, "n": "level", "v": NaN}',
        b'{"t": 1, "n": "level", "v": 1' + b"0" * 400 + b"}",
        b'{"t": 1, "n": 5, "v": 1}',
        b'{"t": 1, "n": "level", "v": 1, "l": ["x"]}',
        b'{"t": 1, "n": "level", "v": 1, "l": {"x": 1}}',
        b'{"t": 1, "n": "level"}',
        b"{",
    ],
)
def test_what_is_no_sample_is_passed_over(tmp_path: Path, line: bytes) -> None:
    store = MetricsStore(tmp_path / "metrics")
    store.append([sample(1.0)])
    with open(segments(store.folder)[0].samples, "ab") as file:
        file.write(line + b"\n")
    store.append([sample(2.0)])
    assert [one.time for one in store.read()] == [1.0, 2.0]


def test_a_line_that_was_never_finished_is_no_sample(tmp_path: Path) -> None:
    store = MetricsStore(tmp_path / "metrics")
    store.append([sample(1.0)])
    with open(segments(store.folder)[0].samples, "ab") as file:
        file.write(b'{"t":2.0,"n":"level","v":1')
    assert [one.time for one in store.read()] == [1.0]
    store.append([sample(3.0)])
    assert [one.time for one in store.read()] == [1.0, 3.0]


def test_files_of_others_and_links_are_left_alone(tmp_path: Path) -> None:
    store = MetricsStore(tmp_path / "metrics")
    store.append([sample(1.0)])
    (store.folder / "metrics-x.jsonl").write_text("mine")
    (store.folder / "notes.txt").write_text("mine")
    (store.folder / "metrics-000007.jsonl").symlink_to(store.folder / "notes.txt")
    (store.folder / "metrics-000008.jsonl").mkdir()
    store.append([sample(2.0)])
    assert [segment.number for segment in segments(store.folder)] == [1]
    assert (store.folder / "notes.txt").read_text() == "mine"


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "metrics").write_text("in the way")
    store = MetricsStore(tmp_path / "metrics")
    with pytest.raises(FileError):
        store.append([sample(1.0)])
    assert list(store.read()) == []


def test_a_file_that_cannot_give_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = MetricsStore(tmp_path / "metrics", LEAST_BYTES)

    def refuse(self: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(FileError, match="cannot be written: Permission denied"):
        fill(store, 500, at_once=5)


def test_what_a_killed_process_left_unfinished_goes(tmp_path: Path) -> None:
    store = MetricsStore(tmp_path / "metrics")
    store.append([sample(1.0)])
    left = store.folder / ".metrics-000001.csv.x7f.new"
    left.write_text("half of it")
    store.append([sample(2.0)])
    assert not left.exists()


def test_a_folder_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(FileError, match="Permission denied"):
        list(MetricsStore(tmp_path).read())


def test_a_file_that_has_just_given_way_has_nothing(tmp_path: Path) -> None:
    store = MetricsStore(tmp_path / "metrics", LEAST_BYTES)
    store.append([sample(float(number)) for number in range(60)])
    reading = store.read()
    assert next(reading).time == 0.0
    for segment in segments(store.folder)[1:-1]:
        segment.samples.unlink()
    assert [one.time for one in reading][-1] == 59.0


def test_several_may_store_at_the_same_time(tmp_path: Path) -> None:
    folder = tmp_path / "metrics"

    def work(first: int) -> None:
        fill(MetricsStore(folder, 60_000), 200, first, at_once=10)

    threads = [threading.Thread(target=work, args=(first,)) for first in (0, 1000, 2000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store = MetricsStore(folder, 60_000)
    found = [one.value for one in store.read()]
    assert len(found) == len(set(found)) > 300
    assert store.size <= 60_000
    for first in (0, 1000, 2000):
        mine = [value for value in found if first <= value < first + 1000]
        assert mine == sorted(mine)
        assert mine == [float(n) for n in range(first, first + 200)][len(mine) * -1 :]


def test_a_store_has_a_least_size(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="too few"):
        MetricsStore(tmp_path, LEAST_BYTES - 1)


def test_records_are_short_and_exact_enough() -> None:
    one = Sample(1_700_000_000.123456, "seconds", 0.123456789123, (("stage", "x"),))
    record = as_record(one)
    assert json.dumps(record) == '{"t": 1700000000.123, "n": "seconds", "v": 0.123456789, "l": {"stage": "x"}}'
    assert from_record(record) == Sample(1_700_000_000.123, "seconds", 0.123456789, (("stage", "x"),))
