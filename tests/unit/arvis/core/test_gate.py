from __future__ import annotations

from pathlib import Path

import pytest

from arvis.core.gate import Gate, LockAnswered
from modules.security.roles import Permission, Role
from modules.turn.events import Notice
from tests.unit.arvis.locks import PASSPHRASE, locked_for
from tests.unit.modules.security.cheap import Told


def test_without_a_lock_only_the_muted_microphone_is_refused() -> None:
    gate = Gate()
    assert [gate.refusal(permission) for permission in Permission] == [None] * len(Permission)
    gate.muted = True
    refusal = gate.refusal(Permission.TALK)
    assert refusal is not None
    assert refusal.code == "muted"
    assert gate.refusal(Permission.TYPE) is None
    assert gate.is_closed
    assert (gate.close(), gate.unlock("x"), gate.set_passphrase("", "x")) == (None, LockAnswered(), LockAnswered())
    gate.touch()
    gate.lock_if_idle()


def test_locked_it_refuses_what_the_role_may_not_and_it_is_written_down(tmp_path: Path) -> None:
    told = Told()
    gate = Gate(locked_for(tmp_path, Role.GUEST, told=told))
    assert gate.is_closed
    assert gate.refusal(Permission.TALK) == Notice(
        "info", "locked", "Arvis is locked. Unlock it with the passphrase to talk."
    )
    assert told.records == [("permission-refused", {"permission": "talk", "role": "guest"})]


def test_a_user_may_talk_even_locked(tmp_path: Path) -> None:
    gate = Gate(locked_for(tmp_path, Role.USER))
    assert not gate.is_closed
    assert gate.refusal(Permission.TALK) is None
    assert gate.refusal(Permission.ERASE_HISTORY) is not None


def test_the_passphrase_is_set_changed_and_removed(tmp_path: Path) -> None:
    gate = Gate(locked_for(tmp_path, Role.GUEST))
    answers = [
        gate.unlock("wrong one"),
        gate.unlock(PASSPHRASE),
        gate.set_passphrase("wrong one", "new sesame"),
        gate.set_passphrase(PASSPHRASE, "short"),
        gate.set_passphrase(PASSPHRASE, "new sesame"),
        gate.set_passphrase("new sesame", ""),
    ]
    codes = [(answer.refused or answer.done or Notice("info", "opened", "")).code for answer in answers]
    assert codes == [
        *("wrong-passphrase", "opened", "wrong-passphrase", "bad-passphrase", "passphrase", "passphrase"),
    ]
    assert not gate.state().can_lock


@pytest.mark.parametrize(("role", "code"), [(Role.OWNER, "nothing-to-lock"), (Role.GUEST, "no-passphrase")])
def test_why_it_cannot_be_locked(tmp_path: Path, role: Role, code: str) -> None:
    lock = locked_for(tmp_path, role)
    if code == "no-passphrase":
        lock.remove_passphrase(PASSPHRASE)
    refused = Gate(lock).close()
    assert refused is not None
    assert (refused.code, refused.severity) == (code, "info")
