"""`arvis metrics`."""

from __future__ import annotations

import csv
import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from arvis.cli import metrics
from arvis.cli.group import ArvisGroup
from modules.metrics.base import Sample
from modules.metrics.store import MetricsStore
from tests.unit.arvis.cli.conftest import Command

app = typer.Typer(cls=ArvisGroup)
app.add_typer(metrics.app, name="metrics")


@app.callback()
def _main(ctx: typer.Context, config: Path | None = typer.Option(None)) -> None:
    """What the whole command has around it."""


class MetricsCommand(Command):
    """`arvis metrics`, by itself."""

    def __call__(self, *arguments: str | Path) -> Result:
        return CliRunner().invoke(app, ["metrics", *map(str, arguments)], prog_name="arvis")


@pytest.fixture
def arvis(arvis: Command) -> MetricsCommand:
    """With a home of its own, as every command."""
    return MetricsCommand()


@pytest.fixture
def store(tmp_path: Path) -> MetricsStore:
    """Three turns of the last minutes, one of yesterday."""
    store = MetricsStore(tmp_path / "home" / "data" / "metrics")
    now = time.time()
    stage = (("stage", "first_audible"),)
    store.append(
        [
            Sample(now - 86_400, "turn_latency_seconds", 9.0, stage),
            *(Sample(now - 60, "turn_latency_seconds", value, stage) for value in (0.2, 0.3, 0.4)),
            Sample(now - 60, "turns_total", 3.0, (("outcome", "answered"),)),
            Sample(now - 60, "turns_total", 1.0, (("outcome", "cancelled"),)),
            Sample(now - 60, "process_resident_memory_bytes", 1_234_567_890.0),
            Sample(now - 60, "process_start_time_seconds", now),
        ]
    )
    return store


def test_show(arvis: MetricsCommand, store: MetricsStore) -> None:
    result = arvis("show", "--last", "1h")
    assert result.exit_code == 0
    lines = [line.split() for line in result.stdout.splitlines() if line.strip()]
    figures = [word for figure in (200, 300, 300, 390, 398, 400) for word in (str(figure), "ms")]
    assert ["turn_latency_seconds", "(first_audible)", "3", *figures] in lines
    assert ["turns_total", "(answered)", "3"] in lines
    assert ["turns_cancelled_ratio", "25.0"] in lines
    assert ["process_resident_memory_bytes", "1", *["1.23", "GB"] * 6] in lines
    assert "process_start_time" not in result.stdout


def test_show_as_json(arvis: MetricsCommand, store: MetricsStore) -> None:
    document = arvis.json("show")
    assert document["folder"] == str(store.folder)
    assert document["bytes"] == store.size
    assert document["ratios"]["turns_cancelled_ratio"] == 0.25
    (latency,) = [one for one in document["metrics"] if one["metric"] == "turn_latency_seconds"]
    assert (latency["count"], latency["max"], latency["labels"]) == (4, 9.0, {"stage": "first_audible"})


def test_show_a_time_in_which_nothing_was(arvis: MetricsCommand, store: MetricsStore) -> None:
    assert arvis("show", "--until", "2001-01-01").stdout == "Nothing was measured in that time.\n"
    assert arvis.json("show", "--since", "2001-01-01", "--until", "2001-01-02")["metrics"] == []


@pytest.mark.parametrize("command", ["show", "export"])
def test_before_anything_was_measured(arvis: MetricsCommand, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    assert arvis.fails(command).endswith("yet: only the window records them. Open it and use it for a while.")
    monkeypatch.setenv("ARVIS_METRICS_ENABLED", "false")
    assert arvis.fails(command).endswith("Set metrics.enabled to true and use it for a while.")


def test_before_anything_was_measured_as_json(arvis: MetricsCommand) -> None:
    assert arvis.json("show", code=1)["error"]["code"] == "no-metrics"


@pytest.mark.parametrize(
    "options",
    [("--last", "soon"), ("--since", "yesterday"), ("--last", "1h", "--since", "2025-01-01"), ("--last", "-5m")],
)
def test_a_window_that_means_nothing(arvis: MetricsCommand, store: MetricsStore, options: tuple[str, ...]) -> None:
    assert arvis.fails("show", *options)
    assert arvis.fails("export", *options)


def test_export_to_standard_output(arvis: MetricsCommand, store: MetricsStore) -> None:
    rows = list(csv.DictReader(arvis("export").stdout.splitlines()))
    assert len(rows) == 8
    assert rows[1]["labels"] == "stage=first_audible"
    assert len(json.loads(arvis("export", "--format", "json", "--last", "1h").stdout)) == 7


def test_export_to_a_file(arvis: MetricsCommand, store: MetricsStore, tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    result = arvis("export", "--format", "jsonl", "--out", target)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", f"Saved {target}\n")
    assert len([json.loads(line) for line in target.read_text().splitlines()]) == 8
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_export_into_a_folder_that_is_not_there(arvis: MetricsCommand, store: MetricsStore, tmp_path: Path) -> None:
    assert "there is no folder" in arvis.misused("export", "--out", tmp_path / "no" / "out.csv")
    assert not (tmp_path / "no").exists()


def test_export_to_somebody_who_reads_no_further(store: MetricsStore, tmp_path: Path) -> None:
    code = "from arvis.cli.main import main; import sys; sys.argv = ['arvis', 'metrics', 'export']; main()"
    environment = os.environ | {"ARVIS_HOME": str(tmp_path / "home")}
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-c", code], stdout=writing, stderr=subprocess.PIPE, text=True, env=environment, check=False
    )
    os.close(writing)
    assert done.stderr == ""


def test_export_through_a_link_is_refused(arvis: MetricsCommand, store: MetricsStore, tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to(tmp_path / "elsewhere.csv")
    assert "link" in arvis.fails("export", "--out", tmp_path / "link.csv")
    assert not (tmp_path / "elsewhere.csv").exists()


def test_export_in_a_form_that_there_is_not(arvis: MetricsCommand, store: MetricsStore) -> None:
    assert "xml" in arvis.misused("export", "--format", "xml")


def test_serve_on_a_port_that_is_taken(arvis: MetricsCommand) -> None:
    import socket

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert f"Port {port} cannot be used" in arvis.fails("serve", "--port", str(port))


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_serve_until_it_is_told_to_end(store: MetricsStore, tmp_path: Path, signum: int) -> None:
    code = "from tests.unit.arvis.cli.test_metrics import app; app(['metrics', 'serve', '--port', '0'])"
    environment = os.environ | {"ARVIS_HOME": str(tmp_path / "home"), "ARVIS_METRICS_TOKEN": "open-sesame"}
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment)
    watchdog = threading.Timer(60, process.kill)
    watchdog.start()
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        request = urllib.request.Request(address, headers={"Authorization": "Bearer open-sesame"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert b'arvis_turns_total{outcome="answered"} 3.0' in answer.read()
    finally:
        process.send_signal(signum)
        process.communicate()
        watchdog.cancel()
    assert process.returncode in (0, 130)
