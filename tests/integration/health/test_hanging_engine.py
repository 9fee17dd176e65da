"""Calls that never return, in real threads and in a real process."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from pathlib import Path

import pytest

from modules.health.base import Check, Finding, Status, in_thread
from modules.health.checker import HealthChecker
from modules.health.engines import answer, question
from modules.llm.base import GenerationOptions, Message
from tests.fakes.engines import FakeLanguageModel
from tests.integration.cli.conftest import environ, home
from utils.aio import Worker

__all__ = ["environ", "home"]

BAR = 3.0
"""Seconds that all checks together may take."""


class Stuck(FakeLanguageModel):
    """A model whose native call never returns, whoever has gone."""

    release = threading.Event()
    worker: Worker

    async def stream(
        self, messages: Sequence[Message], options: GenerationOptions | None = None
    ) -> AsyncGenerator[str, None]:
        def produce(cancelled: threading.Event) -> Iterator[str]:
            self.release.wait(60)
            yield "never"

        self.worker = Worker("stuck")
        async for piece in self.worker.stream(produce):
            yield piece


async def fine() -> Finding:
    return await in_thread(lambda: Finding(Status.HEALTHY, "Fine."))


async def test_all_checks_end_in_time_while_a_native_call_hangs() -> None:
    model = Stuck()

    async def ask() -> Finding:
        return Finding(Status.HEALTHY, (await answer(model, question("Be brief."))).words)

    names = ("vad", "llm", "stt", "tts")
    lane = [Check(name, name, ask if name == "llm" else fine, lane="engines") for name in names]
    checker = HealthChecker([*lane, *(Check(name, name, fine) for name in ("disk", "memory", "network"))])
    began = time.monotonic()
    report = await checker.check()
    seconds = time.monotonic() - began
    assert report.named(Status.UNHEALTHY) == ("llm",)
    assert report.named(Status.HEALTHY) == ("vad", "stt", "tts", "disk", "memory", "network")
    assert seconds < BAR
    again = time.monotonic()
    await checker.check("llm")
    assert time.monotonic() - again < 0.5  # it is not asked again, and nothing queues up behind it
    assert checker.given_up == {"llm"}
    await checker.close()
    model.release.set()
    model.worker.close()


_DOCTOR = """
import asyncio, sys, time
from pathlib import Path
from arvis import app, machine_checks
from arvis.cli import examination, main, probes
from modules.health.weights import Weights
from tests.fakes.audio import FakeOutput, FakeSource
from tests.fakes.engines import FakeLanguageModel, FakeSynthesizer, FakeTranscriber
from utils.aio import Worker

class Stuck(FakeTranscriber):
    async def load(self, progress=None):
        await Worker("stuck").run(time.sleep, 3600)

app.build_transcriber = lambda settings: Stuck()
app.build_language_model = lambda settings: FakeLanguageModel("llama-cpp")
app.build_synthesizer = lambda settings: FakeSynthesizer("hibari")
app.build_microphone = lambda settings: FakeSource()
app.build_output = lambda settings: FakeOutput()
machine_checks.asked_weights = lambda settings: [Weights("A model", Path.cwd)]
probes.measure_window = lambda: 100_000_000
examination.ENGINE_SECONDS = 0.5
sys.argv = ["arvis", "doctor", *sys.argv[1:]]
main.main()
"""


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_the_doctor_ends_although_a_native_call_does_not(environ: dict[str, str], arguments: list[str]) -> None:
    command = [sys.executable, "-c", _DOCTOR, *arguments]
    root = Path(__file__).parents[3]
    done = subprocess.run(
        command, env=environ | {"PYTHONPATH": str(root)}, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1, done.stderr
    if arguments:
        told = json.loads(done.stdout)
        assert told["error"]["message"] == "Broken: Speech to text."
        assert {check["name"]: check["status"] for check in told["checks"]}["tts"] == "HEALTHY"
    else:
        assert "It did not answer within 0.5 seconds." in " ".join(done.stdout.split())
