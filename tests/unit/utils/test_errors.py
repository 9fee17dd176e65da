"""An error is one sentence with a code."""

from __future__ import annotations

import pytest

from utils.errors import ArvisError, MissingDependencyError


def test_it_reads_as_its_sentence() -> None:
    error = ArvisError("no-device", "There is no microphone.", retryable=True)
    assert (str(error), error.code, error.retryable, error.stage) == (
        "There is no microphone.",
        "no-device",
        True,
        "arvis",
    )


def test_it_is_not_retryable_unless_said() -> None:
    with pytest.raises(ArvisError) as caught:
        raise MissingDependencyError("missing-dependency", "Install it.")
    assert (caught.value.retryable, caught.value.stage) == (False, "dependency")
