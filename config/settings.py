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
    debounce_seconds: float = _key("talk.debounce_seconds")
    hands_free_max_seconds: float = _key("talk.hands_free_max_seconds")
    earcons: bool = _key("talk.earcons")


@dataclass(frozen=True, slots=True, kw_only=True)
class WakeSettings:
    """The wake word."""

    engine: str = _key("wake.engine")
    model: str = _key("wake.model")
    threshold: float = _key("wake.threshold")
    cooldown_seconds: float = _key("wake.cooldown_seconds")
    follow_up_seconds: float = _key("wake.follow_up_seconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class SttSettings:
    """Speech to text."""

    engine: str = _key("stt.engine")
    model: str = _key("stt.model")
    language: str = _key("stt.language")
    threads: int = _key("stt.threads")
    beam_size: int = _key("stt.beam_size")
    fallback: tuple[str, ...] = _key("stt.fallback")
    deadline_seconds: float = _key("stt.deadline_seconds")


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
    fallback: tuple[str, ...] = _key("llm.fallback")
    deadline_seconds: float = _key("llm.deadline_seconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class TtsSettings:
    """The voice."""

    engine: str = _key("tts.engine")
    voice: str = _key("tts.voice")
    speed: float = _key("tts.speed")
    fallback: tuple[str, ...] = _key("tts.fallback")
    deadline_seconds: float = _key("tts.deadline_seconds")
    cache_mb: int = _key("tts.cache_mb")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplySettings:
    """The answer."""

    read_aloud: bool = _key("reply.read_aloud")


@dataclass(frozen=True, slots=True, kw_only=True)
class FallbackSettings:
    """What happens when an engine fails."""

    failures: int = _key("fallback.failures")
    recovery_seconds: float = _key("fallback.recovery_seconds")
    warm_standby: bool = _key("fallback.warm_standby")


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSettings:
    """Connections to other machines."""

    offline: bool = _key("network.offline")


@dataclass(frozen=True, slots=True, kw_only=True)
class UiSettings:
    """The window."""

    theme: str = _key("ui.theme")
    tray: bool = _key("ui.tray")
    close_to_tray: bool = _key("ui.close_to_tray")
    start_hidden: bool = _key("ui.start_hidden")


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationsSettings:
    """What the user is told besides the answers."""

    desktop: bool = _key("notifications.desktop")
    speak: str = _key("notifications.speak")
    sounds: bool = _key("notifications.sounds")
    toast_seconds: float = _key("notifications.toast_seconds")
    per_minute: int = _key("notifications.per_minute")
    quiet_from: str = _key("notifications.quiet_from")
    quiet_to: str = _key("notifications.quiet_to")
    history: int = _key("notifications.history")
    routes: tuple[str, ...] = _key("notifications.routes")


@dataclass(frozen=True, slots=True, kw_only=True)
class HistorySettings:
    """What is kept of conversations."""

    enabled: bool = _key("history.enabled")
    url: str = _key("history.url")
    keep_days: int = _key("history.keep_days")
    resume: bool = _key("history.resume")
    resume_hours: float = _key("history.resume_hours")


@dataclass(frozen=True, slots=True, kw_only=True)
class SecuritySettings:
    """Who may do what."""

    role: str = _key("security.role")
    lock_minutes: float = _key("security.lock_minutes")
    audit: bool = _key("security.audit")


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthSettings:
    """Checks of engines and devices."""

    interval_seconds: float = _key("health.interval_seconds")
    timeout_seconds: float = _key("health.timeout_seconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggingSettings:
    """The log file."""

    level: str = _key("logging.level")
    components: tuple[str, ...] = _key("logging.components")


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsSettings:
    """Numbers about how Arvis runs."""

    enabled: bool = _key("metrics.enabled")
    interval_seconds: float = _key("metrics.interval_seconds")
    max_mb: int = _key("metrics.max_mb")
    serve: bool = _key("metrics.serve")
    port: int = _key("metrics.port")


@dataclass(frozen=True, slots=True, kw_only=True)
class TracingSettings:
    """Traces of turns."""

    enabled: bool = _key("tracing.enabled")
    endpoint: str = _key("tracing.endpoint")


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagsSettings:
    """Feature flags; see `config.flags`."""

    live_reload: bool = _key("flags.live_reload")


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
    fallback: FallbackSettings = field(default_factory=FallbackSettings)
    network: NetworkSettings = field(default_factory=NetworkSettings)
    ui: UiSettings = field(default_factory=UiSettings)
    notifications: NotificationsSettings = field(default_factory=NotificationsSettings)
    history: HistorySettings = field(default_factory=HistorySettings)
    security: SecuritySettings = field(default_factory=SecuritySettings)
    health: HealthSettings = field(default_factory=HealthSettings)
    logging: LoggingSettings = field(default_factory=LoggingSettings)
    metrics: MetricsSettings = field(default_factory=MetricsSettings)
    tracing: TracingSettings = field(default_factory=TracingSettings)
    flags: FlagsSettings = field(default_factory=FlagsSettings)

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
