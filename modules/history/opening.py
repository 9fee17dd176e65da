"""Opens the history; what that needs is imported then, and not before."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modules.history.store import HistoryStore


def open_history(path: Path, url: str = "") -> HistoryStore:
    """Open the history, made or brought up to date if need be. Takes up to a second: not for the window's thread.

    Args:
        path: The file. Recordings are in a folder beside it, wherever the words are.
        url: A PostgreSQL database to use instead of the file, "postgresql://user@host/name"; empty for the file. A
            password is looked for where every client of PostgreSQL does: in ~/.pgpass.

    Raises:
        modules.history.base.HistoryError: It cannot be opened.
        utils.errors.MissingDependencyError: The driver for PostgreSQL is not installed.
        utils.files.FileError: The file is a link, or cannot be made.
        modules.network.base.OfflineError: The database is on another machine, and Arvis is offline.
    """
    from modules.history.database import Database
    from modules.history.sounds import SoundFolder
    from modules.history.store import HistoryStore

    return HistoryStore(Database(url or path), SoundFolder(path.parent / "history-sounds"))
