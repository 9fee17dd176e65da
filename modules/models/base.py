"""Where the weights of a model come from: with Arvis, from a folder or file, or from a model hub."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from utils.errors import ArvisError

EMBEDDED = "embedded"
"""Name of the model whose weights are installed together with Arvis."""

_HUB_NAME = re.compile(r"[A-Za-z0-9_][\w.-]*(/[A-Za-z0-9_][\w.-]*)?")

Report = Callable[[str, float | None], None]
"""Called with what is being done, in words, and the part that is done (0 to 1; None when unknown), from any thread."""


class ModelError(ArvisError):
    """The weights of a model are missing, broken, or cannot be fetched."""

    stage = "models"


class DownloadError(ModelError):
    """Something could not be fetched from one place; another place may have it.

    Attributes:
        retry_after: Seconds after which the server wants to be asked again; None if it does not say.
    """

    def __init__(self, code: str, message: str, *, retryable: bool = False, retry_after: float | None = None) -> None:
        super().__init__(code, message, retryable=retryable)
        self.retry_after = retry_after


def locate(model: str, *, embedded: Callable[[], Path], hub: Callable[[str], Path] | None = None) -> Path:
    """Find the weights that a setting names.

    Args:
        model: "embedded", the path of an existing file or folder ("~" is the home folder), the ID of a model of the
            catalogue, or a name at the hub.
        embedded: Provides the weights that came with Arvis.
        hub: Fetches a model by its name at the hub; None where the engine cannot use the hub.

    Raises:
        ModelError: There is nothing by that name, it is not installed, or `embedded` or `hub` failed.
    """
    if model == EMBEDDED:
        return embedded()
    path = Path(model).expanduser()
    if model and path.exists():
        return path
    from modules.models.lookup import resolve  # which needs the errors of this file

    known = resolve(model)
    if known != model:
        return Path(known)
    if hub is not None and _HUB_NAME.fullmatch(model):
        return hub(model)
    choices = (
        f"'{EMBEDDED}', an existing path or a name at the model hub" if hub else f"'{EMBEDDED}' or an existing path"
    )
    raise ModelError("model-not-found", f"There is no model at '{model}'. Set the model to {choices}.")


def require_files(folder: Path, patterns: Iterable[str], *, kind: str) -> None:
    """Check that a model folder has at least one file for each pattern.

    Args:
        folder: The model's folder.
        patterns: File names, which may have wildcards, for example "vocabulary.*".
        kind: What the folder should be, in words, for example "a faster-whisper model".

    Raises:
        ModelError: It is not a folder, or files are missing; the message names them.
    """
    missing = [pattern for pattern in patterns if not any(folder.glob(pattern))]
    if missing:
        raise ModelError("incomplete-model", f"'{folder}' is not {kind}: it has no {' and no '.join(missing)}.")
