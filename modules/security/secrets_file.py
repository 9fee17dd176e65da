"""Secrets in a file that is encrypted with a passphrase, for machines without a keyring.

The key is made from the passphrase with Argon2id, the content encrypted and sealed with AES-256-GCM. The names of the
secrets are readable, but sealed as well.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from modules.security.base import SecretError
from modules.security.passphrase import SHORTEST, Cost, encoded, is_short_of_memory
from modules.security.secrets import SECRETS, Ask
from utils.files import FileError, locked, write_atomic

_VERSION = 1
_SALT_BYTES = 16
_NONCE_BYTES = 12
_KEY_BYTES = 32
_MOST = Cost(passes=20, kibibytes=1_048_576, lanes=16)
"""A file that asks for more than this was not written by Arvis, and would only stop the machine."""


class EncryptedFileSecrets:
    """Secrets in one file.

    Args:
        path: The file; it need not exist.
        ask: Asks for the passphrase, once; None where there is nobody to ask.
        cost: Of making the key of a new file.
    """

    place = "encrypted file"

    def __init__(self, path: Path, ask: Ask | None, cost: Cost | None = None) -> None:
        self._path = path
        self._ask = ask
        self._cost = cost or Cost()
        self._key: tuple[bytes, bytes] | None = None
        """The salt that the passphrase was asked for, and the key that they make."""

    @property
    def usable(self) -> bool:
        """Whether there is somebody to ask for the passphrase."""
        return self._ask is not None

    def get(self, name: str) -> str | None:
        """A secret; None where it has no value.

        Raises:
            SecretError: The passphrase is wrong or nobody gives it, or the file is damaged.
        """
        header = self._header()
        if header is None or name not in header["names"]:
            return None
        return self._open(header).get(name)

    def set(self, name: str, value: str) -> None:
        """Keep a secret.

        Raises:
            SecretError: The passphrase is wrong or nobody gives it, or the file is damaged.
            utils.files.FileError: It cannot be written.
        """
        with locked(self._path):
            header = self._header()
            if header is None:
                self._begin()
            values = self._open(header) if header is not None else {}
            self._write({**values, name: value}, header)

    def delete(self, name: str) -> bool:
        """Forget a secret; False when there was none.

        Raises:
            SecretError: The passphrase is wrong or nobody gives it, or the file is damaged.
            utils.files.FileError: It cannot be written.
        """
        with locked(self._path):
            header = self._header()
            if header is None or name not in header["names"]:
                return False
            values = self._open(header)
            values.pop(name, None)
            self._write(values, header)
        return True

    def names(self) -> tuple[str, ...]:
        """The secrets that have a value.

        Raises:
            SecretError: The file is damaged.
        """
        header = self._header()
        return tuple(name for name in SECRETS if header is not None and name in header["names"])

    def _header(self) -> dict[str, Any] | None:
        """What stands in the file, with bytes as bytes; None where there is no file."""
        try:
            header = json.loads(self._path.read_bytes())
            if header["version"] != _VERSION or not isinstance(header["names"], list):
                raise self._damaged()
            cost = Cost(**header["cost"])
            limits = zip(asdict(cost).values(), asdict(_MOST).values(), strict=True)
            if not all(isinstance(value, int) and 0 < value <= most for value, most in limits):
                raise self._damaged()
            taken = {key: base64.b64decode(header[key], validate=True) for key in ("salt", "nonce", "data")}
            return {**header, **taken, "cost": cost}
        except FileNotFoundError:
            return None
        except OSError as error:
            raise FileError("cannot-read", f"{self._path} cannot be read: {error.strerror or error}.") from error
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise self._damaged() from error

    def _begin(self) -> None:
        from argon2.exceptions import HashingError

        passphrase = self._passphrase(new=True)
        if len(passphrase) < SHORTEST:
            raise SecretError("bad-passphrase", f"The passphrase needs {SHORTEST} characters. Choose a longer one.")
        salt = secrets.token_bytes(_SALT_BYTES)
        try:
            self._key = salt, _derive(passphrase, salt, self._cost)
        except HashingError as error:
            raise _no_memory() from error

    def _open(self, header: Mapping[str, Any]) -> dict[str, str]:
        from argon2.exceptions import HashingError
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            if self._key is None or self._key[0] != header["salt"]:
                key = _derive(self._passphrase(new=False), header["salt"], header["cost"])
            else:
                key = self._key[1]
            plain = AESGCM(key).decrypt(header["nonce"], header["data"], _seal(header))
        except InvalidTag:
            raise SecretError(
                "wrong-passphrase",
                "The secrets do not open: that is not their passphrase, or the file was changed. Try again; if it is "
                f"forgotten, delete {self._path} and set the secrets anew.",
                retryable=True,
            ) from None
        except HashingError as error:
            raise (_no_memory() if is_short_of_memory(error) else self._damaged()) from error
        except ValueError as error:
            raise self._damaged() from error
        self._key = header["salt"], key
        values: dict[str, str] = json.loads(plain)
        return values

    def _write(self, values: Mapping[str, str], before: Mapping[str, Any] | None) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        assert self._key is not None
        salt, key = self._key
        cost: Cost = before["cost"] if before is not None else self._cost
        nonce = secrets.token_bytes(_NONCE_BYTES)
        header = {"version": _VERSION, "cost": cost, "names": sorted(values), "salt": salt, "nonce": nonce}
        data = AESGCM(key).encrypt(nonce, json.dumps(dict(values)).encode(), _seal(header))
        document = {**header, "cost": asdict(cost), "data": data}
        write_atomic(self._path, json.dumps(document, default=_base64, indent=1).encode() + b"\n")

    def _passphrase(self, *, new: bool) -> str:
        passphrase = self._ask(new) if self._ask is not None else ""
        if not passphrase:
            raise SecretError(
                "locked",
                f"The secrets in {self._path} need their passphrase. Run the command in a terminal, or use the "
                "environment variable.",
            )
        return passphrase

    def _damaged(self) -> SecretError:
        return SecretError(
            "damaged", f"{self._path}, with the secrets, is damaged. Delete it and set the secrets anew."
        )


def _no_memory() -> SecretError:
    return SecretError(
        "no-memory",
        "There is not enough memory to open the secrets. Close other programs and try again.",
        retryable=True,
    )


def _derive(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    from argon2.low_level import Type, hash_secret_raw

    return hash_secret_raw(encoded(passphrase), salt, cost.passes, cost.kibibytes, cost.lanes, _KEY_BYTES, Type.ID)


def _seal(header: Mapping[str, Any]) -> bytes:
    """Everything that is readable, in one way of writing it: it is sealed together with the content."""
    plain = {key: header[key] for key in ("version", "names", "salt", "nonce")}
    return json.dumps({**plain, "cost": asdict(header["cost"])}, default=_base64, sort_keys=True).encode()


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
