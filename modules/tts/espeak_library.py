"""The espeak-ng library, called through ctypes."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from modules.audio.base import Samples
from modules.tts.base import SynthesisError
from utils.errors import MissingDependencyError

# Values from espeak-ng's speak_lib.h.
_AUDIO_OUTPUT_SYNCHRONOUS = 2
_INITIALIZE_DONT_EXIT = 0x8000
_POSITION_CHARACTER = 1
_CHARACTERS_UTF8 = 1
_RATE = 1
_OK = 0
_NORMAL_WORDS_PER_MINUTE = 175

_BUFFER_MS = 60
"""Length of the pieces in which the library makes sound, and so the granularity of stopping it."""
_FILE_NAMES = ("libespeak-ng.so.1", "libespeak-ng.1.dylib", "libespeak-ng.dll")
"""On Linux, macOS and Windows."""
_FULL_SCALE = 32_768.0

_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class _Voice(ctypes.Structure):
    """`espeak_VOICE` of speak_lib.h."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("reserved", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


class EspeakLibrary:
    """The library of this process: it has one state for all, so there is one of these, and its calls take turns."""

    def __init__(self, library: Any, sample_rate: int) -> None:
        self._library = library
        self._lock = threading.Lock()
        self._library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
        self.sample_rate = sample_rate

    def voices(self) -> Iterator[tuple[str, list[tuple[int, str]]]]:
        """Identifier of each voice, with its languages and their priorities (the lower, the better the match)."""
        with self._lock:
            table = self._library.espeak_ListVoices(None)
            index = 0
            while table[index]:
                voice = table[index].contents
                yield voice.identifier.decode(), _languages(voice.languages)
                index += 1

    def speak(self, text: str, voice: str, speed: float, stopped: threading.Event) -> Samples:
        """Make the speech of a text, or of its beginning when `stopped` is set meanwhile.

        Raises:
            SynthesisError: The library refuses the voice or the text.
        """
        blocks: list[Samples] = []

        def receive(samples: Any, count: int, _events: Any) -> int:
            if samples and count:
                blocks.append(np.ctypeslib.as_array(samples, (count,)).astype(np.float32) / _FULL_SCALE)
            return int(stopped.is_set())

        callback = _Callback(receive)
        encoded = text.encode("utf-8", "replace")
        with self._lock:
            self._library.espeak_SetSynthCallback(callback)
            self._check(self._library.espeak_SetVoiceByName(voice.encode()), f"use its voice '{voice}'")
            self._library.espeak_SetParameter(_RATE, round(_NORMAL_WORDS_PER_MINUTE * speed), 0)
            status = self._library.espeak_Synth(
                encoded, len(encoded) + 1, 0, _POSITION_CHARACTER, 0, _CHARACTERS_UTF8, None, None
            )
            self._check(status, "speak the text")
        return np.concatenate(blocks) if blocks else np.zeros(0, np.float32)

    @staticmethod
    def _check(status: int, what: str) -> None:
        if status != _OK:
            raise SynthesisError("synthesis-failed", f"espeak-ng cannot {what} (its error {status}).")


def _languages(address: int) -> list[tuple[int, str]]:
    """Read a list of (priority byte, zero-terminated language), ended by a zero byte."""
    languages: list[tuple[int, str]] = []
    while priority := ctypes.string_at(address, 1)[0]:
        language = ctypes.string_at(address + 1)
        languages.append((priority, language.decode()))
        address += len(language) + 2
    return languages


@cache
def open_espeak() -> EspeakLibrary:
    """The library, initialised on first use.

    Raises:
        MissingDependencyError: The library or its voice data is not installed.
    """
    library = _find_library()
    rate = library.espeak_Initialize(_AUDIO_OUTPUT_SYNCHRONOUS, _BUFFER_MS, None, _INITIALIZE_DONT_EXIT)
    if rate <= 0:
        raise _missing("the data of espeak-ng, which is not installed")
    return EspeakLibrary(library, rate)


def _find_library() -> ctypes.CDLL:
    for name in _FILE_NAMES:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    raise _missing("espeak-ng, which is not installed")


def _missing(what: str) -> MissingDependencyError:
    return MissingDependencyError(
        "missing-dependency", f"The espeak-ng voice needs {what}. Install it with: apt-get install espeak-ng"
    )
