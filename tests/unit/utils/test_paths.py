"""Everything below one folder where ARVIS_HOME is set, in the system's places where it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from utils import paths


def test_one_folder_for_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARVIS_HOME", str(tmp_path))
    assert paths.config_file() == tmp_path / "config.toml"
    assert paths.data_dir() == tmp_path / "data"
    assert paths.models_dir() == tmp_path / "cache" / "models"
    assert paths.cache_dir() == tmp_path / "cache"
    assert paths.log_dir() == tmp_path / "log"
    assert list(tmp_path.iterdir()) == []


def test_a_relative_home_is_made_absolute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARVIS_HOME", "somewhere")
    assert paths.cache_dir() == Path.cwd() / "somewhere" / "cache"


@pytest.mark.parametrize("home", [None, ""])
def test_the_places_of_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str | None) -> None:
    if home is None:
        monkeypatch.delenv("ARVIS_HOME", raising=False)
    else:
        monkeypatch.setenv("ARVIS_HOME", home)
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    assert paths.config_file() == tmp_path / "XDG_CONFIG_HOME" / "arvis" / "config.toml"
    assert paths.models_dir() == tmp_path / "XDG_CACHE_HOME" / "arvis" / "models"
    assert paths.cache_dir() == tmp_path / "XDG_CACHE_HOME" / "arvis"
    assert paths.log_dir() == tmp_path / "XDG_STATE_HOME" / "arvis" / "log"
