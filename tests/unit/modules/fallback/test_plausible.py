from __future__ import annotations

import pytest

from modules.fallback.plausible import is_noise


@pytest.mark.parametrize("text", ["", "Paris", "né à Köln 你好 🙂", "a\nb\tc", "x\ufffd."])
def test_what_people_write_is_text(text: str) -> None:
    assert not is_noise(text)


@pytest.mark.parametrize("text", ["\ufffd", "a\ufffd\ufffd", "\x00\x01", "\ue000", "\x1b\x1b["])
def test_what_nobody_writes_is_noise(text: str) -> None:
    assert is_noise(text)
