"""Piper voices."""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

from modules.audio.base import Samples
from modules.models import embedded
from modules.tts.base import SynthesisError, SynthesizerCapabilities
from modules.tts.local import LocalSynthesizer, SpeechJob
from modules.tts.onnx import StoppableSession, StopSwitch
from utils.onnx import open_session
from utils.optional import require

_PACKAGED_VOICE = "en_US-joe-medium"
_USUAL_RATE = 22_050
"""Hertz of medium and high voices; the exact value is in the voice's configuration."""


class PiperSynthesizer(LocalSynthesizer):
    """Speaks with a Piper voice, sentence by sentence.

    Args:
        voice: Path of an `.onnx` file that has its `.onnx.json` beside it; empty for the English voice of the
            `embedded` extra.
        threads: Threads of the inference; one leaves the other cores to the language model.
    """

    name = "piper"

    def __init__(self, voice: str = "", *, threads: int = 1) -> None:
        super().__init__()
        self._path = Path(voice).expanduser() if voice else None
        self._threads = threads
        self._voice: Any = None
        self._capabilities = SynthesizerCapabilities(
            _USUAL_RATE, (self._path.stem if self._path else _PACKAGED_VOICE,), frozenset({"en"})
        )

    @property
    def capabilities(self) -> SynthesizerCapabilities:
        """One voice, named as its file; rate and language are exact after `load`."""
        return self._capabilities

    def _open(self) -> None:
        piper = require("piper", extra="piper", purpose="The Piper voice")
        model = self._path or embedded.joe_voice().weights
        settings = _read_settings(model)
        session = StoppableSession(open_session(model, threads=self._threads))
        self._voice = piper.PiperVoice(session=session, config=piper.PiperConfig.from_dict(settings))
        language = str(settings.get("espeak", {}).get("voice", "en")).split("-")[0]
        self._capabilities = SynthesizerCapabilities(
            self._voice.config.sample_rate, (model.stem,), frozenset({language})
        )

    def _release(self) -> None:
        self._voice = None

    def _begin(self, text: str, voice: str, speed: float) -> SpeechJob:
        switch = StopSwitch()
        return SpeechJob(self._pieces(text, speed, switch), switch.stop)

    def _pieces(self, text: str, speed: float, switch: StopSwitch) -> Generator[Samples, None, None]:
        from piper import SynthesisConfig

        # Normalising each sentence to full scale would make the loudness jump from one to the next.
        options = SynthesisConfig(length_scale=self._voice.config.length_scale / speed, normalize_audio=False)
        self._voice.session.options = switch.options
        for sentence in self._voice.synthesize(text, options):
            yield sentence.audio_float_array
            self._voice.session.options = switch.options


def _read_settings(model: Path) -> dict[str, Any]:
    """The configuration beside a voice.

    Raises:
        SynthesisError: The voice or its configuration is not there or is broken.
    """
    configuration = model.with_name(f"{model.name}.json")
    for path in (model, configuration):
        if not path.is_file():
            raise SynthesisError("voice-not-found", f"The Piper voice is incomplete: there is no file {path}.")
    try:
        settings = json.loads(configuration.read_text(encoding="utf-8"))
    except ValueError as error:
        raise SynthesisError(
            "bad-voice", f"The configuration of the Piper voice is broken: {configuration}."
        ) from error
    if not isinstance(settings, dict):
        raise SynthesisError("bad-voice", f"The configuration of the Piper voice is broken: {configuration}.")
    return settings
