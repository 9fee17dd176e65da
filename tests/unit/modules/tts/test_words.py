from __future__ import annotations

import pytest

from modules.tts.words import has_words


@pytest.mark.parametrize("text", ["a", "...5", "—é—", "你"])
def test_letters_and_digits_can_be_said(text: str) -> None:
    assert has_words(text)


@pytest.mark.parametrize("text", ["", " \n", "...", "—*#", "🙂"])
def test_marks_alone_cannot(text: str) -> None:
    assert not has_words(text)
