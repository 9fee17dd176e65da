from __future__ import annotations

from modules.notifications.base import Delivery, Entry, Priority
from modules.notifications.spoken import SpokenNotices
from tests.unit.modules.notifications.told import entry


class Voice:
    """Writes down what it is to say."""

    def __init__(self) -> None:
        self.said: list[tuple[str, bool]] = []
        self.is_free = True

    def __call__(self, text: str, urgent: bool) -> bool:
        if self.is_free:
            self.said.append((text, urgent))
        return self.is_free


def told(notices: SpokenNotices, *entries: Entry) -> None:
    for one in entries:
        notices(Delivery(one))


def test_when_nothing_goes_on_it_is_spoken_at_once() -> None:
    voice = Voice()
    told(SpokenNotices(voice), entry())
    assert voice.said == [("The microphone was lost.", False)]


def test_it_waits_for_the_end_of_an_answer_unless_it_is_critical() -> None:
    voice = Voice()
    notices = SpokenNotices(voice)
    notices.set_idle(False)
    told(notices, entry(), entry(Priority.CRITICAL, "The disk is full."))
    assert voice.said == [("The disk is full.", True)]
    notices.set_idle(True)
    notices.set_idle(True)
    assert voice.said[1:] == [("The microphone was lost.", False)]


def test_what_has_waited_together_is_spoken_together_the_most_important_first() -> None:
    voice = Voice()
    notices = SpokenNotices(voice, idle=False)
    told(
        notices,
        entry(Priority.INFO, "One."), entry(Priority.ERROR, "Two."), entry(Priority.WARNING, "Three."),
        entry(Priority.INFO, "Four."), entry(Priority.INFO, "Five."),
    )  # fmt: skip
    notices.set_idle(True)
    assert voice.said == [("Two. Three. One. And 2 more.", False)]


def test_what_is_told_again_while_it_waits_is_spoken_once() -> None:
    voice = Voice()
    notices = SpokenNotices(voice, idle=False)
    first = entry()
    told(notices, first, first.again(first.notification, first.last))
    notices.set_idle(True)
    assert voice.said == [("The microphone was lost (2 times).", False)]


def test_what_the_user_has_seen_meanwhile_is_not_spoken() -> None:
    voice = Voice()
    notices = SpokenNotices(voice, idle=False)
    seen, unseen = entry(), entry(text="The disk is full.")
    told(notices, seen, unseen)
    notices.drop([seen.id, "unknown"])
    notices.set_idle(True)
    notices.drop([unseen.id])
    assert voice.said == [("The disk is full.", False)]


def test_what_could_not_be_said_since_a_turn_had_begun_waits_for_its_end() -> None:
    voice = Voice()
    notices = SpokenNotices(voice)
    voice.is_free = False  # nobody has told the notices yet
    first = entry()
    told(notices, first)
    told(notices, first.again(first.notification, first.last))
    assert voice.said == []
    voice.is_free = True
    notices.set_idle(True)
    notices.set_idle(True)
    assert voice.said == [("The microphone was lost (2 times).", False)]
