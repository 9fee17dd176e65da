"""The command as a process of its own: what it loads, and what reaches the two outputs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from arvis import __version__
from tests.integration.cli.conftest import Arvis

HEAVY = (
    "numpy",
    "PyQt6",
    "onnxruntime",
    "ctranslate2",
    "llama_cpp",
    "soundfile",
    "sounddevice",
    "jsonschema",
    "asyncio",
)


def python(program: str, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=False)


def test_version_loads_nothing_heavy(environ: dict[str, str]) -> None:
    done = python(
        "import atexit, sys\n"
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr))\n"
        "sys.argv = ['arvis', '--version']\n"
        "from arvis.cli.main import main\n"
        "main()\n",
        environ,
    )
    assert (done.returncode, done.stdout) == (0, f"arvis {__version__}\n")
    loaded = set(done.stderr.split())
    assert "typer" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_the_module_is_the_command(arvis: Arvis, environ: dict[str, str]) -> None:
    done = arvis("config", "path")
    assert (done.returncode, done.stdout) == (0, f"{environ['ARVIS_HOME']}/config.toml\n")
    assert done.stderr == ""


def test_what_native_libraries_print_goes_to_standard_error(environ: dict[str, str]) -> None:
    done = python(
        "import ctypes, os\n"
        "from arvis.cli.streams import shield_stdout\n"
        "shield_stdout()\n"
        "os.write(1, b'direct\\n')\n"
        "ctypes.CDLL(None).puts(b'buffered until the end')\n"
        "print('ours é')\n",
        environ | {"PYTHONIOENCODING": "utf-8"},
    )
    assert done.stdout == "ours é\n"
    assert done.stderr.splitlines() == ["direct", "buffered until the end"]


@pytest.mark.parametrize("closed", ["1", "2"])
def test_a_closed_output_is_no_failure(environ: dict[str, str], closed: str) -> None:
    command = ["sh", "-c", f'exec "$0" -m arvis --version {closed}>&-', sys.executable]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stdout == ("" if closed == "1" else f"arvis {__version__}\n")
    assert done.stderr == ""


@pytest.mark.parametrize("closed", ["1", "2"])
def test_an_object_for_a_closed_output_is_no_failure(environ: dict[str, str], closed: str) -> None:
    command = ["sh", "-c", f'exec "$0" -m arvis config show --json {closed}>&-', sys.executable]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr, bool(done.stdout)) == (0, "", closed == "2")


def test_a_closed_output_is_not_given_to_the_next_file(environ: dict[str, str]) -> None:
    program = "from arvis.cli.streams import open_closed; open_closed(); import os; print(os.dup(2), file=open(3, 'w'))"
    command = ["sh", "-c", '"$0" -c "$1" 3>&1 >&- <&-', sys.executable, program]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert (int(done.stdout), done.stderr) == (4, "")


@pytest.mark.parametrize(
    "arguments", [["config", "path"], ["config", "show", "--json"], ["ask", "--nonsense", "--json"]]
)
def test_an_output_that_takes_nothing_is_one_sentence(environ: dict[str, str], arguments: list[str]) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("only Linux has a device that is always full")
    with full.open("w") as taken:
        command = [sys.executable, "-m", "arvis", *arguments]
        done = subprocess.run(command, env=environ, stdout=taken, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode in (1, 2)
    (line,) = done.stderr.splitlines()
    assert line.startswith("arvis: ")


def test_a_character_that_the_output_does_not_have(environ: dict[str, str]) -> None:
    done = python(
        "from arvis.cli.streams import shield_stdout\nshield_stdout()\nprint('caf\\u00e9 \\u2603')\n",
        environ | {"PYTHONIOENCODING": "ascii"},
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "caf? ?\n", "")


def test_control_c_before_the_command_line_is_read_is_quiet(environ: dict[str, str]) -> None:
    done = python(
        "from arvis.cli import main\ndef app(**_): raise KeyboardInterrupt\nmain.app = app\nmain.main()\n",
        environ,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_a_reader_that_has_gone_ends_the_command_quietly(environ: dict[str, str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as gone:
        command = [sys.executable, "-m", "arvis", "config", "show"]
        done = subprocess.run(command, env=environ, stdout=gone, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == ""


def test_without_a_screen_the_window_is_refused(arvis: Arvis) -> None:
    done = arvis()
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert "arvis ask" in line
