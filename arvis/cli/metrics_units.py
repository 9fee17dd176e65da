"""Figures with the unit that their metric's name ends in, for people."""

from __future__ import annotations

_SECONDS = ((3600.0, "h"), (60.0, "min"), (1.0, "s"), (0.001, "ms"))
_BYTES = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B"))
_PLAIN = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))


def shown(name: str, value: float) -> str:
    """A figure with three digits, for example "0.311 ms".

    Args:
        name: Of the metric; what it ends in, but for "_total", says what the figure counts.
        value: In that unit.
    """
    unit = name.removesuffix("_total").rpartition("_")[2]
    if unit == "seconds":
        return f"{_three(value)} s" if not value else _scaled(value, _SECONDS, " ")
    if unit == "bytes":
        return _scaled(value, _BYTES, " ")
    if unit == "celsius":
        return f"{_three(value)} °C"
    return _scaled(value, _PLAIN, "") if abs(value) >= 1.0 else _three(value)


def _scaled(value: float, steps: tuple[tuple[float, str], ...], space: str) -> str:
    """In the largest unit of which it is at least one, or else in the smallest."""
    size, unit = next((step for step in steps if abs(value) >= step[0]), steps[-1])
    return f"{_three(value / size)}{space}{unit}"


def _three(value: float) -> str:
    text = f"{value:.3g}"
    return f"{value:.0f}" if "e" in text else text
