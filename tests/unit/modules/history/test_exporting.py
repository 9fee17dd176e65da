"""Conversations as documents."""

from __future__ import annotations

import json
from dataclasses import replace

from modules.history.base import (
    Conversation,
    EngineCall,
    FailureNote,
    PhaseEntry,
    SoundKind,
    SoundNote,
    new_session,
)
from modules.history.exporting import Speakers, as_document, as_markdown, local_time
from modules.turn.latency import LatencyRecord
from tests.unit.modules.history.keeping import NOW, turn

SESSION = replace(new_session(NOW), id="ab" * 16, ended=NOW + 90.5, title="Cake")
FULL = turn(
    SESSION,
    1,
    "# No heading\nSecond line",
    "```python\nprint(1)\n```",
    id=7,
    ended=NOW + 70,
    interrupted=True,
    language="en",
    phases=(PhaseEntry("listening", 0, 0.0),),
    latency=LatencyRecord(total=900.04),
    calls=(EngineCall("llm", "llama", NOW, 12.0, "timeout"), EngineCall("tts", "piper", NOW, 1.0)),
    sounds=(SoundNote(SoundKind.SAID, "x.wav", 1.5),),
)
CONVERSATION = Conversation(SESSION, (FULL, turn(SESSION, 2, heard="")), (FailureNote(NOW, "code", "Text.", 2),))


def test_json_has_everything() -> None:
    document = json.loads(json.dumps(as_document([CONVERSATION])))
    (session,) = document["sessions"]
    assert (document["format"], document["version"]) == ("arvis-history", 1)
    assert {name: session[name] for name in ("id", "started", "ended", "title")} == {
        "id": "ab" * 16, "started": "2025-06-15T15:06:40.000+00:00", "ended": "2025-06-15T15:08:10.500+00:00",
        "title": "Cake",
    }  # fmt: skip
    assert session["failures"] == [{"at": "2025-06-15T15:06:40.000+00:00", "code": "code", "text": "Text.", "turn": 2}]
    first, second = session["turns"]
    assert first == {
        "id": 7, "number": 1, "started": "2025-06-15T15:07:40.000+00:00", "ended": "2025-06-15T15:07:50.000+00:00",
        "said": "# No heading\nSecond line", "heard": "```python\nprint(1)\n```", "interrupted": True, "typed": False,
        "spoken": False, "language": "en", "trace_id": f"{1:032x}",
        "phases": [{"phase": "listening", "revision": 0, "milliseconds": 0.0}],
        "latency_milliseconds": {"total": 900.0},
        "engine_calls": [
            {"stage": "llm", "engine": "llama", "started": "2025-06-15T15:06:40.000+00:00", "milliseconds": 12.0,
             "error": "timeout"},
            {"stage": "tts", "engine": "piper", "started": "2025-06-15T15:06:40.000+00:00", "milliseconds": 1.0,
             "error": None},
        ],
        "sounds": [{"kind": "said", "file": "x.wav", "seconds": 1.5}],
    }  # fmt: skip
    assert (second["ended"], second["heard"]) == (None, "")


def test_markdown_quotes_what_was_said() -> None:
    begin, first = local_time(NOW), local_time(NOW + 60)
    assert as_markdown([CONVERSATION], Speakers("Ich", "Er", "abgebrochen")).splitlines() == [
        f"## {begin} — Cake", "",
        f"**Ich** ({first}):", "", "> # No heading", "> Second line", "",
        "**Er** (abgebrochen):", "", "> ```python", "> print(1)", "> ```", "",
        f"**Ich** ({local_time(NOW + 120)}):", "", "> Hello.",
    ]  # fmt: skip
    untitled = replace(CONVERSATION, session=replace(SESSION, title=""), turns=())
    assert as_markdown([untitled]).strip() == f"## {begin}"
    assert as_markdown([]) == ""
