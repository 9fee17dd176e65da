"""The output of Ninja and apt-get, as a line now and then."""

from __future__ import annotations

import io

import pytest

from scripts.progress import Apt, Ninja, Progress, main


class Clock:
    """Advances one second every time it is read."""

    def __init__(self) -> None:
        self.now = -1.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


def lines(reader: Ninja | Apt, output: list[str]) -> list[str]:
    return [shown.strip() for line in output if (shown := reader.feed(line))]


def test_ninja_shows_every_tenth() -> None:
    output = [f"  [{n}/40] /usr/bin/g++ -O3 -c file{n}.cpp\n" for n in range(1, 41)]
    shown = lines(Ninja(Progress("llama.cpp", Clock())), output)
    assert shown == [f"llama.cpp: {tenth:3d} % after {tenth // 10} s" for tenth in range(10, 101, 10)]


def test_few_steps_skip_tenths() -> None:
    shown = lines(Ninja(Progress("x", Clock())), ["[1/3] a", "[2/3] b", "[3/3] c"])
    assert [line.split()[1] for line in shown] == ["33", "66", "100"]


def test_ninja_ignores_warnings_of_the_compiler() -> None:
    assert lines(Ninja(Progress("x", Clock())), ["", "ggml.c:12: note: [9/9] in text", "-- Configuring done"]) == []


def test_apt_counts_unpacking_and_setting_up() -> None:
    output = [
        "Unpacking too-early",
        "0 upgraded, 2 newly installed, 0 to remove and 7 not upgraded.",
        "Selecting previously unselected package openbox.",
        "Unpacking openbox (3.6.1-10) ...",
        "Unpacking xvfb (2:21.1.7) ...",
        "Setting up openbox (3.6.1-10) ...",
        "Setting up xvfb (2:21.1.7) ...",
        "Setting up something-more",
    ]
    assert [line.split()[1] for line in lines(Apt(Progress("x", Clock())), output)] == ["25", "50", "75", "100"]


def test_command_reads_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("[1/2] a\n[2/2] b\n"))
    assert main(["ninja"]) == 0
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()] == ["50", "100"]


@pytest.mark.parametrize("arguments", [[], ["yum"], ["apt", "more"]])
def test_command_refuses_other_arguments(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "usage" in capsys.readouterr().err
