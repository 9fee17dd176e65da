from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest

from modules.llm.base import LanguageModelError
from modules.llm.gguf import check_gguf


def header(version: int = 3, tensors: int = 2, entries: int = 3) -> bytes:
    return struct.pack("<4sIQQ", b"GGUF", version, tensors, entries)


@pytest.mark.parametrize("version", [2, 3])
def test_a_header_that_can_be_true_is_let_through(tmp_path: Path, version: int) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(header(version) + bytes(2 * 24 + 3 * 13))
    check_gguf(path)


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", "damaged-model", "is empty"),
        (b"GG", "damaged-model", "incomplete or damaged"),
        (b"GGUF", "damaged-model", "incomplete or damaged"),
        (header()[:-1], "damaged-model", "incomplete or damaged"),
        (header() + bytes(2 * 24 + 3 * 13 - 1), "damaged-model", "incomplete or damaged"),
        (header(tensors=0) + bytes(1000), "damaged-model", "incomplete or damaged"),
        (header(tensors=2**63) + bytes(1000), "damaged-model", "incomplete or damaged"),
        (header(entries=2**64 - 1) + bytes(1000), "damaged-model", "incomplete or damaged"),
        (header(version=1) + bytes(1000), "unsupported-model", "GGUF version 1"),
        (struct.pack(">4sIQQ", b"GGUF", 3, 2, 3) + bytes(1000), "unsupported-model", "versions 2 and 3"),
        (b"PK\x03\x04 a zip file", "not-a-model", "not a language model in GGUF format"),
        (b"G", "damaged-model", "incomplete or damaged"),
        (bytes(1000), "not-a-model", "not a language model in GGUF format"),
    ],
)
def test_what_cannot_be_a_model_is_refused(tmp_path: Path, content: bytes, code: str, words: str) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    with pytest.raises(LanguageModelError) as caught:
        check_gguf(path)
    assert caught.value.code == code
    assert words in caught.value.message
    assert str(path) in caught.value.message


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(LanguageModelError, match=r"nowhere\.gguf does not exist") as caught:
        check_gguf(tmp_path / "nowhere.gguf")
    assert caught.value.code == "model-missing"


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(LanguageModelError, match="is a folder") as caught:
        check_gguf(tmp_path)
    assert caught.value.code == "not-a-model"


def test_a_file_in_place_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(LanguageModelError, match="cannot be read: Not a directory") as caught:
        check_gguf(tmp_path / "file" / "model.gguf")
    assert caught.value.code == "model-unreadable"


def test_a_name_that_no_file_can_have() -> None:
    with pytest.raises(LanguageModelError, match="its name is not a file name") as caught:
        check_gguf(Path("a\0b"))
    assert caught.value.code == "model-unreadable"


def test_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(LanguageModelError, match="is not a file") as caught:
        check_gguf(tmp_path / "pipe")
    assert caught.value.code == "not-a-model"
