"""A model, a voice and a player in virtual time, to see where a way of cutting text leaves the listener waiting."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from modules.streaming.buffer import Pacing, StreamBuffer
from modules.streaming.monitor import LLMPerformanceMonitor
from modules.streaming.optimizer import LLMStreamingOptimizer, Pace
from modules.tts.chunker import Clause, FlushSizes

SECONDS_PER_WORD = 0.35
"""Speech of 170 words a minute."""
AHEAD_SECONDS = 8.0
"""Sound that is made ahead at most, in the program and in the device."""
AUDIBLE_GAP = 0.1
"""Seconds; shorter ones pass for a pause between words."""

REPLIES = (
    "Sure, I can explain that. The moon has no light of its own, so what we see is light from the sun. As it goes "
    "around the earth, we see more or less of the side that is lit, and that is why it seems to change its shape.",
    "Yes. Bread rises because yeast eats the sugar in the dough and gives off gas which stays in the dough. Warm "
    "places make it faster. If you let it rise too long, however, it falls again and tastes sour.",
    "The capital of France is Paris. It lies on the river Seine in the north of the country and has about 2.1 million "
    "people, or more than 12 million with its suburbs. It is known for its museums, its food and the Eiffel Tower.",
    "Well, there are three ways. First, you can restart the router and wait for a minute. Second, you can look for a "
    "newer version of its software. Third, if nothing helps, call the company, e.g. in the morning, when it is quiet.",
    "A good night's sleep is seven to nine hours long for most adults. Go to bed at the same time each day, avoid "
    "coffee after 3 p.m., and keep the room dark and cool. A short walk in the evening helps many people too. Try it.",
    "To cook rice you should first wash it in cold water until the water stays clear and then let it drain for a while "
    "before you put it in the pot with about one and a half times as much water as there is rice. Then bring it to the "
    "boil, cover it, and leave it on the lowest heat for twelve minutes.",
    "The mean distance from the earth to the moon is about 384,000 kilometres, which is thirty times the width of "
    "the earth. Light needs 1.3 seconds for it. A car at 100 km/h would need 160 days.",
    "No, I do not think so. Whales are mammals because they breathe air, feed their young with milk and have warm "
    "blood. Fish have gills, so they need not come up.",
    "Of course! Here is a short plan: on Monday we clean the kitchen, on Tuesday we buy paint and brushes, and on "
    "Wednesday we start with the ceiling since it drips. On Thursday we rest.",
    "Photosynthesis is the way in which plants make sugar from water and carbon dioxide with the help of light. "
    "It happens in the green parts of the leaf. The oxygen that we breathe is what is left over from it, and "
    "without it there would be no animals at all.",
    "In 1969, two men walked on the moon while a third stayed in orbit. They came back after eight days with 21.5 "
    "kilograms of stones. Since then, twelve people have been there, but nobody has gone again after 1972.",
    "That depends on what you like. If you want the sea then go to the south coast in June when it is warm but "
    "not yet full of people. If you prefer mountains, take the train to the Alps. Both are lovely. Shall I look "
    "for a hotel?",
    "I am sorry, I do not know that.",
    "It is ten past four.",
)


@dataclass(frozen=True)
class Speed:
    """How fast everything is."""

    tokens_per_second: float
    rtf: float
    """Seconds of work for a second of sound."""
    overhead: float = 0.03
    """Seconds of work for each clause, however short."""
    streams: bool = False
    """Whether the first sound of a clause is there after the overhead; otherwise when all of it is."""
    first_token: float = 0.2

    def compute(self, words: int) -> float:
        return self.overhead + self.rtf * SECONDS_PER_WORD * words

    def first(self, words: int) -> float:
        return self.overhead if self.streams else self.compute(words)


@dataclass
class Fixed:
    """Sizes that stay."""

    flush: FlushSizes = field(default_factory=FlushSizes)

    def sizes(self, words: int) -> FlushSizes:
        return self.flush

    def gave(self, words: int) -> None:
        pass


@dataclass(frozen=True)
class Outcome:
    """What the listener got."""

    clauses: tuple[str, ...]
    first_sound: float
    gaps: tuple[float, ...]

    @property
    def silence(self) -> float:
        return sum(self.gaps)


def tokens(text: str) -> Iterator[str]:
    """About 0.75 words a token, like those of a model."""
    for word in re.findall(r"\s*\S+", text):
        yield from (word[begin : begin + 7] for begin in range(0, len(word), 7))


class Simulation:
    """One session: what is learnt in a reply is known in the next."""

    def __init__(self, speed: Speed) -> None:
        self._speed = speed
        self.now = 0.0
        self.optimizer = LLMStreamingOptimizer(LLMPerformanceMonitor(lambda: self.now), lambda: self.now)

    def adaptive(self, text: str) -> Outcome:
        """Speak a reply at the pace of the optimizer."""
        pace = self.optimizer.begin("model")
        return self._run(text, pace, pace)

    def fixed(self, text: str, sizes: FlushSizes | None = None) -> Outcome:
        """Speak a reply with sizes that stay."""
        return self._run(text, Fixed(sizes or FlushSizes()), None)

    def _run(self, text: str, pacing: Pacing, pace: Pace | None) -> Outcome:
        start = self.now
        voice = _Voice(self._speed, pace)
        buffer = StreamBuffer(pacing)
        when = start + self._speed.first_token
        with self.optimizer.monitor.generation("other") if pace is None else pace.generation as generation:
            for number, token in enumerate(tokens(text)):
                when += (1 / self._speed.tokens_per_second) if number else 0.0
                self._go_on(when, voice)
                generation.token(token)
                voice.give(buffer.feed(token), when)
        voice.give(buffer.flush(), when)
        self._go_on(float("inf"), voice)
        self.now += 60.0
        gaps = tuple(gap for gap in voice.gaps if gap > AUDIBLE_GAP)
        return Outcome(tuple(voice.said), voice.first_sound - start, gaps)

    def _go_on(self, until: float, voice: _Voice) -> None:
        """Let the voice work until then; it tells of each clause at the moment when it is there."""
        while (done := voice.next_done()) is not None and done <= until:
            self.now = done
            voice.finish()
        if until != float("inf"):
            self.now = until


class _Voice:
    """Synthesises one clause after the other; the sound is played as soon as it is there."""

    def __init__(self, speed: Speed, pace: Pace | None) -> None:
        self._speed = speed
        self._pace = pace
        self._waiting: list[tuple[Clause, float]] = []
        self._free = self._ends = 0.0
        self.said: list[str] = []
        self.gaps: list[float] = []
        self.first_sound = 0.0

    def give(self, clauses: list[Clause], now: float) -> None:
        self._waiting += [(clause, now) for clause in clauses]

    def next_done(self) -> float | None:
        if not self._waiting:
            return None
        return self._start() + self._speed.compute(_words(self._waiting[0][0]))

    def _start(self) -> float:
        return max(self._free, self._waiting[0][1], self._ends - AHEAD_SECONDS)

    def finish(self) -> None:
        start = self._start()
        clause, _ = self._waiting.pop(0)
        words = _words(clause)
        compute, first = self._speed.compute(words), self._speed.first(words)
        audio = SECONDS_PER_WORD * words + clause.pause_s
        begin = start + first
        if self.said:
            self.gaps.append(max(0.0, begin - self._ends))
        else:
            self.first_sound = self._ends = begin
        # A voice slower than its sound runs dry within the clause as well.
        dry = max(0.0, start + compute - max(begin, self._ends) - audio) if self._speed.streams else 0.0
        self.gaps.append(dry)
        self._ends = max(begin, self._ends) + dry + audio
        self._free = start + compute
        self.said.append(clause.text)
        if self._pace is not None:
            self._pace.spoken(compute, audio, first)


def _words(clause: Clause) -> int:
    return len(clause.text.split())
