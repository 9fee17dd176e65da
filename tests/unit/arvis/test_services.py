"""What window and session share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from arvis.security import open_audit
from arvis.services import open_services
from config.loader import load
from modules.network.base import OfflineError
from modules.network.guard import set_offline
from modules.network.policy import POLICY
from modules.notifications.base import Channel, Delivery, Notification, Priority
from modules.security.roles import Role


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("ARVIS_HOME", str(tmp_path))
    yield tmp_path
    set_offline(False)


def settings(home: Path, text: str) -> Path:
    path = home / "config.toml"
    path.write_text(text)
    return path


def records() -> list[dict[str, Any]]:
    return [record for record in open_audit().read() if record["event"] != "log-begun"]


def test_a_start_and_an_end_are_written_down(home: Path) -> None:
    open_services(load(home / "none.toml", {})).close()
    assert [record["event"] for record in records()] == ["started", "stopped"]


def test_an_error_is_in_the_audit_log_by_its_code_only(home: Path) -> None:
    services = open_services(load(home / "none.toml", {}))
    services.notifications.publish(Notification("no-device", "The microphone: purple is gone.", Priority.ERROR, "turn"))
    services.close()
    (found,) = [record["fields"] for record in records() if record["event"] == "notification"]
    assert (found["code"], found["priority"]) == ("no-device", "error")
    assert "purple" not in str(records())


def test_each_use_of_another_machine_is_written_down_once(home: Path) -> None:
    services = open_services(load(home / "none.toml", {}))
    for _ in range(3):
        with POLICY.using("model.example", "the language model"):
            pass
    services.close()
    used = [record["fields"] for record in records() if record["event"] == "remote-used"]
    assert used == [{"host": "model.example", "purpose": "the language model"}]


def test_each_refusal_of_offline_mode_is_written_down_once(home: Path) -> None:
    services = open_services(load(settings(home, "[network]\noffline = true\n"), {}))
    for _ in range(3):
        with pytest.raises(OfflineError):
            POLICY.check("model.example", "the language model")
    services.close()
    refused = [record["fields"] for record in records() if record["event"] == "offline-refused"]
    assert refused == [{"host": "model.example", "purpose": "the language model"}]


def test_no_audit_log_where_the_settings_want_none(home: Path) -> None:
    open_services(load(settings(home, "[security]\naudit = false\n"), {})).close()
    assert not (home / "data" / "audit").exists()


def test_the_rules_of_the_settings_are_followed_and_may_change(home: Path) -> None:
    services = open_services(load(settings(home, '[notifications]\nroutes = ["muted=tts"]\n'), {}))
    spoken: list[Delivery] = []
    services.notifications.subscribe(Channel.TTS, spoken.append)
    muted = Notification("muted", "The microphone is muted.", Priority.INFO, "turn")
    services.notifications.publish(muted)
    assert len(spoken) == 1
    services.configure(load(settings(home, "[network]\noffline = true\n[security]\nrole = 'guest'\n"), {}))
    services.notifications.publish(Notification("muted", "Muted again.", Priority.INFO, "turn"))
    assert len(spoken) == 1
    assert POLICY.offline
    services.lock.set_passphrase("", "a long passphrase")
    services.lock.lock()
    assert services.lock.role is Role.GUEST
    services.close()
