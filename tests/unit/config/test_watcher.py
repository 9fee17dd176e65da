"""Changes of the files are told while Arvis runs, however an editor makes them."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import partial
from pathlib import Path

import pytest

from config.loader import load
from config.watcher import Change, SettingsWatcher

BROKEN = "[llm\nthreads = 5\n"
LATE = 60_000
"""Milliseconds: nothing is found out by looking."""
SOON = 20
PATIENCE = 20.0
"""Seconds after which a test gives up."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "home" / "config.toml"
    path.parent.mkdir()
    path.write_text("[llm]\nthreads = 3\n")
    return path


def write(path: Path, text: str) -> None:
    path.write_text(text)


def replace(path: Path, text: str) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    fresh.replace(path)


def move_away_and_write(path: Path, text: str) -> None:
    path.rename(path.with_suffix(".toml~"))
    path.write_text(text)


async def following(changes: AsyncGenerator[Change, None], act: Callable[[], None]) -> Change:
    """The first change after `act`."""
    told = asyncio.ensure_future(anext(changes))
    await asyncio.sleep(0)
    act()
    async with asyncio.timeout(PATIENCE):
        return await told


@pytest.mark.parametrize("save", [write, replace, move_away_and_write])
async def test_a_change_is_told_with_its_paths(path: Path, save: Callable[[Path, str], None]) -> None:
    watcher = SettingsWatcher(load(path, {}), look_ms=LATE)
    async with aclosing(watcher.changes()) as changes:
        # The first one may come before the folder is watched.
        for threads, theme in ((4, "dark"), (5, "light")):
            text = f"[llm]\nthreads = {threads}\n[ui]\ntheme = '{theme}'\n"
            change = await following(changes, partial(save, path, text))
            assert change.paths == {"llm.threads", "ui.theme"}
            assert change.restart == {"llm.threads"}
            assert (change.old.settings.llm.threads, change.new.settings.llm.threads) == (threads - 1, threads)
            assert watcher.loaded is change.new
        change = await following(changes, path.unlink)
        assert (change.new.settings.llm.threads, change.new.sources["llm.threads"]) == (2, "default")


async def test_a_file_that_breaks_keeps_its_values_and_says_so(path: Path) -> None:
    write(path, "[llm]\nthreads = 3\n[network]\noffline = true\n")
    watcher = SettingsWatcher(load(path, {}), look_ms=LATE)
    async with aclosing(watcher.changes()) as changes:
        change = await following(changes, lambda: replace(path, BROKEN))
        assert change.paths == frozenset()
        assert (change.new.settings.llm.threads, change.new.settings.network.offline) == (3, True)
        assert change.new.sources["llm.threads"] == "file"
        assert [str(problem) for problem in change.new.problems] == [
            f"{path}, line 1: the file is not valid TOML (Expected ']' at the end of a table declaration); "
            "what was read before stays in force."
        ]


def test_what_was_broken_from_the_beginning_stays_so_in_words(path: Path) -> None:
    path.write_text(BROKEN)
    watcher = SettingsWatcher(load(path, {}))
    replace(path, "[llm]\nthreads = = 5\n")
    change = watcher.look()
    assert change is not None
    assert "every setting has its default" in str(change.new.problems[0])
    replace(path, "[llm]\nthreads = 5\n")
    change = watcher.look()
    assert change is not None
    assert change.paths == {"llm.threads", "tts.cache_mb", "network.offline", "security.role", "security.lock_minutes"}
    assert (change.new.problems, change.new.settings.llm.threads) == ((), 5)


def test_a_file_that_means_the_same_is_no_change(path: Path) -> None:
    watcher = SettingsWatcher(load(path, {}))
    assert watcher.look() is None
    replace(path, "# the same\n[llm]\nthreads = 3\n")
    assert watcher.look() is None


def test_a_value_that_is_not_allowed_counts_as_at_a_start(path: Path) -> None:
    watcher = SettingsWatcher(load(path, {}))
    replace(path, "[llm]\nthreads = 99\n")
    change = watcher.look()
    assert change is not None
    assert change.new.settings.llm.threads == 2
    assert change.paths == {"llm.threads"}


