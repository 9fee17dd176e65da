"""Qt without a screen, and nothing left running after a test."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        if thread.name in ("AnyIO worker thread", "health", "settings"):  # told to end, or soon at their end
            thread.join(timeout=10)
    left = [thread.name for thread in threading.enumerate() if thread not in before and thread.is_alive()]
    assert left == [], "threads still running after the test"
