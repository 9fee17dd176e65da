"""The espeak-ng voice: plain, in many languages, and there in no time."""

from __future__ import annotations

import threading
from collections.abc import Generator

from modules.audio.base import Samples
from modules.tts.base import SynthesizerCapabilities
from modules.tts.espeak_library import EspeakLibrary, open_espeak
from modules.tts.local import LocalSynthesizer, SpeechJob

_USUAL_RATE = 22_050
"""Hertz; the exact value comes from the library."""
_DEFAULT = "en-us"


class EspeakSynthesizer(LocalSynthesizer):
    """Speaks with the system's espeak-ng library, a clause at a time.

    Args:
        voice: The default voice, named by its language: an ISO 639-1 code ("de") or a variety of one ("en-gb");
            empty for American English.
    """

    name = "espeak-ng"

    def __init__(self, voice: str = "") -> None:
        super().__init__()
        self._default = voice.lower() or _DEFAULT
        self._library: EspeakLibrary | None = None
        self._identifiers: dict[str, str] = {}
        self._capabilities = SynthesizerCapabilities(_USUAL_RATE, (self._default,), frozenset({self._default[:2]}))

    @property
    def capabilities(self) -> SynthesizerCapabilities:
        """The voices are languages; the list is complete after `load`."""
        return self._capabilities

    def _open(self) -> None:
        library = open_espeak()
        self._identifiers = _by_language(library)
        voices = tuple(sorted(self._identifiers, key=lambda name: (name != self._default, name)))
        languages = frozenset(name for name in voices if len(name) == 2)
        self._capabilities = SynthesizerCapabilities(library.sample_rate, voices, languages)
        self._checked(self._default, 1.0)
        self._library = library

    def _release(self) -> None:
        self._library = None

    def _begin(self, text: str, voice: str, speed: float) -> SpeechJob:
        stopped = threading.Event()
        return SpeechJob(self._pieces(text, voice, speed, stopped), stopped.set)

    def _pieces(self, text: str, voice: str, speed: float, stopped: threading.Event) -> Generator[Samples, None, None]:
        assert self._library is not None
        yield self._library.speak(text, self._identifiers[voice], speed, stopped)


def _by_language(library: EspeakLibrary) -> dict[str, str]:
    """Language to the identifier of the voice that suits it best."""
    best: dict[str, tuple[int, str]] = {}
    for identifier, languages in library.voices():
        for priority, language in languages:
            code = language.lower()
            if code not in best or priority < best[code][0]:
                best[code] = (priority, identifier)
    chosen = {language: identifier for language, (_, identifier) in best.items()}
    if _DEFAULT in chosen:
        chosen["en"] = chosen[_DEFAULT]
    return chosen
