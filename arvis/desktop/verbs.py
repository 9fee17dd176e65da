"""What Arvis can be told from outside of its window: by another start of it, a key of the desktop, or the tray."""

from __future__ import annotations

from enum import StrEnum

TOKEN = "XDG_ACTIVATION_TOKEN"
"""The environment variable with which a Wayland desktop allows a program to come to the front."""


class Verb(StrEnum):
    """One thing to do."""

    TALK = "talk"
    """Listen, until `RELEASE`."""
    RELEASE = "release"
    """The utterance is over."""
    TOGGLE_TALK = "toggle-talk"
    """`TALK`, or `RELEASE` while what is said is listened to."""
    STOP = "stop"
    MUTE = "mute"
    UNMUTE = "unmute"
    SHOW = "show"
    """Show the window in front of the others."""
    HIDE = "hide"
    """Hide the window in the tray; where there is none, minimise it."""
    QUIT = "quit"
