"""Download of models by name from a hub with the interface of Hugging Face's."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from modules.models.base import ModelError, Report
from modules.models.store import install, is_complete
from modules.network import hub as client
from modules.network.policy import POLICY
from utils import paths

if TYPE_CHECKING:
    from huggingface_hub.hf_api import RepoSibling

_ANSWER_SECONDS = 10.0


def fetch(
    name: str,
    patterns: Sequence[str],
    *,
    cache_dir: Path | None = None,
    endpoint: str | None = None,
    report: Report | None = None,
) -> Path:
    """The folder of a model of the hub, downloaded once into the cache; later calls do not use the network.

    Args:
        name: "owner/model".
        patterns: The files the model consists of; there must be at least one for each pattern.
        cache_dir: Where to keep it; None for the user's model cache.
        endpoint: Base URL of the hub; None for the one that the hub's client is set to.
        report: Called with the progress of the download.

    Raises:
        ModelError: The hub cannot be reached, has no such model, or sent something that fails its checksum; or the
            cache cannot be written.
        OfflineError: The model is not in the cache, and Arvis is offline.
    """
    folder = (cache_dir or paths.models_dir()) / "hub" / name.replace("/", "--")
    if is_complete(folder):
        return folder

    address = client.prepare(endpoint)
    host = urlsplit(address).hostname or address
    POLICY.check(host, client.PURPOSE)

    def fill(partial: Path) -> None:
        from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined]  # the base of what its client raises

        try:
            with POLICY.using(host, client.PURPOSE):
                _download(name, patterns, partial, endpoint, report)
        except (OSError, HTTPError, RuntimeError, ValueError) as error:
            raise _explain(name, error) from error

    return install(folder, fill)


def _download(name: str, patterns: Sequence[str], folder: Path, endpoint: str | None, report: Report | None) -> None:
    from huggingface_hub import HfApi, hf_hub_download

    info = HfApi(endpoint=endpoint).model_info(name, files_metadata=True, timeout=_ANSWER_SECONDS)
    files = _choose(name, info.siblings or [], patterns)
    progress = _Progress(name, sum(file.size or 0 for file in files), report)
    for file in files:
        path = hf_hub_download(
            name,
            file.rfilename,
            revision=info.sha,
            endpoint=endpoint,
            local_dir=folder,
            etag_timeout=_ANSWER_SECONDS,
            tqdm_class=progress.bar(),
        )
        if file.lfs is not None and _sha256(Path(path)) != file.lfs.sha256:
            raise ModelError(
                "wrong-checksum", f"The download of '{name}' arrived damaged ({file.rfilename}). Try it again."
            )


def _choose(name: str, siblings: Sequence[RepoSibling], patterns: Sequence[str]) -> list[RepoSibling]:
    chosen = [file for file in siblings if any(fnmatch(file.rfilename, pattern) for pattern in patterns)]
    missing = [pattern for pattern in patterns if not any(fnmatch(file.rfilename, pattern) for file in chosen)]
    if missing:
        raise ModelError(
            "incomplete-model",
            f"'{name}' at the model hub is not a model of this kind: it has no {' and no '.join(missing)}.",
        )
    return chosen


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _explain(name: str, error: Exception) -> Exception:
    """What went wrong, as a sentence; a full or closed disk is left to the store, which knows the folder."""
    from huggingface_hub.errors import HFValidationError, RepositoryNotFoundError

    if isinstance(error, RepositoryNotFoundError | HFValidationError):
        return ModelError("model-not-found", f"The model hub has no model '{name}', or it is not open to everyone.")
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS):
        return error
    return ModelError(
        "hub-unreachable",
        f"The model '{name}' could not be downloaded: the model hub does not answer as it should. "
        "Check the network and try again, or use the embedded model.",
        retryable=True,
    )


class _Progress:
    """Adds up the bytes of several downloads and reports them as one."""

    def __init__(self, name: str, total: int, report: Report | None) -> None:
        self._note = f"Downloading {name}"
        self._total = total
        self._done = 0
        self._report = report

    def bar(self) -> Any:
        """A progress-bar class for the hub's client that draws nothing and counts here."""
        from tqdm import tqdm  # type: ignore[import-untyped]  # it has no types

        outer = self

        class Bar(tqdm):  # type: ignore[misc]  # its stubs are not installed
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **{**kwargs, "disable": True})

            def update(self, n: float | None = 1) -> None:
                outer.add(int(n or 0))

            def update_transfer(self, n: float) -> None:
                """Bytes on the wire; only the file's own bytes are counted."""

        return Bar

    def add(self, count: int) -> None:
        """Count bytes that arrived."""
        self._done += count
        if self._report is not None and self._total:
            self._report(self._note, min(1.0, self._done / self._total))
