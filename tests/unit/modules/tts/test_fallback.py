from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from modules.tts.base import SynthesisError, Synthesizer
from modules.tts.fallback import FallbackSynthesizer
from tests.unit.modules.tts.scripted import ScriptedSynthesizer, tone
from utils.errors import ArvisError, MissingDependencyError

BROKEN = SynthesisError("broken", "It broke.")
MISSING = MissingDependencyError("missing-dependency", "It is not installed.")


class Switches(list[tuple[str, str, str]]):
    def note(self, failed: str, following: str, error: ArvisError) -> None:
        self.append((failed, following, error.code))


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


async def test_an_engine_that_fails_midway_is_replaced_from_the_next_clause_on() -> None:
    first = ScriptedSynthesizer("first", script=[tone(5), BROKEN])
    second = ScriptedSynthesizer("second", script=[tone(7)])
    fallback = FallbackSynthesizer([first, second])
    assert await _frames(fallback, "one") == [5]
    assert second.requests == []
    assert await _frames(fallback, "two") == [7]
    assert [request[0] for request in second.requests] == ["two"]


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
    engines = [ScriptedSynthesizer("first", script=[BROKEN]), ScriptedSynthesizer("second")]
    fallback = FallbackSynthesizer(engines)
    await _frames(fallback)
    assert fallback.name == "second"
    await fallback.close()
    assert [engine.closes for engine in engines] == [1, 1]
    assert fallback.name == "first"


async def test_a_late_error_of_a_replaced_engine_changes_nothing() -> None:
    first = ScriptedSynthesizer("first", script=[tone(5), BROKEN])
    fallback = FallbackSynthesizer([first, ScriptedSynthesizer("second"), ScriptedSynthesizer("third")])
    one, two = fallback.stream("one"), fallback.stream("two")
    await anext(one)
    await anext(two)
    assert [chunk async for chunk in one] == []
    assert [chunk async for chunk in two] == []
    assert fallback.name == "second"


def test_there_must_be_an_engine() -> None:
    with pytest.raises(ValueError, match="at least one"):
        FallbackSynthesizer([])
