"""What is common to roles, lock, audit log and secrets."""

from __future__ import annotations

from collections.abc import Callable

from utils.errors import ArvisError

Record = Callable[..., object]
"""`record(event, **fields)`: writes down that something happened. See `modules.security.audit`."""


class SecurityError(ArvisError):
    """Something is not allowed, or what protects it is damaged."""

    stage = "security"


class LockError(SecurityError):
    """The lock did not open, or its passphrase was not changed."""


class AuditError(SecurityError):
    """The audit log cannot be written or read."""


class SecretError(SecurityError):
    """A secret cannot be had or kept. The message never contains it."""


def ignore(event: str, **fields: object) -> None:
    """A `Record` that writes nothing down."""
