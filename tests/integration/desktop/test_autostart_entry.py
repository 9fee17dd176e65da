"""The desktop entry is read by the library that desktops start programs with."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from arvis.desktop.autostart import Start
from arvis.desktop.autostart_xdg import XdgAutostart
from tests.integration.desktop.bus import SYSTEM_PYTHON

LAUNCH = """
import sys, gi
gi.require_version("Gio", "2.0")
from gi.repository import Gio
Gio.DesktopAppInfo.new_from_filename(sys.argv[1]).launch([], None)
"""
PROGRAM = """#!/usr/bin/python3
import json, os, sys
with open(sys.argv[1], "w") as pipe:
    json.dump([sys.argv[2:], os.getcwd(), os.environ["ARVIS_HOME"]], pipe)
"""
ODD = [
    "run", "--hidden", "two words", "100%f", 'say "hi"', "$HOME `id`", "back\\slash", "a;b&c|d", "'single'", "ünï 🙂",
    "",
]  # fmt: skip


def test_every_argument_arrives_as_it_was_meant(tmp_path: Path) -> None:
    folder = tmp_path / "my $folder"
    folder.mkdir()
    program = folder / "start 100%"
    program.write_text(PROGRAM)
    program.chmod(0o700)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    autostart = XdgAutostart(tmp_path / "autostart")
    autostart.enable(Start((str(program), str(pipe), *ODD), folder, {"ARVIS_HOME": "/my data"}))
    subprocess.run([SYSTEM_PYTHON, "-c", LAUNCH, autostart.place], check=True, timeout=20)
    assert json.loads(pipe.read_text()) == [ODD, str(folder), "/my data"]
