"""Files that are wrong in every way, made out of real ones; the same ones each time."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "data" / "config"
"""Real settings files."""

VALUES = (
    "nan", "-inf", "1e999", "-0.0", "9" * 400, "-" + "9" * 4000, "9" * 5000, "0x" + "f" * 300, "true", '""', "''",
    "[]", "{}", "1979-05-27T07:32:00Z", "25:00:00", "[[[[]]]]", "{ a = { b = [{}] } }", '"' + "x" * 5000 + '"',
    "[" * 3000, "{a=" * 300 + "1" + "}" * 300, "[" * 90 + "]" * 90, '"\\ud800"', '"\\udfff"', '"\\u0000"',
    '"\\U0010ffff"', '"\u202e\x9b"', "[1, 'a', {}]", '["ui"' + ', "ui"' * 2000 + "]", "", "=", "1 2",
)  # fmt: skip
"""What a value is replaced by."""

LINES = (
    "[llm]", "[llm.threads]", "[[llm]]", "[", "]", "llm = 1", "llm.threads = 1", "version = -1", "version = 3",
    "[version]", "[]", '[""]', '"" = 1', "= 1", "'''", '"""', "\x00", "\x1b[2J", "\r", "\ufeff",
    "a." * 900 + "a = 1", "a." * 2000 + "a = 1", "[" + "a." * 900 + "a]", "talk.debounce = 9", "[secrets]",
    "api_key = 'hunter22'", "[network]\noffline = 1", "x" * 100_000 + " = 1",
    "\n".join(f"[s{number}]" for number in range(300)),
)  # fmt: skip
"""What is put between two lines."""

Mutation = Callable[[random.Random, bytes], bytes]


def mutants(count: int, seed: int) -> Iterator[bytes]:
    """So many files, each of a real one by one to three mutations."""
    rng = random.Random(seed)
    originals = [path.read_bytes() for path in sorted(FOLDER.glob("*.toml"))]
    for number in range(count):
        data = originals[number % len(originals)]
        for _ in range(rng.randint(1, 3)):
            data = rng.choice(MUTATIONS)(rng, data)
        yield data


def flip_bytes(rng: random.Random, data: bytes) -> bytes:
    """Some bytes become other ones."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 8) if data else 0):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def truncate(rng: random.Random, data: bytes) -> bytes:
    """Only the beginning, or only the end."""
    cut = rng.randint(0, len(data))
    return data[:cut] if rng.random() < 0.7 else data[cut:]


def double_line(rng: random.Random, data: bytes) -> bytes:
    """A line comes twice, so that a key or a table is there twice."""
    lines = data.split(b"\n")
    line = rng.choice(lines)
    lines.insert(rng.randint(0, len(lines)), line)
    return b"\n".join(lines)


def swap_lines(rng: random.Random, data: bytes) -> bytes:
    """All lines in another order."""
    lines = data.split(b"\n")
    rng.shuffle(lines)
    return b"\n".join(lines)


def drop_line(rng: random.Random, data: bytes) -> bytes:
    """A line is missing, perhaps the end of a text."""
    lines = data.split(b"\n")
    del lines[rng.randrange(len(lines))]
    return b"\n".join(lines)


def replace_value(rng: random.Random, data: bytes) -> bytes:
    """A value becomes something of another kind, or beyond all limits."""
    lines = data.split(b"\n")
    places = [number for number, line in enumerate(lines) if b"=" in line]
    if places:
        place = rng.choice(places)
        name = lines[place].partition(b"=")[0]
        lines[place] = name + b"= " + rng.choice(VALUES).encode()
    return b"\n".join(lines)


def put_line(rng: random.Random, data: bytes) -> bytes:
    """A line that does not belong there."""
    lines = data.split(b"\n")
    lines.insert(rng.randint(0, len(lines)), rng.choice(LINES).encode())
    return b"\n".join(lines)


def misspell(rng: random.Random, data: bytes) -> bytes:
    """A letter is missing in a name."""
    places = [place for place, byte in enumerate(data) if chr(byte).isalpha()]
    if not places:
        return data
    place = rng.choice(places)
    return data[:place] + data[place + 1 :]


def encode_otherwise(rng: random.Random, data: bytes) -> bytes:
    """The same text in another encoding, with or without a mark, or with other line ends."""
    text = data.decode(errors="surrogateescape")
    coding = rng.choice(("utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252", "crlf", "cr", "nul"))
    if coding in ("crlf", "cr", "nul"):
        return data.replace(b"\n", {"crlf": b"\r\n", "cr": b"\r", "nul": b"\0\n"}[coding])
    return text.encode(coding, errors="replace")


MUTATIONS: tuple[Mutation, ...] = (
    flip_bytes, truncate, double_line, swap_lines, drop_line, replace_value, put_line, misspell, encode_otherwise,
)  # fmt: skip
