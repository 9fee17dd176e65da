"""Percentiles of small samples."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Spread:
    """How a figure is spread over the runs; NaN throughout when there is none."""

    count: int
    minimum: float
    p50: float
    p95: float
    maximum: float

    @classmethod
    def of(cls, values: Iterable[float | None]) -> Spread:
        """The spread of the values that are there; percentiles are interpolated linearly."""
        present = np.array([value for value in values if value is not None], dtype=np.float64)
        if present.size == 0:
            return cls(0, *[float("nan")] * 4)
        p50, p95 = np.percentile(present, (50, 95))
        return cls(int(present.size), float(present.min()), float(p50), float(p95), float(present.max()))

    def as_dict(self, digits: int = 1) -> dict[str, float | None]:
        """Rounded values for printing; None where there is no value."""
        values = {"min": self.minimum, "p50": self.p50, "p95": self.p95, "max": self.maximum}
        return {name: None if self.count == 0 else round(value, digits) for name, value in values.items()}
