from __future__ import annotations

import numpy as np
import pytest

from modules.audio.base import Samples
from modules.echo.linear import LinearCanceller
from modules.echo.reference import FRAME
from tests.unit.modules.echo.fakes import decibels, noise


def _echo(played: Samples, delay: int = 500, gain: float = 0.3) -> Samples:
    response = np.zeros(delay + 400, np.float32)
    response[delay] = 1.0
    response[delay + 1 :] = 0.4 * np.random.default_rng(7).standard_normal(399) * np.exp(-np.arange(399) / 80)
    echo: Samples = gain * np.convolve(played, response)[: played.shape[0]].astype(np.float32)
    return echo


def _run(canceller: LinearCanceller, captured: Samples, played: Samples) -> tuple[Samples, Samples]:
    results = [
        canceller.process(captured[at : at + FRAME], played[at : at + FRAME])
        for at in range(0, captured.shape[0] // FRAME * FRAME, FRAME)
    ]
    return np.concatenate([rest for rest, _ in results]), np.concatenate([echo for _, echo in results])


def _last(samples: Samples, seconds: float = 1.0) -> Samples:
    return samples[-round(seconds * 16000) :]


def test_an_echo_is_learnt_within_a_second_and_taken_away() -> None:
    played = noise(4.0)
    captured = _echo(played)
    canceller = LinearCanceller()
    before = canceller.converged
    rest, echo = _run(canceller, captured, played)
    assert (before, canceller.converged) == (False, True)
    assert decibels(rest[16000:32000]) < decibels(captured[16000:32000]) - 20.0
    assert decibels(_last(rest)) < decibels(_last(captured)) - 35.0
    assert rest + echo == pytest.approx(captured, abs=1e-6)


def test_a_voice_passes_while_the_echo_is_taken_away() -> None:
    played = noise(8.0)
    captured = _echo(played)
    voice = np.zeros_like(played)
    voice[4 * 16000 :] = noise(4.0, level=0.05, seed=1)
    rest, _ = _run(LinearCanceller(), captured + voice, played)
    assert decibels(_last(rest - voice, 3.0)) < decibels(_last(captured)) - 15.0
    assert decibels(_last(rest)) == pytest.approx(decibels(_last(voice)), abs=0.5)


def test_what_is_not_an_echo_is_left_as_it_is() -> None:
    voice = noise(3.0, seed=2)
    rest, _ = _run(LinearCanceller(), voice, np.zeros_like(voice))
    assert np.array_equal(rest, voice)


def test_it_does_not_pretend_when_the_echo_comes_later_than_it_can_reach() -> None:
    played = noise(4.0)
    captured = _echo(played, delay=6000)
    canceller = LinearCanceller()
    rest, _ = _run(canceller, captured, played)
    assert not canceller.converged
    assert decibels(_last(rest)) < decibels(_last(captured)) + 2.0


def test_it_begins_anew_when_the_way_of_the_sound_has_changed() -> None:
    played = noise(9.0)
    captured = _echo(played)
    captured[64000:] = _echo(played, delay=900)[64000:]
    canceller = LinearCanceller()
    _run(canceller, captured[:64000], played[:64000])
    converged = [canceller.converged]
    _run(canceller, captured[64000:72000], played[64000:72000])
    converged.append(canceller.converged)
    rest, _ = _run(canceller, captured[72000:], played[72000:])
    assert [*converged, canceller.converged] == [True, False, True]
    assert decibels(_last(rest)) < decibels(_last(captured)) - 30.0


def test_a_voice_louder_than_the_echo_is_no_change_of_the_way() -> None:
    played = noise(8.0)
    captured = _echo(played)
    captured[64000:] += noise(4.0, level=0.3, seed=3)
    canceller = LinearCanceller()
    _run(canceller, captured, played)
    assert canceller.converged


def test_what_was_learnt_is_kept_while_nothing_is_played() -> None:
    played = noise(4.0)
    captured = _echo(played)
    canceller = LinearCanceller()
    _run(canceller, captured, played)
    _run(canceller, noise(10.0, seed=4), np.zeros(160000, np.float32))
    assert canceller.converged
    rest, _ = _run(canceller, captured, played)
    assert decibels(rest[1600:8000]) < decibels(captured[1600:8000]) - 25.0
