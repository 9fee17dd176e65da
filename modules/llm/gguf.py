"""A first look at a GGUF file, before native code gets it."""

from __future__ import annotations

import os
import struct
from pathlib import Path

from modules.llm.base import LanguageModelError

_MAGIC = b"GGUF"
_HEADER = struct.Struct("<4sIQQ")
"""Magic, version, number of tensors, number of metadata entries (the GGUF specification, version 2 and later)."""
_VERSIONS = range(2, 4)
_SMALLEST_TENSOR_ENTRY = 24
"""Bytes of a tensor's description with an empty name and no dimension."""
_SMALLEST_METADATA_ENTRY = 13
"""Bytes of a metadata entry with an empty key and a one-byte value."""


def check_gguf(path: Path) -> None:
    """Refuse what is plainly not a model: a missing file, another format, or a header that cannot be true.

    What this lets through is checked in full by llama.cpp, which refuses truncated data without crashing.

    Raises:
        LanguageModelError: The file cannot be used; the message says why.
    """
    try:
        size = os.stat(path).st_size
        if path.is_dir():
            raise LanguageModelError("not-a-model", f"{path} is a folder, not a model. Choose a GGUF file.")
        if not path.is_file():  # a pipe would keep us waiting for ever
            raise LanguageModelError("not-a-model", f"{path} is not a file. Choose a GGUF file.")
        with path.open("rb") as file:
            head = file.read(_HEADER.size)
    except FileNotFoundError as error:
        raise LanguageModelError("model-missing", f"The model file {path} does not exist.") from error
    except (OSError, ValueError) as error:  # a name with a null character is a ValueError
        reason = getattr(error, "strerror", None) or "its name is not a file name"
        raise LanguageModelError("model-unreadable", f"The model file {path} cannot be read: {reason}.") from error
    if not head:
        raise LanguageModelError("damaged-model", f"The model file {path} is empty. Get it again.")
    if head[:4] != _MAGIC[: len(head)]:
        raise LanguageModelError("not-a-model", f"{path} is not a language model in GGUF format.")
    if len(head) < _HEADER.size:
        raise damaged(path)
    _, version, tensors, entries = _HEADER.unpack(head)
    if version not in _VERSIONS:
        raise LanguageModelError(
            "unsupported-model", f"The model file {path} has GGUF version {version}; versions 2 and 3 can be used."
        )
    if tensors * _SMALLEST_TENSOR_ENTRY + entries * _SMALLEST_METADATA_ENTRY > size - _HEADER.size or not tensors:
        raise damaged(path)


def damaged(path: Path) -> LanguageModelError:
    """What to tell the user about a file that is a model, but not a whole one."""
    return LanguageModelError(
        "damaged-model",
        f"The model file {path} is incomplete or damaged, or of a kind that is not supported. Get it again.",
    )
