"""The history of the running session, where the settings want one."""

from __future__ import annotations

from collections.abc import Callable

from config.settings import Settings
from modules.history.base import FILE_NAME, Resumed
from modules.history.opening import open_history
from modules.history.saver import Limits
from modules.history.writer import HistoryWriter
from utils import paths
from utils.errors import ArvisError

SECONDS_AN_HOUR = 3600.0


def open_archive(
    settings: Settings, complain: Callable[[ArvisError], object], on_resumed: Callable[[Resumed | None], object]
) -> HistoryWriter | None:
    """What keeps the conversation; it is not started, and opens its database on a thread of its own.

    Args:
        settings: Whether, where and for how long it is kept.
        complain: Told, on that thread, why nothing is kept.
        on_resumed: Told, on that thread, which conversation is gone on with.
    """
    history = settings.history
    if not history.enabled:
        return None
    return HistoryWriter(
        lambda: open_history(paths.data_dir() / FILE_NAME, history.url),
        complain,
        language=lambda: "" if settings.stt.language == "auto" else settings.stt.language,
        limits=Limits(days=history.keep_days),
        resume_seconds=history.resume_hours * SECONDS_AN_HOUR if history.resume else 0.0,
        on_resumed=on_resumed,
    )
