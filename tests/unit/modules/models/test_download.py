"""Answers that a real server would hardly give."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import cast

import httpx
import pytest

from modules.models import download
from modules.models.base import DownloadError
from modules.models.checksums import Expected
from modules.models.download import Downloader
from modules.models.http import ModelHttp
from modules.network.client import ClientPool
from utils.aio import Worker

DATA = b"weights" * 1000
EXPECTED = Expected(len(DATA), hashlib.sha256(DATA).hexdigest())
URL = "https://example.org/a"


class Pool:
    """Lends a client that asks a function."""

    def __init__(self, answer: Callable[[httpx.Request], httpx.Response]) -> None:
        self.requests: list[httpx.Request] = []
        self.lent = 0
        self._answer = answer

    def acquire(self) -> httpx.AsyncClient:
        self.lent += 1
        return httpx.AsyncClient(transport=httpx.MockTransport(self._take))

    async def release(self) -> None:
        self.lent -= 1

    def _take(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self._answer(request)


async def fetch(
    pool: Pool, target: Path, expected: Expected = EXPECTED, url: str = URL, limit: int | None = None
) -> list[int]:
    """Download, and return what was told."""
    told: list[int] = []
    worker = Worker("test")

    async def sleep(seconds: float) -> None:
        pass

    downloader = Downloader(ModelHttp(cast(ClientPool, pool)), worker, lambda: None, sleep=sleep)
    try:
        await downloader.fetch(url, target, expected, told.append, limit=limit)
    finally:
        worker.close()
        assert pool.lent == 0
    return told


class Stream(httpx.AsyncByteStream):
    """Sends some bytes, and may break off then."""

    def __init__(self, data: bytes, *, breaks: bool = False) -> None:
        self._data = data
        self._breaks = breaks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._data
        if self._breaks:
            raise httpx.ReadError("broken")


def whole(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, stream=Stream(DATA), headers={"ETag": '"1"', "Content-Length": str(len(DATA))})


async def test_what_is_whole_already_is_not_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a.part").write_bytes(DATA)
    pool = Pool(whole)
    await fetch(pool, tmp_path / "a")
    assert pool.requests == []
    assert (tmp_path / "a").read_bytes() == DATA


@pytest.mark.parametrize("left", [DATA[::-1], DATA + b"more"])
async def test_what_is_as_long_but_wrong_or_longer_is_dropped(tmp_path: Path, left: bytes) -> None:
    (tmp_path / "a.part").write_bytes(left)
    pool = Pool(whole)
    await fetch(pool, tmp_path / "a")
    assert ["range" in request.headers for request in pool.requests] == [False]
    assert (tmp_path / "a").read_bytes() == DATA


async def test_without_a_checksum_or_a_mark_a_rest_is_not_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a.part").write_bytes(b"something else")
    pool = Pool(whole)
    await fetch(pool, tmp_path / "a", Expected())
    assert ["range" in request.headers for request in pool.requests] == [False]
    assert (tmp_path / "a").read_bytes() == DATA


async def test_a_weak_mark_is_none(tmp_path: Path) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        headers = {"ETag": 'W/"1"', "Last-Modified": "Fri, 20 Nov 2026 10:00:00 GMT"}
        return httpx.Response(200, headers=headers, stream=Stream(DATA[:100], breaks=True))

    pool = Pool(answer)
    with pytest.raises(DownloadError):
        await fetch(pool, tmp_path / "a")
    assert {request.headers.get("if-range") for request in pool.requests} == {None}


async def test_a_date_marks_what_has_no_other_mark(tmp_path: Path) -> None:
    date = "Fri, 20 Nov 2026 10:00:00 GMT"

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"Last-Modified": date}, stream=Stream(DATA[:100], breaks=True))

    pool = Pool(answer)
    with pytest.raises(DownloadError):
        await fetch(pool, tmp_path / "a")
    assert pool.requests[1].headers["if-range"] == date


async def test_a_rest_that_is_not_to_be_had_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "a.part").write_bytes(DATA[:100])

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(416) if "range" in request.headers else whole(request)

    pool = Pool(answer)
    await fetch(pool, tmp_path / "a")
    assert ["range" in request.headers for request in pool.requests] == [True, False]


async def test_a_part_that_nobody_asked_for_is_not_taken(tmp_path: Path) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            206, stream=Stream(DATA), headers={"Content-Range": f"bytes 0-{len(DATA) - 1}/{len(DATA)}"}
        )

    with pytest.raises(DownloadError):
        await fetch(Pool(answer), tmp_path / "a")
    assert not (tmp_path / "a").exists()


async def test_a_part_of_something_of_unknown_length_will_do(tmp_path: Path) -> None:
    (tmp_path / "a.part").write_bytes(DATA[:100])

    def answer(request: httpx.Request) -> httpx.Response:
        headers = {"Content-Range": f"bytes 100-{len(DATA) - 1}/*"}
        return httpx.Response(206, stream=Stream(DATA[100:]), headers=headers)

    await fetch(Pool(answer), tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == DATA


async def test_a_limit_holds_where_the_size_is_not_known(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="at most 6999 bytes") as caught:
        await fetch(Pool(whole), tmp_path / "a", Expected(), limit=6999)
    assert caught.value.code == "wrong-size"
    await fetch(Pool(whole), tmp_path / "a", Expected(), limit=7000)


async def test_encryption_is_not_given_up_on_the_way(tmp_path: Path) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"Location": "http://example.org/b"})

    pool = Pool(answer)
    with pytest.raises(DownloadError, match="without encryption"):
        await fetch(pool, tmp_path / "a")
    assert len(pool.requests) == 1


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/a", "nothing", "https://exa mple/\x00"])
async def test_addresses_that_are_none_are_refused(tmp_path: Path, url: str) -> None:
    pool = Pool(whole)
    with pytest.raises(DownloadError) as caught:
        await fetch(pool, tmp_path / "a", url=url)
    assert caught.value.code == "bad-answer"
    assert pool.requests == []


async def test_credentials_in_an_address_are_not_told(tmp_path: Path) -> None:
    with pytest.raises(DownloadError) as caught:
        await fetch(Pool(lambda request: httpx.Response(404)), tmp_path / "a", url="https://me:secret@example.org/a")
    assert caught.value.message == "example.org does not have it (status 404)."


async def test_a_server_that_breaks_off_for_ever_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "MAX_TRIES", 3)
    monkeypatch.setattr(download, "PROGRESS_BYTES", 1)
    position = iter(range(0, len(DATA), 100))

    def answer(request: httpx.Request) -> httpx.Response:
        begin = next(position)
        headers = {"ETag": '"1"'}
        if begin:
            headers["Content-Range"] = f"bytes {begin}-{len(DATA) - 1}/{len(DATA)}"
        return httpx.Response(
            206 if begin else 200, headers=headers, stream=Stream(DATA[begin : begin + 100], breaks=True)
        )

    pool = Pool(answer)
    with pytest.raises(DownloadError, match="again and again"):
        await fetch(pool, tmp_path / "a")
    assert [request.headers.get("range") for request in pool.requests] == [None, "bytes=100-", "bytes=200-"]
    assert (tmp_path / "a.part").read_bytes() == DATA[:300]
