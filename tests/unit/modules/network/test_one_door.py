"""Nothing of Arvis opens connections by itself: there is one door, `modules.network`."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
FLOORS = ("arvis", "modules", "config", "utils")
DOORS = frozenset(
    {
        "aiohttp", "ftplib", "grpc", "http.client", "httpcore", "httpx", "httpx2", "huggingface_hub", "imaplib",
        "poplib", "requests", "smtplib", "socket", "telnetlib", "urllib.request", "urllib3", "websockets", "xmlrpc",
    }
)  # fmt: skip
CALLS = frozenset(
    {"create_connection", "create_datagram_endpoint", "open_connection", "getaddrinfo", "urlopen", "urlretrieve"}
)
IMPORTERS = frozenset({"require", "import_module", "__import__"})
"""Functions that import what their first argument names."""
REASONS = {
    "arvis/desktop/instance.py": "a socket in the file system, between two starts of Arvis by the same user",
    "arvis/desktop/instance_server.py": "the other end of that",
    "arvis/ui/quit_signals.py": "a pair of sockets inside the process wakes Qt up",
    "modules/health/network.py": "sees whether servers can be reached, and asks the policy first",
    "modules/metrics/server.py": "listens on the loopback and connects to nobody",
    "modules/llm/openai_compatible.py": "types and errors of httpx; the client is lent by modules.network",
    "modules/llm/completion_stream.py": "types and errors of httpx",
    "modules/llm/server_errors.py": "types and errors of httpx",
    "modules/tracing/otlp.py": "the session of the exporter, each batch of which passes the policy",
    "modules/models/http.py": "types and errors of httpx; the client is lent by modules.network",
    "modules/models/hub.py": "the hub's client, which modules.network.hub has put under the policy",
}
"""Files that may know one of the doors, and why."""


def sources() -> dict[str, ast.Module]:
    files = (path for floor in FLOORS for path in sorted((ROOT / floor).rglob("*.py")))
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text()) for path in files}


def doors(tree: ast.AST) -> set[str]:
    """What of a file can open a connection: modules that it imports, however, and calls by name."""
    found: set[str] = set()
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Attribute) and node.attr in CALLS:
            found.add(f"{node.attr}()")
        elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in IMPORTERS:
            names = [str(first.value) for first in node.args[:1] if isinstance(first, ast.Constant)]
        found |= {door for door in DOORS for name in names if name == door or name.startswith(f"{door}.")}
    return found


def test_nobody_but_the_door_keeper_opens_connections() -> None:
    found = {name: doors(tree) for name, tree in sources().items()}
    opening = {name for name, what in found.items() if what and not name.startswith("modules/network/")}
    assert {name: found[name] for name in opening - set(REASONS)} == {}
    assert set(REASONS) - opening == set(), "these need no exception any more"


@pytest.mark.parametrize(
    ("code", "door"),
    [
        ("import socket", "socket"),
        ("def f():\n    import urllib.request as r", "urllib.request"),
        ("from urllib import request", "urllib.request"),
        ("from urllib.request import urlopen", "urllib.request"),
        ("from http import client", "http.client"),
        ("import requests.sessions", "requests"),
        ("requests = require('requests', extra='x')", "requests"),
        ("await asyncio.open_connection('x', 1)", "open_connection()"),
    ],
)
def test_doors_are_found_however_they_are_written(code: str, door: str) -> None:
    assert doors(ast.parse(code)) == {door}


def test_what_opens_nothing_is_no_door() -> None:
    assert (
        doors(ast.parse("import urllib.parse\nfrom http import HTTPStatus\nimport requests_of_ours, socketry")) == set()
    )
