"""PortAudio, which a process has once: loaded late, entered by one thread at a time, with its errors in words."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import importlib
import os
import threading
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any, Protocol, cast

from modules.audio.base import AudioError


class NativeStream(Protocol):
    """A stream of sounddevice."""

    @property
    def latency(self) -> float:
        """Seconds between the device and the callback, as the driver says."""
        ...

    def start(self) -> None:
        """Begin calling back."""
        ...

    def abort(self) -> None:
        """End at once, without playing what is buffered."""
        ...

    def close(self) -> None:
        """Release the device."""
        ...


class Backend(Hashable, Protocol):
    """The part of the module sounddevice that is used; tests bring a small one of their own."""

    PortAudioError: type[Exception]
    default: Any

    def query_devices(self) -> Sequence[Mapping[str, Any]]:
        """All devices."""
        ...

    def query_hostapis(self) -> Sequence[Mapping[str, Any]]:
        """All host interfaces, such as ALSA."""
        ...

    def InputStream(self, **parameters: Any) -> NativeStream:
        """A stream from a device."""
        ...

    def OutputStream(self, **parameters: Any) -> NativeStream:
        """A stream to a device."""
        ...

    def _initialize(self) -> None: ...

    def _terminate(self) -> None: ...


class PortAudio:
    """The library and its device list.

    PortAudio looks for devices when it is initialised and never again, so a device that is plugged in later is
    found only after `refresh`. Its calls that open, close or list are not safe to make at once: `lock` is held
    around each.

    Args:
        backend: The module sounddevice, or a stand-in.
    """

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.lock = threading.RLock()
        self._streams = 0
        self._stale = False

    def opened(self) -> None:
        """Count a stream that was opened."""
        self._streams += 1

    def closed(self) -> None:
        """Count a stream that was closed."""
        self._streams -= 1

    def mark_stale(self) -> None:
        """A device has vanished: look for devices again before the next stream is opened."""
        self._stale = True

    def refresh(self, *, only_if_stale: bool = False) -> bool:
        """Look for devices again, unless a stream is open (it would be torn down); returns whether it was done.

        Raises:
            AudioError: `sound-system-failed`.
        """
        with self.lock:
            if self._streams or (only_if_stale and not self._stale):
                return False
            self._stale = False
            try:
                self.backend._terminate()
                self.backend._initialize()
            except self.backend.PortAudioError as error:
                raise AudioError(
                    "sound-system-failed",
                    f"The sound system does not answer ({error}). Restart it, or the computer, and try again.",
                    retryable=True,
                ) from error
            return True


def portaudio(backend: Backend | None = None) -> PortAudio:
    """The process's PortAudio; the first call loads and initialises it, which takes 0.1 to 1 s.

    Call it from a worker thread at the start of the program, so that the first opening of a device is fast.

    Raises:
        AudioError: `portaudio-missing`: the system library is not installed.
    """
    return _of(_sounddevice() if backend is None else backend)


def _sounddevice() -> Backend:
    try:
        return cast(Backend, importlib.import_module("sounddevice"))
    except OSError as error:
        raise AudioError(
            "portaudio-missing",
            "PortAudio is not installed, so there is no microphone and no speaker. "
            "Install it with: sudo apt-get install libportaudio2",
        ) from error


@functools.lru_cache(maxsize=8)
def _of(backend: Backend) -> PortAudio:
    return PortAudio(backend)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep off the terminal what C libraries print about a failing device; the failure is raised as an error anyway.

    PortAudio and ALSA write through C's `stderr`, which is exchanged for the time being. Python's own is not touched,
    so nothing that Arvis says is lost, even when a driver hangs in here. Without the GNU C library this does nothing.
    Entered under `PortAudio.lock` only.
    """
    sink = _c_sink()
    if not sink:
        yield
        return
    stderr = ctypes.c_void_p.in_dll(ctypes.CDLL(None), "stderr")
    before = stderr.value
    stderr.value = sink
    try:
        yield
    finally:
        stderr.value = before


@functools.lru_cache(maxsize=1)
def _c_sink() -> int:
    """A C file that swallows what is written to it, kept for the life of the process; 0 where C is not GNU's."""
    if "CS_GNU_LIBC_VERSION" not in getattr(os, "confstr_names", {}):
        return 0
    fopen = ctypes.CDLL(None).fopen
    fopen.restype = ctypes.c_void_p
    return int(fopen(b"/dev/null", b"w") or 0)
