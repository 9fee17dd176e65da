from __future__ import annotations

from pathlib import Path

import pytest

from modules.stt.base import TranscriptionError
from modules.stt.moonshine_tokens import Vocabulary

SPACE = "\N{LOWER ONE EIGHTH BLOCK}".encode()
LONG = b"x" * 300


def _entry(data: bytes) -> bytes:
    if len(data) < 128:
        return bytes([len(data)]) + data
    return bytes([128 + len(data) % 128, len(data) // 128]) + data


def _write(path: Path, entries: list[bytes]) -> Path:
    path.write_bytes(b"".join(map(_entry, entries)))
    return path


def test_entries_of_all_lengths_are_read(tmp_path: Path) -> None:
    entries = [b"<unk>", b"<s>", b"</s>", SPACE + b"Hello", b",", SPACE + b"w\xc3\xb6rld", b"", LONG]
    vocabulary = Vocabulary.read(_write(tmp_path / "tokenizer.bin", entries))
    assert len(vocabulary) == 8
    assert vocabulary.text([1, 3, 4, 5, 2]) == "Hello, wörld"
    assert vocabulary.text([7]) == "x" * 300
    assert vocabulary.text([]) == ""


def test_letters_are_put_together_from_bytes(tmp_path: Path) -> None:
    entries = [b"<unk>", b"<s>", b"</s>", "é".encode()[:1], "é".encode()[1:]]
    vocabulary = Vocabulary.read(_write(tmp_path / "tokenizer.bin", entries))
    assert vocabulary.text([3, 4]) == "é"
    assert vocabulary.text([3]) == "\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(
    "data", [b"", b"\x05<unk", b"\x01a\x01b", b"\x01a\x01b\x01c\x80", b"\x01a\x01b\x01c\x84\x01ab"]
)
def test_a_damaged_file_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "tokenizer.bin"
    path.write_bytes(data)
    with pytest.raises(TranscriptionError, match="is damaged") as caught:
        Vocabulary.read(path)
    assert caught.value.code == "broken-model"
