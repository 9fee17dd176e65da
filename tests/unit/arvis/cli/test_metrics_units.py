"""Figures for people."""

from __future__ import annotations

import pytest

from arvis.cli.metrics_units import shown


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("llm_longest_gap_seconds", 0.000311, "0.311 ms"),
        ("turn_latency_seconds", 0.0, "0 s"),
        ("turn_latency_seconds", 0.2, "200 ms"),
        ("turn_latency_seconds", 0.9999, "1000 ms"),
        ("turn_latency_seconds", 2.345, "2.35 s"),
        ("turn_phase_seconds", 90.0, "1.5 min"),
        ("tts_audio_seconds_total", 7200.0, "2 h"),
        ("disk_free_bytes", 0.0, "0 B"),
        ("disk_free_bytes", 999_999.0, "1000 kB"),
        ("disk_free_bytes", 12_345_678.0, "12.3 MB"),
        ("disk_free_bytes", 123_456_789_012.0, "123 GB"),
        ("gpu_temperature_celsius", 61.4, "61.4 °C"),
        ("stt_real_time_factor_ratio", 0.0825, "0.0825"),
        ("machine_cpu_ratio", 0.00001, "0"),
        ("llm_tokens_per_second", 41.27, "41.3"),
        ("turns_total", 3.0, "3"),
        ("llm_tokens_total", 123_456.0, "123k"),
    ],
)
def test_a_figure_has_its_unit(name: str, value: float, text: str) -> None:
    assert shown(name, value) == text
