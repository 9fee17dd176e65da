"""Checks where sound is to be saved before any work is done for it."""

from __future__ import annotations

from pathlib import Path

import typer


def check_target(path: Path, option: str) -> None:
    """Raise a usage error unless `path` can name a new WAV file."""
    if path.suffix.lower() != ".wav" and not path.is_char_device():
        raise typer.BadParameter(f"'{path}' must end in .wav, because sound is saved as WAV.", param_hint=option)
    if path.is_dir():
        raise typer.BadParameter(f"'{path}' is a folder.", param_hint=option)
    if not path.absolute().parent.is_dir():
        raise typer.BadParameter(f"there is no folder '{path.parent}'.", param_hint=option)
