from __future__ import annotations

import ctypes
import importlib
import os

import pytest

from modules.audio.base import AudioError
from modules.audio.portaudio import PortAudio, portaudio, quiet
from tests.unit.modules.audio.fake_backend import FakePortAudioError, one_of_each


def test_a_process_has_one_for_each_backend() -> None:
    backend = one_of_each()
    assert portaudio(backend) is portaudio(backend)
    assert portaudio(backend) is not portaudio(one_of_each())


def test_a_missing_library_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> None:
        raise OSError("PortAudio library not found")

    monkeypatch.setattr(importlib, "import_module", refuse)
    with pytest.raises(AudioError, match="sudo apt-get install libportaudio2") as caught:
        portaudio()
    assert caught.value.code == "portaudio-missing"


def test_a_refresh_waits_until_no_stream_is_open() -> None:
    backend = one_of_each()
    audio = PortAudio(backend)
    audio.opened()
    assert audio.refresh() is False
    audio.closed()
    assert audio.refresh() is True
    assert backend.initialized == 2


def test_a_stale_list_is_refreshed_once() -> None:
    audio = PortAudio(one_of_each())
    assert audio.refresh(only_if_stale=True) is False
    audio.mark_stale()
    assert audio.refresh(only_if_stale=True) is True
    assert audio.refresh(only_if_stale=True) is False


def test_a_sound_system_that_does_not_come_back() -> None:
    backend = one_of_each()
    backend.refuse_initialize = FakePortAudioError("Internal PortAudio error", -9986)
    with pytest.raises(AudioError) as caught:
        PortAudio(backend).refresh()
    assert caught.value.code == "sound-system-failed"
    assert caught.value.retryable


def test_what_c_libraries_print_is_kept_off_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    libc = ctypes.CDLL(None)
    with quiet():
        libc.perror(b"inside")
        os.write(2, b"python\n")
    libc.perror(b"after")
    libc.fflush(None)
    printed = capfd.readouterr().err
    assert "inside" not in printed
    assert "python" in printed
    assert "after" in printed


def test_without_the_gnu_c_library_nothing_is_exchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    from modules.audio import portaudio as module

    module._c_sink.cache_clear()
    monkeypatch.setattr(os, "confstr_names", {})
    with quiet():
        assert module._c_sink() == 0
    module._c_sink.cache_clear()
