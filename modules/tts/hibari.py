"""The Hibari voice: English, small, fast, its weights inside the package."""

from __future__ import annotations

import json
import json.scanner
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from modules.audio.base import Samples
from modules.tts.base import SynthesisError, SynthesizerCapabilities
from modules.tts.local import LocalSynthesizer, SpeechJob
from modules.tts.onnx import StoppableSession, StopSwitch
from utils.optional import require

_SAMPLE_RATE = 24_000
_BUNDLED = "heart"
"""The voice that is inside the package hibari-tts."""
_SEED = 0
"""Of the noise in breath and fricatives: the same text always sounds the same."""


class HibariSynthesizer(LocalSynthesizer):
    """Speaks with hibari-tts, sentence by sentence, in one thread.

    Args:
        voice: The default voice; empty for the one inside the package. Other voices are used when their files are in
            Hibari's cache folder; they are never downloaded from here.
    """

    name = "hibari"

    def __init__(self, voice: str = "") -> None:
        super().__init__()
        self._default = voice or _BUNDLED
        self._available: tuple[str, ...] = (self._default,)
        self._known: frozenset[str] = frozenset()
        self._engines: dict[str, Any] = {}

    @property
    def capabilities(self) -> SynthesizerCapabilities:
        """English, 24 kHz; after `load` the voices are those whose files are on this machine."""
        return SynthesizerCapabilities(_SAMPLE_RATE, self._available, frozenset({"en"}))

    def _open(self) -> None:
        library = require("hibari.voices", extra="all", purpose="The Hibari voice")
        self._known = frozenset(library.VOICES)
        here = {name for name in self._known if _model(library, name).is_file()}
        self._available = tuple(sorted(here, key=lambda name: (name != self._default, name)))
        self._engine(self._checked(self._default, 1.0))

    def _checked(self, voice: str | None, speed: float) -> str:
        if voice in self._known - set(self._available):
            raise SynthesisError(
                "voice-not-installed",
                f"The Hibari voice '{voice}' is not on this machine. Get it once with "
                f"'hibari --voice {voice} --phonemes Hello', or choose one of: {', '.join(self._available)}.",
            )
        return super()._checked(voice, speed)

    def _release(self) -> None:
        self._engines.clear()

    def _begin(self, text: str, voice: str, speed: float) -> SpeechJob:
        switch = StopSwitch()
        return SpeechJob(self._pieces(text, voice, speed, switch), switch.stop)

    def _engine(self, voice: str) -> Any:
        """The engine of a voice, opened on first use."""
        if voice not in self._engines:
            hibari = require("hibari", extra="all", purpose="The Hibari voice")
            library = require("hibari.voices", extra="all", purpose="The Hibari voice")
            # One thread needs no pool, so nothing spins.
            engine = hibari.Hibari(voice=voice, model=str(_model(library, voice)), threads=1)
            engine.sess = StoppableSession(engine.sess)
            with _interruptible_json(require("hibari.g2p", extra="all", purpose="The Hibari voice")):
                engine.phonemize("Hello.")  # reads the lexicon now rather than in the first turn
            self._engines[voice] = engine
        return self._engines[voice]

    def _pieces(self, text: str, voice: str, speed: float, switch: StopSwitch) -> Generator[Samples, None, None]:
        import numpy as np

        engine = self._engine(voice)
        noise = np.random.default_rng(_SEED)
        for phonemes in engine.phonemize(text):
            engine.sess.options = switch.options
            yield engine.from_ids(engine.ids(phonemes), speed, noise)


@contextmanager
def _interruptible_json(module: Any) -> Iterator[None]:
    """While a module reads its JSON files, let other threads run.

    The standard parser is one native call for a whole file, which keeps every other thread, the window's too, waiting
    for up to 140 ms. The same parser in Python takes three times as long and lets them in between.
    """
    decoder = json.JSONDecoder()
    decoder.parse_object = json.decoder.JSONObject  # type: ignore[attr-defined]  # its documentation is its source
    decoder.scan_once = json.scanner.py_make_scanner(decoder)  # type: ignore[attr-defined]  # likewise
    standard = module.json
    module.json = SimpleNamespace(load=lambda file: decoder.decode(file.read()))
    try:
        yield
    finally:
        module.json = standard


def _model(library: Any, voice: str) -> Path:
    """Where the file of a voice is, or would be."""
    try:
        return Path(library.voice_path(voice, download_missing=False))
    except FileNotFoundError as error:
        return Path(str(error))
