"""What can happen in Arvis: every signal of the core, and its parts."""

from __future__ import annotations

from PyQt6.QtCore import QObject, pyqtSignal

from arvis.bridge import Bridge
from arvis.core.gate import Gate
from arvis.core.session_handle import SessionHandle
from arvis.core.snapshot import EngineStatus, HotkeyState, Snapshot
from arvis.core.talk import TalkSwitch
from modules.hotkey.base import Hotkey
from modules.security.lock import LockState
from modules.security.roles import Permission
from modules.turn.events import (
    DebounceChanged,
    ModelMeasured,
    Notice,
    OverlapChanged,
    PhaseChanged,
    ReplyDropped,
    ReplyEnded,
    ReplyText,
    SpeculationMeasured,
    TurnMeasured,
    UserText,
    UtteranceDropped,
)
from modules.turn.settings import ListeningMode


class CoreBase(QObject):
    """Signals and parts; the mixins use nothing else. Everything here happens on the GUI thread.

    The mixins' slots are not decorated: of several base classes Qt's meta-object knows the first one only, and PyQt
    refuses to connect a decorated slot that it does not find there. A plain bound method is called on the thread of
    its object all the same.
    """

    #: The turn machine entered a phase.
    phase_changed = pyqtSignal(PhaseChanged)
    #: Somebody speaks over the reply, or it has turned out that nobody does.
    overlap_changed = pyqtSignal(OverlapChanged)
    #: The user's words so far, of the turn that is going on; a reopened utterance has them again.
    user_text = pyqtSignal(UserText)
    #: A piece of the reply to be appended, of the turn that is going on.
    reply_text = pyqtSignal(ReplyText)
    #: A reply is over; carries what the conversation keeps of it. May belong to the turn before.
    reply_ended = pyqtSignal(ReplyEnded)
    #: A reply that nobody has heard is withdrawn.
    reply_dropped = pyqtSignal(ReplyDropped)
    #: What was heard was not meant for Arvis: whatever was shown of the turn goes.
    utterance_dropped = pyqtSignal(UtteranceDropped)
    #: The latency record of the last turn.
    turn_measured = pyqtSignal(TurnMeasured)
    #: What replies cost and gained that were begun before the end of the utterance was certain.
    speculation_measured = pyqtSignal(SpeculationMeasured)
    #: How fast the language model writes.
    model_measured = pyqtSignal(ModelMeasured)
    #: How the session listens from now on.
    listening_changed = pyqtSignal(ListeningMode)
    #: The device itself was opened or closed.
    microphone_changed = pyqtSignal(bool)
    #: How long a silence ends an utterance from now on.
    debounce_changed = pyqtSignal(DebounceChanged)
    #: Loudness of the microphone, root mean square, 0 to 1.
    input_level = pyqtSignal(float)
    #: One sentence for the user.
    notice = pyqtSignal(Notice)
    #: An engine is loading, ready or broken.
    engine_changed = pyqtSignal(EngineStatus)
    #: Loading is over; carries why the user can neither talk nor type, or nothing when both are possible.
    opened = pyqtSignal(str)
    #: Whether the user has muted the microphone.
    muted_changed = pyqtSignal(bool)
    #: Arvis was locked or unlocked, or did not open.
    lock_changed = pyqtSignal(LockState)
    #: Whether the talk key works in other windows too.
    hotkey_changed = pyqtSignal(HotkeyState)
    #: Other settings are in force: a `config.watcher.Change`.
    settings_changed = pyqtSignal(object)
    #: An earlier conversation is gone on with: a `modules.history.base.Resumed`.
    resumed = pyqtSignal(object)
    #: What is in use on other machines, a tuple of `RemoteUse`; empty when nothing is.
    remote_changed = pyqtSignal(tuple)

    #: The global talk key went down; emitted on the listener's thread, received on the GUI thread.
    hotkey_pressed = pyqtSignal()
    #: The global talk key went up; emitted on the listener's thread, received on the GUI thread.
    hotkey_released = pyqtSignal()

    #: The way to the engine thread.
    bridge: Bridge
    #: The session that lives there.
    session: SessionHandle
    #: Where the conversation stands.
    snapshot: Snapshot
    #: What presses and releases of the talk key mean.
    talk: TalkSwitch
    #: Who may do what, and whether the microphone may be open.
    gate: Gate
    #: The talk key of the whole desktop.
    hotkey: Hotkey

    def may(self, permission: Permission) -> Notice | None:
        """Why this may not be done now; None when it may. The one gate for everything that the user does."""
        raise NotImplementedError
