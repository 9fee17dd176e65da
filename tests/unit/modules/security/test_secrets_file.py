from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from argon2 import low_level
from argon2.exceptions import HashingError

from modules.security.base import SecretError
from modules.security.passphrase import Cost
from modules.security.secrets_file import EncryptedFileSecrets
from tests.unit.modules.security.cheap import CHEAP
from utils.files import FileError

SECRET = "sk-very-secret"


class Asked:
    """Gives one passphrase, and writes down for what."""

    def __init__(self, passphrase: str = "open sesame") -> None:
        self.passphrase = passphrase
        self.times: list[bool] = []

    def __call__(self, new: bool) -> str:
        self.times.append(new)
        return self.passphrase


def secrets_in(folder: Path, passphrase: str = "open sesame") -> tuple[EncryptedFileSecrets, Asked]:
    asked = Asked(passphrase)
    return EncryptedFileSecrets(folder / "secrets.json", asked, CHEAP), asked


def test_what_is_set_is_there_the_next_time(tmp_path: Path) -> None:
    secrets, asked = secrets_in(tmp_path)
    secrets.set("llm.api_key", SECRET)
    secrets.set("metrics.token", "täken ☃")
    assert asked.times == [True]

    again, asked = secrets_in(tmp_path)
    assert again.names() == ("llm.api_key", "metrics.token")
    assert asked.times == []
    assert (again.get("llm.api_key"), again.get("metrics.token")) == (SECRET, "täken ☃")
    assert asked.times == [False]
    assert [again.delete("llm.api_key"), again.delete("llm.api_key")] == [True, False]
    assert (again.names(), again.get("llm.api_key")) == (("metrics.token",), None)


def test_no_file_holds_nothing_and_nobody_is_asked(tmp_path: Path) -> None:
    secrets, asked = secrets_in(tmp_path)
    assert (secrets.names(), secrets.get("llm.api_key"), secrets.delete("llm.api_key")) == ((), None, False)
    assert asked.times == []


def test_the_file_is_its_owners_only_and_does_not_show_the_secret(tmp_path: Path) -> None:
    secrets, _ = secrets_in(tmp_path)
    secrets.set("llm.api_key", SECRET)
    path = tmp_path / "secrets.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert SECRET.encode() not in path.read_bytes()
    assert SECRET not in repr(secrets) + repr(vars(secrets))
    first = json.loads(path.read_bytes())
    secrets.set("llm.api_key", SECRET)
    second = json.loads(path.read_bytes())
    assert first["nonce"] != second["nonce"]
    assert first["data"] != second["data"]


def test_another_passphrase_opens_nothing_and_changes_nothing(tmp_path: Path) -> None:
    secrets_in(tmp_path)[0].set("llm.api_key", SECRET)
    before = (tmp_path / "secrets.json").read_bytes()
    other, _ = secrets_in(tmp_path, "open barley")
    acts: list[Callable[[], object]] = [
        lambda: other.get("llm.api_key"),
        lambda: other.set("llm.api_key", "another"),
        lambda: other.delete("llm.api_key"),
    ]
    for act in acts:
        with pytest.raises(SecretError) as caught:
            act()
        assert caught.value.code == "wrong-passphrase"
    assert (tmp_path / "secrets.json").read_bytes() == before


def test_whoever_gives_no_passphrase_is_told_what_to_do(tmp_path: Path) -> None:
    secrets_in(tmp_path)[0].set("llm.api_key", SECRET)
    for secrets in (EncryptedFileSecrets(tmp_path / "secrets.json", None), secrets_in(tmp_path, "")[0]):
        with pytest.raises(SecretError, match="need their passphrase") as caught:
            secrets.get("llm.api_key")
        assert caught.value.code == "locked"
    assert not EncryptedFileSecrets(tmp_path / "secrets.json", None).usable


def test_a_short_new_passphrase_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match="8 characters"):
        secrets_in(tmp_path, "short")[0].set("llm.api_key", SECRET)
    assert not (tmp_path / "secrets.json").exists()


def other_names(document: dict[str, Any]) -> None:
    document["names"] = ["llm.api_key", "metrics.token"]


def other_salt(document: dict[str, Any]) -> None:
    document["salt"] = "A" * 22 + "=="


def other_nonce(document: dict[str, Any]) -> None:
    document["nonce"] = "A" * 16


