"""A model hub that names files outside of the folder they belong to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from modules.models import hub
from modules.models.base import ModelError

EVIL = ("../../evil.bin", "/tmp/evil.bin", "weights/../../../evil.bin")
REVISION = "0" * 40


def _handler(name: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            about = {"id": "someone/model", "sha": REVISION, "siblings": [{"rfilename": name, "size": 4}]}
            self._send(json.dumps(about).encode() if self.path.startswith("/api/") else b"evil", body=True)

        def do_HEAD(self) -> None:
            self._send(b"evil", body=False)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

        def _send(self, data: bytes, *, body: bool) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("X-Repo-Commit", REVISION)
            self.send_header("ETag", '"1"')
            self.end_headers()
            if body:
                self.wfile.write(data)

    return Handler


@pytest.fixture
def endpoint(request: pytest.FixtureRequest) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(request.param)) as http:
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{http.server_address[1]}"
        http.shutdown()
        thread.join()


@pytest.mark.parametrize("endpoint", EVIL, indirect=True)
def test_nothing_is_written_outside_of_the_models_folder(endpoint: str, tmp_path: Path) -> None:
    cache = tmp_path / "a" / "b" / "cache"
    with pytest.raises(ModelError, match="could not be downloaded"):
        hub.fetch("someone/model", ["*.bin"], cache_dir=cache, endpoint=endpoint)
    assert list(tmp_path.rglob("*.bin")) == []
    assert not Path("/tmp/evil.bin").exists()


@pytest.mark.parametrize("endpoint", ["weights/model.bin"], indirect=True)
def test_the_same_hub_is_good_enough_for_a_plain_name(endpoint: str, tmp_path: Path) -> None:
    folder = hub.fetch("someone/model", ["*.bin"], cache_dir=tmp_path, endpoint=endpoint)
    assert [path.name for path in folder.rglob("*.bin")] == ["model.bin"]