def test_what_is_set_elsewhere_stays(path: Path) -> None:
    loaded = load(path, {"ARVIS_LLM_THREADS": "6"}, overrides={"llm.max_tokens": "60"})
    watcher = SettingsWatcher(loaded)
    replace(path, "[llm]\nthreads = 4\nmax_tokens = 70\ntemperature = 1\n")
    change = watcher.look()
    assert change is not None
    assert change.paths == {"llm.temperature"}


async def test_a_profile_is_watched_too(path: Path) -> None:
    profile = path.parent / "profiles" / "travel.toml"
    profile.parent.mkdir()
    profile.touch()
    watcher = SettingsWatcher(load(path, {}, profile="travel"), look_ms=LATE)
    async with aclosing(watcher.changes()) as changes:
        for threads in (7, 8):
            change = await following(changes, partial(replace, profile, f"[llm]\nthreads = {threads}\n"))
            assert (change.new.settings.llm.threads, change.new.sources["llm.threads"]) == (threads, "profile")


async def test_a_change_before_watching_is_told(path: Path) -> None:
    watcher = SettingsWatcher(load(path, {}), look_ms=LATE)
    replace(path, "[llm]\nthreads = 4\n")
    async with aclosing(watcher.changes()) as changes, asyncio.timeout(PATIENCE):
        assert (await anext(changes)).paths == {"llm.threads"}


async def test_a_folder_that_was_missing_is_made_and_watched(tmp_path: Path) -> None:
    path = tmp_path / "home" / "config.toml"
    watcher = SettingsWatcher(load(path, {}), look_ms=LATE)
    async with aclosing(watcher.changes()) as changes:
        change = await following(changes, lambda: replace(path, "[llm]\nthreads = 4\n"))
    assert change.paths == {"llm.threads"}
    assert path.parent.stat().st_mode & 0o777 == 0o700


async def test_a_folder_that_is_replaced_is_found_by_looking(path: Path) -> None:
    watcher = SettingsWatcher(load(path, {}), look_ms=SOON)
    async with aclosing(watcher.changes()) as changes:

        def act() -> None:
            if not path.parent.with_suffix(".old").exists():
                path.parent.rename(path.parent.with_suffix(".old"))
                path.parent.mkdir()
                path.write_text("[llm]\nthreads = 4\n")

        assert (await following(changes, act)).new.settings.llm.threads == 4


@pytest.mark.parametrize("error", [OSError("no watches left"), RuntimeError("no watches left")])
async def test_without_the_help_of_the_system_the_files_are_looked_at(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    class Refusing:
        async def __anext__(self) -> None:
            raise error

        async def aclose(self) -> None:
            pass

    monkeypatch.setattr("watchfiles.awatch", lambda *_folders, **_options: Refusing())
    watcher = SettingsWatcher(load(path, {}), look_ms=SOON)
    with caplog.at_level(logging.WARNING):
        async with aclosing(watcher.changes()) as changes:
            for threads in (4, 5):
                change = await following(changes, partial(replace, path, f"[llm]\nthreads = {threads}\n"))
                assert change.new.settings.llm.threads == threads
    assert [record.message for record in caplog.records] == [
        f"changes of the settings are noticed late: {type(error).__name__}"
    ]


async def test_a_folder_that_cannot_be_made_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    watcher = SettingsWatcher(load(tmp_path / "home" / "config.toml", {}), look_ms=SOON)
    async with aclosing(watcher.changes()) as changes:

        def act() -> None:
            if (tmp_path / "home").is_file():
                os.remove(tmp_path / "home")
                (tmp_path / "home").mkdir()
                (tmp_path / "home" / "config.toml").write_text("[llm]\nthreads = 4\n")

        assert (await following(changes, act)).new.settings.llm.threads == 4


async def test_cancelling_ends_it(path: Path) -> None:
    watcher = SettingsWatcher(load(path, {}), look_ms=LATE)
    task = asyncio.ensure_future(anext(watcher.changes()))
    await asyncio.wait([task], timeout=0.2)
    task.cancel()
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(asyncio.CancelledError):
            await task


def test_the_environment_is_not_shown(path: Path) -> None:
    assert "hunter22" not in repr(load(path, {"ARVIS_LLM_API_KEY": "hunter22"}))
