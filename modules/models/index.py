"""The simple interface of package indexes: which files there are of a package (PEP 503 as HTML, PEP 691 as JSON)."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, unquote, urldefrag, urljoin, urlsplit

from modules.models.base import DownloadError
from modules.models.http import ModelHttp

ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01"
_JSON = "application/vnd.pypi.simple.v1+json"
_LIMIT_BYTES = 64 << 20
"""Of a page; the longest ones have some megabytes."""
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel that an index has."""

    filename: str
    url: str
    sha256: str | None
    """Lower case hex; None where the index does not tell."""
    size: int | None
    """Bytes; None where the index does not tell."""


async def find_wheel(http: ModelHttp, index: str, name: str, version: str) -> Wheel:
    """The wheel of a release from which data is to be taken; code in it plays no part.

    Args:
        http: Asks the index.
        index: Base URL of its simple interface.
        name: The package.
        version: The release.

    Raises:
        DownloadError: The index cannot be asked, or has no wheel of that release.
        OfflineError: Arvis is offline.
    """
    from packaging.utils import canonicalize_name

    url = urljoin(index.rstrip("/") + "/", f"{canonicalize_name(name)}/")
    answer, content = await http.document(url, ACCEPT, _LIMIT_BYTES)
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    # Pages have megabytes, which take a while to read.
    wheels = await asyncio.to_thread(read_page, content, answer.url, is_json=kind == _JSON)
    found = await asyncio.to_thread(choose, wheels, name, version)
    if found is None:
        raise DownloadError("not-there", f"The package index has no package {name} {version}.")
    return found


def read_page(content: bytes, url: str, *, is_json: bool) -> list[Wheel]:
    """The wheels that a page of an index lists.

    Args:
        content: The page.
        url: Where it came from; addresses in it may be relative to that.
        is_json: Whether it is JSON, else HTML.

    Raises:
        DownloadError: It is no such page.
    """
    if not is_json:
        parser = _Links(url)
        parser.feed(content.decode("utf-8", "replace"))
        return parser.wheels
    try:
        return [_entry(entry, url) for entry in json.loads(content)["files"] if entry["filename"].endswith(".whl")]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DownloadError("bad-answer", "The package index does not answer as it should.") from error


def choose(wheels: Iterable[Wheel], name: str, version: str) -> Wheel | None:
    """The wheel of that release for any machine, else one for this machine, else any: the data is the same in all."""
    from packaging.tags import sys_tags
    from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
    from packaging.version import Version

    ours = {tag: rank for rank, tag in enumerate(sys_tags())}
    found: list[tuple[int, str, Wheel]] = []
    for wheel in wheels:
        try:
            distribution, release, _, tags = parse_wheel_filename(wheel.filename)
        except InvalidWheelFilename:
            continue
        if distribution == canonicalize_name(name) and release == Version(version):
            pure = any(tag.platform == "any" for tag in tags)
            rank = -1 if pure else min((ours.get(tag, len(ours)) for tag in tags), default=len(ours))
            found.append((rank, wheel.filename, wheel))
    return min(found, key=lambda candidate: candidate[:2])[2] if found else None


def _entry(entry: dict[str, Any], url: str) -> Wheel:
    digest, size = entry.get("hashes", {}).get("sha256"), entry.get("size")
    return Wheel(
        entry["filename"],
        urljoin(url, entry["url"]),
        digest if isinstance(digest, str) and _SHA256.fullmatch(digest) else None,
        size if isinstance(size, int) else None,
    )


class _Links(HTMLParser):
    """Collects the wheels among the anchors of a page."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._base = url
        self.wheels: list[Wheel] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take an anchor; a <base> changes what addresses are relative to."""
        target = dict(attrs).get("href")
        if tag == "base" and target:
            self._base = urljoin(self._base, target)
        if tag != "a" or not target:
            return
        address, fragment = urldefrag(urljoin(self._base, target))
        filename = unquote(urlsplit(address).path.rpartition("/")[2])
        if filename.endswith(".whl"):
            digest = parse_qs(fragment).get("sha256", [""])[0]
            self.wheels.append(Wheel(filename, address, digest if _SHA256.fullmatch(digest) else None, None))
