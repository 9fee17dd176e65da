"""Somebody speaks over a reply: softer, paused, then stopped or played on, window by window."""

from __future__ import annotations

import pytest

from modules.stt.base import TranscriptionError
from modules.turn.inputs import ReplyAudible, TextSubmitted
from modules.turn.overlap import (
    BURST_SECONDS,
    CALM_SECONDS,
    DEAF_SECONDS,
    FIRST_LOOK_SECONDS,
    LONGEST_SECONDS,
    LULL_SECONDS,
    NEXT_LOOK_SECONDS,
)
from modules.turn.state import Overlap, Phase
from modules.turn.watchdog import PAUSED_LIMIT
from modules.vad.spans import WINDOW_SECONDS
from tests.fakes.engines import FakeTranscriber
from tests.fakes.overlap import Halting, Scene

DUCKED, PAUSED, PLAYED_ON = Overlap.DUCKED, Overlap.PAUSED, Overlap.NONE


def windows(seconds: float) -> float:
    """The end of the first window at which so much time has passed."""
    return WINDOW_SECONDS * -(-seconds // WINDOW_SECONDS)


def test_the_first_window_of_speech_makes_the_reply_softer_and_the_second_holds_it() -> None:
    async def script(scene: Scene) -> None:
        await scene.silence(WINDOW_SECONDS)
        await scene.hear(0.16)

    scene = Scene().play(script)
    assert scene.overlaps == [(0.064, DUCKED), (0.096, PAUSED)]
    assert scene.asked == [pytest.approx(0.064)]


def test_what_is_surely_speech_holds_it_at_once() -> None:
    async def script(scene: Scene) -> None:
        await scene.hear(0.16)

    assert Scene(sure=0.7).play(script).overlaps == [(0.032, DUCKED), (0.032, PAUSED)]


def test_a_click_makes_the_reply_softer_for_a_moment() -> None:
    async def script(scene: Scene) -> None:
        await scene.hear(WINDOW_SECONDS)
        await scene.silence(1.0)

    scene = Scene().play(script)
    assert scene.overlaps == [(0.032, DUCKED), (pytest.approx(0.032 + windows(LULL_SECONDS)), PLAYED_ON)]
    assert scene.transcriber.streams == []


def test_speech_that_was_going_on_when_the_reply_began_holds_it_at_once() -> None:
    async def script(scene: Scene) -> None:
        for _ in range(10):
            scene.runs.window(0.95)
        await scene.hear(WINDOW_SECONDS)

    assert Scene().play(script).overlaps == [(0.032, DUCKED), (0.032, PAUSED)]


def test_words_that_are_meant_end_the_reply_and_are_the_next_utterance() -> None:
    async def script(scene: Scene) -> None:
        await scene.silence(1.0)
        await scene.hear(1.5)
        assert scene.driver.state.phase is Phase.LISTENING
        assert scene.driver.state.turn_id == 2

    scene = Scene().play(script)
    assert scene.ladder == [DUCKED, PAUSED]
    # The words are looked at 0.3 s after the pause, and the transcript takes 0.1 s.
    looked = scene.when(PAUSED) + windows(FIRST_LOOK_SECONDS)
    assert scene.ended == [pytest.approx(looked + 0.1, abs=0.002)]
    assert scene.adopted is not None
    assert scene.adopted.text == "what about spain"
    # The silence before the onset and all that was said, and it takes what follows: nothing of it was lost.
    assert scene.adopted.seconds == pytest.approx(20 * WINDOW_SECONDS + scene.ended[0] - scene.when(PAUSED), abs=0.033)


def test_a_lull_is_a_reason_to_look_at_the_words_earlier() -> None:
    async def script(scene: Scene) -> None:
        await scene.hear(0.128)
        await scene.silence(0.6)

    scene = Scene(FakeTranscriber(text="Wait, what about Spain?")).play(script)
    assert scene.ended == [pytest.approx(0.128 + windows(LULL_SECONDS) + 0.1, abs=0.002)]


def test_a_remark_lets_the_reply_go_on() -> None:
    async def script(scene: Scene) -> None:
        await scene.hear(0.256)
        await scene.silence(1.0)
        assert scene.speaking

    scene = Scene(FakeTranscriber(text="Mm-hmm.")).play(script)
    assert scene.ladder == [DUCKED, PAUSED, PLAYED_ON]
    # They are looked at 0.16 s after their end, and when they are understood the lull is long enough.
    assert scene.when(PLAYED_ON) == pytest.approx(scene.when(PAUSED) + windows(FIRST_LOOK_SECONDS) + 0.1, abs=0.002)
    assert scene.transcriber.streams[0].cancelled
    assert scene.adopted is None


def test_its_own_words_let_the_reply_go_on() -> None:
    async def script(scene: Scene) -> None:
        await scene.hear(0.256)
        await scene.silence(1.0)

    scene = Scene(echo="what about spain").play(script)
    assert scene.ladder == [DUCKED, PAUSED, PLAYED_ON]
    assert scene.ended[0] > scene.when(PLAYED_ON) + 0.5  # by the end of the test


def test_a_stop_word_ends_the_reply_and_begins_nothing() -> None:
    async def script(scene: Scene) -> None:
        await scene.hear(0.384)
        await scene.silence(0.32)
        assert scene.driver.state.phase is Phase.IDLE

    scene = Scene(FakeTranscriber(text="Arvis, stop!")).play(script)
    assert len(scene.ended) == 1
    assert scene.adopted is None
    assert scene.transcriber.streams[0].cancelled


def test_what_begins_like_a_remark_is_looked_at_again() -> None:
    async def script(scene: Scene) -> None:
        await scene.hear(0.6)
        assert scene.ladder[-1] is PAUSED
        scene.transcriber.text = "yeah but what about spain"
        await scene.hear(0.6)

    scene = Scene(FakeTranscriber(text="Yeah")).play(script)
    first = scene.when(PAUSED) + windows(FIRST_LOOK_SECONDS) + 0.1
    assert scene.ended == [pytest.approx(first + NEXT_LOOK_SECONDS + 0.1, abs=0.04)]
    assert scene.adopted is not None


def test_speech_without_a_word_is_given_up_on() -> None:
    async def script(scene: Scene) -> None:
        await scene.hear(3.0)

    scene = Scene(FakeTranscriber(text="")).play(script)
    assert scene.ladder == [DUCKED, PAUSED, PLAYED_ON]
    assert LONGEST_SECONDS <= scene.when(PLAYED_ON) <= LONGEST_SECONDS + NEXT_LOOK_SECONDS + 0.2


def test_the_time_that_is_given_up_on_counts_from_the_onset() -> None:
    async def script(scene: Scene) -> None:
        await scene.hear(3.0)

    scene = Scene(FakeTranscriber(text="", seconds=1.65)).play(script)
    assert scene.when(PLAYED_ON) == pytest.approx(0.384 + 1.65)  # 2.034 s after the onset, 1.97 s after the pause


def test_a_pause_between_two_words_is_no_lull() -> None:
    async def script(scene: Scene) -> None:
        await scene.hear(0.352)
        await scene.silence(0.192)  # the first word is understood after 0.16 s of it
        await scene.hear(0.8)

    scene = Scene(Halting([("Yeah.", 0.1), ("Yeah, but what about Spain", 0.1)])).play(script)
    assert scene.ladder == [DUCKED, PAUSED]
    assert scene.adopted is not None


def test_a_word_that_ended_while_an_earlier_part_of_it_was_looked_at_is_looked_at_whole() -> None:
    async def script(scene: Scene) -> None:
        await scene.hear(0.416)  # looked at now, in the middle of the word
        await scene.hear(0.096)
        await scene.silence(1.0)

    # Nothing is understood of the first half, and that is known only after the word has ended.
    transcriber = Halting([("", 0.4), ("Berlin", 0.1)])
    scene = Scene(transcriber).play(script)
    assert scene.ladder == [DUCKED, PAUSED]
    assert scene.adopted is not None
    assert scene.adopted.text == "Berlin"


def test_somebody_who_goes_on_after_a_remark_while_it_is_looked_at_is_not_dismissed() -> None:
    async def script(scene: Scene) -> None:
        await scene.hear(0.128)
        await scene.silence(0.224)  # looked at now, and the remark is understood in 0.3 s
        await scene.hear(1.0)

    scene = Scene(Halting([("Yeah.", 0.3), ("Yeah. But what about Spain", 0.1)])).play(script)
    assert scene.ladder == [DUCKED, PAUSED]
    assert scene.adopted is not None


def test_a_transcriber_that_fails_lets_the_reply_go_on() -> None:
    async def script(scene: Scene) -> None:
        await scene.hear(0.256)
        await scene.silence(1.0)
        assert scene.speaking

    broken = TranscriptionError("stt", "Broken.")
    scene = Scene(FakeTranscriber(errors=[broken])).play(script)
    assert scene.ladder == [DUCKED, PAUSED, PLAYED_ON]


def test_a_transcriber_that_breaks_down_or_hangs_holds_the_reply_for_three_seconds_at_most(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def script(scene: Scene) -> None:
        await scene.hear(0.256)
        await scene.silence(4.0)
        assert scene.speaking

    hanging = Scene(FakeTranscriber(seconds=20.0)).play(script)
    mad = FakeTranscriber(errors=[ValueError("native code went mad")])  # type: ignore[list-item]  # anything may come
    breaking = Scene(mad).play(script)
    for scene in (hanging, breaking):
        assert scene.ladder == [DUCKED, PAUSED, PLAYED_ON]
        assert scene.when(PLAYED_ON) == pytest.approx(scene.when(PAUSED) + PAUSED_LIMIT)
    assert "native code went mad" in caplog.text


@pytest.mark.parametrize("text", ["what about spain", "stop"])
def test_words_that_are_understood_after_the_reply_has_ended_end_nothing_else(text: str) -> None:
    async def script(scene: Scene) -> None:
        await scene.hear(0.416)  # the look begins
        scene.driver.post(TextSubmitted("something else"))
        scene.driver.post(ReplyAudible(2, 0))
        await scene.silence(1.0)
        assert (scene.driver.state.phase, scene.driver.state.turn_id) == (Phase.SPEAKING, 2)

    scene = Scene(FakeTranscriber(text=text, seconds=0.5)).play(script)
    assert scene.ladder == [DUCKED, PAUSED]
    assert scene.adopted is None


def test_muttering_that_was_dismissed_is_not_judged_again_before_a_silence() -> None:
    async def script(scene: Scene) -> None:
        await scene.hear(2.5)
        assert scene.ladder[2:] == [PLAYED_ON]
        await scene.hear(1.0)
        await scene.silence(0.256)
        await scene.hear(0.5)
        assert scene.ladder[3:] == []
        await scene.silence(windows(CALM_SECONDS))
        await scene.hear(0.2)
        assert scene.ladder[3:] == [DUCKED, PAUSED]

    Scene(FakeTranscriber(text="")).play(script)


def test_whoever_goes_on_for_long_is_judged_again_all_the_same() -> None:
    async def script(scene: Scene) -> None:
        await scene.hear(7.0)

    scene = Scene(FakeTranscriber(text="")).play(script)
    assert scene.ladder[3:5] == [DUCKED, PAUSED]
    again = scene.overlaps[3][0]
    assert again - scene.when(PLAYED_ON) == pytest.approx(DEAF_SECONDS, abs=2 * WINDOW_SECONDS)


def test_after_a_remark_and_a_lull_the_next_word_counts_at_once() -> None:
    async def script(scene: Scene) -> None:
        await scene.hear(0.256)
        await scene.silence(0.288)  # long enough for a lull, too short for whoever mutters
        assert scene.ladder == [DUCKED, PAUSED, PLAYED_ON]
        scene.transcriber.text = "what about spain"
        await scene.hear(0.7)

    scene = Scene(FakeTranscriber(text="okay")).play(script)
    assert scene.ladder[3:] == [DUCKED, PAUSED]
    assert scene.adopted is not None


def test_without_a_candidate_there_is_nothing_to_take_and_nothing_to_drop() -> None:
    async def script(scene: Scene) -> None:
        assert scene.barge_in.take() is None
        scene.barge_in.drop()
        await scene.hear(WINDOW_SECONDS)
        assert scene.barge_in.take() is None

    assert Scene().play(script).ladder == [DUCKED]


@pytest.mark.parametrize("settled", [True, False])
def test_words_must_go_on_after_the_reply_is_silent(settled: bool) -> None:
    async def script(scene: Scene) -> None:
        await scene.hear(0.256)  # it ends 0.19 s after the pause, as an echo would
        await scene.silence(1.0)
        assert scene.speaking

    scene = Scene(settled=settled).play(script)
    assert scene.ladder == [DUCKED, PAUSED, PLAYED_ON]


def test_while_echo_is_left_words_that_go_on_interrupt() -> None:
    async def script(scene: Scene) -> None:
        await scene.hear(0.8)
        await scene.silence(1.0)

    scene = Scene(settled=False).play(script)
    assert scene.ladder == [DUCKED, PAUSED]
    assert scene.adopted is not None


def test_while_echo_is_left_a_stop_is_obeyed_at_once() -> None:
    async def script(scene: Scene) -> None:
        await scene.hear(0.416)
        await scene.silence(1.0)

    scene = Scene(FakeTranscriber(text="Stop!"), settled=False).play(script)
    assert scene.ladder == [DUCKED, PAUSED]
    assert len(scene.ended) == 1
    assert scene.adopted is None


async def noise(scene: Scene, seconds: float, step: float = 0.01) -> None:
    """A sudden sound in which the detector finds no speech."""
    for number in range(round(seconds / step)):
        scene.barge_in.burst((number + 1) * step, scene.now + number * step)
    await scene.silence(round(seconds / WINDOW_SECONDS) * WINDOW_SECONDS)


def test_a_sudden_sound_makes_the_reply_softer_and_no_more() -> None:
    async def script(scene: Scene) -> None:
        await scene.silence(0.32)
        await noise(scene, 0.02)
        assert scene.ladder == []
        await noise(scene, BURST_SECONDS)
        assert scene.ladder == [DUCKED]
        await noise(scene, 0.3)
        await scene.silence(0.6)

    assert Scene().play(script).ladder == [DUCKED, PLAYED_ON]


def test_with_a_sudden_sound_little_speech_holds_the_reply() -> None:
    async def script(scene: Scene) -> None:
        await noise(scene, 0.064)
        await scene.hear(WINDOW_SECONDS)
        assert scene.ladder == [DUCKED, PAUSED]
        await scene.hear(0.8)  # it was the beginning of a word
        await scene.silence(0.6)

    assert Scene().play(script).adopted is not None


def test_while_echo_is_left_a_sudden_sound_does_not_count() -> None:
    async def script(scene: Scene) -> None:
        await noise(scene, 0.5)

    assert Scene(settled=False).play(script).ladder == []
