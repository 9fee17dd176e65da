from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from modules.llm.llama_cpp import LlamaCpp
from modules.models.embedded import smollm2


@dataclass
class RealServer:
    """llama-cpp-python's own OpenAI-compatible server with the embedded model."""

    url: str
    process: subprocess.Popen[str]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def running_server() -> Iterator[RealServer]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    command = [sys.executable, "-m", "llama_cpp.server", "--model", str(smollm2()), "--host", "127.0.0.1"]
    command += ["--port", str(port), "--n_ctx", "1024", "--n_threads", "1", "--verbose", "False"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    with process, process.stderr:
        said = []
        for line in process.stderr:
            said.append(line)
            if "Uvicorn running on" in line:
                break
        else:
            raise AssertionError("".join(said))
        try:
            yield RealServer(f"http://127.0.0.1:{port}/v1", process)
        finally:
            process.kill()


@pytest.fixture(scope="module")
def server() -> Iterator[RealServer]:
    """Shared by the tests of a module, for it takes seconds to start."""
    with running_server() as running:
        yield running


@pytest.fixture
def doomed_server() -> Iterator[RealServer]:
    """For a test that kills it."""
    with running_server() as running:
        yield running


@pytest.fixture
async def smollm() -> AsyncGenerator[LlamaCpp, None]:
    """The embedded model, loaded, with one thread and a short context: tests share the machine."""
    model = LlamaCpp(threads=1, context_tokens=512)
    await model.load()
    yield model
    await model.close()


@pytest.fixture
def changed_model(tmp_path: Path) -> Callable[[bytes, bytes], Path]:
    """Makes a copy of the embedded model in which some bytes are replaced by as many others."""

    def change(old: bytes, new: bytes) -> Path:
        data = smollm2().read_bytes()
        assert len(old) == len(new)
        assert old in data
        path = tmp_path / "changed.gguf"
        path.write_bytes(data.replace(old, new))
        return path

    return change
