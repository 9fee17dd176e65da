"""Whatever is in the file, Arvis starts: valid settings, and a sentence for each thing that is wrong."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.document import MAX_BYTES
from config.loader import Loaded, load, reload
from config.schema import keys, sections
from config.settings import Settings
from config.validation import is_valid
from tests.unit.config.fuzzing import FOLDER, mutants

MUTANTS = 600
EXAMPLES = 200

names = st.sampled_from([*keys(), "llm.api_key", "talk.debounce", "x.y"]) | st.text(max_size=10)
scalars = (
    st.none().map(lambda _: "nan")
    | st.integers().map(str)
    | st.floats().map(str)
    | st.booleans().map(lambda value: str(value).lower())
    | st.text(max_size=30).map(lambda text: f'"{text}"')
    | st.dates().map(str)
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda items: f"[{', '.join(items)}]")
        | st.lists(inner, max_size=3).map(lambda items: f"{{{', '.join(f'k{n} = {i}' for n, i in enumerate(items))}}}")
    ),
    max_leaves=8,
)
headers = st.sampled_from(list(sections())).map(lambda name: f"[{name}]") | st.text(max_size=8).map("[{}]".format)
lines = st.tuples(names, values).map(" = ".join) | headers | st.text(max_size=20)
files = st.lists(lines, max_size=12).map(lambda found: "\n".join(found).encode(errors="replace")) | st.binary(
    max_size=200
)


def check(found: Loaded, data: bytes) -> str:
    """The settings are valid, and what is wrong is told in sentences that can be shown anywhere; how the file was."""
    for path, key in keys().items():
        value = found.settings.get(path)
        assert is_valid(key, list(value) if isinstance(value, tuple) else value), (path, value)
    told = [str(problem) for problem in found.problems]
    for sentence in told:
        assert sentence.startswith(str(found.path))
        assert sentence.endswith(".")
        assert sentence.isprintable(), sentence
        assert len(sentence) < 1000, sentence
        assert "hunter22" not in sentence
        assert "Traceback" not in sentence
    assert len(told) <= 200
    assert told or is_toml(data), data[:200]
    if not told:
        assert "file" in found.sources.values() or found.settings == Settings()
    return "broken" if found.layers[0].broken else "wrong" if told else "fine"


def is_toml(data: bytes) -> bool:
    try:
        tomllib.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return False
    return len(data) <= MAX_BYTES


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.glob("*.toml")))
def test_the_real_files_are_right(name: str) -> None:
    assert [problem for problem in load(FOLDER / name, {}).problems if not problem.harmless] == []


def test_mutations_of_real_files(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes((FOLDER / "plain.toml").read_bytes())
    running = load(path, {})
    good = running.settings
    tried: Counter[str] = Counter()
    for data in mutants(MUTANTS, seed=4):
        path.write_bytes(data)
        found = load(path, {})
        tried[check(found, data)] += 1
        running = reload(running)
        broken = running.layers[0].broken
        assert broken == found.layers[0].broken
        assert running.settings == (good if broken else found.settings)
        good = running.settings
    assert tried.total() == MUTANTS >= 500
    assert min(tried["broken"], tried["wrong"], tried["fine"]) >= 50


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(files)
def test_files_made_up_from_nothing(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(data)
    check(load(path, {}), data)


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None)
@given(st.dictionaries(names, st.text(max_size=30), max_size=4), st.text(max_size=20))
def test_any_environment_and_command_line(texts: dict[str, str], profile: str) -> None:
    environ = {f"ARVIS_{name.replace('.', '_').upper()}": text for name, text in texts.items()}
    found = load(Path("none"), environ, profile=profile, overrides=texts)
    for path, key in keys().items():
        value = found.settings.get(path)
        assert is_valid(key, list(value) if isinstance(value, tuple) else value), (path, value)
    assert all(str(problem).isprintable() and str(problem).endswith(".") for problem in found.problems)
