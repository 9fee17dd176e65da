"""Trials of interruptions, over stand-ins for the engines: what happened is what is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from modules.bench.barge_in import Trial, measure
from modules.bench.barge_in_report import BargeInReport
from modules.bench.near_sounds import SoundMaker
from modules.bench.open_speaker import TalkEngines
from modules.bench.scenes import BargeInScene, Sound
from modules.bench.virtual_time import run_virtual
from modules.turn.settings import SessionSettings
from tests.fakes.engines import FakeSynthesizer
from tests.unit.modules.bench.stand_ins import ANSWER, COSTS, LOUD_ROOM, SILENT_ROOM, LoudnessVad, engines

WORDS = "wait what about tomorrow"
WAIT = Sound("wait", "interruption", say=f"{WORDS} if it rains then", voices=("v",), words=WORDS)
STOP = Sound("stop", "stop", say="stop it now", voices=("v",))
NOISE = Sound("clap", "noise", noise="clap", seed=1)
CHAIR = Sound("chair", "noise", noise="chair", seed=1)
NOTHING = Sound("nothing", "nothing")


def scene(*sounds: Sound) -> BargeInScene:
    return BargeInScene("test", 1, (SILENT_ROOM,), (90.0,), (0.0,), 25.0, (ANSWER,), sounds, COSTS)


def run(tested: BargeInScene, talking: TalkEngines | None = None) -> list[Trial]:
    seen: list[Trial] = []

    async def main() -> list[Trial]:
        sounds = SoundMaker(lambda name: FakeSynthesizer(name, seconds=0.0), LoudnessVad())
        return await measure(talking or engines(), SessionSettings(language="en"), tested, sounds, seen.append)

    trials = run_virtual(main)
    assert seen == trials
    return trials


def test_an_interruption_ends_the_answer_and_becomes_the_next_turn() -> None:
    (trial,) = run(scene(WAIT))
    assert (trial.sound, trial.kind, trial.ended, trial.paused, trial.understood) == (
        "wait",
        "interruption",
        True,
        True,
        True,
    )
    assert trial.heard == (WORDS,)
    assert trial.duck_ms is not None
    assert trial.silent_ms is not None
    assert trial.ended_ms is not None
    assert 32 < trial.duck_ms < trial.silent_ms < 500
    assert trial.silent_ms < trial.ended_ms < 1000
    assert trial.lost_ms is None


def test_a_word_that_wants_silence_gets_it() -> None:
    (trial,) = run(scene(STOP), engines("stop"))
    assert (trial.ended, trial.heard) == (True, ())


def test_words_that_were_not_understood_are_told() -> None:
    (trial,) = run(scene(replace(WAIT, words="something else entirely")))
    assert (trial.ended, trial.understood) == (True, False)


def test_a_noise_holds_the_answer_and_nothing_of_it_is_lost() -> None:
    (trial,) = run(scene(CHAIR))
    assert (trial.ended, trial.paused, trial.heard, trial.understood) == (False, True, (), False)
    assert trial.lost_ms == pytest.approx(0.0, abs=30.0)


def test_nothing_happens_when_nothing_happens() -> None:
    (trial,) = run(scene(NOTHING))
    assert (trial.ended, trial.paused, trial.duck_ms, trial.silent_ms, trial.heard) == (False, False, None, None, ())


def test_an_answer_that_comes_to_its_end_was_not_ended() -> None:
    short = " ".join(["word"] * 60) + "."  # six seconds
    (trial,) = run(replace(scene(NOTHING), answers=(short,)))
    assert (trial.ended, trial.silent_ms) == (False, None)


def test_an_assistant_that_interrupts_itself_is_found_out() -> None:
    trials = run(replace(scene(NOISE), rooms=(LOUD_ROOM,), near_db=(0.0,)), engines(clear=True))
    assert [trial.sound for trial in trials] == ["before clap"] * 3
    assert {(trial.kind, trial.ended) for trial in trials} == {("nothing", True)}


def test_the_same_seed_gives_the_same_trials() -> None:
    tested = scene(WAIT, NOISE, CHAIR, NOTHING)
    first, again = run(tested), run(tested)
    assert first == again
    assert sorted(trial.sound for trial in first) == ["chair", "clap", "nothing", "wait"]
    assert run(replace(tested, seed=2)) != first


def trial(**changes: object) -> Trial:
    blank = Trial("desk", 0.0, 0.0, "a", "interruption", True, 300.0, 50.0, 150.0, True, ("a",), True, None)
    return replace(blank, **changes)  # type: ignore[arg-type]  # fields of a trial


def test_the_report_counts() -> None:
    missed = trial(ended=False, ended_ms=None, duck_ms=None, silent_ms=None, heard=(), understood=False)
    stopped = trial(kind="stop", understood=False, sound="stop", silent_ms=200.0)
    cough = trial(kind="noise", sound="cough", ended=False, heard=(), understood=False, lost_ms=-40.0)
    echo = trial(kind="nothing", sound="before a", near_db=-5.0, heard=("my own words",))
    report = BargeInReport((trial(), missed, stopped, cough, echo)).as_dict()
    every = report["all"]
    assert isinstance(every, dict)
    assert (every["meant"], every["recall"]) == (3, 0.6667)
    assert every["words_became_the_turn"] == 0.5
    assert (every["not_meant"], every["false_stops"], every["turns_nobody_spoke"]) == (2, 0.5, 1)
    assert every["false_stops_by"] == {"nothing": 1.0, "backchannel": None, "noise": 0.0}
    assert every["silent_ms"] == {"min": 150.0, "p50": 175.0, "p95": 197.5, "max": 200.0}
    loud = report["near_at_least_0_db"]
    assert isinstance(loud, dict)
    assert loud["false_stops"] == 0.0
    by_level = report["by_near_db"]
    assert isinstance(by_level, dict)
    assert list(by_level) == ["0", "-5"]
    assert report["resumed"] == {"checked": 1, "with_a_loss": 1, "worst_jump_ms": -40.0}
    by_sound = report["by_sound"]
    assert isinstance(by_sound, dict)
    assert by_sound["a"] == {"kind": "interruption", "trials": 2, "ended": 0.5, "paused": 1.0, "ducked": 0.5}


def test_an_empty_report_has_no_shares() -> None:
    every = BargeInReport(()).as_dict()["all"]
    assert isinstance(every, dict)
    assert (every["recall"], every["false_stops"]) == (None, None)
