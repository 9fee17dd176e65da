"""The page, the rules and the dashboard, as Prometheus' own tool and a reader of the page see them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from modules.metrics.base import Kind
from modules.metrics.catalogue import CATALOGUE
from modules.metrics.collector import MetricsCollector
from modules.metrics.exposition import Exposition

RULES = "arvis.rules.yml"
SELF = '{job="arvis",instance="pc"'
TRIED = 60
"""Minutes after which is looked whether an alert fires."""


def promtool(*arguments: str | Path, given: bytes = b"", folder: Path | None = None) -> str:
    """Run the tool; fails with what it says."""
    found = shutil.which("promtool")
    assert found is not None, "promtool is missing; it is in the Debian package 'prometheus'"
    done = subprocess.run([found, *map(str, arguments)], input=given, capture_output=True, check=False, cwd=folder)
    told = done.stdout.decode() + done.stderr.decode()
    assert done.returncode == 0, told
    return told


def page() -> bytes:
    """The page of an Arvis that has measured everything that it can."""
    collector = MetricsCollector()
    take: dict[Kind, Callable[..., None]] = {
        Kind.COUNTER: collector.increment,
        Kind.GAUGE: collector.set,
        Kind.HISTOGRAM: collector.observe,
    }
    for metric in CATALOGUE.values():
        take[metric.kind](metric.name, 0.25, **dict.fromkeys(metric.labels, "x"))
    return Exposition(collector.series).page()[0]


def names() -> set[str]:
    """Every name on the page."""
    families = text_string_to_metric_families(page().decode())
    return {sample.name for family in families for sample in family.samples}


def used(text: str) -> set[str]:
    return set(re.findall(r"\barvis_\w+", text))


@dataclass(frozen=True)
class Case:
    """What Prometheus has scraped, a value a minute, and whether an alert fires an hour later."""

    alert: str
    fires: bool
    series: dict[str, str]


def latency(
    each: dict[str, int], name: str = "turn_latency_seconds", labels: str = ',stage="first_audible"'
) -> dict[str, str]:
    """A histogram in which each bucket grows by so many a minute."""
    buckets = {f'arvis_{name}_bucket{SELF}{labels},le="{bound}"}}': f"0+{step}x100" for bound, step in each.items()}
    return buckets | {f"arvis_{name}_count{SELF}{labels}}}": f"0+{each['+Inf']}x100"}


def counts(name: str, label: str = "", **steps: float) -> dict[str, str]:
    """A counter that grows by so many a minute, by the value of its label."""
    return {f'arvis_{name}{SELF},{label}="{value}"}}': f"0+{step}x100" for value, step in steps.items()}


RTF = "stt_real_time_factor_ratio"
ENGINE = f'{SELF},role="llm",engine="mind"'
CASES = [
    Case("ArvisDown", True, {'up{job="arvis",instance="pc"}': "0x100"}),
    Case("ArvisDown", False, {'up{job="arvis",instance="pc"}': "0x56 1x50"}),
    Case("ArvisDown", False, {'up{job="another",instance="pc"}': "0x100"}),
    Case("ArvisEngineNotReady", True, {f"arvis_engine_ready{ENGINE}}}": "1x50 0x50"}),
    Case("ArvisEngineNotReady", False, {f"arvis_engine_ready{ENGINE}}}": "0x50 1x50"}),
    Case("ArvisUnhealthy", True, {f'arvis_health_status{SELF},check="stt"}}': "3x100"}),
    Case("ArvisUnhealthy", False, {f'arvis_health_status{SELF},check="stt"}}': "2x100"}),
    Case("ArvisEngineErrors", True, {f'arvis_engine_calls_total{ENGINE},outcome="failed"}}': "0x50 0+1x50"}),
    Case("ArvisEngineErrors", False, {f'arvis_engine_calls_total{ENGINE},outcome="failed"}}': "0x50 3x50"}),
    Case("ArvisEngineErrors", False, {f'arvis_engine_calls_total{ENGINE},outcome="ok"}}': "0+9x100"}),
    Case("ArvisEngineSwitched", True, {f'arvis_engine_switches_total{SELF},role="tts"}}': "0x50 1x50"}),
    Case("ArvisEngineSwitched", False, {f'arvis_engine_switches_total{SELF},role="tts"}}': "0x20 1x80"}),
    Case("ArvisSlowAnswers", True, latency({"1": 0, "1.5": 0, "3": 5, "+Inf": 5})),
    Case("ArvisSlowAnswers", False, latency({"1": 5, "1.5": 5, "3": 5, "+Inf": 5})),
    Case("ArvisSlowAnswers", False, latency({"1": 0, "1.5": 0, "3": 5, "+Inf": 5}, labels=',stage="total"')),
    Case("ArvisTurnsFail", True, counts("turns_total", "outcome", failed=1, answered=2)),
    Case("ArvisTurnsFail", False, counts("turns_total", "outcome", failed=1, answered=9)),
    Case("ArvisTurnsFail", False, counts("turns_total", "outcome", failed=0.1, answered=0)),  # three turns
    Case("ArvisSlowTranscription", True, latency({"1": 0, "2": 1, "+Inf": 1}, RTF, ',engine="scribe"')),
    Case("ArvisSlowTranscription", False, latency({"1": 1, "2": 1, "+Inf": 1}, RTF, ',engine="scribe"')),
    Case("ArvisWastedSpeculation", True, counts("speculations_total", "outcome", used=1, wasted=4, started=5)),
    Case("ArvisWastedSpeculation", False, counts("speculations_total", "outcome", used=3, wasted=3, started=6)),
    Case("ArvisWastedSpeculation", False, counts("speculations_total", "outcome", used=0, wasted=0.2, started=0.2)),
    Case("ArvisMemory", True, {f"arvis_process_resident_memory_bytes{SELF}}}": "5000000000x100"}),
    Case("ArvisMemory", False, {f"arvis_process_resident_memory_bytes{SELF}}}": "1000000000x55 5000000000x45"}),
    Case("ArvisDiskFull", True, {f"arvis_disk_free_bytes{SELF}}}": "900000000x100"}),
    Case("ArvisDiskFull", False, {f"arvis_disk_free_bytes{SELF}}}": "9000000000x100"}),
    Case("ArvisMetricsDropped", True, {f"arvis_metrics_dropped_total{SELF}}}": "0x50 7x50"}),
    Case("ArvisMetricsDropped", False, {f"arvis_metrics_dropped_total{SELF}}}": "7x100"}),
]


def test_the_page_is_in_good_style() -> None:
    assert promtool("check", "metrics", given=page()) == ""


def test_the_rules_are_valid() -> None:
    with as_file(files("assets") / "prometheus") as folder:
        assert "SUCCESS: 12 rules found" in promtool("check", "rules", folder / RULES)
        assert "is valid prometheus config" in promtool("check", "config", "prometheus.yml", folder=folder)


def test_each_alert_fires_when_it_should_and_only_then(tmp_path: Path) -> None:
    tests = [
        {
            "interval": "1m",
            "input_series": [{"series": series, "values": values} for series, values in case.series.items()],
            "promql_expr_test": [
                {
                    "expr": f'count(ALERTS{{alertname="{case.alert}",alertstate="firing"}}) or vector(0)',
                    "eval_time": f"{TRIED}m",
                    "exp_samples": [{"labels": "{}", "value": int(case.fires)}],
                }
            ],
        }
        for case in CASES
    ]
    with as_file(files("assets") / "prometheus" / RULES) as rules:
        shutil.copy(rules, tmp_path / RULES)
    cases: dict[str, Any] = {"rule_files": [RULES], "evaluation_interval": "1m", "tests": tests}
    (tmp_path / "cases.yml").write_text(json.dumps(cases))  # JSON is YAML, too
    assert "SUCCESS" in promtool("test", "rules", "cases.yml", folder=tmp_path)


def test_every_alert_has_words_and_a_severity() -> None:
    with as_file(files("assets") / "prometheus" / RULES) as rules:
        text = rules.read_text()
    for alert in re.split(r"\n\s+- alert: ", text)[1:]:
        assert all(word in alert for word in ("severity:", "summary:", "description:")), alert


def test_each_alert_is_tried_both_ways() -> None:
    text = (files("assets") / "prometheus" / RULES).read_text()
    alerts = set(re.findall(r"alert: (\w+)", text))
    assert {case.alert for case in CASES if case.fires} == alerts
    assert {case.alert for case in CASES if not case.fires} == alerts


def test_every_metric_of_the_rules_exists() -> None:
    found = used((files("assets") / "prometheus" / RULES).read_text())
    assert len(found) > 10
    assert found <= names()


def test_every_metric_of_the_dashboard_exists_and_every_query_can_be_parsed(tmp_path: Path) -> None:
    board = json.loads((files("assets") / "grafana" / "arvis.json").read_text())
    queries = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    found = set().union(*map(used, queries))
    assert len(found) > 25
    assert found <= names()
    filled = [query.replace("$__rate_interval", "1m").replace("$__range", "1h") for query in queries]
    rules = [{"record": f"query:{number}", "expr": query} for number, query in enumerate(filled)]
    (tmp_path / "queries.yml").write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    assert f"SUCCESS: {len(queries)} rules found" in promtool("check", "rules", tmp_path / "queries.yml")


def test_labels_of_the_dashboard_are_those_of_the_metrics() -> None:
    board = json.loads((files("assets") / "grafana" / "arvis.json").read_text())
    for panel in board["panels"]:
        for target in panel["targets"]:
            bases = {re.sub(r"_(bucket|count|sum)$", "", name).removeprefix("arvis_") for name in used(target["expr"])}
            known = {label for name in bases for label in CATALOGUE[name].labels}
            assert set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])) <= known, panel["title"]


def test_panels_have_their_own_place() -> None:
    panels = json.loads((files("assets") / "grafana" / "arvis.json").read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    cells = [
        (x, y)
        for panel in panels
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) == 23


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_every_metric_is_on_the_page(name: str) -> None:
    end = "_bucket" if CATALOGUE[name].kind is Kind.HISTOGRAM else ""
    assert f"arvis_{name}{end}" in names()
