"""What a model hub with the interface of Hugging Face's has of a repository: names, sizes and checksums."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from modules.models.base import DownloadError
from modules.models.checksums import Expected
from modules.models.http import ModelHttp

DEFAULT = "https://huggingface.co"
_VARIABLE = "HF_ENDPOINT"
_LIMIT_BYTES = 16 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SHA1 = re.compile(r"[0-9a-f]{40}")


def endpoint(environ: Mapping[str, str] = os.environ) -> str:
    """Base URL of the hub, which the environment variable of its own client may name."""
    return environ.get(_VARIABLE, "").rstrip("/") or DEFAULT


def file_url(base: str, repository: str, revision: str, path: str) -> str:
    """Address of a file of a repository."""
    return f"{base}/{quote(repository)}/resolve/{quote(revision, safe='')}/{quote(path)}"


async def listing(http: ModelHttp, base: str, repository: str, revision: str) -> dict[str, Expected]:
    """What the hub tells of every file of a repository.

    Large files have the checksum of their content, small ones the name that git gives to it.

    Raises:
        DownloadError: The hub cannot be asked, or has no such repository.
        OfflineError: Arvis is offline.
    """
    url = f"{base}/api/models/{quote(repository)}/revision/{quote(revision, safe='')}?blobs=true"
    _, content = await http.document(url, "application/json", _LIMIT_BYTES)
    try:
        return {entry["rfilename"]: _expected(entry) for entry in json.loads(content)["siblings"]}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DownloadError("bad-answer", "The model hub does not answer as it should.") from error


def _expected(entry: dict[str, Any]) -> Expected:
    lfs = entry.get("lfs") or {}
    sha256, blob, size = lfs.get("sha256"), entry.get("blobId"), lfs.get("size", entry.get("size"))
    return Expected(
        size if isinstance(size, int) else None,
        sha256 if isinstance(sha256, str) and _SHA256.fullmatch(sha256) else None,
        blob if not lfs and isinstance(blob, str) and _SHA1.fullmatch(blob) else None,
    )
