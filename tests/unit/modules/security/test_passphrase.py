from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import HashingError, VerificationError

from modules.security.base import LockError
from modules.security.passphrase import Cost, PassphraseFile
from tests.unit.modules.security.cheap import CHEAP
from utils.files import FileError


def test_the_right_one_matches_and_no_other(tmp_path: Path) -> None:
    file = PassphraseFile(tmp_path / "passphrase.json", CHEAP)
    file.write("open sesame")
    assert [file.matches(text) for text in ("open sesame", "open Sesame", "open sesame ", "")] == [
        True,
        False,
        False,
        False,
    ]


def test_the_file_holds_a_hash_and_is_its_owners_only(tmp_path: Path) -> None:
    file = PassphraseFile(tmp_path / "security" / "passphrase.json", CHEAP)
    file.write("open sesame")
    assert b"sesame" not in file.path.read_bytes()
    assert json.loads(file.path.read_bytes())["hash"].startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


def test_the_same_passphrase_twice_has_two_hashes(tmp_path: Path) -> None:
    file = PassphraseFile(tmp_path / "passphrase.json", CHEAP)
    file.write("open sesame")
    first = file.path.read_bytes()
    file.write("open sesame")
    assert file.path.read_bytes() != first


def test_the_cost_is_that_of_the_recommendation() -> None:
    assert Cost() == Cost(passes=3, kibibytes=64 * 1024, lanes=1)


def test_a_hash_of_another_cost_is_replaced_when_the_passphrase_was_right(tmp_path: Path) -> None:
    path = tmp_path / "passphrase.json"
    PassphraseFile(path, CHEAP).write("open sesame")
    dearer = PassphraseFile(path, Cost(passes=2, kibibytes=16, lanes=1))
    before = path.read_bytes()

    assert not dearer.matches("wrong one")
    assert path.read_bytes() == before
    assert dearer.matches("open sesame")
    assert "$m=16,t=2,p=1$" in json.loads(path.read_bytes())["hash"]
    assert dearer.matches("open sesame")


@pytest.mark.parametrize("text", ["ü" * 8, "пароль пароль", "🔑" * 8, "\ud800" * 8, "null\0null", " " * 8])
def test_odd_characters(tmp_path: Path, text: str) -> None:
    file = PassphraseFile(tmp_path / "passphrase.json", CHEAP)
    file.write(text)
    assert file.matches(text)
    assert not file.matches(text[:-1])


def test_how_a_keyboard_composes_characters_makes_no_difference(tmp_path: Path) -> None:
    file = PassphraseFile(tmp_path / "passphrase.json", CHEAP)
    file.write("Schl\u00fcssel")
    assert file.matches("Schlu\u0308ssel")


@pytest.mark.parametrize("length", [0, 7, 1025])
def test_one_that_is_too_short_or_too_long_is_refused(tmp_path: Path, length: int) -> None:
    file = PassphraseFile(tmp_path / "passphrase.json", CHEAP)
    with pytest.raises(LockError, match="8 to 1024 characters") as caught:
        file.write("x" * length)
    assert caught.value.code == "bad-passphrase"
    assert not file.exists


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"version": 1}', b'{"version": 1, "hash": 7}'),
        *(b'{"version": 2, "hash": "$argon2id$"}', b'{"version": 1, "hash": "plain"}', b'{"version": 1, "hash": ""}'),
    ],
)
def test_a_damaged_file_opens_nothing_and_says_what_to_do(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "passphrase.json"
    path.write_bytes(content)
    file = PassphraseFile(path, CHEAP)
    assert file.exists
    with pytest.raises(LockError, match=r"Delete .*passphrase\.json to begin again") as caught:
        file.matches("open sesame")
    assert caught.value.code == "damaged"


def test_a_folder_in_its_place_and_a_dangling_link_open_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(LockError, match="cannot be read"):
        PassphraseFile(tmp_path / "folder").matches("open sesame")
    (tmp_path / "link").symlink_to(tmp_path / "nothing")
    assert PassphraseFile(tmp_path / "link").exists
    with pytest.raises(FileError, match="is a link"):
        PassphraseFile(tmp_path / "link", CHEAP).write("open sesame")


def test_removed_it_is_gone(tmp_path: Path) -> None:
    file = PassphraseFile(tmp_path / "passphrase.json", CHEAP)
    file.write("open sesame")
    file.remove()
    assert not file.exists
    file.remove()
    (tmp_path / "folder").mkdir()
    with pytest.raises(FileError, match="cannot be written"):
        PassphraseFile(tmp_path / "folder").remove()


NO_MEMORY = "Memory allocation error"
"""What argon2 says; `test_what_argon2_says_without_memory` proves it."""


def fails(error: Exception) -> Callable[..., object]:
    def call(*_: object) -> object:
        raise error

    return call


def test_what_argon2_says_without_memory() -> None:
    hasher = PasswordHasher(1, 8, 1)
    stored = hasher.hash("x").replace("m=8,", "m=4294967295,")  # 4 TiB
    with pytest.raises(VerificationError, match=NO_MEMORY):
        hasher.verify(stored, "x")


def test_a_machine_short_of_memory_is_no_reason_to_delete_the_passphrase(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = PassphraseFile(tmp_path / "passphrase.json", CHEAP)
    file.write("open sesame")
    before = file.path.read_bytes()
    monkeypatch.setattr(PasswordHasher, "verify", fails(VerificationError(NO_MEMORY)))
    monkeypatch.setattr(PasswordHasher, "hash", fails(HashingError(NO_MEMORY)))
    for call in (file.matches, file.write):
        with pytest.raises(LockError, match="Close other programs") as caught:
            call("open sesame")
        assert (caught.value.code, caught.value.retryable) == ("no-memory", True)
    assert file.path.read_bytes() == before


def test_a_file_that_cannot_even_be_looked_for_counts_as_there(tmp_path: Path) -> None:
    assert PassphraseFile(tmp_path / ("x" * 300), CHEAP).exists
