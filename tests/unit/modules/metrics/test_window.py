from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from modules.metrics.base import MetricsError
from modules.metrics.window import Window, parse_duration, parse_moment, window

NOW = 1_743_300_000.0  # 2025-03-30T02:00:00Z


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("15m", 900), ("1h", 3600), ("1h30m", 5400), ("7d", 604_800), ("2w", 1_209_600), ("0.5h", 1800)],
)
def test_spans(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "1", "h", "1x", "-1h", "1h ", "0s", "1 h", "1,5h", "١h", "9" * 5000 + "s", "1h!"])
def test_what_is_no_span(text: str) -> None:
    with pytest.raises(MetricsError) as raised:
        parse_duration(text)
    assert raised.value.code == "bad-window"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-03-30T02:00:00Z", NOW),
        ("2025-03-30T04:00:00+02:00", NOW),
        ("2025-03-30T04:00", NOW),  # local time, after the clocks went forward
        ("2025-03-30", NOW - 3 * 3600),  # local midnight, before they did
        ("2025-10-26T02:30", 1_761_438_600.0),  # comes twice that night; the first one is meant
    ],
)
@pytest.mark.usefixtures("berlin")
def test_moments(text: str, moment: float) -> None:
    assert parse_moment(text) == moment


@pytest.mark.parametrize("text", ["", "yesterday", "2025-13-01", "2025-03-30T25:00", "12"])
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(MetricsError, match="is no time"):
        parse_moment(text)


def test_windows() -> None:
    assert window(NOW) == Window(float("-inf"), float("inf"))
    assert window(NOW, last="1h") == Window(NOW - 3600, float("inf"))
    assert window(NOW, last="1h", until="2025-03-30T01:00Z") == Window(NOW - 7200, NOW - 3600)
    assert window(NOW, since="2025-03-30T01:00Z", until="2025-03-30T02:00Z") == Window(NOW - 3600, NOW)


def test_windows_that_mean_nothing() -> None:
    with pytest.raises(MetricsError, match="not both"):
        window(NOW, last="1h", since="2025-03-30")
    with pytest.raises(MetricsError, match="ends before it begins"):
        window(NOW, since="2025-03-30", until="2025-03-29")
