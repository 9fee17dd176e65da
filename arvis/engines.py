"""Builds the engines that hear, answer and speak; a part of the composition root."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arvis.ears import build_vad
from config.settings import Settings
from modules.fallback.chain import EngineChain
from modules.fallback.events import SwitchEvent
from modules.fallback.policy import FallbackPolicy
from modules.llm.base import LanguageModel
from modules.llm.fallback import FallbackLanguageModel
from modules.llm.registry import LANGUAGE_MODELS
from modules.stt.base import StreamingTranscriber, Transcriber
from modules.stt.fallback import FallbackTranscriber
from modules.stt.registry import TRANSCRIBERS
from modules.tts.base import Synthesizer
from modules.tts.fallback import FallbackSynthesizer
from modules.tts.registry import SYNTHESIZERS
from modules.tts.speech import SpeechRenderer
from modules.turn.events import Notice
from utils import paths
from utils.discretion import redact
from utils.errors import ArvisError

if TYPE_CHECKING:
    from modules.metrics.collector import MetricsCollector
    from modules.tts.cache import CachingSynthesizer

log = logging.getLogger(__name__)

API_KEY = "llm.api_key"
"""Name of the secret with the key of the language model's server; secrets are never in the settings file."""


@dataclass(frozen=True, slots=True)
class EngineHooks:
    """What engines tell, and what they ask, while they run."""

    on_switch: Callable[[SwitchEvent], None] | None = None
    """Told when an engine stands in for another one, and when that is over."""
    is_idle: Callable[[], bool] | None = None
    """Whether no turn is under way, so that a broken engine may be tried again; None to go by the engine's own use."""
    collector: MetricsCollector | None = None
    """Gets the figures of each engine."""
    complain: Callable[[ArvisError], None] = field(default=lambda error: log.warning("%s", error.code))
    """Told, on any thread, what could not be had for an engine, which is used all the same."""
    ask: Callable[[bool], str] | None = None
    """Asks the user for the passphrase of the file of secrets, from a worker thread; None where nobody can be asked."""
    chains: dict[str, EngineChain[Any]] | None = None
    """Gets the chain of each stage: "stt", "llm", "tts"."""

    caches: list[CachingSynthesizer] | None = None
    """Gets what keeps speech that was made before."""

    def took(self, stage: str, chain: EngineChain[Any]) -> None:
        """Tell of the chain of a stage."""
        if self.chains is not None:
            self.chains[stage] = chain


NO_HOOKS = EngineHooks()


def build_transcriber(settings: Settings, hooks: EngineHooks = NO_HOOKS) -> Transcriber:
    """Speech recognition for whole recordings, with the engines that stand in."""
    engines = [_transcriber(settings, name, hooks) for name in _chain(settings.stt.engine, settings.stt.fallback)]
    engine = FallbackTranscriber(
        engines,
        hooks.on_switch,
        deadline_seconds=settings.stt.deadline_seconds,
        policy=_policy(settings),
        is_idle=hooks.is_idle,
    )
    hooks.took("stt", engine.chain)
    return engine


def build_streaming_transcriber(settings: Settings, hooks: EngineHooks = NO_HOOKS) -> StreamingTranscriber:
    """Speech recognition that is at work while the user speaks."""
    from modules.stt.incremental import IncrementalTranscriber

    return IncrementalTranscriber(
        build_transcriber(settings, hooks), build_vad(settings), threshold=settings.vad.threshold
    )


def build_language_model(settings: Settings, hooks: EngineHooks = NO_HOOKS) -> LanguageModel:
    """The language model, with those that stand in."""
    engines = [_language_model(settings, name, hooks) for name in _chain(settings.llm.engine, settings.llm.fallback)]
    engine = FallbackLanguageModel(
        engines,
        hooks.on_switch,
        deadline_seconds=settings.llm.deadline_seconds,
        policy=_policy(settings),
        is_idle=hooks.is_idle,
    )
    hooks.took("llm", engine.chain)
    return engine


