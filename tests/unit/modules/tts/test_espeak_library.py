from __future__ import annotations

import ctypes
import threading
from typing import Any

import pytest

from modules.tts.base import SynthesisError
from modules.tts.espeak_library import EspeakLibrary, open_espeak
from utils.errors import MissingDependencyError


class Function:
    """Stands in for a function of a C library."""

    restype: Any = None

    def __init__(self, result: int) -> None:
        self._result = result

    def __call__(self, *_arguments: Any) -> int:
        return self._result


class Library:
    def __init__(self, *, rate: int = 22_050, voice: int = 0, synth: int = 0) -> None:
        self.espeak_Initialize = Function(rate)
        self.espeak_ListVoices = Function(0)
        self.espeak_SetSynthCallback = Function(0)
        self.espeak_SetVoiceByName = Function(voice)
        self.espeak_SetParameter = Function(0)
        self.espeak_Synth = Function(synth)


def test_a_missing_library_is_named_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_name: str) -> None:
        raise OSError("no such file")

    monkeypatch.setattr(ctypes, "CDLL", fail)
    with pytest.raises(MissingDependencyError, match=r"not installed.*apt-get install espeak-ng"):
        open_espeak.__wrapped__()


def test_missing_data_are_named_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: Library(rate=-1))
    with pytest.raises(MissingDependencyError, match=r"data of espeak-ng.*apt-get install espeak-ng"):
        open_espeak.__wrapped__()


@pytest.mark.parametrize(("library", "what"), [(Library(voice=2), "use its voice 'xx'"), (Library(synth=1), "speak")])
def test_a_refusal_is_an_error_in_words(library: Library, what: str) -> None:
    with pytest.raises(SynthesisError, match=f"espeak-ng cannot {what}"):
        EspeakLibrary(library, 22_050).speak("Yes.", "xx", 1.0, threading.Event())


def test_no_sound_is_an_empty_clip() -> None:
    assert EspeakLibrary(Library(), 22_050).speak("Yes.", "xx", 1.0, threading.Event()).size == 0
