"""Which system packages are found missing, and what happens then with and without the right to install."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "scripts" / "system-packages"
INSTALLED = """\
installed g++ c++-compiler
installed libglib2.0-0t64 libglib2.0-0 (= 2.80.0-6ubuntu3.4), libglib2.0-0.x
config-files openbox x-window-manager
installed dbus default-dbus-session-bus
"""


@dataclass
class Machine:
    """Fakes of the system's commands, first on the PATH."""

    folder: Path

    def command(self, name: str, body: str) -> None:
        path = self.folder / name
        path.write_text(f"#!/bin/bash\n{body}\n")
        path.chmod(0o755)

    def install(self, *names: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PATH": f"{self.folder}:/usr/bin:/bin", "ARVIS_SETUP_PYTHON": sys.executable}
        environment["TMPDIR"] = str(self.folder)
        return subprocess.run([SCRIPT, *names], env=environment, capture_output=True, text=True, check=False)

    @property
    def apt_calls(self) -> list[str]:
        log = self.folder / "apt-calls"
        return log.read_text().splitlines() if log.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A Debian machine whose user may not install anything."""
    machine = Machine(tmp_path)
    machine.command("dpkg-query", f"cat <<'END'\n{INSTALLED}END")
    machine.command("apt-get", f'echo "$@" >>{tmp_path}/apt-calls; echo "0 upgraded, 1 newly installed"')
    machine.command("id", "echo 1000")
    machine.command("sudo", "exit 1")
    return machine


def test_nothing_is_missing(machine: Machine) -> None:
    result = machine.install("g++", "libglib2.0-0", "dbus")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert machine.apt_calls == []


def test_without_the_right_to_install_the_line_is_printed(machine: Machine) -> None:
    result = machine.install("g++", "openbox", "xvfb")
    assert result.returncode == 1
    line = "sudo apt-get update && sudo apt-get install -y --no-install-recommends openbox xvfb"
    assert line in [shown.strip() for shown in result.stderr.splitlines()]
    assert machine.apt_calls == []


def test_root_installs_what_is_missing(machine: Machine) -> None:
    machine.command("id", "echo 0")
    result = machine.install("g++", "xvfb")
    assert result.returncode == 0, result.stderr
    assert "installs 1 system packages" in result.stdout
    update, install = machine.apt_calls
    assert update.startswith("update")
    assert install.endswith(" install -y --no-install-recommends xvfb")


def test_sudo_without_a_password_installs(machine: Machine) -> None:
    machine.command("sudo", f'[[ $1 == -n ]] || exit 1; echo "$*" >>{machine.folder}/sudo-calls; shift; exec "$@"')
    result = machine.install("xvfb")
    assert result.returncode == 0, result.stderr
    assert len(machine.apt_calls) == 2
    assert "-n env DEBIAN_FRONTEND=noninteractive apt-get" in (machine.folder / "sudo-calls").read_text()


def test_a_failing_apt_shows_its_words(machine: Machine) -> None:
    machine.command("id", "echo 0")
    machine.command("apt-get", '[[ $1 == update ]] || { echo "E: no space left"; exit 100; }')
    result = machine.install("xvfb")
    assert result.returncode == 1
    assert "E: no space left" in result.stderr
    assert "could not install everything" in result.stderr


def test_old_package_lists_do_for_a_start(machine: Machine) -> None:
    machine.command("id", "echo 0")
    machine.command("apt-get", '[[ $1 != update ]] || { echo "Temporary failure resolving"; exit 100; }')
    result = machine.install("xvfb")
    assert result.returncode == 0, result.stderr
    assert "Temporary failure resolving" in result.stdout


def test_other_systems_are_told_what_they_need(tmp_path: Path) -> None:
    for command in ("bash", "dirname"):
        (tmp_path / command).symlink_to(f"/usr/bin/{command}")
    environment = {"PATH": str(tmp_path)}
    result = subprocess.run(
        ["/bin/bash", SCRIPT, "g++", "xvfb"], env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert "neither Debian nor Ubuntu" in result.stdout
    assert "g++ xvfb" in result.stdout


@pytest.mark.parametrize("name", ["run", "test"])
def test_every_package_has_a_reason(name: str) -> None:
    lines = [line for line in (ROOT / "scripts" / f"packages-{name}.txt").read_text().splitlines() if line[:1] != "#"]
    assert lines
    for line in lines:
        package, _, reason = line.partition(" ")
        assert package == package.strip().lower(), line
        assert reason.strip(), line
