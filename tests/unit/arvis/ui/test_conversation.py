from __future__ import annotations

from dataclasses import replace

import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QFocusEvent, QTextCursor, QWheelEvent
from PyQt6.QtWidgets import QApplication, QScrollBar
from pytestqt.qtbot import QtBot

from arvis.ui import conversation as module
from arvis.ui.conversation import Conversation, Welcome
from arvis.ui.theme import Theme
from modules.history.base import Resumed, SessionRecord, TurnRecord
from modules.turn.events import Notice, PhaseChanged, ReplyDropped, ReplyEnded, ReplyText, UserText, UtteranceDropped
from modules.turn.machine import Phase
from tests.unit.arvis.ui.hands import hands

FAILED = Notice("error", "server-gone", "The server is gone.", 1)


@pytest.fixture
def view(qtbot: QtBot, theme: Theme) -> Conversation:
    view = Conversation(theme)
    view.welcome.show_words("Hold F9 and speak", "Or type.")
    qtbot.addWidget(view)
    view.resize(600, 400)
    with qtbot.waitExposed(view):
        view.show()
    return view


def texts(view: Conversation) -> list[str]:
    return [message.text for message in view.messages]


def mark(view: Conversation) -> str:
    """The word below the last message."""
    shown = view.messages[-1].mark
    return "" if shown is None else shown.word.text()


def said(turn: int, text: str) -> UserText:
    return UserText(turn, 0, text, final=True)


def test_words_are_italic_and_gray_until_they_are_final(view: Conversation, theme: Theme) -> None:
    view.show_user(UserText(1, 0, "what time", final=False))
    (message,) = view.messages
    words = message.words
    assert message.partial is True
    assert words.font().italic()
    assert words.palette().text().color() == theme.color("text_muted")
    view.show_user(said(1, "What time is it?"))
    assert view.messages[0] is message
    assert message.text == "What time is it?"
    assert view.messages[0].partial is False
    assert not words.font().italic()
    assert words.palette().text().color() == theme.color("text")


def test_a_reply_streams_into_one_message(view: Conversation) -> None:
    view.show_user(said(1, "What time is it?"))
    assert texts(view) == ["What time is it?", "…"]
    view.show_reply(ReplyText(1, 0, " "))
    view.show_reply(ReplyText(1, 0, " It"))
    view.show_reply(ReplyText(1, 0, " is noon."))
    assert texts(view) == ["What time is it?", "It is noon."]
    view.end_reply(ReplyEnded(1, 0, "It is noon.", interrupted=False, spoken=True))
    assert texts(view) == ["What time is it?", "It is noon."]
    assert view.messages[1].mark is None


def test_an_interrupted_reply_keeps_what_was_heard_and_is_marked(view: Conversation) -> None:
    view.show_user(said(1, "Tell me a story."))
    view.show_reply(ReplyText(1, 0, "Once upon a time there was"))
    view.end_reply(ReplyEnded(1, 0, "Once upon", interrupted=True, spoken=True))
    assert texts(view)[1] == "Once upon"
    assert mark(view) == "Interrupted"


@pytest.mark.parametrize(
    ("notice", "word"),
    [
        (FAILED, "Incomplete"),
        (replace(FAILED, turn_id=2), "Interrupted"),
        (replace(FAILED, turn_id=None), "Interrupted"),
        (replace(FAILED, severity="warning"), "Interrupted"),
    ],
)
def test_a_reply_that_failed_is_told_from_one_that_was_interrupted(
    view: Conversation, notice: Notice, word: str
) -> None:
    view.show_user(said(1, "Tell me a story."))
    view.show_reply(ReplyText(1, 0, "Once upon a time there was"))
    view.end_reply(ReplyEnded(1, 0, "Once upon", interrupted=True, spoken=True))
    view.show_failure(notice)
    assert texts(view)[1] == "Once upon"
    assert mark(view) == word


def test_a_failure_after_the_whole_reply_leaves_it_unmarked(view: Conversation) -> None:
    view.show_reply(ReplyText(1, 0, "It is noon."))
    view.end_reply(ReplyEnded(1, 0, "It is noon.", interrupted=False, spoken=True))
    view.show_failure(FAILED)
    assert mark(view) == ""


