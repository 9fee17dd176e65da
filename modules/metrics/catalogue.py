"""Every metric of Arvis. Labels hold names and codes from the program and the settings, never anybody's words."""

from __future__ import annotations

from modules.metrics.base import Kind, Metric

_LATENCY = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0)
"""Seconds. Answers begin after 0.2 to 0.6 s on a usual machine, so it is finest there; 20 s is the longest deadline."""
_DURATION = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0)
"""Seconds that people and answers speak."""
_RATIO = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 5.0)
"""Parts of real time; from 1 an engine is too slow to keep up."""
_SPEED = (2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 50.0, 75.0, 100.0, 200.0)
"""Tokens a second; people listen to about 4."""
_GAP = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Seconds between tokens."""


def _counter(name: str, text: str, *labels: str, known: tuple[tuple[str, ...], ...] = ()) -> Metric:
    return Metric(name, Kind.COUNTER, text, labels, known=known if labels else ((),))


def _gauge(name: str, text: str, *labels: str) -> Metric:
    return Metric(name, Kind.GAUGE, text, labels)


def _histogram(name: str, text: str, buckets: tuple[float, ...], *labels: str) -> Metric:
    return Metric(name, Kind.HISTOGRAM, text, labels, buckets)


OUTCOMES = ("answered", "interrupted", "failed", "dropped", "cancelled")
"""How a turn may end. Dropped: the open microphone heard no request. Cancelled: the user thought better of it."""

_TURNS = (
    _counter("turns_started_total", "Turns that were begun."),
    _counter("turns_total", "Turns that are over.", "outcome", known=tuple((outcome,) for outcome in OUTCOMES)),
    _counter("utterances_total", "Requests of the user.", "kind", known=(("spoken",), ("typed",))),
    _counter(
        "replies_spoken_total",
        "Replies of which something was said aloud, or nothing.",
        "spoken",
        known=(("yes",), ("no",)),
    ),
    _histogram(
        "turn_latency_seconds",
        "From the end of speech to each stage; first_audible is mouth to ear.",
        _LATENCY,
        "stage",
    ),
    _histogram("turn_stage_seconds", "What each stage took by itself.", _LATENCY, "stage"),
    _histogram("turn_phase_seconds", "How long turns stay in each phase.", _DURATION, "phase"),
    _counter("overlaps_total", "What became of replies that somebody spoke over.", "overlap"),
    _counter(
        "speculations_total",
        "Replies that were begun before the end of the utterance was certain.",
        "outcome",
        known=(("started",), ("used",), ("wasted",)),
    ),
    _counter("speculation_wasted_tokens_total", "Pieces of text written for replies that were wasted."),
    _counter("speculation_wasted_seconds_total", "Time spent on replies that were wasted."),
    _gauge("debounce_seconds", "Silence that ends an utterance."),
    _gauge("microphone_open", "1 while the microphone is open, else 0."),
    _counter("wake_words_total", "How often the wake phrase was heard."),
    _counter("notices_total", "Sentences to the user.", "severity", "code"),
)
_ENGINES = (
    _gauge("engine_ready", "1 when the engine is loaded and warm, 0 when it cannot be used.", "role", "engine"),
    _gauge("engine_load_seconds", "What the last loading took.", "role", "engine"),
    _gauge("engine_floor_seconds", "Time of a minimal run of the warm engine.", "role", "engine"),
    _counter("engine_load_failures_total", "Engines that could not be loaded.", "role", "engine", "code"),
    _counter("engine_calls_total", "Runs of an engine: ok, failed or cancelled.", "role", "engine", "outcome"),
    _counter("engine_errors_total", "Errors of engines.", "role", "engine", "code"),
    _counter(
        "engine_switches_total",
        "How often another engine stood in for one that failed.",
        "role",
        known=(("stt",), ("llm",), ("tts",)),
    ),
    _histogram("engine_switch_seconds", "What a switch to another engine added to the turn.", _LATENCY, "role"),
    _histogram("stt_seconds", "Runs of the transcriber.", _LATENCY, "engine"),
    _histogram("stt_real_time_factor_ratio", "Seconds of a run for each second of speech.", _RATIO, "engine"),
    _counter("stt_audio_seconds_total", "Speech that was transcribed.", "engine"),
    _histogram("llm_first_token_seconds", "From the request to the first token.", _LATENCY, "engine"),
    _histogram("llm_tokens_per_second", "Speed of a reply after its first token.", _SPEED, "engine"),
    _histogram("llm_longest_gap_seconds", "Longest time between two tokens of a reply.", _GAP, "engine"),
    _counter("llm_tokens_total", "Pieces of text that the model wrote.", "engine"),
    _histogram("tts_first_chunk_seconds", "From a clause to its first sound.", _LATENCY, "engine"),
    _histogram("tts_real_time_factor_ratio", "Seconds of a run for each second of sound.", _RATIO, "engine"),
    _counter("tts_audio_seconds_total", "Sound that was made.", "engine"),
    _counter(
        "tts_cache_lookups_total", "Clauses that were looked for in the cache.", "result", known=(("hit",), ("miss",))
    ),
    _gauge("health_status", "0 healthy, 1 unknown, 2 degraded, 3 unhealthy.", "check"),
)
_SYSTEM = (
    _gauge("process_start_time_seconds", "When Arvis was started, in Unix seconds."),
    _gauge("process_cpu_ratio", "Processor time of Arvis for each second; 1 is one core."),
    _gauge("process_resident_memory_bytes", "Memory that Arvis has in use."),
    _gauge("process_threads", "Threads of Arvis."),
    _gauge("process_open_files", "Files, sockets and pipes that Arvis has open."),
    _gauge("machine_cpu_ratio", "Part of all cores that is busy, 0 to 1."),
    _gauge("machine_available_memory_bytes", "Memory that is free, or can be made free at once."),
    _gauge("disk_free_bytes", "Free space where Arvis keeps its data."),
    _gauge("gpu_busy_ratio", "Part of the time in which a graphics card worked, 0 to 1.", "gpu"),
    _gauge("gpu_used_memory_bytes", "Memory of a graphics card that is in use.", "gpu"),
    _gauge("gpu_total_memory_bytes", "Memory of a graphics card.", "gpu"),
    _gauge("gpu_temperature_celsius", "Temperature of a graphics card.", "gpu"),
)
DROPPED = _counter("metrics_dropped_total", "Samples that were lost: there were too many, or they were no numbers.")

CATALOGUE: dict[str, Metric] = {metric.name: metric for metric in (*_TURNS, *_ENGINES, *_SYSTEM, DROPPED)}
"""Name to metric."""
