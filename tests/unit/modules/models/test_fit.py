from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from modules.models.catalogue import Catalogue, Kind, Licence, Model, catalogue
from modules.models.fit import Machine, Verdict, fit, recommend
from modules.models.machine import this_machine
from modules.models.space import RESERVE_BYTES

GB = 10**9
LARGE = Machine(64 * GB, 1000 * GB, 16)
MODEL = Model(
    id="one",
    kind=Kind.LLM,
    engine="llama-cpp",
    name="One",
    description="A model.",
    licence=Licence("MIT"),
    languages=("en",),
    size=GB,
    memory=2 * GB,
    parameters=GB,
    quality=3,
    notes=(),
    files=(),
    sources=(),
)


@pytest.mark.parametrize(
    ("memory", "verdict"),
    [(4 * GB, Verdict.FITS), (4 * GB - 1, Verdict.TIGHT), (2_500_000_000, Verdict.TIGHT), (2 * GB, Verdict.TOO_BIG)],
)
def test_half_of_the_memory_is_comfortable_and_four_fifths_possible(memory: int, verdict: Verdict) -> None:
    found = fit(MODEL, replace(LARGE, memory=memory))
    assert found.verdict is verdict
    assert "2.0 GB" in found.reasons[0]


def test_the_disk_must_have_room_for_what_is_missing() -> None:
    free = GB + RESERVE_BYTES
    assert fit(MODEL, replace(LARGE, disk_free=free)).verdict is Verdict.FITS
    assert fit(MODEL, replace(LARGE, disk_free=free - 1)).verdict is Verdict.TOO_BIG
    assert fit(MODEL, replace(LARGE, disk_free=free - 1), present=1).verdict is Verdict.FITS
    assert len(fit(MODEL, LARGE, present=GB).reasons) == len(fit(MODEL, LARGE).reasons) - 1


@pytest.mark.parametrize(("size", "verdict"), [(3_100_000_000, Verdict.FITS), (3_200_000_000, Verdict.TIGHT)])
def test_a_language_model_must_write_faster_than_it_is_spoken(size: int, verdict: Verdict) -> None:
    assert fit(replace(MODEL, size=size), LARGE).verdict is verdict


def test_transcribing_takes_longer_with_more_parameters_and_fewer_cores() -> None:
    stt = replace(MODEL, kind=Kind.STT, memory=1, parameters=244_000_000)
    assert fit(stt, replace(LARGE, cores=2)).verdict is Verdict.FITS
    assert fit(stt, replace(LARGE, cores=1)).verdict is Verdict.TIGHT
    assert "0.5 seconds" in fit(stt, replace(LARGE, cores=2)).reasons[-1]


def test_a_model_that_wants_a_graphics_card_is_tight_without() -> None:
    model = replace(MODEL, gpu_memory=8 * GB)
    assert fit(model, LARGE).verdict is Verdict.TIGHT
    assert fit(model, replace(LARGE, gpu_memory=8 * GB)).verdict is Verdict.FITS


def test_the_best_that_fits_is_recommended() -> None:
    small = replace(MODEL, id="small", quality=2, memory=GB)
    large = replace(MODEL, id="large", quality=5, memory=20 * GB)
    models = Catalogue((small, MODEL, large))
    assert [choice.model.id for choice in recommend(models, LARGE)] == ["large"]
    assert [choice.model.id for choice in recommend(models, replace(LARGE, memory=16 * GB))] == ["one"]
    assert [choice.model.id for choice in recommend(models, replace(LARGE, memory=3 * GB))] == ["small"]
    assert recommend(models, replace(LARGE, memory=GB)) == []


def test_where_nothing_fits_the_smallest_that_works_is_recommended() -> None:
    heavy = replace(MODEL, id="heavy", size=2 * GB, quality=5)
    (choice,) = recommend(Catalogue((heavy, MODEL)), replace(LARGE, memory=3 * GB))
    assert (choice.model.id, choice.fit.verdict) == ("one", Verdict.TIGHT)


def test_what_may_not_be_used_commercially_is_recommended_last() -> None:
    restricted = replace(MODEL, id="restricted", quality=5, licence=Licence("X", commercial=False, note="No."))
    assert [choice.model.id for choice in recommend(Catalogue((restricted, MODEL)), LARGE)] == ["one"]
    assert [choice.model.id for choice in recommend(Catalogue((restricted,)), LARGE)] == ["restricted"]


def test_the_language_must_be_known() -> None:
    german = replace(MODEL, id="german", languages=("de",), quality=1)
    every = replace(MODEL, id="every", languages=("multi",), quality=2)
    models = Catalogue((MODEL, german, every))
    assert [choice.model.id for choice in recommend(models, LARGE, language="de")] == ["every"]
    assert recommend(Catalogue((MODEL,)), LARGE, language="de") == []


@pytest.mark.parametrize(
    ("machine", "stt", "llm"),
    [
        (Machine(4 * GB, 50 * GB, 2), "whisper-small", "qwen2.5-1.5b-instruct-q4"),
        (Machine(2 * GB, 50 * GB, 2), "whisper-small", "qwen2.5-0.5b-instruct-q4"),
        (Machine(16 * GB, 50 * GB, 8), "whisper-medium", "qwen3-4b-instruct-q4"),
        (Machine(1 * GB, 50 * GB, 1), "whisper-base", "smollm2-135m-instruct-q4"),
    ],
)
def test_the_catalogue_has_something_for_every_machine(machine: Machine, stt: str, llm: str) -> None:
    chosen = {choice.model.kind: choice.model.id for choice in recommend(catalogue(), machine)}
    assert (chosen[Kind.STT], chosen[Kind.LLM]) == (stt, llm)


def test_this_machine_has_something(tmp_path: Path) -> None:
    machine = this_machine(tmp_path / "not" / "there", lambda: 7)
    assert machine.memory > 10**8
    assert machine.cores >= 1
    assert machine.disk_free > 0
    assert machine.gpu_memory == 7
