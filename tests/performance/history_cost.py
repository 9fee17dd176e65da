"""What it costs to keep a history: for the session that tells it, on the disk, and to find something again.

Run it as `python -m tests.performance.history_cost`; it prints JSON. It takes about a minute.
"""

from __future__ import annotations

import itertools
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from modules.history.base import FILE_NAME, Selection, TurnRecord, new_session
from modules.history.opening import open_history
from modules.history.store import HistoryStore
from modules.history.writer import HistoryWriter
from tests.performance.metrics_overhead import turn as events_of_turn

TURNS = 100_000
BATCH = 1000
LISTENED = 300
COMMITS = 200
WORDS = 20_000
SAID, HEARD = 12, 60
"""Words of a turn."""


def _milliseconds(work: Callable[[], object], rounds: int = 20) -> float:
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return round(1e3 * statistics.median(taken), 2)


def listener(folder: Path) -> dict[str, float]:
    """Microseconds that a session waits for its history: for each event, at the median and at worst, and each turn."""
    writer = HistoryWriter(lambda: open_history(folder / FILE_NAME), lambda error: None)
    writer.start()
    writer.flush(30.0)
    taken: list[float] = []
    for number in range(1, LISTENED + 1):
        for event in events_of_turn(number):
            begun = time.perf_counter()
            writer(event)
            taken.append(time.perf_counter() - begun)
        writer.flush(30.0)
    writer.close(30.0)
    taken.sort()
    return {
        "event_microseconds_median": round(1e6 * statistics.median(taken), 2),
        "event_microseconds_99_percent": round(1e6 * taken[int(0.99 * len(taken))], 2),
        "event_microseconds_worst": round(1e6 * taken[-1], 1),
        "turn_microseconds": round(1e6 * sum(taken) / LISTENED, 1),
    }


def commits(folder: Path) -> dict[str, float]:
    """Milliseconds of the disk for a finished turn, on the thread of the history."""
    store, session = open_history(folder / FILE_NAME), new_session(time.time())
    taken = []
    for number in range(COMMITS):
        turn = TurnRecord(session=session.id, number=number, started=time.time(), said="words", heard="words")
        begun = time.perf_counter()
        store.save(session, [turn])
        taken.append(time.perf_counter() - begun)
    store.close()
    return {"commit_milliseconds": round(1e3 * statistics.median(taken), 2)}


def fill(store: HistoryStore) -> None:
    """A hundred thousand turns in two thousand sessions."""
    chance = random.Random(1)
    words = [f"{chance.choice('bdfgklmnprst')}{chance.choice('aeiou')}{number:x}" for number in range(WORDS)]
    # As in languages, a few are very frequent.
    weights = list(itertools.accumulate(1.0 / (rank + 1) for rank in range(WORDS)))
    for batch in range(0, TURNS, BATCH):
        session = new_session(1.7e9 + batch)
        turns = [
            TurnRecord(
                session=session.id,
                number=number,
                started=1.7e9 + batch + number,
                ended=1.7e9 + batch + number + 1,
                said=" ".join(chance.choices(words, cum_weights=weights, k=SAID)),
                heard=" ".join(chance.choices(words, cum_weights=weights, k=HEARD)),
                trace_id=f"{batch + number:032x}",
            )
            for number in range(BATCH)
        ]
        store.save(session, turns)


def big(folder: Path) -> dict[str, float]:
    """Figures of a history of a hundred thousand turns."""
    path = folder / FILE_NAME
    store = open_history(path)
    begun = time.perf_counter()
    fill(store)
    filled = time.perf_counter() - begun
    store.close()
    store = open_history(path)
    chance = random.Random(2)
    rare = [hit.turn.said.split()[0] for hit in store.search("b", limit=100)]
    figures = {
        "bytes_per_turn": round(path.stat().st_size / TURNS),
        "stored_turns_per_second": round(TURNS / filled),
        "search_rare_word_ms": _milliseconds(lambda: store.search(chance.choice(rare))),
        "search_two_words_ms": _milliseconds(lambda: store.search(" ".join(chance.sample(rare, 2)))),
        "search_first_letters_ms": _milliseconds(lambda: store.search("b")),
        "search_nothing_ms": _milliseconds(lambda: store.search("xyzzy")),
        "list_sessions_ms": _milliseconds(store.sessions, 5),
        "resume_ms": _milliseconds(lambda: store.last_session(1e12, time.time())),
    }
    one = store.search("b", limit=1)[0].turn
    begun = time.perf_counter()
    store.erase(Selection(turns=(one.id or 0,)))
    figures["erase_one_turn_seconds"] = round(time.perf_counter() - begun, 2)
    begun = time.perf_counter()
    store.erase(Selection(everything=True))
    figures["erase_everything_seconds"] = round(time.perf_counter() - begun, 2)
    store.close()
    begun = time.perf_counter()
    open_history(path).close()
    figures["open_ms"] = round(1e3 * (time.perf_counter() - begun), 1)
    return figures


def main() -> dict[str, float]:
    """All figures."""
    found: dict[str, float] = {}
    for measure in (listener, commits, big):
        with tempfile.TemporaryDirectory() as folder:
            found |= measure(Path(folder))
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(), indent=2) + "\n")
