from __future__ import annotations

import json
from importlib.resources import files

import pytest

from modules.security.roles import AccessPolicy, Permission, Role, default_policy


def test_the_owner_may_do_everything() -> None:
    assert default_policy().allowed(Role.OWNER) == tuple(Permission)


def test_a_user_may_converse_but_change_nothing() -> None:
    allowed = default_policy().allowed(Role.USER)
    assert allowed == (
        Permission.TALK,
        Permission.TYPE,
        Permission.READ_HISTORY,
        Permission.SEE_METRICS,
        Permission.LOCK,
    )


def test_a_guest_may_only_lock() -> None:
    assert default_policy().allowed(Role.GUEST) == (Permission.LOCK,)


@pytest.mark.parametrize(
    ("role", "permission"), [("owner", "fly"), ("owner", ""), ("nobody", "talk"), ("", "talk"), ("Owner", "talk")]
)
def test_what_is_not_known_is_refused(role: str, permission: str) -> None:
    assert not default_policy().may(role, permission)


def test_a_role_that_is_not_in_the_table_may_do_nothing() -> None:
    policy = AccessPolicy({"owner": ["talk"]})
    assert policy.may("owner", "talk")
    assert not policy.may("guest", "talk")


@pytest.mark.parametrize("table", [{"king": ["talk"]}, {"owner": ["rule"]}])
def test_a_table_with_a_mistake_is_refused(table: dict[str, list[str]]) -> None:
    with pytest.raises(ValueError, match="is not a valid"):
        AccessPolicy(table)


def test_the_table_names_each_role_and_each_permission_once() -> None:
    table = json.loads(files("assets").joinpath("roles.json").read_text())
    assert list(table) == [role.value for role in Role]
    for names in table.values():
        assert len(names) == len(set(names))


def test_every_permission_completes_a_sentence() -> None:
    assert [permission.words for permission in (Permission.TALK, Permission.RUN_TOOLS)] == ["talk", "run tools"]
    assert not [permission for permission in Permission if "-" in permission.words]
