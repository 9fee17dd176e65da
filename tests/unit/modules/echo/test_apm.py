from __future__ import annotations

import numpy as np
import pytest

from modules.echo.apm import DELAY_FRAMES, WebRtcCanceller
from modules.echo.base import EchoError
from modules.echo.reference import FRAME
from tests.unit.modules.echo.fakes import FakeRtc, noise


def test_only_the_echo_canceller_is_switched_on() -> None:
    rtc = FakeRtc()
    WebRtcCanceller(rtc)
    assert rtc.modules[0].features == {"echo_cancellation": True}


def test_frames_go_through_as_16_bit_samples_and_come_back_late() -> None:
    canceller = WebRtcCanceller(FakeRtc(gain=1.0))
    sound = noise(0.1)
    silence = np.zeros(FRAME, np.float32)
    out = np.concatenate([canceller.process(sound[at : at + FRAME], silence) for at in range(0, 1600, FRAME)])
    assert out[DELAY_FRAMES:] == pytest.approx(sound[:-DELAY_FRAMES], abs=1 / 32768)


def test_what_is_louder_than_full_scale_is_clipped_not_wrapped() -> None:
    canceller = WebRtcCanceller(FakeRtc(gain=1.0))
    loud = np.full(FRAME, 1.5, np.float32)
    canceller.process(loud, -loud)
    assert canceller.process(loud, np.zeros(FRAME, np.float32)) == pytest.approx(np.full(FRAME, 1.0), abs=1e-4)


def test_a_failure_of_the_library_is_told() -> None:
    rtc = FakeRtc()
    canceller = WebRtcCanceller(rtc)
    rtc.error = RuntimeError("bad frame")
    with pytest.raises(EchoError, match="bad frame") as caught:
        canceller.process(np.zeros(FRAME, np.float32), np.zeros(FRAME, np.float32))
    assert caught.value.code == "engine-failed"
    assert caught.value.stage == "echo"
