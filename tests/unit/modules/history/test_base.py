"""The records."""

from __future__ import annotations

import pytest

from modules.history.base import Resumed, kept_text, new_session
from tests.unit.modules.history.keeping import NOW, turn


@pytest.mark.parametrize(
    ("text", "kept"), [("a\0b", "a\ufffdb"), ("\ud83e\udd8a", "??"), ("x\udfff", "x?"), ("Ünïcödé 🦊", "Ünïcödé 🦊")]
)
def test_text_that_every_database_takes(text: str, kept: str) -> None:
    assert kept_text(text) == kept


def test_a_session_without_turns_has_no_last_number() -> None:
    session = new_session(NOW)
    assert (Resumed(session, ()).last_number, Resumed(session, ()).conversation) == (0, ())
    assert turn(session, 1).seconds is None
    assert turn(session, 1, ended=session.started).seconds == 0.0
