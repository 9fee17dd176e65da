"""`arvis bench turn`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from arvis import app as composition
from config.settings import Settings
from modules.bench.turn import BenchError, Floors, Measured, TurnBench
from modules.turn.latency import LatencyRecord
from tests.unit.arvis.cli.conftest import Command

LATENCY = LatencyRecord(100.0, None, 150.0, 200.0, 240.0, 260.0, 900.0)
TURN = Measured("q.flac", 2.0, "hello", LATENCY, Floors(80.0, 90.0, 30.0))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path | None, int]]:
    """What the measurement was asked for."""
    calls: list[tuple[Path | None, int]] = []

    async def run_bench_turn(
        settings: Settings, audio_dir: Path | None, runs: int, on_turn: Callable[[Measured], None]
    ) -> TurnBench:
        calls.append((audio_dir, runs))
        on_turn(TURN)
        return TurnBench((TURN,))

    monkeypatch.setattr(composition, "run_bench_turn", run_bench_turn)
    return calls


def test_the_table(arvis: Command, asked: list[tuple[Path | None, int]]) -> None:
    result = arvis("bench", "turn")
    assert result.exit_code == 0, result.output
    assert asked == [(None, 1)]
    rows = {
        line.rsplit(None, 2)[0].strip(): line.split()[-2:] for line in result.stdout.splitlines() if "turn: " in line
    }
    assert rows["turn: first audible"] == ["260", "260"]
    assert "sum of the bare engines (p50): 1.3\n" in result.stdout
    assert result.stderr == "q.flac: first audible sound after 260 ms, ratio 1.30\n"


def test_json(arvis: Command, asked: list[tuple[Path | None, int]], tmp_path: Path) -> None:
    told = arvis.json("bench", "turn", "--audio", tmp_path, "--runs", "3")
    assert asked == [(tmp_path, 3)]
    assert (told["turns"], told["latency_ms"]["first_audible"]["p50"]) == (1, 260.0)
    assert told["ratio_of_medians"] == pytest.approx(1.3)


def test_nothing_to_measure_is_one_sentence(arvis: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run_bench_turn(*_: object, **__: object) -> TurnBench:
        raise BenchError("no-recordings", "There is no sound file.")

    monkeypatch.setattr(composition, "run_bench_turn", run_bench_turn)
    assert arvis.fails("bench", "turn", "--audio", tmp_path) == "There is no sound file."


def test_misuse(arvis: Command, tmp_path: Path) -> None:
    assert "does not exist" in arvis.misused("bench", "turn", "--audio", tmp_path / "none")
    assert "--runs" in arvis.misused("bench", "turn", "--runs", "0")
