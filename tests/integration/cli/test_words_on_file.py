"""What a whole turn with the real engines leaves on file at the level "debug": none of what was said and answered."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.integration.cli.conftest import document

CAPITAL = Path(__file__).parents[2] / "data" / "questions" / "q00.flac"


class EchoingServer(BaseHTTPRequestHandler):
    """A language model server that fails, and quotes the whole request when it does."""

    def do_GET(self) -> None:
        """Say which models there are."""
        self._answer(200, {"data": [{"id": "embedded"}]})

    def do_POST(self) -> None:
        """Refuse what the user asks; only the short greeting by which the engine warms up is answered."""
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        asked = request["messages"][-1]["content"]
        if "gazebo" in asked:
            self._answer(400, {"error": {"message": f"cannot answer {asked} for {self.headers['Authorization']}"}})
        else:
            piece = {"choices": [{"delta": {"content": "Hi."}, "finish_reason": "stop"}]}
            self._send(200, "text/event-stream", f"data: {json.dumps(piece)}\n\ndata: [DONE]\n\n")

    def _answer(self, status: int, what: object) -> None:
        self._send(status, "application/json", json.dumps(what))

    def _send(self, status: int, kind: str, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), EchoingServer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()
        thread.join()


def ask(environ: dict[str, str], *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "arvis", "ask", *map(str, arguments), "--no-speak", "--json"]
    everything = {**environ, "ARVIS_LOGGING_LEVEL": "debug"}
    return subprocess.run(command, env=everything, capture_output=True, text=True, check=False)


def on_file(home: Path) -> str:
    """Everything below the home but the models."""
    files = [path for path in home.rglob("*") if path.is_file() and "models" not in path.relative_to(home).parts]
    assert home / "log" / "arvis.log" in files
    return "\n".join(path.read_bytes().decode("utf-8", "replace") for path in files).lower()


def test_a_spoken_turn(environ: dict[str, str], home: Path) -> None:
    done = ask(environ, "--audio", CAPITAL)
    assert done.returncode == 0, done.stderr
    told = document(done)
    assert "capital of france" in told["transcript"].lower()
    assert "Paris" in told["reply"]
    text = on_file(home)
    assert '"heard: ' in text, "it was looked where something is"
    assert [word for word in ("france", "paris", "capital") if word in text] == []


def test_a_turn_whose_failure_quotes_it(environ: dict[str, str], home: Path, server: str) -> None:
    key = "sk-do-not-write-me-down"
    done = ask(
        {**environ, "ARVIS_LLM_ENGINE": "openai", "ARVIS_LLM_BASE_URL": server, "ARVIS_LLM_API_KEY": key},
        "paint my gazebo turquoise",
    )
    assert done.returncode == 1
    assert "gazebo" in document(done)["error"]["message"], "the server's own words are for the user"
    text = on_file(home)
    assert '"typed: 4 words"' in text
    assert [word for word in ("gazebo", "turquoise", key) if word in text] == []


def test_who_wants_to_see_the_words_sees_them(environ: dict[str, str], home: Path, server: str) -> None:
    settings = {"ARVIS_LLM_ENGINE": "openai", "ARVIS_LLM_BASE_URL": server}
    command = [sys.executable, "-m", "arvis", "--debug-transcripts", "ask", "good morning", "--no-speak"]
    subprocess.run(command, env={**environ, **settings}, capture_output=True, check=True)
    assert '"typed: good morning"' in on_file(home)
    assert '"answered: hi."' in on_file(home)
