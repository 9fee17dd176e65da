"""Whether a speaker is worn on the ears, so that the microphone does not hear it. Unknown means that it is not."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from modules.audio.base import AudioError
from modules.audio.devices import find_device
from modules.audio.portaudio import Backend

_WORN = (
    # What such things are called, in the languages in which systems name them.
    r"head-?\s?(set|phone)s?",
    r"ear-?\s?(phone|bud|pod|piece)s?",
    r"in-ears?",
    r"kopfh(ö|oe)rer",
    r"casque",
    r"(é|e)couteurs?",
    r"auriculares",
    r"cascos",
    r"cuffie",
    r"auricolari",
    r"fones? de ouvido",
    r"auscultadores",
    r"koptelefoon",
    r"h(ö|o)rlurar",
    r"s(ł|l)uchawki",
    r"наушники",
    r"гарнитура",
    r"\w*耳(机|機)\w*",
    r"\w*ヘッド(ホン|フォン|セット)\w*",
    r"\w*헤드(폰|셋)\w*",
    # Families of products that are called otherwise.
    r"air\s?pods?( pro| max)?",
    r"(\w*[a-z])?buds\d*",
    r"w[hf]-\w*1000xm\d",
    r"quiet\s?comfort",
    r"arctis",
    r"hyperx cloud",
    r"(jabra )?evolve2?",
    r"blackwire",
)
"""Names of things worn on the ears: regular expressions for whole words, in any case."""

_NOT_WORN = (
    r"speakers?",
    r"speakerphone",
    r"loudspeakers?",
    r"lautsprecher",
    r"haut-?parleurs?",
    r"altavoces",
    r"altoparlanti",
    r"hdmi",
    r"displayport",
)
"""With one of these words in its name it may as well stand in the room, for example "Speakers/Headphones"."""

_WORN_FORMS = frozenset({"headset", "headphone"})
"""Values of PulseAudio's and PipeWire's property `device.form_factor`."""

_FORMS = frozenset({"internal", "speaker", "tv", "webcam", "hands-free", "car", "hifi", "computer", "portable"})
"""Values that say where else a device is."""

_WORN_PORT = re.compile(r"head(phone|set)", re.IGNORECASE)
"""In the name or the type of a sink's port that is in use: what is plugged in."""

_SERVERS = frozenset({"default", "pulse", "pipewire", "sysdefault", "jack"})
"""Names of devices behind which a sound server chooses one."""

_TIMEOUT_SECONDS = 2.0


def _words(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)({'|'.join(patterns)})(?!\w)", re.IGNORECASE)


_WORN_PATTERN = _words(_WORN)
_NOT_WORN_PATTERN = _words(_NOT_WORN)

SinkReader = Callable[[], Mapping[str, Any] | None]


def names_headset(name: str) -> bool:
    """Whether the name of a device says that it is worn on the ears."""
    return bool(_WORN_PATTERN.search(name)) and not _NOT_WORN_PATTERN.search(name)


def is_headset(device: str = "", *, backend: Backend | None = None, default_sink: SinkReader | None = None) -> bool:
    """Whether the speaker that `device` means is a headset or headphones; blocks for 10 ms to 1 s.

    Judged by its name and, where a sound server chooses the device, by what the server knows: the kind of device and
    what is plugged in. Holds for now: call it again when devices have come or gone.

    Args:
        device: Name of the speaker or a part of it; empty for the system's default.
        backend: Stand-in for the module sounddevice.
        default_sink: Stand-in for `read_default_sink`.
    """
    try:
        name = find_device("output", device, backend).name
    except AudioError:
        return False
    if names_headset(name):
        return True
    if name.split(":")[0].strip().casefold() not in _SERVERS:
        return False
    sink = (default_sink or read_default_sink)()
    return sink is not None and _sink_is_worn(sink)


def read_default_sink() -> Mapping[str, Any] | None:
    """What PulseAudio or PipeWire says about the default sink, as pactl writes it; None when neither answers."""
    try:
        default = _pactl("info").get("default_sink_name")
        sinks = _pactl("list", "sinks")
        return next((sink for sink in sinks if sink.get("name") == default), None)
    except (OSError, subprocess.SubprocessError, ValueError, AttributeError, TypeError):
        return None  # there is no pactl, no server, or it is too old to write JSON


def _pactl(*command: str) -> Any:
    answer = subprocess.run(  # nosec B603, B607  # from the PATH, as every desktop tool; its answer is only read
        ["pactl", "--format=json", *command],
        capture_output=True,
        check=True,
        timeout=_TIMEOUT_SECONDS,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    return json.loads(answer.stdout)


def _sink_is_worn(sink: Mapping[str, Any]) -> bool:
    properties = sink.get("properties") or {}
    form = str(properties.get("device.form_factor", ""))
    if form in _WORN_FORMS:
        return True
    if form in _FORMS - {"internal"}:
        return False
    active = str(sink.get("active_port") or "")
    kinds = [str(port.get("type") or "") for port in sink.get("ports") or [] if port.get("name") == active]
    if any(_WORN_PORT.search(word) for word in (active, *kinds)):
        return True
    return names_headset(f"{sink.get('description') or ''}")
