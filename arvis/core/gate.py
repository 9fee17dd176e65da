"""Who may use the microphone."""

from __future__ import annotations

from modules.turn.events import Notice

_MUTED = Notice("info", "muted", "The microphone is muted. Unmute it to talk (Ctrl+M).")


class MicrophoneGate:
    """Keeps the microphone closed while the user has muted it."""

    def __init__(self) -> None:
        self.muted = False

    def refusal(self) -> Notice | None:
        """Why the microphone may not be opened; None when it may."""
        return _MUTED if self.muted else None
