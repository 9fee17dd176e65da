from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import accumulate

import pytest

from modules.audio.base import Samples
from modules.fallback.events import SwitchEvent
from modules.tts.base import SynthesisError, Synthesizer
from modules.tts.fallback import FallbackSynthesizer
from tests.fakes.clock import loop_time, run_virtual
from tests.unit.modules.tts.scripted import HANG, ScriptedSynthesizer, silence, tone
from utils.errors import ArvisError, MissingDependencyError

BROKEN = SynthesisError("broken", "It broke.")
MISSING = MissingDependencyError("missing-dependency", "It is not installed.")


class Switches(list[tuple[str, str, str]]):
    def note(self, event: SwitchEvent) -> None:
        self.append((event.failed, event.successor, event.error.code if event.error is not None else "back"))


async def _frames(synthesizer: Synthesizer, text: str = "Yes.", voice: str | None = None) -> list[int]:
    chunks: AsyncIterator[object] = synthesizer.stream(text, voice=voice)
    return [getattr(chunk, "frames", 0) async for chunk in chunks]


async def test_the_first_engine_speaks_and_the_others_stay_unloaded() -> None:
    first, second = ScriptedSynthesizer("first"), ScriptedSynthesizer("second")
    fallback = FallbackSynthesizer([first, second])
    await fallback.load()
    assert await _frames(fallback) == [100]
    assert fallback.name == "first"
    assert second.loads == 0
    assert await fallback.warm_up() == 0.25


@pytest.mark.parametrize("error", [BROKEN, MISSING])
async def test_an_engine_that_cannot_be_loaded_is_passed_over(error: ArvisError) -> None:
    switches = Switches()
    second = ScriptedSynthesizer("second", voices=("other",))
    fallback = FallbackSynthesizer([ScriptedSynthesizer("first", load_error=error), second], switches.note)
    await fallback.load()
    assert fallback.name == "second"
    assert fallback.capabilities.voices == ("other",)
    assert second.loads == 1
    assert switches == [("first", "second", error.code)]


async def test_an_engine_that_fails_at_once_is_replaced_within_the_clause() -> None:
    switches = Switches()
    first, second = ScriptedSynthesizer("first", script=[BROKEN]), ScriptedSynthesizer("second", script=[tone(7)])
    fallback = FallbackSynthesizer([first, second], switches.note)
    await fallback.load()
    assert await _frames(fallback) == [7]
    assert switches == [("first", "second", "broken")]
    assert await _frames(fallback) == [7]
    assert len(first.requests) == 1


async def test_an_engine_that_fails_midway_is_replaced_within_the_clause() -> None:
    first = ScriptedSynthesizer("first", script=[tone(900), BROKEN])
    second = ScriptedSynthesizer("second", script=[tone(500), tone(500)])
    fallback = FallbackSynthesizer([first, second], clock=lambda: 0.0)
    frames = await _frames(fallback, "one")
    assert sum(frames) == pytest.approx(1000, abs=150)
    assert [request[0] for request in second.requests] == ["one"]
    assert await _frames(fallback, "two") == [300, 300, 400]
    assert fallback.name == "second"


async def test_the_third_engine_goes_on_when_the_second_fails_in_its_turn() -> None:
    first = ScriptedSynthesizer("first", script=[tone(900), BROKEN])
    second = ScriptedSynthesizer("second", script=[tone(500), BROKEN])
    third = ScriptedSynthesizer("third", script=[tone(1000)])
    fallback = FallbackSynthesizer([first, second, third])
    assert sum(await _frames(fallback)) == pytest.approx(1000, abs=150)
    assert fallback.name == "third"


async def test_a_clause_that_was_as_good_as_over_is_not_begun_again() -> None:
    first = ScriptedSynthesizer("first", script=[tone(900), BROKEN])
    fallback = FallbackSynthesizer([first, ScriptedSynthesizer("second", script=[silence(500)])])
    with pytest.raises(SynthesisError, match="no sound"):
        await _frames(fallback)


