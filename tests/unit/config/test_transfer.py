"""Settings leave as a file and come back from one."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import transfer
from config.loader import load
from config.problem import SettingsError
from config.transfer import differences, exported, imported, replace_content, take_over
from config.writer import Change


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def test_what_is_exported_is_imported_as_the_same(path: Path, tmp_path: Path) -> None:
    text = 'é "q" \\ \x7f \x01 ☃\nnext'
    path.write_text("[llm]\nthreads = 4\n[tts]\nfallback = []\n")
    loaded = load(path, {"ARVIS_LLM_SYSTEM_PROMPT": text, "ARVIS_LLM_TEMPERATURE": "1e-7"})
    values, problems = imported(exported(loaded).encode(), "file")
    assert problems == []
    assert values == {key: loaded.settings.get(key) for key in loaded.sources}
    assert values["llm.system_prompt"] == text


def test_only_what_is_set_is_exported(path: Path) -> None:
    path.write_text("# key: sk-0123456789abcdef\n[llm]\nthreads = 4\napi_key = 'sk-0123456789abcdef'\nthread = 7\n")
    loaded = load(path, {"ARVIS_UI_THEME": "dark", "ARVIS_LLM_API_KEY": "sk-0123456789abcdef"})
    assert exported(loaded, only_set=True) == (
        "# Settings of Arvis; `arvis config import FILE` takes them over.\n"
        'version = 2\n\n[llm]\nthreads = 4\n\n[ui]\ntheme = "dark"\n'
    )
    assert "0123456789" not in exported(loaded)


def test_a_file_of_an_earlier_version_is_understood() -> None:
    values, problems = imported(b"# mine\n[talk]\ndebounce = 0.6\n", "old.toml")
    assert values == {"talk.debounce_seconds": 0.6}
    assert problems == []


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"# mine\n[llm]\nthreads = 99\n", 3),
        (b"version = 2\n# mine\n\n[llm]\nthreads = 99", 5),
        (b"# mine\n[llm]\nthreads = 99", 3),
    ],
)
def test_what_is_wrong_is_told_with_the_line_of_the_file(data: bytes, line: int) -> None:
    values, (problem,) = imported(data, "its.toml")
    assert values == {}
    assert (problem.where, problem.harmless) == (f"its.toml, line {line}", False)


def test_a_newer_file_is_understood_as_far_as_possible() -> None:
    values, problems = imported(b"version = 9\n[llm]\nthreads = 4\n", "its.toml")
    assert values == {"llm.threads": 4}
    assert [problem.harmless for problem in problems] == [True]


def test_a_broken_file_is_not_imported() -> None:
    with pytest.raises(SettingsError, match=r"^its.toml, line 1: the file is not valid TOML"):
        imported(b"[llm", "its.toml")


def test_only_what_is_different_is_taken_over_and_the_file_is_kept(path: Path) -> None:
    path.write_text("version = 2\n[llm]\nthreads = 4 # four\nmax_tokens = 50\n")
    changes = differences(path, {"llm.threads": 8, "llm.max_tokens": 50, "tts.speed": 1.0, "tts.fallback": ()})
    assert changes == (Change("llm.threads", 4, 8), Change("tts.fallback", ("piper", "espeak-ng"), ()))
    copy = take_over(path, changes)
    assert path.read_text() == ("version = 2\n[llm]\nthreads = 8 # four\nmax_tokens = 50\n\n[tts]\nfallback = []\n")
    assert copy is not None
    assert "threads = 4" in copy.read_text()


def test_the_first_import_makes_the_file(path: Path) -> None:
    assert take_over(path, [Change("llm.threads", 2, 8)]) is None
    assert load(path, {}).settings.llm.threads == 8


def test_another_content_is_put_in_and_told(path: Path) -> None:
    path.write_bytes(b"[llm]\nthreads = 4\n")
    assert replace_content(path, b"[llm]\nthreads = 4\n", b"# x\n") == (Change("llm.threads", 4, 2),)
    assert path.read_bytes() == b"# x\n"


def test_what_another_program_wrote_meanwhile_is_not_lost(path: Path) -> None:
    path.write_bytes(b"# other\n")
    with pytest.raises(SettingsError, match="changed by another program meanwhile") as caught:
        replace_content(path, None, b"# mine\n")
    assert path.read_bytes() == b"# other\n"
    assert path.with_name("config.toml.rejected").read_bytes() == b"# mine\n"
    assert str(path.with_name("config.toml.rejected")) in caught.value.message


def test_problems_name_the_file_that_is_meant(tmp_path: Path) -> None:
    (tmp_path / "copy.toml").write_text("[llm]\nthreads = 99\n")
    (problem,) = transfer.problems_of(tmp_path / "copy.toml", "/home/me/config.toml")
    assert problem.where == "/home/me/config.toml, line 2"
