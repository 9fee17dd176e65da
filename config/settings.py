"""The settings as frozen dataclasses; every default comes from the schema, which also says what each one means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from config.schema import keys


def _key(path: str) -> Any:
    """A field whose default is that of the schema."""
    return field(default=keys()[path].default)


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioSettings:
    """Microphone and speaker."""

    input_device: str = _key("audio.input_device")
    output_device: str = _key("audio.output_device")
    block_frames: int = _key("audio.block_frames")
    echo_cancellation: str = _key("audio.echo_cancellation")


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkSettings:
    """How the user speaks to Arvis."""

    hotkey: str = _key("talk.hotkey")
    mode: str = _key("talk.mode")
    max_seconds: float = _key("talk.max_seconds")
    listening: str = _key("talk.listening")
    barge_in: bool = _key("talk.barge_in")
    debounce: float = _key("talk.debounce")
    hands_free_max_seconds: float = _key("talk.hands_free_max_seconds")
    earcons: bool = _key("talk.earcons")


@dataclass(frozen=True, slots=True, kw_only=True)
class WakeSettings:
    """The wake word."""

    engine: str = _key("wake.engine")
    model: str = _key("wake.model")
    threshold: float = _key("wake.threshold")
    cooldown: float = _key("wake.cooldown")
    follow_up: float = _key("wake.follow_up")


@dataclass(frozen=True, slots=True, kw_only=True)
class SttSettings:
    """Speech to text."""

    engine: str = _key("stt.engine")
    model: str = _key("stt.model")
    language: str = _key("stt.language")
    threads: int = _key("stt.threads")
    beam_size: int = _key("stt.beam_size")


@dataclass(frozen=True, slots=True, kw_only=True)
class VadSettings:
    """Detection of speech."""

    threshold: float = _key("vad.threshold")


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSettings:
    """How the end of a turn is found."""

    model: str = _key("endpoint.model")


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmSettings:
    """The language model."""

    engine: str = _key("llm.engine")
    model: str = _key("llm.model")
    base_url: str = _key("llm.base_url")
    threads: int = _key("llm.threads")
    context_tokens: int = _key("llm.context_tokens")
    max_tokens: int = _key("llm.max_tokens")
    temperature: float = _key("llm.temperature")
    timeout_seconds: float = _key("llm.timeout_seconds")
    system_prompt: str = _key("llm.system_prompt")


@dataclass(frozen=True, slots=True, kw_only=True)
class TtsSettings:
    """The voice."""

    engine: str = _key("tts.engine")
    voice: str = _key("tts.voice")
    speed: float = _key("tts.speed")
    fallback: tuple[str, ...] = _key("tts.fallback")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplySettings:
    """The answer."""

    read_aloud: bool = _key("reply.read_aloud")


@dataclass(frozen=True, slots=True, kw_only=True)
class UiSettings:
    """The window."""

    theme: str = _key("ui.theme")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggingSettings:
    """The log file."""

    level: str = _key("logging.level")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set, by section."""

    audio: AudioSettings = field(default_factory=AudioSettings)
    talk: TalkSettings = field(default_factory=TalkSettings)
    wake: WakeSettings = field(default_factory=WakeSettings)
    stt: SttSettings = field(default_factory=SttSettings)
    vad: VadSettings = field(default_factory=VadSettings)
    endpoint: EndpointSettings = field(default_factory=EndpointSettings)
    llm: LlmSettings = field(default_factory=LlmSettings)
    tts: TtsSettings = field(default_factory=TtsSettings)
    reply: ReplySettings = field(default_factory=ReplySettings)
    ui: UiSettings = field(default_factory=UiSettings)
    logging: LoggingSettings = field(default_factory=LoggingSettings)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Settings:
        """Settings with these values by path ("llm.threads": 4), already checked; defaults for the rest."""
        made: dict[str, Any] = {}
        for section in fields(cls):
            given = {
                path.partition(".")[2]: value for path, value in values.items() if path.startswith(f"{section.name}.")
            }
            assert callable(section.default_factory)
            made[section.name] = section.default_factory(**given)
        return cls(**made)

    def get(self, path: str) -> Any:
        """The value at a path such as "llm.threads"."""
        section, _, name = path.partition(".")
        return getattr(getattr(self, section), name)
