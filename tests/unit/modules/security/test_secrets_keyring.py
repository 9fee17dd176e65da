from __future__ import annotations

import traceback
from typing import Any

import keyring
import pytest
from keyring.backends import fail, null
from keyring.backends.chainer import ChainerBackend

from modules.security.base import SecretError
from modules.security.secrets_keyring import KeyringSecrets
from tests.unit.modules.security.fake_keyring import FakeKeyring, KeyringLocked

SECRET = "sk-very-secret"


def test_what_is_set_is_got_until_it_is_deleted() -> None:
    backend = FakeKeyring()
    secrets = KeyringSecrets(5.0, lambda: backend)
    assert secrets.usable
    assert secrets.get("llm.api_key") is None
    secrets.set("llm.api_key", SECRET)
    assert backend.kept == {("arvis", "llm.api_key"): SECRET}
    assert (secrets.get("llm.api_key"), secrets.names()) == (SECRET, ("llm.api_key",))
    assert [secrets.delete("llm.api_key"), secrets.delete("llm.api_key")] == [True, False]
    assert secrets.names() == ()


class Plain:
    """A back end that keeps everything in a file that anybody can read."""

    priority = 0.5


class Chain(ChainerBackend):  # type: ignore[misc]  # its types are not known
    backends = (Plain(), null.Keyring(), FakeKeyring())


@pytest.mark.parametrize("backend", [fail.Keyring(), null.Keyring(), Plain()])
def test_a_keyring_that_protects_nothing_is_none(monkeypatch: pytest.MonkeyPatch, backend: Any) -> None:
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
    secrets = KeyringSecrets(5.0)
    assert not secrets.usable
    assert (secrets.get("llm.api_key"), secrets.names(), secrets.delete("llm.api_key")) == (None, (), False)


def test_of_a_chain_only_what_protects_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "get_keyring", Chain)
    secrets = KeyringSecrets(5.0)
    secrets.set("metrics.token", SECRET)
    assert Chain.backends[2].kept == {("arvis", "metrics.token"): SECRET}


def test_no_back_end_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> None:
        raise RuntimeError("no bus")

    assert not KeyringSecrets(5.0, none).usable


def test_a_keyring_that_does_not_answer_is_left_alone_from_then_on() -> None:
    backend = FakeKeyring(hangs=True)
    secrets = KeyringSecrets(0.01, lambda: backend)
    with pytest.raises(SecretError, match="did not answer") as caught:
        secrets.get("llm.api_key")
    assert caught.value.code == "keyring-hangs"
    assert not secrets.usable
    assert secrets.get("llm.api_key") is None
    assert backend.calls == 1
    backend.let_go.set()


@pytest.mark.parametrize(
    ("error", "code"),
    [(KeyringLocked(SECRET), "locked"), (OSError(SECRET), "keyring-failed"), (ValueError(SECRET), "keyring-failed")],
)
def test_a_keyring_that_fails_is_one_sentence_without_the_secret(error: Exception, code: str) -> None:
    secrets = KeyringSecrets(5.0, lambda: FakeKeyring(error))
    with pytest.raises(SecretError) as caught:
        secrets.set("llm.api_key", SECRET)
    assert caught.value.code == code
    assert SECRET not in "".join(traceback.format_exception(caught.value))
