"""Whisper through CTranslate2, the engine of faster-whisper: many languages, the default."""

from __future__ import annotations

from pathlib import Path

from modules.models import embedded, hub
from modules.models.base import Report, locate, require_files
from modules.stt.base import TranscriberCapabilities
from modules.stt.threaded import Recogniser, ThreadedTranscriber
from modules.stt.whisper_model import WhisperModel
from modules.stt.whisper_recogniser import WhisperRecogniser

_FILES = ("config.json", "model.bin", "tokenizer.json", "vocabulary.*")
_CONVERSIONS = "Systran/faster-whisper-"
"""Where the hub has the models in this format that OpenAI knows by a short name, for example "small"."""


class WhisperTranscriber(ThreadedTranscriber):
    """Whisper models in CTranslate2's format.

    Args:
        model: "embedded" for the base model that comes with Arvis, a model folder, or a name at the hub: "owner/name",
            or one of OpenAI's short names such as "small".
        threads: Threads of one native call; more than there are free cores makes it slower.
        beam_size: 1 is fastest; 5 makes about a quarter fewer errors and takes 40 % longer.
        cache_dir: Where joined and downloaded models are kept; None for the user's model cache.
        prompt: Words that are likely to be said, for example names of programs: they are then heard rightly more often.
        endpoint: Base URL of the hub; None for the usual one.
    """

    def __init__(
        self,
        model: str = "embedded",
        *,
        threads: int = 2,
        beam_size: int = 1,
        cache_dir: Path | None = None,
        prompt: str = "",
        endpoint: str | None = None,
    ) -> None:
        super().__init__("faster-whisper")
        self._model = model
        self._threads = threads
        self._beam_size = beam_size
        self._cache_dir = cache_dir
        self._prompt = prompt
        self._endpoint = endpoint

    @property
    def capabilities(self) -> TranscriberCapabilities:
        """Many languages, which it tells apart itself; the list is known once a model is loaded."""
        languages = self._recogniser.languages if self._recogniser is not None else None
        return TranscriberCapabilities(languages=languages, detects_language=languages is None or len(languages) > 1)

    def _open(self, report: Report) -> Recogniser:
        def fetch(name: str) -> Path:
            full = name if "/" in name else _CONVERSIONS + name
            return hub.fetch(full, _FILES, cache_dir=self._cache_dir, endpoint=self._endpoint, report=report)

        folder = locate(self._model, embedded=lambda: embedded.whisper_base(self._cache_dir, report), hub=fetch)
        require_files(folder, _FILES, kind="a faster-whisper model")
        report("Loading the speech model", None)
        model = WhisperModel(folder, threads=self._threads, beam_size=self._beam_size, prompt=self._prompt)
        return WhisperRecogniser(model)
