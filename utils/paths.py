"""Where Arvis keeps its files. Nothing here creates a folder; whoever writes does.

The environment variable ARVIS_HOME names one folder for everything; without it, the system's own places are used.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

HOME_VARIABLE = "ARVIS_HOME"


def config_file() -> Path:
    """The settings file of the user."""
    return _folder("config") / "config.toml"


def data_dir() -> Path:
    """What must survive."""
    return _folder("data")


def cache_dir() -> Path:
    """What can be made again at any time."""
    return _folder("cache")


def models_dir() -> Path:
    """Models that had to be joined or downloaded."""
    return cache_dir() / "models"


def log_dir() -> Path:
    """Log files."""
    return _folder("log")


def _folder(kind: Literal["config", "data", "cache", "log"]) -> Path:
    home = os.environ.get(HOME_VARIABLE)
    if home:
        root = Path(home).expanduser().absolute()
        return root if kind == "config" else root / kind
    import platformdirs

    places = platformdirs.PlatformDirs("arvis", appauthor=False)
    return {
        "config": places.user_config_path,
        "data": places.user_data_path,
        "cache": places.user_cache_path,
        "log": places.user_log_path,
    }[kind]
