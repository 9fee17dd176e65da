"""Puts the client of the model hub under the policy."""

from __future__ import annotations

import functools
import threading
from typing import Any

from modules.network.policy import POLICY

PURPOSE = "a model"
_lock = threading.Lock()


def prepare(endpoint: str | None = None) -> str:
    """Have the hub's client ask the policy before each request, redirects too, and report nothing; takes effect once.

    Its other way to transfer files, a library in native code, is turned off, since nothing would see its connections.

    Args:
        endpoint: Base URL of the hub; None for the one that its client is set to.

    Returns:
        Base URL of the hub.
    """
    with _lock:
        default = _set_up()
    return endpoint or default


@functools.cache
def _set_up() -> str:
    from huggingface_hub import constants, set_client_factory
    from huggingface_hub.utils._http import default_client_factory  # the only way to keep what the client does itself

    constants.HF_HUB_DISABLE_TELEMETRY = True
    constants.HF_HUB_DISABLE_XET = True

    def factory() -> Any:
        client = default_client_factory()
        hooks = client.event_hooks
        client.event_hooks = {**hooks, "request": [_check, *hooks["request"]]}
        return client

    set_client_factory(factory)
    return constants.ENDPOINT


def _check(request: Any) -> None:
    POLICY.check(request.url.host, PURPOSE)
