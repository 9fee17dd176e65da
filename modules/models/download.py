"""Download of one file: continued where it broke off, checked while it arrives, given up when it cannot be right."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path

from modules.models.base import DownloadError
from modules.models.checksums import Expected
from modules.models.http import Answer, ModelHttp
from modules.models.partial import Origin, PartialFile
from modules.network.retries import Retries
from utils.aio import Worker

RETRIES = Retries(rate_limited=4, server_failed=4, timed_out=3, connection_lost=5, longest_wait_seconds=60.0)
"""For one file at one place, since it has last come forward."""
PROGRESS_BYTES = 1 << 20
"""What a try must bring for the next ones to count from the beginning."""
MAX_TRIES = 200
"""For one file at one place: a server that breaks off every megabyte is given up at last."""
_WRITE_BYTES = 1 << 20
_BACKOFF_SECONDS = 1.0
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


class Downloader:
    """Fetches files.

    Args:
        http: Asks the servers.
        worker: The thread that writes and computes checksums.
        require_space: Raises where so many more bytes should not be written; called now and then.
        retries: How often the same place is asked again.
        sleep: Waits.
    """

    def __init__(
        self,
        http: ModelHttp,
        worker: Worker,
        require_space: Callable[[], None],
        *,
        retries: Retries = RETRIES,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._http = http
        self._worker = worker
        self._require_space = require_space
        self._retries = retries
        self._sleep = sleep

    async def fetch(
        self, url: str, target: Path, expected: Expected, tell: Callable[[int], None], *, limit: int | None = None
    ) -> None:
        """Have the file at `target`; what is there of it already is used.

        When this is cancelled, or fails, what has arrived stays for the next time, unless it is wrong.

        Args:
            url: Where it is.
            target: Where it belongs.
            expected: What is known of it.
            tell: Called with the bytes that are here.
            limit: Bytes that it may have at most where its size is not known.

        Raises:
            DownloadError: It cannot be had from there, or is wrong.
            OfflineError: Arvis is offline.
            OSError: The disk is full, or fails.
        """
        failures, corrupt = 0, False
        for _ in range(MAX_TRIES):
            before = await self._worker.run(_size, target, expected)
            try:
                await self._try(url, target, expected, tell, limit)
                return
            except DownloadError as error:
                if error.code == "wrong-checksum" and before and not corrupt:
                    corrupt = True  # what was left of an earlier time was wrong, perhaps; once from the beginning
                    continue
                arrived = await self._worker.run(_size, target, expected) - before
                failures = 1 if arrived >= PROGRESS_BYTES else failures + 1
                wait = self._retries.wait(error, failures)
                if not error.retryable or wait is None:
                    raise
                await self._sleep(max(wait, _BACKOFF_SECONDS * (2 ** min(failures - 1, 4)) if arrived <= 0 else wait))
        raise DownloadError("connection-lost", "The connection breaks off again and again.", retryable=True)

    async def _try(
        self, url: str, target: Path, expected: Expected, tell: Callable[[int], None], limit: int | None
    ) -> None:
        partial = await self._worker.run(PartialFile(target, expected).__enter__)
        try:
            if not await self._worker.run(_is_whole, partial):
                headers = await self._worker.run(_headers, partial, url)
                async with self._http.get(url, headers) as answer:
                    await self._worker.run(_accept, partial, answer, url, bool(headers), limit)
                    await self._receive(partial, answer, tell, limit)
                if not await self._worker.run(partial.is_right):
                    raise await self._worker.run(_wrong, partial)
            await self._worker.run(partial.finish)
        finally:
            await self._worker.run(partial.__exit__, None, None, None)

    async def _receive(
        self, partial: PartialFile, answer: Answer, tell: Callable[[int], None], limit: int | None
    ) -> None:
        """Write what is sent; what has arrived is written, too, when this ends before its time."""
        most = partial.expected.size if partial.expected.size is not None else limit
        done = await self._worker.run(lambda: partial.size)
        buffer = bytearray()
        try:
            async with aclosing(answer.blocks) as blocks:  # type: ignore[type-var]  # it is an asynchronous generator
                async for block in blocks:
                    done += len(block)
                    if most is not None and done > most:
                        raise await self._worker.run(_too_much, partial)
                    buffer += block
                    if len(buffer) >= _WRITE_BYTES:
                        data, buffer = bytes(buffer), bytearray()
                        await self._worker.run(self._write, partial, data)
                        tell(done)
        finally:
            if buffer and (most is None or done <= most):
                await self._worker.run(self._write, partial, bytes(buffer))
                tell(done)
        if partial.expected.size is not None and done < partial.expected.size:
            raise DownloadError(
                "connection-lost", "The server has stopped in the middle of the file. Try again.", retryable=True
            )

    def _write(self, partial: PartialFile, data: bytes) -> None:
        self._require_space()
        partial.append(data)


def _size(target: Path, expected: Expected) -> int:
    return PartialFile(target, expected).size


def _is_whole(partial: PartialFile) -> bool:
    """Whether every byte is here already; too many of them are dropped."""
    size = partial.expected.size
    if size is None or partial.size < size or not partial.expected.checkable:
        return False
    if partial.size == size and partial.is_right():
        return True
    partial.discard()
    return False


def _headers(partial: PartialFile, url: str) -> dict[str, str]:
    """Ask for the rest only where the answer can be known to be the rest of the same file."""
    size, origin = partial.size, partial.origin
    if not size:
        return {}
    if origin is not None and origin.url == url and origin.validator:
        return {"Range": f"bytes={size}-", "If-Range": origin.validator}
    if partial.expected.checkable:  # from elsewhere, or without a mark: the checksum will tell
        return {"Range": f"bytes={size}-"}
    partial.discard()
    return {}


def _accept(partial: PartialFile, answer: Answer, url: str, ranged: bool, limit: int | None) -> None:
    """Make the file ready for what the server is about to send, or raise if that cannot be right."""
    if answer.status == 416 or (answer.status == 206 and not ranged):
        partial.discard()
        raise DownloadError("connection-lost", "The server cannot continue the file; it is begun anew.", retryable=True)
    if answer.status == 206:
        match = _RANGE.fullmatch(answer.headers.get("content-range", ""))
        if match is None or int(match[1]) != partial.size:
            partial.discard()
            raise DownloadError("connection-lost", "The server sends another part of the file.", retryable=True)
        total = None if match[3] == "*" else int(match[3])
    else:
        length = answer.headers.get("content-length", "")
        total = int(length) if length.isascii() and length.isdigit() else None
    _check_total(partial, total, limit)
    if answer.status == 200:
        partial.begin(Origin(url, _validator(answer)))


def _check_total(partial: PartialFile, total: int | None, limit: int | None) -> None:
    size = partial.expected.size
    if total is not None and ((size is not None and total != size) or (size is None and limit and total > limit)):
        expected = f"{size} bytes" if size is not None else f"at most {limit} bytes"
        raise DownloadError("wrong-size", f"The server has another file: {total} bytes instead of {expected}.")


def _validator(answer: Answer) -> str:
    """What the rest may be asked for with: a strong ETag, or else the date (RFC 9110, 13.1.5)."""
    etag = answer.headers.get("etag", "")
    return etag if etag.startswith('"') else answer.headers.get("last-modified", "") if not etag else ""


def _too_much(partial: PartialFile) -> DownloadError:
    partial.discard()
    return DownloadError("wrong-size", "The server sends more than the file has.")


def _wrong(partial: PartialFile) -> DownloadError:
    partial.discard()
    return DownloadError("wrong-checksum", "What has arrived is not the right file, or was damaged on the way.")
