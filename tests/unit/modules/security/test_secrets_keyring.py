from __future__ import annotations

import traceback
from typing import Any

import keyring
import pytest
from keyring.backends import fail, null
from keyring.backends.chainer import ChainerBackend

from modules.security import secrets_keyring
from modules.security.base import SecretError
from modules.security.secret_service import Presence
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
    sentence = "did not answer within 0 seconds.* put the secret into the environment variable ARVIS_LLM_API_KEY"
    with pytest.raises(SecretError, match=sentence) as caught:
        secrets.get("llm.api_key")
    assert caught.value.code == "keyring-hangs"
    assert not secrets.usable
    assert secrets.get("llm.api_key") is None
    assert backend.calls == 1
    backend.let_go.set()


def test_whoever_has_to_answer_a_window_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets_keyring, "PATIENCE", 0.01)
    backend = FakeKeyring(hangs=True)
    told: list[str] = []

    def tell(sentence: str) -> None:
        told.append(sentence)
        backend.let_go.set()  # now the user sees the window, and answers it

    secrets = KeyringSecrets(20.0, lambda: backend, waiting=tell)
    secrets.set("llm.api_key", SECRET)
    assert told == [secrets_keyring.WINDOW]
    assert secrets.get("llm.api_key") == SECRET
    assert told == [secrets_keyring.WINDOW]


def test_whoever_writes_has_more_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets_keyring, "PATIENCE", 0.001)
    backend = FakeKeyring(hangs=True)
    secrets = KeyringSecrets(0.01, lambda: backend, waiting=lambda _: backend.let_go.set())
    secrets.set("llm.api_key", SECRET)
    assert secrets.get("llm.api_key") == SECRET


class Service(FakeKeyring):
    """What the package keyring has for the Secret Service."""

    __module__ = "keyring.backends.SecretService"


def secret_service(monkeypatch: pytest.MonkeyPatch, backend: FakeKeyring, presence: Presence) -> KeyringSecrets:
    """A Secret Service that says the same of every secret."""
    monkeypatch.setattr(secrets_keyring, "look", lambda *asked: dict.fromkeys(asked[2], presence))
    return KeyringSecrets(5.0, lambda: backend)


def test_a_secret_service_that_has_none_is_not_asked_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = Service(KeyringLocked("a window appears"))
    secrets = secret_service(monkeypatch, backend, Presence.ABSENT)
    assert (secrets.get("llm.api_key"), secrets.names(), secrets.delete("llm.api_key")) == (None, (), False)
    assert backend.calls == 0


def test_a_secret_service_says_what_it_has_without_giving_it(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = Service(KeyringLocked("a window appears"))
    assert secret_service(monkeypatch, backend, Presence.THERE).names() == ("llm.api_key", "metrics.token")
    assert backend.calls == 0


def test_a_secret_service_that_hides_what_it_has_is_asked_for_a_secret_but_not_for_a_list(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    backend = Service()
    backend.kept["arvis", "llm.api_key"] = SECRET
    secrets = secret_service(monkeypatch, backend, Presence.HIDDEN)
    assert secrets.get("llm.api_key") == SECRET
    with pytest.raises(SecretError, match=r"is locked\. Unlock it") as caught:
        secrets.names()
    assert (caught.value.code, backend.calls) == ("locked", 1)


def test_a_window_that_was_closed_leaves_it_locked() -> None:
    class PromptDismissedException(Exception):
        """As the package secretstorage calls it."""

    class InitError(Exception):
        """As the package keyring calls it."""

    error = InitError(SECRET)
    error.__cause__ = PromptDismissedException()
    with pytest.raises(SecretError) as caught:
        KeyringSecrets(5.0, lambda: FakeKeyring(error)).set("llm.api_key", SECRET)
    assert caught.value.code == "locked"


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
