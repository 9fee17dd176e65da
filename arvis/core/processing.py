"""Talking, typing and stopping, and the words that come back."""

from __future__ import annotations

from arvis.core.base import CoreBase
from arvis.core.talk import Command
from modules.security.roles import Permission
from modules.turn.events import Notice, ReplyDropped, ReplyEnded, ReplyText, UserText, UtteranceDropped


class ProcessingMixin(CoreBase):
    """Carries what the user does to the session, and what the session says to the window."""

    def press(self) -> None:
        """The talk key or button went down."""
        refusal = self._obstacle() or self.may(Permission.TALK)
        if refusal is not None:
            self.notice.emit(refusal)
        else:
            self._obey(self.talk.press(self.snapshot.phase, self.snapshot.turn_id))

    def release(self) -> None:
        """The talk key or button went up."""
        self._obey(self.talk.release())

    def submit(self, text: str) -> None:
        """The user typed `text` and sent it."""
        refusal = self._obstacle() or self.may(Permission.TYPE)
        if refusal is not None:
            self.notice.emit(refusal)
        else:
            self.session.submit(text)

    def stop(self) -> None:
        """The user wants silence."""
        self.talk.forget()
        self.session.stop()

    def on_words(self, event: object) -> None:
        """Pass on what the session says, but nothing of a turn that is over."""
        match event:
            case UserText() if self.snapshot.accepts(event):
                self.user_text.emit(event)
            case ReplyText() if self.snapshot.accepts(event):
                self.reply_text.emit(event)
            case ReplyEnded() if self.snapshot.end_reply(event):
                self.reply_ended.emit(event)
            case ReplyDropped() if self.snapshot.drop_reply(event):
                self.reply_dropped.emit(event)
            case UtteranceDropped() if self.snapshot.drop_utterance(event):
                self.utterance_dropped.emit(event)
            case Notice():
                self.notice.emit(event)

    def on_failure(self, code: str, text: str) -> None:
        """Tell the user what went wrong on the engine loop."""
        self.notice.emit(Notice("error", code, text))

    def _obstacle(self) -> Notice | None:
        obstacle = self.snapshot.obstacle
        return Notice("info", "not-available", obstacle) if obstacle else None

    def _obey(self, command: Command | None) -> None:
        match command:
            case Command.BEGIN:
                self.session.press()
            case Command.FINISH:
                self.session.release()
            case Command.STOP:
                self.session.stop()
