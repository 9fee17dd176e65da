"""Whatever is in the file, a change is made as it was meant, or refused in a sentence with the file left alone."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from config.loader import load
from config.problem import SettingsError
from config.writer import change

OLD = Path(__file__).parents[2] / "data" / "config_versions"
ROUNDS = 300
_PIECES = (*(bytes([one]) for one in b"[]{}\"'=.,#\n\r\x00\xff"), b"nan", b"version = 3\n")


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The file with a few bytes lost, doubled or put in."""
    for _ in range(chance.randint(1, 4)):
        place, length = chance.randrange(len(data)), chance.randint(1, 12)
        action = chance.randrange(4)
        if action == 0:
            data = data[:place] + data[place + length :]
        elif action == 1:
            data = data[: place + length] + data[place:]
        elif action == 2:
            data = data[:place] + chance.choice(_PIECES) + data[place:]
        else:
            data = data[:place]
        data = data or b"#"
    return data


@pytest.mark.parametrize("name", ["version_1.toml", "version_1_dotted.toml"])
def test_no_file_brings_the_writer_down(name: str, tmp_path: Path) -> None:
    chance = random.Random(name)
    original = (OLD / name).read_bytes()
    changed = refused = 0
    path = tmp_path / "config.toml"
    for _ in range(ROUNDS):
        data = mutated(original, chance)
        path.write_bytes(data)
        before = load(path, {})
        try:
            change(path, {"llm.model": "new", "wake.cooldown_seconds": 7.0}, ["talk.debounce"])
        except SettingsError as error:
            refusal = error.message
        else:
            refusal = ""
        if refusal:
            assert path.read_bytes() == data
            assert refusal.endswith(".")
            refused += 1
            continue
        changed += 1
        after = load(path, {})
        assert (after.settings.llm.model, after.settings.wake.cooldown_seconds) == ("new", 7.0)
        for key, source in before.sources.items():
            if key not in ("llm.model", "wake.cooldown_seconds", "talk.debounce_seconds"):
                assert (after.sources[key], after.settings.get(key)) == (source, before.settings.get(key))
        assert after.sources["talk.debounce_seconds"] == "default"
    assert min(changed, refused) > ROUNDS / 10