def build_synthesizer(settings: Settings, hooks: EngineHooks = NO_HOOKS) -> Synthesizer:
    """The voice, with those that stand in; what was said before is not synthesised again."""
    engines = [_synthesizer(settings, name, hooks) for name in _chain(settings.tts.engine, settings.tts.fallback)]
    engine = FallbackSynthesizer(
        engines,
        hooks.on_switch,
        deadline_seconds=settings.tts.deadline_seconds,
        policy=_policy(settings),
        is_idle=hooks.is_idle,
    )
    hooks.took("tts", engine.chain)
    return engine


def build_renderer(settings: Settings, hooks: EngineHooks = NO_HOOKS) -> SpeechRenderer:
    """What turns clauses into sound: normaliser, voice, trimming and pauses."""
    return SpeechRenderer(build_synthesizer(settings, hooks))


def notice_of(event: SwitchEvent) -> Notice:
    """What the user is told about an engine that stands in, or is back."""
    if event.error is None:
        return Notice("info", "engine-back", event.sentence)
    return Notice("warning", event.error.code, event.sentence)


def uncached(settings: Settings) -> Settings:
    """The same settings, but speech is synthesised each time: for measuring."""
    return replace(settings, tts=replace(settings.tts, cache_mb=0))


def _chain(first: str, others: tuple[str, ...]) -> list[str]:
    return [first, *(name for name in others if name != first)]


def _policy(settings: Settings) -> FallbackPolicy:
    fallback = settings.fallback
    return FallbackPolicy(fallback.failures, fallback.recovery_seconds, fallback.warm_standby)


def _transcriber(settings: Settings, name: str, hooks: EngineHooks) -> Transcriber:
    stt = settings.stt
    parameters: dict[str, Any] = {"threads": stt.threads, "cache_dir": paths.models_dir()}
    if name == stt.engine:  # a model has its name in one engine only; the others take their own
        parameters["model"] = stt.model
    if name == "faster-whisper":
        parameters["beam_size"] = stt.beam_size
    engine = TRANSCRIBERS.create(name, **parameters)
    if hooks.collector is None:
        return engine
    from modules.metrics.engines import MeasuredTranscriber

    return MeasuredTranscriber(engine, hooks.collector)


def _language_model(settings: Settings, name: str, hooks: EngineHooks) -> LanguageModel:
    llm = settings.llm
    model = llm.model if name == llm.engine else "embedded"
    if name == "openai":
        engine = LANGUAGE_MODELS.create(
            name,
            base_url=llm.base_url,
            model="" if model == "embedded" else model,
            api_key=partial(_api_key, hooks),
            timeout_seconds=llm.timeout_seconds,
            context_tokens=llm.context_tokens,
        )
    else:
        engine = LANGUAGE_MODELS.create(name, model=model, threads=llm.threads, context_tokens=llm.context_tokens)
    if hooks.collector is None:
        return engine
    from modules.metrics.engines import MeasuredLanguageModel

    return MeasuredLanguageModel(engine, hooks.collector)


def _api_key(hooks: EngineHooks) -> str | None:
    """The key of the server; may have to wait for the user. Where it cannot be had, the server may do without."""
    from arvis.security import secret_store

    try:
        key = secret_store(hooks.ask).get(API_KEY)
    except ArvisError as error:
        hooks.complain(error)
        return None
    if key is not None:
        redact(key)
    return key


def installed_voice(settings: Settings) -> Path | None:
    """The file of the voice that the settings name, where it is a model that was installed."""
    from modules.models.lookup import path_of

    return path_of(settings.tts.voice) if settings.tts.voice else None


def _synthesizer(settings: Settings, name: str, hooks: EngineHooks) -> Synthesizer:
    voice = installed_voice(settings) if name == "piper" else None
    engine = SYNTHESIZERS.create(name, voice=str(voice)) if voice is not None else SYNTHESIZERS.create(name)
    if hooks.collector is not None:
        from modules.metrics.engines import MeasuredSynthesizer

        engine = MeasuredSynthesizer(engine, hooks.collector)
    if not settings.tts.cache_mb:
        return engine
    from modules.tts.cache import CachingSynthesizer

    cache = CachingSynthesizer(engine, paths.cache_dir() / "speech", settings.tts.cache_mb * 1_000_000)
    if hooks.caches is not None:
        hooks.caches.append(cache)
    return cache
