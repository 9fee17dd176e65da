"""The rule by which an utterance ends, in the time of the sound: no clock, no thread, no model."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from modules.endpointing.debounce import AdaptiveDebounce
from modules.endpointing.phrases import Phrases
from modules.vad.spans import WINDOW_SECONDS

# Chosen on 63 complete and 191 cut utterances (people and two synthetic voices, with a little noise after them), scored
# by Smart Turn v3.2 and written down by Whisper base, with pauses of 0.3 to 1.5 s put in where they were cut. Times
# are silences in seconds as Silero's detector sees them, counted in whole windows.
ASK_SECONDS = (0.16, 0.5)
"""When the model is asked. It tells best at 0.16 s (area under the curve 0.76; 0.73 at 0.2 s, 0.70 at 0.5 s)."""
COMPLETE_SCORES = (0.9, 0.95)
"""From here on its answers are believed: the first for 71 % of complete and 42 % of cut utterances, the second for
81 % and 60 %. The longer the silence, the higher it scores both, so the second has to be higher."""
DOUBTFUL_SCORE = 0.7
"""Below this it is believed that more will come: 16 % of complete and 42 % of cut utterances."""
PATIENCE_SECONDS = 0.16
"""A model that has not answered after so long is not waited for; it takes 0.035 s on one thread."""
COMMIT_SECONDS = 0.2
"""From the likely end to the certain one."""
LATE_SECONDS = 0.064
"""The detector hears the end of speech so much too late (median of 30 recordings: 69 ms), so a silence is longer than
it seems. The debounce and what follows count from the true end; when to ask, and short answers, do not."""
PATIENT_SECONDS = 1.2
"""Ends an utterance even if its words or its tune call for more."""
SHORT_ANSWER_SECONDS = 0.4
"""Ends a short answer."""
SHORT_UTTERANCE_SECONDS = 1.2
"""Speech (not silence) that is not longer may be a short answer; "No, thank you." takes 1.05 s."""
_MARKS = " ,;:.…-–—"
RESUME_WINDOWS = 2
"""Windows of speech on end that break a pause; a single one is a breath or a click."""


class Decision(Enum):
    """What follows from a window."""

    CONTINUE = auto()
    """Nothing: listen on."""
    ASK = auto()
    """A pause has begun: settle the words, and let the model judge if there is one."""
    LIKELY = auto()
    """The utterance has probably ended: a reply may be prepared, but nobody may notice."""
    CERTAIN = auto()
    """The utterance has ended; it may come without a LIKELY before."""
    RESUMED = auto()
    """Speech goes on after an ASK: what was begun for this pause is void."""
    CAP = auto()
    """The utterance is as long as it may become; it ends here."""


class _Tune(Enum):
    """What the model has heard."""

    UNKNOWN = auto()
    OPEN = auto()
    UNCLEAR = auto()
    COMPLETE = auto()


@dataclass(slots=True)
class _Pause:
    """A silence; all times are in windows since its beginning."""

    windows: int = 0
    asked: int = 0
    """Times that the model was asked."""
    tune: _Tune = _Tune.UNKNOWN
    text: str = ""
    likely_at: int | None = None
    certain: bool = False


class Endpointer:
    """Decides about one utterance; each decision is given once a pause.

    Args:
        debounce: The silence after which the end is likely when nothing is known but the silence.
        phrases: Short answers and words that call for more.
        has_model: Whether scores are to be expected.
        cap_seconds: Longest utterance, from its first speech.
    """

    def __init__(
        self, debounce: AdaptiveDebounce, phrases: Phrases, *, has_model: bool, cap_seconds: float = 60.0
    ) -> None:
        self._debounce = debounce
        self._phrases = phrases
        self._has_model = has_model
        self._cap = _windows(cap_seconds)
        self._length = 0  # windows since the first speech
        self._spoken = 0  # the same, up to the last speech
        self._run = 0  # windows of speech on end
        self._pause = _Pause()

    @property
    def silence(self) -> float:
        """Seconds since the last speech; 0 before the first."""
        return self._pause.windows * WINDOW_SECONDS

    def score(self, value: float) -> None:
        """The model's answer to the last ASK, 0 to 1; not to be given after RESUMED."""
        pause = self._pause
        if pause.asked and value >= COMPLETE_SCORES[pause.asked - 1]:
            pause.tune = _Tune.COMPLETE
        elif pause.asked == 1:
            pause.tune = _Tune.UNCLEAR if value >= DOUBTFUL_SCORE else _Tune.OPEN

    def text(self, text: str) -> None:
        """All words up to the present pause, once they are settled; not to be given after RESUMED."""
        self._pause.text = text

    def window(self, voiced: bool) -> Decision:
        """What follows from the next 32 ms.

        Args:
            voiced: Whether somebody speaks in it.
        """
        self._run = self._run + 1 if voiced else 0
        if not self._length and not voiced:
            return Decision.CONTINUE
        self._length += 1
        if voiced and (not self._pause.windows or self._run >= RESUME_WINDOWS):
            decision = self._go_on()
        else:
            self._pause.windows += 1
            decision = Decision.CONTINUE if voiced else self._judge(self._pause)
        return Decision.CAP if self._length == self._cap and not self._pause.certain else decision

    def _go_on(self) -> Decision:
        ended, self._pause = self._pause, _Pause()
        self._spoken = self._length
        return Decision.RESUMED if ended.asked else Decision.CONTINUE

    def _judge(self, pause: _Pause) -> Decision:
        if pause.certain:
            return Decision.CONTINUE
        likely, certain = self._ends(pause)
        if pause.likely_at is not None and pause.windows >= certain:
            pause.certain = True
            return Decision.CERTAIN
        if self._is_to_ask(pause):
            pause.asked += 1
            return Decision.ASK
        if pause.likely_at is None and pause.windows >= likely:
            pause.likely_at = pause.windows
            return Decision.LIKELY
        return Decision.CONTINUE

    def _is_to_ask(self, pause: _Pause) -> bool:
        if pause.asked and not (self._has_model and pause.likely_at is None):
            return False
        return pause.asked < len(ASK_SECONDS) and pause.windows >= _windows(ASK_SECONDS[pause.asked])

    def _ends(self, pause: _Pause) -> tuple[int, int]:
        """Windows of silence from which the end of the utterance is likely, and certain."""
        if self._is_short_answer(pause.text):
            return 0, _windows(SHORT_ANSWER_SECONDS)
        commit = _windows(COMMIT_SECONDS)
        debounce = _silence(self._debounce.seconds)
        patient = max(debounce, _silence(PATIENT_SECONDS) - commit)
        likely = patient if self._calls_for_more(pause) else self._likely(pause, debounce, patient)
        # However sure the model is: it is as sure of two in five sentences that are not over, and a pause of half a
        # second is nothing unusual. What it is sure of is begun early, and given when the silence says so too.
        certain = max(likely, debounce) + commit
        return likely, certain if pause.likely_at is None else max(certain, pause.likely_at + commit)

    def _likely(self, pause: _Pause, debounce: int, patient: int) -> int:
        """Windows from which the end is likely, as far as the model can tell; 0 when it is sure of it."""
        if not self._has_model or pause.tune is _Tune.UNCLEAR:
            return debounce
        if pause.tune is _Tune.COMPLETE:
            return 0 if self._debounce.adaptive else debounce
        waiting = pause.windows < _windows(ASK_SECONDS[0] + PATIENCE_SECONDS)
        return patient if pause.tune is _Tune.OPEN or waiting else debounce

    def _calls_for_more(self, pause: _Pause) -> bool:
        """Whether the words do; a mark alone does not when the tune is that of an end, for transcribers guess marks."""
        words = pause.text.rstrip(_MARKS)
        return self._phrases.ends_open(words if pause.tune is _Tune.COMPLETE else pause.text)

    def _is_short_answer(self, text: str) -> bool:
        return self._spoken <= _windows(SHORT_UTTERANCE_SECONDS) and self._phrases.is_short_answer(text)


def _silence(seconds: float) -> int:
    """Windows that the detector has seen of a silence of this length."""
    return _windows(seconds - LATE_SECONDS)


def _windows(seconds: float) -> int:
    return round(seconds / WINDOW_SECONDS)
