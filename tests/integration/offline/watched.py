"""A process of its own in which every attempt to use a network is seen, for the tests beside this file.

Run as `python -m tests.integration.offline.watched NAME`; prints what happened as JSON. An audit hook sees what Python
code does, whichever library it is in, and cannot be taken away again, hence the process.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from utils.errors import ArvisError

_ROOT = Path(__file__).parents[3]
_QUESTION = _ROOT / "tests" / "data" / "questions" / "q00.flac"
_SOCKETS = frozenset(
    {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname",
     "socket.gethostbyaddr", "socket.getnameinfo"}
)  # fmt: skip


@dataclass
class Seen:
    """What came of it."""

    attempts: list[str] = field(default_factory=list)
    """Events of sockets that would leave the process, local ones (AF_UNIX) aside."""
    errors: list[str] = field(default_factory=list)
    """Types and codes of what was raised."""
    answer: str = ""
    spoken_seconds: float = 0.0


class NetworkUsedError(Exception):
    """Something tried to use the network."""


def watch(seen: Seen, *, refuse: bool) -> None:
    """See every attempt from now on."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in _SOCKETS or (event == "socket.connect" and isinstance(arguments[1], str | bytes)):
            return
        seen.attempts.append(f"{event} {arguments[-1] if event == 'socket.connect' else arguments[0]}")
        if refuse:
            raise NetworkUsedError(event)

    sys.addaudithook(hook)


async def spoken_turn(seen: Seen) -> None:
    """Answer a recorded question aloud with the engines that are the default; whatever uses the network fails."""
    watch(seen, refuse=True)
    from arvis import app
    from config.settings import LlmSettings, Settings, TtsSettings
    from modules.audio.file_source import FileSource
    from modules.audio.recorder import RecorderOutput
    from modules.turn.events import Notice, ReplyEnded
    from modules.turn.parts import SessionParts
    from modules.turn.session import TurnSession

    # Without the cache of speech, so that the voice has to speak, and nothing is left behind.
    settings = Settings(llm=LlmSettings(temperature=0.0), tts=TtsSettings(cache_mb=0))
    events, output = list[Any](), RecorderOutput()
    parts = SessionParts(
        FileSource(_QUESTION, realtime=False),
        output,
        app.build_streaming_transcriber(settings),
        app.build_language_model(settings),
        app.build_renderer(settings),
    )
    session = TurnSession(parts, app.session_settings(settings), events.append)
    session.press()
    await session.idle()
    await session.close()
    seen.answer = "".join(event.text for event in events if isinstance(event, ReplyEnded))
    seen.errors = [f"notice {event.code}" for event in events if isinstance(event, Notice)]
    seen.spoken_seconds = output.recording.seconds


async def refused(seen: Seen) -> None:
    """Try every way to another machine while Arvis is offline."""
    watch(seen, refuse=False)
    from modules.network.guard import set_offline

    set_offline(True)
    for attempt in (_language_model, _pooled_client, _hub, _hub_client, _transcriber):
        try:
            await attempt()
            seen.errors.append(f"{attempt.__name__}: nothing")
        except ArvisError as error:
            seen.errors.append(f"{type(error).__name__} {error.code}")


async def stopped(seen: Seen) -> None:
    """Let code that knows nothing of the policy try to get out, offline, and then reach this machine."""
    watch(seen, refuse=False)
    import socket
    import urllib.request

    from modules.network.guard import set_offline

    set_offline(True)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams, socket.socket(socket.AF_INET6) as newer:
        attempts: list[Callable[[], object]] = [
            lambda: urllib.request.urlopen("http://example.com/"),
            lambda: socket.getaddrinfo(b"example.com", 80),
            lambda: socket.gethostbyname("example.com"),
            lambda: socket.gethostbyaddr("192.0.2.1"),
            lambda: datagrams.sendto(b"", ("192.0.2.1", 9)),
            lambda: datagrams.sendmsg([b""], [], 0, ("192.0.2.1", 9)),
            lambda: datagrams.connect(("192.0.2.1", 9)),
            lambda: newer.connect(("2001:db8::1", 9, 0, 0)),
        ]
        for number, attempt in enumerate(attempts):
            try:
                attempt()
                seen.errors.append(f"{number}: nothing")
            except ArvisError as error:
                seen.errors.append(f"{type(error).__name__} {error.code}")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        socket.create_connection(("localhost", listener.getsockname()[1]), 5).close()
        one, other = socket.socketpair()
        one.close()
        other.close()
        set_offline(False)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as allowed:
            allowed.connect(("127.0.0.1", 9))
    seen.answer = "reached"


async def _language_model() -> None:
    from modules.llm.base import Message
    from modules.llm.openai_compatible import OpenAICompatible
    from modules.network.base import OfflineError
    from modules.network.client import CLIENTS

    for host in ("192.168.1.20", "api.example.com", "[fe80::1]", "llm.local"):
        model = OpenAICompatible(f"http://{host}:8080/v1", "m")
        try:
            await model.load()
        except OfflineError:
            continue
        raise AssertionError(host)
    model._client = CLIENTS.acquire()  # loaded while it was allowed
    await anext(model.stream([Message("user", "Hello.")]))


async def _pooled_client() -> None:
    from modules.network.client import CLIENTS

    await CLIENTS.acquire().get("https://example.com/")


async def _hub() -> None:
    from modules.models import hub

    with TemporaryDirectory() as folder:
        await asyncio.to_thread(hub.fetch, "someone/model", ("model.bin",), cache_dir=Path(folder))


async def _hub_client() -> None:
    from huggingface_hub import HfApi

    await asyncio.to_thread(HfApi().model_info, "someone/model")


async def _transcriber() -> None:
    from modules.stt.registry import TRANSCRIBERS

    with TemporaryDirectory() as folder:
        await TRANSCRIBERS.create("faster-whisper", model="someone/whisper", threads=1, cache_dir=Path(folder)).load()


_TASKS: dict[str, Callable[[Seen], Awaitable[None]]] = {
    "spoken-turn": spoken_turn,
    "refused": refused,
    "stopped": stopped,
}


def main(name: str) -> None:
    """Run one of them and print what was seen."""
    seen = Seen()

    async def run() -> None:
        await _TASKS[name](seen)

    asyncio.run(run())
    sys.stdout.write(json.dumps(asdict(seen)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