def other_data(document: dict[str, Any]) -> None:
    document["data"] = "AAAA" + document["data"][4:]


def other_cost(document: dict[str, Any]) -> None:
    document["cost"]["passes"] = 2


@pytest.mark.parametrize("change", [other_names, other_salt, other_nonce, other_data, other_cost])
def test_a_changed_file_does_not_open(tmp_path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    secrets_in(tmp_path)[0].set("llm.api_key", SECRET)
    path = tmp_path / "secrets.json"
    document = json.loads(path.read_bytes())
    change(document)
    path.write_text(json.dumps(document))
    with pytest.raises(SecretError, match="the file was changed"):
        secrets_in(tmp_path)[0].get("llm.api_key")


def no_nonce(document: dict[str, Any]) -> None:
    del document["nonce"]


def empty_nonce(document: dict[str, Any]) -> None:
    document["nonce"] = ""


def short_salt(document: dict[str, Any]) -> None:
    document["salt"] = "AAAA"


def huge_cost(document: dict[str, Any]) -> None:
    document["cost"]["kibibytes"] = 2**30


def odd_cost(document: dict[str, Any]) -> None:
    document["cost"] = {"passes": "three"}


def negative_cost(document: dict[str, Any]) -> None:
    document["cost"]["passes"] = -1


def other_version(document: dict[str, Any]) -> None:
    document["version"] = 2


def odd_names(document: dict[str, Any]) -> None:
    document["names"] = "llm.api_key"


def odd_data(document: dict[str, Any]) -> None:
    document["data"] = "not base64 !"


DAMAGES = [no_nonce, empty_nonce, short_salt, huge_cost, odd_cost, negative_cost, other_version, odd_names, odd_data]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_says_so(tmp_path: Path, damage: Callable[[dict[str, Any]], None]) -> None:
    secrets_in(tmp_path)[0].set("llm.api_key", SECRET)
    path = tmp_path / "secrets.json"
    document = json.loads(path.read_bytes())
    damage(document)
    path.write_text(json.dumps(document))
    with pytest.raises(SecretError, match="is damaged") as caught:
        secrets_in(tmp_path)[0].get("llm.api_key")
    assert caught.value.code == "damaged"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000])
def test_rubbish_says_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "secrets.json").write_bytes(content)
    secrets, asked = secrets_in(tmp_path)
    with pytest.raises(SecretError, match="set the secrets anew"):
        secrets.names()
    assert asked.times == []


def test_a_folder_or_a_link_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").mkdir()
    with pytest.raises(FileError, match="cannot be read"):
        secrets_in(tmp_path)[0].names()
    (tmp_path / "secrets.json").rmdir()
    (tmp_path / "secrets.json").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileError, match="is a link"):
        secrets_in(tmp_path)[0].set("llm.api_key", SECRET)
    assert not (tmp_path / "elsewhere").exists()


def test_a_file_that_another_machine_began_with_a_new_passphrase_is_asked_for_again(tmp_path: Path) -> None:
    secrets, asked = secrets_in(tmp_path)
    secrets.set("llm.api_key", SECRET)
    (tmp_path / "secrets.json").unlink()
    other, _ = secrets_in(tmp_path, "new sesame")
    other.set("llm.api_key", "sk-other")
    asked.passphrase = "new sesame"
    assert secrets.get("llm.api_key") == "sk-other"
    assert asked.times == [True, False]


def test_the_key_is_made_at_the_recommended_cost(tmp_path: Path) -> None:
    EncryptedFileSecrets(tmp_path / "secrets.json", Asked()).set("llm.api_key", SECRET)
    cost = json.loads((tmp_path / "secrets.json").read_bytes())["cost"]
    assert Cost(**cost) == Cost()


def test_a_machine_short_of_memory_is_no_reason_to_delete_the_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets, _ = secrets_in(tmp_path)
    secrets.set("llm.api_key", SECRET)

    def fails(*_: object) -> bytes:
        raise HashingError("Memory allocation error")

    monkeypatch.setattr(low_level, "hash_secret_raw", fails)
    for folder in (tmp_path, tmp_path / "new"):
        again, _ = secrets_in(folder)
        with pytest.raises(SecretError, match="Close other programs") as caught:
            again.set("metrics.token", "x")
        assert caught.value.code == "no-memory"
