"""What fits a machine, and why: memory, disk, speed. Pure arithmetic over the facts of the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from modules.models.catalogue import Kind, Model
from modules.models.space import RESERVE_BYTES

COMFORTABLE_PART = 0.5
"""Of the memory: the rest is for the desktop and for the other engines."""
POSSIBLE_PART = 0.8
"""Of the memory: beyond, the machine would swap, and nobody would want to wait."""
TOKENS_A_SECOND = 10.0
"""Below that an answer comes hardly faster than it is spoken, 3 to 4 tokens a second, after a late beginning."""
MEASURED_BYTES_A_SECOND = 31e9
"""What a language model read of its weights on two server cores: 28 tokens a second from 1.1 GB. Reading the weights
from memory is what bounds a processor, so that more cores add little."""
TRANSCRIBING_SECONDS = 0.8
"""The longest time after the end of an utterance that does not feel like waiting."""
MEASURED_SECONDS_A_PARAMETER = 0.163 / 74e6
"""Whisper base, for an utterance of 4 seconds, on two server cores."""
_MEASURED_CORES = 2


@dataclass(frozen=True, slots=True)
class Machine:
    """What a machine has."""

    memory: int
    """Bytes, in use or not."""
    disk_free: int
    """Bytes, where models are kept."""
    cores: int
    gpu_memory: int = 0
    """Bytes of the largest graphics card; 0 without one."""


class Verdict(StrEnum):
    """How a model fits."""

    FITS = "fits"
    TIGHT = "tight"
    """It works, with what the reasons say."""
    TOO_BIG = "too-big"


@dataclass(frozen=True, slots=True)
class Fit:
    """How a model fits a machine."""

    verdict: Verdict
    reasons: tuple[str, ...]
    """Sentences."""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What to take of a kind."""

    model: Model
    fit: Fit


def fit(model: Model, machine: Machine, *, present: int = 0) -> Fit:
    """How a model fits a machine.

    Args:
        model: The model.
        machine: The machine.
        present: Bytes of it that are on the disk already.
    """
    reasons: list[tuple[Verdict, str]] = [_memory(model, machine)]
    if present < model.size:
        reasons.append(_disk(model.size - present, machine))
    if (speed := _speed(model, machine)) is not None:
        reasons.append(speed)
    order = list(Verdict)
    return Fit(max((verdict for verdict, _ in reasons), key=order.index), tuple(words for _, words in reasons))


def recommend(
    models: Iterable[Model], machine: Machine, *, language: str = "", present: Callable[[Model], int] = lambda model: 0
) -> list[Recommendation]:
    """The best model of each kind that fits; where none does, the smallest one that works at all.

    Models that may not be used commercially are recommended only where there is no other.

    Args:
        models: What there is.
        machine: The machine.
        language: Code of the language that they must know; empty for any.
        present: Tells the bytes of a model that are on the disk already.
    """
    found = []
    for kind in Kind:
        candidates = [
            Recommendation(model, fit(model, machine, present=present(model)))
            for model in models
            if model.kind is kind and _speaks(model, language)
        ]
        possible = [choice for choice in candidates if choice.fit.verdict is not Verdict.TOO_BIG]
        if possible:
            found.append(max(possible, key=_rank))
    return found


def _rank(choice: Recommendation) -> tuple[bool, bool, int, int]:
    fits, model = choice.fit.verdict is Verdict.FITS, choice.model
    return model.licence.commercial, fits, model.quality if fits else -model.size, model.parameters


def _speaks(model: Model, language: str) -> bool:
    return not language or not model.languages or "multi" in model.languages or language in model.languages


def _memory(model: Model, machine: Machine) -> tuple[Verdict, str]:
    need, have = _gigabytes(model.memory), _gigabytes(machine.memory)
    if model.memory <= COMFORTABLE_PART * machine.memory:
        return Verdict.FITS, f"It needs about {need} of memory; this machine has {have}."
    if model.memory <= POSSIBLE_PART * machine.memory:
        return Verdict.TIGHT, f"It needs about {need} of the {have} of memory, which leaves little for the rest."
    return Verdict.TOO_BIG, f"It needs about {need} of memory; this machine has only {have}."


def _disk(needed: int, machine: Machine) -> tuple[Verdict, str]:
    need, have = _gigabytes(needed), _gigabytes(machine.disk_free)
    if needed + RESERVE_BYTES <= machine.disk_free:
        return Verdict.FITS, f"It needs {need} of disk; {have} are free."
    return Verdict.TOO_BIG, f"It needs {need} of disk; only {have} are free."


def _speed(model: Model, machine: Machine) -> tuple[Verdict, str] | None:
    if model.gpu_memory:
        if machine.gpu_memory >= model.gpu_memory:
            return Verdict.FITS, "The graphics card is large enough for it."
        return Verdict.TIGHT, f"Without a graphics card with {_gigabytes(model.gpu_memory)} of memory it is slow."
    if model.kind is Kind.LLM:
        rate = MEASURED_BYTES_A_SECOND / model.size
        verdict = Verdict.FITS if rate >= TOKENS_A_SECOND else Verdict.TIGHT
        return verdict, f"It writes about {rate:.0f} tokens a second; speaking takes 3 to 4."
    if model.kind is Kind.STT and model.parameters:
        seconds = MEASURED_SECONDS_A_PARAMETER * model.parameters * _MEASURED_CORES / max(1, machine.cores)
        verdict = Verdict.FITS if seconds <= TRANSCRIBING_SECONDS else Verdict.TIGHT
        return verdict, f"It needs about {seconds:.1f} seconds for a short utterance."
    return None


def _gigabytes(size: float) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{max(1, round(size / 1e6))} MB"
