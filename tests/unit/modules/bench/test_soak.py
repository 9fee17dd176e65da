"""The assistant by itself: it talks for as long as it is told to, and what it makes of itself is counted."""

from __future__ import annotations

from modules.bench.barge_in_report import BargeInReport
from modules.bench.scenes import SoakScene
from modules.bench.soak import Soak, measure
from modules.bench.virtual_time import run_virtual
from modules.turn.settings import SessionSettings
from tests.unit.modules.bench.stand_ins import ANSWER, COSTS, LOUD_ROOM, SILENT_ROOM, engines


def test_a_minute_in_a_silent_room_and_one_in_a_loud_one() -> None:
    scene = SoakScene("test", 1, (SILENT_ROOM, LOUD_ROOM), 1.0, 25.0, (ANSWER,), COSTS)
    seen: list[Soak] = []

    async def main() -> list[Soak]:
        return await measure(engines(clear=True), SessionSettings(language="en"), scene, seen.append)

    soaks = run_virtual(main)
    assert soaks == seen
    silent, loud = soaks
    assert (silent.room, silent.turns, silent.ended, silent.ducks, silent.pauses) == ("silent", (), 0, 0, 0)
    assert 1.0 <= silent.minutes < 1.5
    assert silent.answers >= 3
    assert loud.ended > 0
    assert loud.turns
    assert set(loud.turns) == {"wait what about tomorrow"}
    assert loud.minutes < 1.5
    assert loud.pauses >= loud.ended
    report = BargeInReport((), tuple(soaks)).as_dict()["soak"]
    assert isinstance(report, dict)
    assert (report["ended"], report["turns"]) == (loud.ended, len(loud.turns))