async def test_places_are_counted_over_a_switch_and_at_one_rate() -> None:
    first = ScriptedSynthesizer("first", script=[tone(900), BROKEN], rate=2000)
    second = ScriptedSynthesizer("second", script=[tone(1000)], rate=1000)
    fallback = FallbackSynthesizer([first, second])
    await fallback.load()
    chunks = [chunk async for chunk in fallback.stream("one")]
    assert {chunk.sample_rate for chunk in chunks} == {2000}
    ends = list(accumulate(chunk.frames for chunk in chunks))
    assert [chunk.frame_index for chunk in chunks] == [0, *ends[:-1]]
    assert (fallback.name, fallback.capabilities.sample_rate) == ("second", 2000)
    later = [chunk async for chunk in fallback.stream("two")]
    assert {chunk.sample_rate for chunk in later} == {2000}
    assert sum(chunk.frames for chunk in later) == 2000


@pytest.mark.parametrize("noise", [float("nan"), float("inf"), 50.0])
async def test_what_is_no_sound_is_not_heard(noise: float) -> None:
    switches = Switches()
    first = ScriptedSynthesizer("first", script=[tone(100, noise)])
    fallback = FallbackSynthesizer([first, ScriptedSynthesizer("second", script=[tone(7)])], switches.note)
    assert await _frames(fallback) == [7]
    assert switches == [("first", "second", "garbage")]


@pytest.mark.parametrize("script", [[], [silence(500)], [tone(0)]])
async def test_an_engine_that_makes_no_sound_is_replaced_for_the_clause(script: list[Samples]) -> None:
    switches = Switches()
    first = ScriptedSynthesizer("first", script=script)
    fallback = FallbackSynthesizer([first, ScriptedSynthesizer("second", script=[tone(7)])], switches.note)
    assert await _frames(fallback) == [7]
    assert (fallback.name, switches) == ("first", [])
    for _ in range(3):
        await _frames(fallback)
    assert (fallback.name, switches) == ("second", [("first", "second", "no-sound")])


async def test_silence_before_the_first_sound_is_kept() -> None:
    first = ScriptedSynthesizer("first", script=[silence(50), silence(50), tone(100)])
    assert sum(await _frames(FallbackSynthesizer([first]))) == 200


async def test_text_without_words_makes_no_sound_and_is_nobodys_failure() -> None:
    first = ScriptedSynthesizer("first", script=[])
    fallback = FallbackSynthesizer([first, ScriptedSynthesizer("second")])
    for _ in range(5):
        assert await _frames(fallback, "...") == []
    assert fallback.name == "first"


def test_a_voice_that_hangs_is_replaced_after_the_deadline() -> None:
    async def main() -> None:
        first = ScriptedSynthesizer("first", script=[tone(900), HANG])
        fallback = FallbackSynthesizer(
            [first, ScriptedSynthesizer("second", script=[tone(1000)])], deadline_seconds=5.0, clock=loop_time
        )
        begun = loop_time()
        assert sum(await _frames(fallback)) == pytest.approx(1000, abs=150)
        assert loop_time() - begun == pytest.approx(5.0)
        assert await _frames(fallback) == [600, 400]
        assert loop_time() - begun == pytest.approx(5.0)
        await fallback.close()

    run_virtual(main)


async def test_the_end_of_what_was_made_is_heard_when_no_engine_is_left() -> None:
    fallback = FallbackSynthesizer([ScriptedSynthesizer(script=[tone(900), BROKEN])], clock=lambda: 0.0)
    chunks = fallback.stream("one")
    assert [(await anext(chunks)).frames for _ in range(2)] == [500, 400]
    with pytest.raises(SynthesisError, match="It broke"):
        await anext(chunks)


def test_a_voice_comes_back_when_it_sounds_again() -> None:
    async def main() -> None:
        first = ScriptedSynthesizer("first", load_error=MISSING, script=[silence(100)])
        switches = Switches()
        fallback = FallbackSynthesizer([first, ScriptedSynthesizer("second")], switches.note, clock=loop_time)
        await fallback.load()
        first.load_error = None
        await asyncio.sleep(50.0)
        assert fallback.name == "second"
        first.script = [tone(100)]
        await asyncio.sleep(100.0)
        assert fallback.name == "first"
        await _frames(fallback)
        assert switches == [("first", "second", "missing-dependency"), ("second", "first", "back")]
        await fallback.close()

    run_virtual(main)


