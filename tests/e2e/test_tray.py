"""What is around the window: the tray, a second start, verbs of the command line and of D-Bus."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.application import named, running, said
from tests.e2e.desktop import Desktop, Process, arvis_command, wait_until
from tests.e2e.tray import Tray, tray_of

QUESTION = Path(__file__).parent.parent / "data" / "questions" / "q00.flac"
GDBUS = ("gdbus", "call", "--session", "--dest", "org.arvis.Arvis", "--object-path", "/org/arvis/Arvis", "--method")


@pytest.fixture(scope="module")
def desktop() -> Iterator[Desktop]:
    with Desktop() as made:
        yield made


@pytest.fixture
def tray(desktop: Desktop) -> Iterator[Tray]:
    with tray_of(desktop) as made:
        yield made


def environment(desktop: Desktop) -> dict[str, str]:
    return {**desktop.env, "ARVIS_HOME": str(desktop.folder / "arvis"), "ARVIS_LLM_TEMPERATURE": "0"}


def arvis(desktop: Desktop, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [*arvis_command(), *arguments],
        env=environment(desktop),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def begin(desktop: Desktop, *arguments: str) -> Process:
    """Start Arvis, without waiting for anything."""
    return desktop.start(*arvis_command(), *arguments, env=environment(desktop))


def bus(desktop: Desktop, method: str, *arguments: str) -> str:
    """Call a method on the session bus."""
    command = [*GDBUS, method, *arguments]
    done = subprocess.run(command, env=desktop.env, capture_output=True, text=True, timeout=20, check=True)
    return done.stdout.strip()


def is_seen(desktop: Desktop) -> bool:
    found = subprocess.run(
        ["xdotool", "search", "--onlyvisible", "--name", "^Arvis$"], env=desktop.env, capture_output=True, check=False
    )
    return bool(found.stdout.split())


def close_window(desktop: Desktop) -> None:
    desktop.focus(desktop.window("--name", "^Arvis$"))
    desktop.hands("key", "alt+F4")


def test_the_icon_tells_the_state_and_its_menu_works(desktop: Desktop, tray: Tray) -> None:
    with running(desktop) as process:
        wait_until("the icon", lambda: tray.tip == "Arvis: Ready")
        assert {22, 48} <= set(tray.sizes)
        assert list(tray.menu()) == ["Hide Arvis", "Talk", "Stop", "Mute the microphone", "Listening", "Quit"]
        assert not tray.menu()["Stop"]["enabled"]

        tray.choose("Mute the microphone")
        wait_until("the muted icon", lambda: tray.tip == "Arvis: Muted")
        assert tray.menu()["Mute the microphone"]["checked"]
        assert not tray.menu()["Talk"]["enabled"]
        tray.choose("Mute the microphone")
        wait_until("the icon", lambda: tray.tip == "Arvis: Ready")

        tray.choose("Hide Arvis")
        wait_until("nothing", lambda: not is_seen(desktop))
        tray.click()
        wait_until("the window", lambda: is_seen(desktop))

        tray.choose("Quit")
        process.popen.wait(20)
        assert process.popen.returncode == 0
        wait_until("no icon", lambda: tray.icons == 0)


def test_a_turn_by_keys_of_the_desktop(desktop: Desktop, tray: Tray) -> None:
    with running(desktop) as process:
        wait_until("the icon", lambda: tray.tip == "Arvis: Ready")
        assert arvis(desktop, "run", "--toggle-talk").returncode == 0
        wait_until("listening", lambda: tray.tip == "Arvis: Listening")
        desktop.speak(QUESTION)
        bus(desktop, "org.arvis.Arvis1.ToggleTalk")
        wait_until("the answer", lambda: any(re.match(r"Answered in", name) for name in named(desktop, "label")), 60)
        assert "Paris" in said(desktop, "Arvis answered")
        wait_until("the end", lambda: tray.tip == "Arvis: Ready", seconds=60)
        seen = [tip.removeprefix("Arvis: ") for tip in tray.tips]
        order = [seen.index(word) for word in ("Listening", "Thinking", "Speaking")]
        assert order == sorted(order)
        assert process.end(signal.SIGTERM) == 0


def test_a_second_start_shows_the_first_and_verbs_reach_it(desktop: Desktop, tray: Tray) -> None:
    with running(desktop, ARVIS_UI_CLOSE_TO_TRAY="true") as process:
        wait_until("the icon", lambda: tray.icons == 1)
        close_window(desktop)
        wait_until("nothing", lambda: not is_seen(desktop))
        assert process.popen.poll() is None

        second = arvis(desktop)
        assert (second.returncode, second.stderr) == (
            0,
            "arvis: Arvis is running already; its window is shown now.\n",
        )
        wait_until("the window", lambda: is_seen(desktop))
        assert tray.icons == 1

        assert arvis(desktop, "run", "--mute").returncode == 0
        assert bus(desktop, "org.freedesktop.DBus.Properties.Get", "org.arvis.Arvis1", "State") == "(<'muted'>,)"
        refused = arvis(desktop, "run", "--talk")
        assert refused.returncode == 1
        assert "muted" in refused.stderr
        bus(desktop, "org.arvis.Arvis1.Mute", "false")
        wait_until("the icon", lambda: tray.tip == "Arvis: Ready")

        assert arvis(desktop, "run", "--quit").returncode == 0
        process.popen.wait(20)
        assert process.popen.returncode == 0
        assert arvis(desktop, "run", "--stop").stderr == "arvis: Arvis is not running. `arvis` starts it.\n"


def test_after_kill_9_the_next_start_is_the_first_again(desktop: Desktop, tray: Tray) -> None:
    process = begin(desktop)
    wait_until("the icon", lambda: tray.icons == 1, seconds=30)
    assert arvis(desktop, "run", "--stop").returncode == 0
    process.end(signal.SIGKILL)
    assert arvis(desktop, "run", "--stop").returncode == 1
    wait_until("the end of the icon", lambda: tray.icons == 0)
    again = begin(desktop)
    wait_until("the icon", lambda: tray.icons == 1, seconds=30)
    assert arvis(desktop, "run", "--quit").returncode == 0
    assert again.popen.wait(20) == 0


def test_hidden_it_is_an_icon_and_the_window_comes_back_when_the_tray_goes(desktop: Desktop) -> None:
    process = begin(desktop, "run", "--hidden")
    wait_until("the process", lambda: arvis(desktop, "run", "--stop").returncode == 0, seconds=30)
    with tray_of(desktop) as tray:  # a panel that comes after what is started at login
        wait_until("the icon", lambda: tray.icons == 1)
        assert not is_seen(desktop)
    wait_until("the window", lambda: is_seen(desktop), seconds=30)
    assert process.end(signal.SIGTERM) == 0


def test_without_a_tray_it_neither_hides_nor_stays(desktop: Desktop) -> None:
    process = begin(desktop, "run", "--hidden", "--set", "ui.close_to_tray=true")
    wait_until("the window", lambda: is_seen(desktop), seconds=40)
    close_window(desktop)
    assert process.popen.wait(20) == 0
