"""`arvis config` as a process: at a real terminal, beside others of its kind, and where nothing can be written."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.integration.cli.conftest import document


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home of its own for each test."""
    return tmp_path


@pytest.fixture
def file(home: Path) -> Path:
    path = home / "config.toml"
    path.write_text("version = 2\n[llm]\nthreads = 4\n")
    return path


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "arvis", "config", *arguments]


def at_a_terminal(environ: dict[str, str], answers: dict[bytes, bytes], *arguments: str) -> tuple[int, str]:
    """Run at a terminal at which somebody answers what is asked.

    Returns:
        The exit code, and everything that the terminal shows.
    """
    keyboard, terminal = pty.openpty()
    with subprocess.Popen(
        command(*arguments), env=environ, stdin=terminal, stdout=terminal, stderr=terminal
    ) as process:
        os.close(terminal)
        shown = unanswered = b""
        while select.select([keyboard], [], [], 30)[0]:
            try:
                shown += (heard := os.read(keyboard, 4096))
            except OSError:  # the terminal is closed on the other side
                break
            unanswered += heard
            for question, answer in answers.items():
                if unanswered.endswith(question + b" "):  # the space comes when nothing is shown any more
                    os.write(keyboard, answer)
                    unanswered = b""
        else:
            process.kill()
        os.close(keyboard)
    return process.returncode, shown.decode()


def test_a_yes_at_the_terminal_resets(environ: dict[str, str], file: Path) -> None:
    code, shown = at_a_terminal(environ, {b"[y/N]:": b"y\n"}, "reset")
    assert (code, file.read_text()) == (0, "version = 2\n"), shown
    assert f"Reset all settings in {file}?" in shown


@pytest.mark.parametrize("answer", [b"n\n", b"\n", b"\x04"])
def test_anything_else_does_not(environ: dict[str, str], file: Path, answer: bytes) -> None:
    code, shown = at_a_terminal(environ, {b"[y/N]:": answer}, "reset")
    assert (code, file.read_text()) == (1, "version = 2\n[llm]\nthreads = 4\n"), shown
    assert "Traceback" not in shown


def test_a_secret_that_is_typed_is_not_shown(environ: dict[str, str], home: Path) -> None:
    environ |= {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    answers = {
        b"Value of llm.api_key:": b"sk-0123456789abcdef\n",
        b"New passphrase of the encrypted file:": b"correct horse\n",
        b"Repeat for confirmation:": b"correct horse\n",
    }
    code, shown = at_a_terminal(environ, answers, "secret", "set", "llm.api_key")
    assert code == 0, shown
    assert "Kept: llm.api_key (encrypted file)" in shown
    assert "0123456789" not in shown
    assert "correct horse" not in shown
    kept = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert b"0123456789" not in kept


def test_many_at_once_lose_nothing(environ: dict[str, str], file: Path) -> None:
    wanted = {"talk.mode": "toggle", "ui.theme": "dark", "tts.voice": "x", "stt.language": "de", "llm.model": "y"}
    running = [
        subprocess.Popen(command("set", f"{key}={value}"), env=environ, stdout=subprocess.DEVNULL)
        for key, value in wanted.items()
    ]
    assert [process.wait() for process in running] == [0] * len(wanted)
    found = tomllib.loads(file.read_text())
    assert {key: found[key.partition(".")[0]][key.partition(".")[2]] for key in wanted} == wanted
    assert found["llm"]["threads"] == 4


@pytest.mark.parametrize(
    "arguments", [["set", "ui.theme=dark"], ["reset", "--yes"], ["migrate"], ["import", "in.toml", "--yes"]]
)
def test_a_full_disk_is_one_sentence_and_leaves_everything(
    environ: dict[str, str], file: Path, home: Path, arguments: list[str]
) -> None:
    file.write_text("[talk]\ndebounce = 0.6\n")
    (home / "in.toml").write_text("[llm]\nthreads = 8\n")
    # No file may grow: what the system answers is another error than that of a full disk, in the same place.
    limited = ["sh", "-c", 'ulimit -f 0; exec "$0" "$@"', *command(*arguments, "--json")]
    quiet = environ | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": os.getcwd()}
    done = subprocess.run(limited, env=quiet, cwd=home, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.endswith("cannot be written: File too large.")
    assert document(done)["error"]["code"] == "cannot-write"
    assert file.read_text() == "[talk]\ndebounce = 0.6\n"
    assert sorted(path.name for path in home.iterdir()) == [".config.toml.lock", "config.toml", "in.toml"]


def test_a_folder_that_nobody_can_write_to_is_one_sentence(environ: dict[str, str]) -> None:
    if not Path("/proc/self").exists():
        pytest.skip("only Linux has a file system in which even root can make no folder")
    done = subprocess.run(
        command("set", "ui.theme=dark"),
        env=environ | {"ARVIS_HOME": "/proc/arvis"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("arvis: /proc/arvis cannot be written: ")
