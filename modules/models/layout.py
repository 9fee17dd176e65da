"""Where models lie: one folder each, named as in the catalogue, with what is being downloaded beside it."""

from __future__ import annotations

from pathlib import Path

from utils.files import confined

_DOWNLOAD = ".download"
_LEARNED = ".checksums.json"
_REMOVED = ".removed"


def model_folder(root: Path, model_id: str) -> Path:
    """Where an installed model is."""
    return confined(root, model_id)


def download_folder(root: Path, model_id: str) -> Path:
    """Where its files are until all are there."""
    return confined(root, model_id + _DOWNLOAD)


def removed_folder(root: Path, model_id: str) -> Path:
    """Where it is while it is being removed."""
    return confined(root, model_id + _REMOVED)


def learned_file(folder: Path) -> Path:
    """What the files of a model were compared with when it was installed."""
    return folder / _LEARNED


def left_overs(root: Path) -> list[Path]:
    """What was being removed when a process ended."""
    return sorted(root.glob(f"*{_REMOVED}")) if root.is_dir() else []