@pytest.mark.parametrize("piece", ["", "Once upon"])
@pytest.mark.parametrize("interrupted", [True, False])
def test_a_reply_of_which_nothing_is_kept_leaves_nothing(view: Conversation, piece: str, interrupted: bool) -> None:
    view.show_user(said(1, "Tell me a story."))
    view.show_reply(ReplyText(1, 0, piece))
    view.show_phase(PhaseChanged(1, 0, Phase.IDLE))
    view.end_reply(ReplyEnded(1, 0, "", interrupted, spoken=False))
    view.show_failure(FAILED)
    assert texts(view) == ["Tell me a story."]


def test_words_that_were_final_change_again_when_the_user_goes_on(view: Conversation, theme: Theme) -> None:
    view.show_user(said(1, "What is the weather?"))
    view.show_phase(PhaseChanged(1, 1, Phase.LISTENING))
    view.drop_reply(ReplyDropped(1, 0))
    view.show_user(UserText(1, 1, "What is the weather in", final=False))
    (message,) = view.messages
    assert message.partial
    assert message.words.palette().text().color() == theme.color("text_muted")
    view.show_user(UserText(1, 1, "What is the weather in Paris?", final=True))
    view.show_reply(ReplyText(1, 1, "Sunny."))
    assert texts(view) == ["What is the weather in Paris?", "Sunny."]
    assert not view.messages[0].partial


def test_a_withdrawn_reply_goes_with_all_its_words_and_another_one_may_come(view: Conversation) -> None:
    view.show_user(said(1, "Hello"))
    view.show_reply(ReplyText(1, 0, "Good morning, "))
    view.drop_reply(ReplyDropped(1, 0))
    assert texts(view) == ["Hello"]
    view.show_reply(ReplyText(1, 1, "Good evening."))
    assert texts(view) == ["Hello", "Good evening."]


def test_the_sign_of_a_reply_goes_when_the_user_goes_on(view: Conversation) -> None:
    view.show_user(said(1, "Hello"))
    assert texts(view) == ["Hello", "…"]
    view.show_user(UserText(1, 1, "Hello and", final=False))
    assert texts(view) == ["Hello and"]


def test_a_turn_that_was_none_leaves_nothing_and_the_welcome_returns(view: Conversation) -> None:
    view.show_user(said(1, "mm hm"))
    view.drop_utterance(UtteranceDropped(1))
    assert texts(view) == []
    assert view.currentWidget() is view.welcome
    view.drop_utterance(UtteranceDropped(1))


def test_a_turn_that_was_none_leaves_the_others_alone(view: Conversation) -> None:
    view.show_user(said(1, "Hello"))
    view.end_reply(ReplyEnded(1, 0, "Good day.", interrupted=False, spoken=True))
    view.show_user(UserText(2, 0, "hm", final=False))
    view.drop_utterance(UtteranceDropped(2))
    assert texts(view) == ["Hello", "Good day."]


def test_words_that_never_became_final_go_and_the_welcome_returns(view: Conversation) -> None:
    view.show_user(UserText(1, 0, "uh", final=False))
    assert view.currentWidget() is view.scroller
    view.show_phase(PhaseChanged(1, 0, Phase.IDLE))
    assert texts(view) == []
    assert view.currentIndex() == 0


def test_the_next_turn_clears_what_is_left_of_the_last(view: Conversation) -> None:
    view.show_user(UserText(1, 0, "uh", final=False))
    view.show_phase(PhaseChanged(2, 0, Phase.LISTENING))
    view.show_user(said(2, "Hello."))
    assert texts(view) == ["Hello.", "…"]


def test_long_words_are_wrapped_and_nothing_is_wider_than_the_view(view: Conversation) -> None:
    view.show_user(said(1, "x" * 500))
    message = view.messages[0]
    assert message.bubble.sizeHint().width() <= view.width()
    assert message.words.height() > 3 * message.words.fontMetrics().height()


def test_a_short_message_is_narrow_and_shows_all_its_words(view: Conversation, qapp: QApplication) -> None:
    view.show_user(said(1, "And what should I pack?"))
    words = view.messages[0].words
    qapp.processEvents()
    assert words.width() < 300
    document = words.document()
    assert document is not None
    assert document.size().height() <= words.height()


def test_messages_follow_the_width_of_the_view(view: Conversation, qapp: QApplication) -> None:
    view.show_user(said(1, "word " * 60))
    wide = view.messages[0].words.width()
    view.resize(400, 400)
    qapp.processEvents()
    assert view.messages[0].words.width() < wide