async def test_all_reasons_are_told_when_no_engine_is_left() -> None:
    first = ScriptedSynthesizer("first", load_error=MISSING)
    fallback = FallbackSynthesizer([first, ScriptedSynthesizer("second", load_error=BROKEN)])
    with pytest.raises(SynthesisError, match=r"No voice engine works\. It is not installed\. It broke\.") as raised:
        await fallback.load()
    assert raised.value.code == "no-voice"


async def test_after_all_have_failed_the_first_has_its_turn_again() -> None:
    first = ScriptedSynthesizer("first", load_error=MISSING)
    fallback = FallbackSynthesizer([first, ScriptedSynthesizer("second", script=[BROKEN])])
    with pytest.raises(SynthesisError, match="No voice engine works"):
        await _frames(fallback)
    first.load_error = None
    assert await _frames(fallback) == [100]
    assert fallback.name == "first"


async def test_a_single_engine_keeps_its_own_error() -> None:
    fallback = FallbackSynthesizer([ScriptedSynthesizer(load_error=MISSING)])
    with pytest.raises(MissingDependencyError, match="not installed"):
        await fallback.load()


async def test_an_error_midway_with_no_engine_left_is_raised() -> None:
    fallback = FallbackSynthesizer([ScriptedSynthesizer(script=[tone(5), BROKEN])])
    with pytest.raises(SynthesisError, match="It broke"):
        await _frames(fallback)


async def test_a_failing_warm_up_lets_the_next_engine_take_over() -> None:
    first = ScriptedSynthesizer("first", warm_up_error=BROKEN)
    fallback = FallbackSynthesizer([first, ScriptedSynthesizer("second")])
    assert await fallback.warm_up() == 0.25
    assert fallback.name == "second"


@pytest.mark.parametrize("code", ["unknown-voice", "voice-not-installed", "bad-speed", "closed"])
async def test_the_callers_mistakes_are_not_the_engines(code: str) -> None:
    first = ScriptedSynthesizer("first", script=[SynthesisError(code, "No.")])
    fallback = FallbackSynthesizer([first, ScriptedSynthesizer("second")])
    with pytest.raises(SynthesisError, match="No"):
        await _frames(fallback)
    assert fallback.name == "first"


async def test_a_voice_goes_only_to_engines_that_have_it() -> None:
    first = ScriptedSynthesizer("first", load_error=BROKEN)
    second = ScriptedSynthesizer("second", voices=("default", "shared"))
    fallback = FallbackSynthesizer([first, second])
    await _frames(fallback, voice="special")
    await _frames(fallback, voice="shared")
    assert [request[1] for request in second.requests] == [None, "shared"]


async def test_the_first_engine_judges_the_voice_itself() -> None:
    first = ScriptedSynthesizer("first")
    await _frames(FallbackSynthesizer([first]), voice="special")
    assert first.requests[0][1] == "special"


async def test_closing_a_stream_closes_the_engines() -> None:
    first = ScriptedSynthesizer("first", script=[tone(5), tone(5)])
    stream = FallbackSynthesizer([first]).stream("Yes.")
    await anext(stream)
    await stream.aclose()
    assert first.closed_streams == 1


async def test_close_closes_all_and_begins_anew() -> None:
    engines = [ScriptedSynthesizer("first", load_error=BROKEN), ScriptedSynthesizer("second")]
    fallback = FallbackSynthesizer(engines)
    await _frames(fallback)
    assert fallback.name == "second"
    await fallback.close()
    assert [engine.closes for engine in engines] == [1, 1]
    assert fallback.name == "first"


async def test_a_late_error_of_a_replaced_engine_changes_nothing() -> None:
    first = ScriptedSynthesizer("first", script=[tone(900), BROKEN])
    engines = [first, ScriptedSynthesizer("second"), ScriptedSynthesizer("third")]
    fallback = FallbackSynthesizer(engines)
    one, two = fallback.stream("one"), fallback.stream("two")
    await anext(one)
    await anext(two)
    assert [chunk.frames async for chunk in one]
    assert [chunk.frames async for chunk in two]
    assert fallback.name == "second"


def test_there_must_be_an_engine() -> None:
    with pytest.raises(ValueError, match="at least one"):
        FallbackSynthesizer([])
