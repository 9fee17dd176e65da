"""A throw-away desktop for one test: screen, window manager, session bus, one microphone and one speaker."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

REQUIRED = (
    "Xvfb",
    "openbox",
    "dbus-daemon",
    "pulseaudio",
    "pactl",
    "paplay",
    "parecord",
    "xdotool",
    "maim",
    "xmessage",
)
"""Programs that it is made of; `make test` installs them."""

READER = Path(__file__).with_name("read_window.py")
SYSTEM_PYTHON = "/usr/bin/python3"
"""The interpreter that Debian's accessibility bindings belong to."""

PULSE_SCRIPT = """
load-module module-native-protocol-unix socket={run}/pulse.sock auth-anonymous=1 auth-cookie-enabled=0
load-module module-null-sink sink_name=speaker rate=48000 norewinds=1
load-module module-null-sink sink_name=voice rate=48000 norewinds=1
load-module module-remap-source source_name=mic master=voice.monitor
set-default-sink speaker
set-default-source mic
"""
# norewinds: a null sink otherwise renders ahead, so that what is recorded begins late and is garbled.


class DesktopError(RuntimeError):
    """A part of the desktop did not come up."""


def wait_until(what: str, check: Callable[[], bool], seconds: float = 15.0) -> None:
    """Look until something of another process has come true; such things announce themselves to nobody."""
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            raise DesktopError(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(0.05)


@dataclass
class Process:
    """A part of the desktop, or a program on it, in a process group of its own."""

    popen: subprocess.Popen[bytes]
    log: Path

    def end(self, by: signal.Signals = signal.SIGTERM, seconds: float = 10.0) -> int:
        """Ask it to go; insist after a while. Returns its exit status."""
        if self.popen.poll() is None:
            os.killpg(self.popen.pid, by)
            try:
                self.popen.wait(seconds)
            except subprocess.TimeoutExpired:
                os.killpg(self.popen.pid, signal.SIGKILL)
                self.popen.wait()
        return self.popen.returncode


class Desktop:
    """Use as a context manager; everything lives in one temporary folder and goes with it."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self.folder = Path()
        self.env: dict[str, str] = {}

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    # --- the user's hands, mouth, ears and eyes -------------------------------------------------------------------

    def hands(self, *arguments: str) -> str:
        """Move mouse and keyboard with xdotool; returns what it prints."""
        return self._output("xdotool", *arguments)

    def window(self, kind: str, pattern: str, seconds: float = 20.0) -> str:
        """Wait for a visible window whose --name or --class matches, and return its number."""
        found: list[str] = []

        def look() -> bool:
            found[:] = self._output("xdotool", "search", "--onlyvisible", kind, pattern).split()
            return bool(found)

        wait_until(f"the window {pattern}", look, seconds)
        return found[-1]

    def focus(self, window: str) -> None:
        """Give a window the keyboard."""
        self._output("xdotool", "windowfocus", window)
        wait_until("the focus", lambda: self._output("xdotool", "getwindowfocus").strip() == window)

    def speak(self, recording: Path) -> None:
        """Say a sound file into the microphone; returns when it is said."""
        self._output("paplay", "--device=voice", str(recording))

    def hear_speaker(self, level: float = 0.5) -> None:
        """Put the speaker beside the microphone: what is played is heard, so much softer (1: as loud as a voice)."""
        self._output(
            "pactl", "load-module", "module-loopback", "source=speaker.monitor", "sink=voice", "latency_msec=20",
            "adjust_time=0",
        )  # fmt: skip
        listed = self._output("pactl", "list", "short", "sink-inputs").split()
        self._output("pactl", "set-sink-input-volume", listed[0], f"{round(level * 100)}%")

    @contextmanager
    def record_speaker(self, target: Path) -> Iterator[None]:
        """Record what the speaker plays, from here to the end of the block."""
        recorder = self.start(
            "parecord", "--device=speaker.monitor", "--file-format=wav", "--rate=48000", "--channels=1",
            "--latency-msec=20", str(target),
        )  # fmt: skip
        wait_until("the recorder", lambda: target.exists() and target.stat().st_size > 0)
        try:
            yield
        finally:
            recorder.end(signal.SIGINT)

    def screenshot(self, target: Path) -> None:
        """Photograph the screen."""
        self._output("maim", str(target))

    def read(self, application: str) -> list[dict[str, str]]:
        """What a screen reader finds in an application: role, name and text of every element."""
        return list(json.loads(self._output(SYSTEM_PYTHON, str(READER), application)))

    def start(self, *command: str, env: dict[str, str] | None = None, pass_fds: Sequence[int] = ()) -> Process:
        """Run a program on the desktop until it ends, or the desktop goes."""
        log = self.folder / f"{Path(command[0]).name}.log"
        with log.open("ab") as output:
            popen = subprocess.Popen(
                command, env={**self.env, **(env or {})}, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                start_new_session=True, pass_fds=tuple(pass_fds),
            )  # fmt: skip
        process = Process(popen, log)
        self._stack.callback(process.end, seconds=2.0)
        return process

    # --- making it ----------------------------------------------------------------------------------------------

    def _start(self) -> None:
        missing = [program for program in REQUIRED if shutil.which(program) is None]
        if missing:
            raise DesktopError(f"not installed: {', '.join(missing)}")
        self.folder = Path(tempfile.mkdtemp(prefix="arvis-desktop-"))
        self._stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        run = self.folder / "run"
        run.mkdir(mode=0o700)
        self.env = {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(self.folder),
            "XDG_RUNTIME_DIR": str(run),
            "XDG_SESSION_TYPE": "x11",
            "QT_QPA_PLATFORM": "xcb",
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={run}/bus",
            "PULSE_SERVER": f"unix:{run}/pulse.sock",
            "ALSA_CONFIG_PATH": str(self.folder / "asound.conf"),
        }
        self._start_screen()
        self.start(
            "dbus-daemon", "--session", "--nofork", "--nopidfile", f"--address={self.env['DBUS_SESSION_BUS_ADDRESS']}"
        )
        wait_until("the session bus", (run / "bus").exists)
        self._start_sound(run)
        self.start("openbox", "--sm-disable")
        wait_until(
            "the window manager", lambda: "window id" in self._output("xprop", "-root", "_NET_SUPPORTING_WM_CHECK")
        )

    def _start_screen(self) -> None:
        # The X server picks a free number by itself and tells it through a pipe.
        reading, writing = os.pipe()
        self.start(
            "Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x800x24", "-dpi", "96", "-nolisten", "tcp",
            "-noreset", pass_fds=[writing],
        )  # fmt: skip
        os.close(writing)
        with os.fdopen(reading) as pipe:
            number = self._first_line(pipe)
        self.env["DISPLAY"] = f":{number}"

    @staticmethod
    def _first_line(pipe: IO[str]) -> str:
        line = pipe.readline().strip()
        if not line:
            raise DesktopError("the X server did not start")
        return line

    def _start_sound(self, run: Path) -> None:
        script = self.folder / "pulse.pa"
        script.write_text(PULSE_SCRIPT.format(run=run))
        (self.folder / "asound.conf").write_text("pcm.!default { type pulse }  ctl.!default { type pulse }\n")
        self.start(
            "pulseaudio", "-n", "-F", str(script), "--fail", "--daemonize=no", "--use-pid-file=no",
            "--exit-idle-time=-1", "--log-target=stderr",
        )  # fmt: skip
        wait_until("the sound server", lambda: "mic" in self._output("pactl", "list", "short", "sources"))

    def _output(self, *command: str) -> str:
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=120, check=False)
        looking = command[0] in ("pactl", "xprop") or command[1] in ("search", "getwindowfocus")
        if done.returncode != 0 and not looking:  # what is looked for may come yet
            raise DesktopError(f"{command[0]}: {done.stderr.strip()}")
        return done.stdout


def arvis_command() -> list[str]:
    """The `arvis` command of this environment."""
    return [sys.executable, "-m", "arvis"]
