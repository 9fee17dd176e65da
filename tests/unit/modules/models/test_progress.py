from __future__ import annotations

from modules.models.progress import Phase, Progress, RateMeter, Tracker


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_rate_is_a_mean_of_the_last_seconds() -> None:
    clock = Clock()
    meter = RateMeter(clock)
    assert meter.note(0) == 0.0
    for second in range(1, 31):
        clock.now += 1.0
        rate = meter.note(second * 1000 if second <= 20 else 20_000 + (second - 20) * 5000)
    assert rate == 5000.0


def test_a_file_that_is_begun_anew_begins_the_rate_anew() -> None:
    clock = Clock()
    meter = RateMeter(clock)
    meter.note(10_000)
    clock.now += 1.0
    assert meter.note(0) == 0.0
    clock.now += 2.0
    assert meter.note(100) == 50.0


def test_reports_add_up_and_are_not_too_many() -> None:
    clock, seen = Clock(), list[Progress]()
    tracker = Tracker("one", seen.append, clock)
    tracker.begin("the web", 100)
    tracker.at("a", 10)
    tracker.at("a", 20)
    assert [progress.done for progress in seen] == [10]
    clock.now += 0.5
    tracker.at("b", 30)
    assert (seen[-1].done, seen[-1].fraction, seen[-1].rate) == (50, 0.5, 80.0)
    assert seen[-1].seconds_left == 50 / 80
    tracker.phase(Phase.DONE)
    done = seen.pop()
    assert (done.phase, done.rate, done.seconds_left) == (Phase.DONE, 0.0, None)


def test_another_source_begins_at_nothing_and_may_correct_itself() -> None:
    clock, seen = Clock(), list[Progress]()
    tracker = Tracker("one", seen.append, clock)
    tracker.begin("first", 0)
    tracker.at("a", 10)
    assert seen.pop().fraction is None
    tracker.begin("second", 50)
    tracker.expect(40)
    clock.now += 1.0
    tracker.at("a", 20)
    assert (seen[-1].source, seen[-1].fraction) == ("second", 0.5)


def test_nobody_has_to_listen() -> None:
    tracker = Tracker("one", None, Clock())
    tracker.begin("the web", 1)
    tracker.at("a", 1)
    tracker.phase(Phase.DONE)


def test_more_than_all_is_all() -> None:
    assert Progress("one", Phase.DOWNLOADING, 30, 20).fraction == 1.0
