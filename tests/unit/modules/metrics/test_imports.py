"""What is there while Arvis starts must be cheap to import."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("prometheus_client", "psutil", "pynvml", "http.server", "keyring")


@pytest.mark.parametrize("module", ["recorder", "service", "store", "system", "engines", "exposition", "follower"])
def test_nothing_heavy_comes_along(module: str) -> None:
    code = f"import sys, modules.metrics.{module}; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
