"""Which place a secret comes from, and goes to."""

from __future__ import annotations

from pathlib import Path

import pytest

from modules.security.base import SecretError
from modules.security.secrets import (
    SECRETS,
    EnvironmentSecrets,
    LayeredSecrets,
    SecretStore,
    check_value,
    open_store,
    variable,
)
from modules.security.secrets_file import EncryptedFileSecrets
from modules.security.secrets_keyring import KeyringSecrets
from tests.unit.modules.security.cheap import CHEAP, Told
from tests.unit.modules.security.fake_keyring import FakeKeyring

SECRET = "sk-very-secret"


class Places:
    """A store over an environment, a keyring and a file."""

    def __init__(self, folder: Path, *, keyring: bool = True, ask: bool = True) -> None:
        self.environment: dict[str, str] = {}
        self.backend = FakeKeyring()
        self.keyring = KeyringSecrets(5.0, lambda: self.backend if keyring else None)
        self.file = EncryptedFileSecrets(folder / "secrets.json", (lambda _: "open sesame") if ask else None, CHEAP)
        self.told = Told()
        self.store: SecretStore = LayeredSecrets(
            EnvironmentSecrets(self.environment), (self.keyring, self.file), self.told
        )


def test_there_are_two_secrets() -> None:
    assert SECRETS == {"llm.api_key": "ARVIS_LLM_API_KEY", "metrics.token": "ARVIS_METRICS_TOKEN"}
    assert variable("metrics.token") == "ARVIS_METRICS_TOKEN"


def test_they_go_to_the_keyring(tmp_path: Path) -> None:
    places = Places(tmp_path)
    places.store.set("llm.api_key", SECRET)
    assert places.store.get("llm.api_key") == SECRET
    assert places.store.where("llm.api_key") == "keyring"
    assert places.store.names() == ("llm.api_key",)
    assert not (tmp_path / "secrets.json").exists()
    assert places.told.records == [("secret-set", {"name": "llm.api_key", "place": "keyring"})]


def test_without_a_keyring_they_go_to_the_file(tmp_path: Path) -> None:
    places = Places(tmp_path, keyring=False)
    places.store.set("llm.api_key", SECRET)
    assert places.store.get("llm.api_key") == SECRET
    assert places.store.where("llm.api_key") == "encrypted file"


def test_with_nobody_to_ask_the_sentence_says_what_to_do(tmp_path: Path) -> None:
    places = Places(tmp_path, keyring=False, ask=False)
    with pytest.raises(SecretError, match="set the environment variable ARVIS_LLM_API_KEY") as caught:
        places.store.set("llm.api_key", SECRET)
    assert caught.value.code == "no-store"
    assert SECRET not in caught.value.message
    assert places.store.get("llm.api_key") is None
    assert places.told.records == []


def test_the_environment_wins_and_touches_no_keyring(tmp_path: Path) -> None:
    places = Places(tmp_path)
    places.environment["ARVIS_LLM_API_KEY"] = "sk-environment"
    assert places.store.get("llm.api_key") == "sk-environment"
    assert places.store.where("llm.api_key") == "environment"
    assert places.backend.calls == 0


def test_an_empty_variable_is_none(tmp_path: Path) -> None:
    places = Places(tmp_path)
    places.environment["ARVIS_LLM_API_KEY"] = ""
    assert places.store.get("llm.api_key") is None
    assert places.store.names() == ()


def test_what_is_in_the_file_is_found_when_there_is_a_keyring_later(tmp_path: Path) -> None:
    Places(tmp_path, keyring=False).store.set("llm.api_key", SECRET)
    places = Places(tmp_path)
    assert places.store.get("llm.api_key") == SECRET
    places.store.set("llm.api_key", "sk-newer")
    assert (places.store.get("llm.api_key"), places.store.where("llm.api_key")) == ("sk-newer", "keyring")


def test_deleted_it_is_gone_from_everywhere(tmp_path: Path) -> None:
    Places(tmp_path, keyring=False).store.set("llm.api_key", SECRET)
    places = Places(tmp_path)
    places.store.set("llm.api_key", SECRET)
    assert places.store.delete("llm.api_key")
    assert (places.store.names(), places.file.names(), places.backend.kept) == ((), (), {})
    assert not places.store.delete("llm.api_key")
    assert places.told.records[1:] == [
        ("secret-removed", {"name": "llm.api_key", "place": "keyring"}),
        ("secret-removed", {"name": "llm.api_key", "place": "encrypted file"}),
    ]


def test_what_the_environment_has_cannot_be_deleted_here(tmp_path: Path) -> None:
    places = Places(tmp_path)
    places.environment["ARVIS_LLM_API_KEY"] = SECRET
    with pytest.raises(SecretError, match="Remove it there") as caught:
        places.store.delete("llm.api_key")
    assert caught.value.code == "read-only"
    assert SECRET not in caught.value.message


def test_a_name_that_does_not_exist_is_refused_everywhere(tmp_path: Path) -> None:
    store = Places(tmp_path).store
    for act in (store.get, store.delete, store.where):
        with pytest.raises(SecretError, match=r"There are llm\.api_key and metrics\.token") as caught:
            act("llm.key")
        assert caught.value.code == "unknown-secret"
    with pytest.raises(SecretError):
        store.set("llm.key", SECRET)


@pytest.mark.parametrize("value", ["", " ", "sk \n", "sk\n", " sk", "s\x00k", "s\u200bk", "k" * 8193])
def test_a_value_that_can_be_none_is_refused_without_showing_it(tmp_path: Path, value: str) -> None:
    with pytest.raises(SecretError, match="Copy it once more") as caught:
        check_value("llm.api_key", value)
    assert caught.value.code == "bad-value"
    assert not value.strip() or value not in caught.value.message
    check_value("llm.api_key", "k" * 8192)


def test_no_secret_is_in_what_is_shown(tmp_path: Path) -> None:
    places = Places(tmp_path)
    places.environment["ARVIS_METRICS_TOKEN"] = SECRET
    places.store.set("llm.api_key", SECRET)
    for part in (places.store, places.keyring, places.file, EnvironmentSecrets(places.environment)):
        assert SECRET not in repr(part)
    assert SECRET not in repr(places.told.records)


def test_the_store_of_a_user_looks_for_a_keyring_only_when_it_must(tmp_path: Path) -> None:
    store = open_store(tmp_path / "secrets.json", environment={"ARVIS_METRICS_TOKEN": SECRET})
    assert store.get("metrics.token") == SECRET
    assert store.where("metrics.token") == "environment"
    assert list(tmp_path.iterdir()) == []
