"""`arvis config set`, `unset` and `reset`."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from arvis.cli import config_common
from tests.unit.arvis.cli.conftest import Command

FILE = "version = 2\n[llm]\nthreads = 4 # four\n"


@pytest.fixture
def file(arvis: Command, tmp_path: Path) -> Path:
    path = tmp_path / "home" / "config.toml"
    path.write_text(FILE)
    return path


def test_several_settings_are_set_and_told(arvis: Command, file: Path) -> None:
    result = arvis("config", "set", "llm.threads=8", "tts.fallback=piper,espeak-ng", "llm.base_url=http://a:1/v1?x=y")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "llm.threads: 4 -> 8",
        'llm.base_url: default -> "http://a:1/v1?x=y"',
        'tts.fallback: default -> ["piper", "espeak-ng"]',
    ]
    assert result.stderr.startswith("arvis: A running Arvis has to be started again for llm.threads")
    assert file.read_text() == (
        'version = 2\n[llm]\nthreads = 8 # four\nbase_url = "http://a:1/v1?x=y"\n\n'
        '[tts]\nfallback = ["piper", "espeak-ng"]\n'
    )


def test_one_setting_may_be_set_without_a_sign(arvis: Command, file: Path) -> None:
    assert arvis("config", "set", "ui.theme", "dark").stdout == 'ui.theme: default -> "dark"\n'
    assert arvis("config", "set", "llm.system_prompt", "a = b").stdout == 'llm.system_prompt: default -> "a = b"\n'
    arvis.misused("config", "set", "ui.theme", "dark", "llm.threads")
    assert "0123456789" not in arvis.fails("config", "set", "llm.api_key", "sk-0123456789abcdef")
    assert 'theme = "dark"' in file.read_text()


def test_the_same_again_changes_nothing(arvis: Command, file: Path) -> None:
    result = arvis("config", "set", "llm.threads=4")
    assert (result.exit_code, result.stdout) == (0, f"Nothing had to be changed in {file}.\n")
    assert result.stderr == ""
    assert file.read_text() == FILE


def test_set_as_json(arvis: Command, file: Path) -> None:
    document = arvis.json("config", "set", "notifications.routes=a-b=ui,tts;c=log", "ui.theme=dark")
    assert document == {
        "path": str(file),
        "changes": [
            {"key": "notifications.routes", "old": None, "new": ["a-b=ui,tts", "c=log"]},
            {"key": "ui.theme", "old": None, "new": "dark"},
        ],
        "backup": None,
        "notes": document["notes"],
    }


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("llm.threads=two", 'llm.threads is "two", but must be a whole number from 1 to 32. Nothing was changed.'),
        ("llm.thread=2", "there is no setting llm.thread; did you mean llm.threads. Nothing was changed."),
        ("=2", "there is no setting ; see `arvis config show` for those there are. Nothing was changed."),
        ("llm.threads=", 'llm.threads is "", but must be a whole number from 1 to 32. Nothing was changed.'),
        ("talk.hotkey=", 'talk.hotkey is "", but must be'),
    ],
)
def test_what_is_not_allowed_is_one_sentence(arvis: Command, file: Path, setting: str, sentence: str) -> None:
    assert arvis.fails("config", "set", "ui.theme=dark", setting).startswith(sentence)
    assert file.read_text() == FILE


def test_a_secret_is_refused_and_not_repeated(arvis: Command, file: Path) -> None:
    said = arvis.fails("config", "set", "llm.api_key=sk-0123456789abcdef")
    assert "`arvis config secret set llm.api_key`" in said
    assert "0123456789" not in said
    assert "0123456789" not in arvis.misused("config", "set", "sk-0123456789abcdef")
    assert file.read_text() == FILE


def test_what_comes_before_the_file_is_told(arvis: Command, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARVIS_UI_THEME", "light")
    result = arvis("config", "set", "ui.theme=dark")
    assert result.exit_code == 0
    assert result.stderr == 'arvis: ui.theme stays "light": environment ARVIS_UI_THEME comes first.\n'


def test_what_contradicts_is_told(arvis: Command, file: Path) -> None:
    said = arvis("config", "set", "notifications.quiet_from=22:00").stderr
    assert "notifications.quiet_from is set without notifications.quiet_to" in said
    assert arvis("config", "set", "notifications.quiet_to=07:00").stderr == ""


def test_an_old_file_is_migrated_on_the_way(arvis: Command, file: Path) -> None:
    file.write_text("[talk]\ndebounce = 0.6\n")
    result = arvis("config", "set", "ui.theme=dark")
    assert file.read_text().startswith("version = 2\n\n[talk]\ndebounce_seconds = 0.6\n")
    assert f"as it was: {file}.v1.bak" in result.stderr


def test_a_newer_file_needs_force(arvis: Command, file: Path) -> None:
    file.write_text("version = 7\n")
    assert "use --force" in arvis.fails("config", "set", "ui.theme=dark")
    assert "use --force" in arvis.fails("config", "unset", "ui.theme")
    assert arvis("config", "set", "ui.theme=dark", "--force").exit_code == 0
    assert file.read_text() == 'version = 7\n\n[ui]\ntheme = "dark"\n'


def test_a_broken_file_is_told_and_left(arvis: Command, file: Path) -> None:
    file.write_text("[llm\n")
    said = arvis.fails("config", "set", "ui.theme=dark")
    assert said.startswith(f"{file}, line 1: the file is not valid TOML")
    assert said.endswith("`arvis config reset`, which keeps a back-up.")
    assert file.read_text() == "[llm\n"


def test_a_link_is_refused(arvis: Command, file: Path) -> None:
    real = file.rename(file.with_name("real.toml"))
    file.symlink_to(real)
    assert "is a link" in arvis.fails("config", "set", "ui.theme=dark")
    assert real.read_text() == FILE


@pytest.mark.parametrize("arguments", [["set", "ui.theme=dark"], ["unset", "llm.threads"], ["reset", "-y"]])
def test_a_folder_in_place_of_the_file_is_one_sentence(arvis: Command, file: Path, arguments: list[str]) -> None:
    file.unlink()
    file.mkdir()
    assert arvis.fails("config", *arguments).endswith("so it cannot be changed. Move it away, and try again.")


@pytest.mark.parametrize("arguments", [["set", "ui.theme=dark"], ["unset", "llm.threads"], ["reset", "-y"]])
def test_a_folder_that_is_not_ours_is_one_sentence(
    arvis: Command, file: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("utils.files.tempfile.mkstemp", refuse)
    assert arvis.fails("config", *arguments).endswith(" cannot be written: Permission denied.")
    assert file.read_text() == FILE


def test_several_settings_are_unset(arvis: Command, file: Path) -> None:
    file.write_text("version = 2\n[llm]\nthreads = 4\nthread = 5\n[ui]\ntheme = 'dark'\n")
    result = arvis("config", "unset", "llm.threads", "llm.thread")
    assert result.stdout.splitlines() == ["llm.threads: 4 -> default", "llm.thread: 5 -> default"]
    assert file.read_text() == "version = 2\n[ui]\ntheme = 'dark'\n"
    assert "there is no setting llm.thread" in arvis.fails("config", "unset", "llm.thread")


def test_reset_needs_a_yes_where_nobody_can_be_asked(arvis: Command, file: Path) -> None:
    assert arvis.fails("config", "reset").endswith("Nobody can be asked here, so nothing was done: add --yes.")
    assert file.read_text() == FILE


def test_reset_asks(arvis: Command, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    questions: list[str] = []

    def ask(question: str, **options: bool) -> None:
        questions.append(question)
        assert options == {"abort": True, "err": True}

    monkeypatch.setattr(config_common, "is_terminal", lambda: True)
    monkeypatch.setattr(typer, "confirm", ask)
    assert arvis("config", "reset", "llm").exit_code == 0
    assert questions == [f"Reset llm in {file}?"]
    assert file.read_text() == "version = 2\n"


def test_reset_keeps_the_file_as_it_was(arvis: Command, file: Path) -> None:
    result = arvis("config", "reset", "llm.threads", "--yes")
    assert result.stderr == "arvis: A running Arvis has to be started again for llm.threads.\n"
    assert result.stdout == f"Reset: llm.threads. The file as it was: {file}.v2.bak\n"
    assert Path(f"{file}.v2.bak").read_text() == FILE
    file.write_text("[llm\n")
    assert arvis.json("config", "reset", "-y") == {
        "path": str(file),
        "reset": "all",
        "backup": f"{file}.broken.bak.2",
        "notes": ["A running Arvis has to be started again for tts.cache_mb."],
    }
    assert file.read_text() == "version = 2\n"


def test_reset_of_nothing(arvis: Command, tmp_path: Path) -> None:
    assert arvis("config", "reset", "-y").stdout == "Reset: all settings.\n"
    assert not (tmp_path / "home" / "config.toml").exists()
    assert "did you mean llm.threads" in arvis.fails("config", "reset", "llm.thread")


def test_with_a_profile_its_file_is_changed(arvis: Command, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profile = file.parent / "profiles" / "work.toml"
    assert arvis("--profile", "work", "config", "set", "ui.theme=dark").stderr == ""
    assert profile.read_text() == 'version = 2\n\n[ui]\ntheme = "dark"\n'
    assert file.read_text() == FILE

    monkeypatch.setenv("ARVIS_PROFILE", "work")
    said = arvis("config", "set", "ui.theme=light").stderr
    assert said == f'arvis: ui.theme stays "dark": {profile}, line 4 comes first.\n'
    assert arvis.fails("config", "unset", "ui.theme", "--profile", "../x").startswith("'../x' cannot be the name")


def test_the_audit_log_knows_which_settings_were_changed_and_never_to_what(arvis: Command, file: Path) -> None:
    arvis("config", "set", "llm.system_prompt=purple", "llm.threads=8")
    arvis("config", "unset", "llm.threads")
    arvis("config", "set", "security.audit=false")
    arvis("config", "set", "llm.threads=2")
    records = arvis.json("audit", "show")["records"]
    changed = [record["fields"]["setting"] for record in records if record["event"] == "setting-changed"]
    assert changed == ["llm.threads", "llm.system_prompt", "llm.threads", "security.audit"]
    assert "purple" not in str(records)


def test_an_audit_log_that_cannot_be_written_does_not_hide_what_was_done(arvis: Command, file: Path) -> None:
    audit = file.parent / "data" / "audit"
    audit.parent.mkdir(exist_ok=True)
    audit.write_bytes(b"")
    result = arvis("config", "set", "llm.threads=8")
    assert (result.exit_code, result.stdout) == (0, "llm.threads: 4 -> 8\n")
    assert result.stderr.startswith(f"arvis: The audit log lacks this change: {audit} is not a folder.")