def fill(view: Conversation, qtbot: QtBot) -> QScrollBar:
    for turn in range(1, 15):
        view.show_user(said(turn, f"Question {turn}"))
        view.show_reply(ReplyText(turn, 0, f"Answer {turn}"))
    bar = view.scroller.verticalScrollBar()
    assert bar is not None
    qtbot.waitUntil(lambda: bar.maximum() > 0 and bar.value() == bar.maximum())
    return bar


def test_it_follows_the_latest_message(view: Conversation, qtbot: QtBot) -> None:
    bar = fill(view, qtbot)
    before = bar.maximum()
    view.show_reply(ReplyText(14, 0, " and more" * 80))
    qtbot.waitUntil(lambda: bar.maximum() > before)
    assert bar.value() == bar.maximum()


def test_it_stays_where_the_user_has_scrolled_to_while_a_reply_grows(view: Conversation, qtbot: QtBot) -> None:
    bar = fill(view, qtbot)
    before = bar.maximum()
    bar.setValue(10)
    view.show_reply(ReplyText(14, 0, " and more" * 80))
    qtbot.waitUntil(lambda: bar.maximum() > before)
    assert bar.value() == 10
    view.show_user(said(15, "A new question"))
    qtbot.waitUntil(lambda: bar.value() == bar.maximum())


def test_a_message_leaves_the_wheel_to_the_conversation(view: Conversation) -> None:
    view.show_user(said(1, "word " * 200))
    nowhere, up = QPointF(5, 5), QPoint(0, 120)
    plain = Qt.KeyboardModifier.NoModifier
    wheel = QWheelEvent(
        nowhere, nowhere, QPoint(), up, Qt.MouseButton.NoButton, plain, Qt.ScrollPhase.NoScrollPhase, False
    )
    QApplication.sendEvent(view.messages[0].words.viewport(), wheel)
    assert not wheel.isAccepted()


def test_old_messages_make_room(view: Conversation, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 10)
    fill(view, qtbot)
    assert len(view.messages) == 10
    assert texts(view)[-1] == "Answer 14"
    view.show_phase(PhaseChanged(15, 0, Phase.LISTENING))
    view.end_reply(ReplyEnded(1, 0, "Late.", interrupted=True, spoken=True))
    assert texts(view)[-1] == "Late."


def test_words_can_be_selected_but_not_edited_and_a_selection_survives_streaming(
    view: Conversation, qtbot: QtBot
) -> None:
    view.show_reply(ReplyText(1, 0, "It is"))
    words = view.messages[0].words
    words.selectAll()
    view.show_reply(ReplyText(1, 0, " noon."))
    assert words.textCursor().selectedText() == "It is"
    words.moveCursor(QTextCursor.MoveOperation.End)
    hands.keyClicks(words, "typed")
    assert words.toPlainText() == "It is noon."


def test_markup_is_shown_as_it_is(view: Conversation) -> None:
    view.show_user(said(1, "<b>bold</b> & <script>"))
    assert texts(view)[0] == "<b>bold</b> & <script>"


def test_both_sides_are_named(view: Conversation) -> None:
    view.show_user(said(1, "Hello."))
    assert [(message.name.text(), message.words.accessibleName()) for message in view.messages] == [
        ("You", "You said"),
        ("Arvis", "Arvis answered"),
    ]


def test_the_picture_of_the_welcome_needs_room(view: Conversation, qapp: QApplication) -> None:
    welcome = view.currentWidget()
    assert isinstance(welcome, Welcome)
    assert welcome._picture.isVisible()
    view.resize(600, 100)
    qapp.processEvents()
    assert not welcome._picture.isVisible()


def test_a_message_with_the_keyboard_is_marked(view: Conversation) -> None:
    view.show_user(said(1, "Hello."))
    message = view.messages[0]
    for kind, focused in ((QEvent.Type.FocusIn, True), (QEvent.Type.FocusOut, False)):
        QApplication.sendEvent(message.words, QFocusEvent(kind))
        assert message.bubble.property("focused") is focused


def test_an_earlier_conversation_is_shown_before_what_is_said_now(view: Conversation) -> None:
    session = SessionRecord(id="s", started=0.0)
    turns = (
        TurnRecord(session="s", number=3, started=1.0, said="first", heard="One.", interrupted=True),
        TurnRecord(session="s", number=4, started=2.0, said="second", heard=""),
    )
    view.show_resumed(Resumed(session, turns))
    view.show_phase(PhaseChanged(1, 0, Phase.LISTENING))
    view.show_user(said(1, "third"))
    assert texts(view)[:4] == ["first", "One.", "second", "third"]
