"""The real client of the hub against a server on this machine that answers as a hub does."""

from __future__ import annotations

import errno
import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from modules.models import hub
from modules.models.base import ModelError

REVISION = "0123456789abcdef0123456789abcdef01234567"
PATTERNS = ("config.json", "model.bin", "vocabulary.*")
FILES = {"config.json": b"{}", "model.bin": b"weights" * 200_000, "vocabulary.txt": b"a\nb\n", "README.md": b"hello"}


@dataclass
class Hub:
    """What the server has, and what it was asked."""

    files: dict[str, bytes] = field(default_factory=lambda: dict(FILES))
    corrupt: bool = False
    status: int = 200
    """Status of every answer, when it is not 200."""
    requests: list[str] = field(default_factory=list)
    endpoint: str = ""

    def info(self) -> dict[str, Any]:
        """What the hub says of the model: names, sizes, and checksums of large files."""
        siblings = []
        for name, data in self.files.items():
            lfs = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest(), "pointerSize": 134}
            large = {"lfs": lfs} if name == "model.bin" else {}
            siblings.append({"rfilename": name, "size": len(data), "blobId": "0" * 40, **large})
        return {"_id": "1", "id": "someone/model", "modelId": "someone/model", "sha": REVISION, "siblings": siblings}


def _handler(state: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            state.requests.append(self.path)
            self._answer(body=True)

        def log_message(self, format: str, *args: Any) -> None:
            """Be quiet."""

        def _answer(self, *, body: bool) -> None:
            path = self.path.partition("?")[0]
            root = f"/someone/model/resolve/{REVISION}/"
            if state.status != 200:
                self._send(state.status, b"", body)
            elif path in ("/api/models/someone/model", "/api/models/someone/model/revision/main"):
                self._send(200, json.dumps(state.info()).encode(), body)
            elif path.startswith(root) and path.removeprefix(root) in state.files:
                data = state.files[path.removeprefix(root)]
                etag = hashlib.sha256(data).hexdigest()
                self._send(200, data[::-1] if state.corrupt else data, body, etag)
            else:
                self._send(404, b"", body, error="RepoNotFound")

        def _send(self, status: int, data: bytes, body: bool, etag: str = "", error: str = "") -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("X-Repo-Commit", REVISION)
            if etag:
                self.send_header("ETag", f'"{etag}"')
            if error:
                self.send_header("X-Error-Code", error)
            self.end_headers()
            if body:
                self.wfile.write(data)

    return Handler


@pytest.fixture
def server() -> Iterator[Hub]:
    state = Hub()
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(state)) as http:
        state.endpoint = f"http://127.0.0.1:{http.server_address[1]}"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield state
        http.shutdown()
        thread.join()


def test_the_wanted_files_arrive_and_the_progress_is_told(server: Hub, tmp_path: Path) -> None:
    seen: list[tuple[str, float | None]] = []
    folder = hub.fetch(
        "someone/model",
        PATTERNS,
        cache_dir=tmp_path,
        endpoint=server.endpoint,
        report=lambda note, fraction: seen.append((note, fraction)),
    )
    assert {path.name: path.read_bytes() for path in folder.glob("[!.]*")} == {
        name: data for name, data in FILES.items() if name != "README.md"
    }
    assert {note for note, _ in seen} == {"Downloading someone/model"}
    assert seen[-1][1] == 1.0


def test_a_second_start_does_not_ask_the_hub(server: Hub, tmp_path: Path) -> None:
    folder = hub.fetch("someone/model", PATTERNS, cache_dir=tmp_path, endpoint=server.endpoint)
    server.requests.clear()
    server.status = 500
    assert hub.fetch("someone/model", PATTERNS, cache_dir=tmp_path, endpoint=server.endpoint) == folder
    assert server.requests == []


def test_an_unknown_name_is_said_to_be_unknown(server: Hub, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model 'someone/other'") as caught:
        hub.fetch("someone/other", PATTERNS, cache_dir=tmp_path, endpoint=server.endpoint)
    assert (caught.value.code, caught.value.retryable) == ("model-not-found", False)


def test_a_name_that_the_hub_forbids_is_said_to_be_unknown(server: Hub, tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        hub.fetch("some--one/mo..del", PATTERNS, cache_dir=tmp_path, endpoint=server.endpoint)
    assert caught.value.code == "model-not-found"


def test_nobody_at_the_endpoint(tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as http:
        port = http.server_address[1]
    with pytest.raises(ModelError, match="could not be downloaded") as caught:
        hub.fetch("someone/model", PATTERNS, cache_dir=tmp_path, endpoint=f"http://127.0.0.1:{port}")
    assert (caught.value.code, caught.value.retryable) == ("hub-unreachable", True)
    assert "\n" not in caught.value.message


def test_a_hub_that_fails(server: Hub, tmp_path: Path) -> None:
    server.status = 501
    with pytest.raises(ModelError) as caught:
        hub.fetch("someone/model", PATTERNS, cache_dir=tmp_path, endpoint=server.endpoint)
    assert caught.value.code == "hub-unreachable"


def test_bytes_that_fail_their_checksum_are_not_kept(server: Hub, tmp_path: Path) -> None:
    server.corrupt = True
    with pytest.raises(ModelError, match=r"arrived damaged \(model\.bin\)") as caught:
        hub.fetch("someone/model", PATTERNS, cache_dir=tmp_path, endpoint=server.endpoint)
    assert caught.value.code == "wrong-checksum"
    assert list(tmp_path.rglob("*.bin")) == []
    server.corrupt = False
    assert (
        hub.fetch("someone/model", PATTERNS, cache_dir=tmp_path, endpoint=server.endpoint) / "model.bin"
    ).read_bytes() == FILES["model.bin"]


def test_a_disk_that_fills_up_is_said_to_be_full(server: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path) -> str:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(hub, "_sha256", full)
    with pytest.raises(ModelError) as caught:
        hub.fetch("someone/model", PATTERNS, cache_dir=tmp_path, endpoint=server.endpoint)
    assert caught.value.code == "disk-full"


def test_a_repository_of_another_kind_is_refused_before_anything_is_downloaded(server: Hub, tmp_path: Path) -> None:
    del server.files["vocabulary.txt"]
    with pytest.raises(ModelError, match=r"it has no vocabulary\.\*") as caught:
        hub.fetch("someone/model", PATTERNS, cache_dir=tmp_path, endpoint=server.endpoint)
    assert caught.value.code == "incomplete-model"
    assert [path for path in server.requests if "/resolve/" in path] == []
