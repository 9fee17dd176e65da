"""The model files of openWakeWord: an opt-in package whose models must not be used commercially."""

from __future__ import annotations

import hashlib
import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path

from modules.wake.base import WakeError

LICENCE = "CC BY-NC-SA 4.0"
"""Of the models, by the authors of openWakeWord; the code of their package is Apache-2.0, and none of it is run."""

LICENCE_NOTE = (
    f"The wake word models of openWakeWord have the licence {LICENCE}: they may be used and shared for purposes that "
    "are not commercial, with credit to openWakeWord (David Scripka), and what is made from them keeps that licence."
)
"""To be shown where the wake word is switched on."""

INSTALL_COMMAND = "pip install --no-deps openwakeword==0.5.1"

_CHECKSUMS = {
    "melspectrogram.onnx": "ba2b0e0f8b7b875369a2c89cb13360ff53bac436f2895cced9f479fa65eb176f",
    "embedding_model.onnx": "70d164290c1d095d1d4ee149bc5e00543250a7316b59f31d056cff7bd3075c1f",
    "hey_jarvis_v0.1.onnx": "94a13cfe60075b132f6a472e7e462e8123ee70861bc3fb58434a73712ee0d2cb",
    "alexa_v0.1.onnx": "6ff566a01d12670e8d9e3c59da32651db1575d17272a601b7f8a39283dfbae3e",
    "hey_mycroft_v0.1.onnx": "c2a311e8fa1338de89c31b3b46dc4dffd4af2f9a8d6ddead48893c2d301b1f18",
    "hey_rhasspy_v0.1.onnx": "5a9b3ed3be2910e35780e097905aa9f35a9c10038df47914cf2b3ec4d670f6ea",
}
"""SHA-256 of the files of version 0.5.1."""

_PACKAGED = {
    "hey_jarvis": ("hey jarvis", "эй джарвис", "хей джарвис"),
    "alexa": ("alexa", "алекса"),
    "hey_mycroft": ("hey mycroft", "эй майкрофт"),
    "hey_rhasspy": ("hey rhasspy",),
}
"""Name of each phrase model of the package, and how a recogniser may write what is said for it."""

PACKAGED_MODELS = tuple(_PACKAGED)
"""Names that `find_files` knows besides paths."""


@dataclass(frozen=True, slots=True)
class WakeFiles:
    """The three models that are run one after another."""

    melspectrogram: Path
    """From samples to bands of frequencies."""
    embedding: Path
    """From bands to a description of what is said."""
    phrase: Path
    """From descriptions to the score of one phrase."""


def phrases_of(model: str) -> tuple[str, ...]:
    """How what wakes a model may be written: known for those of the package, otherwise the words of the file's name."""
    if model in _PACKAGED:
        return _PACKAGED[model]
    stem = Path(model).stem.lower()
    words = re.split(r"[\W_]+", re.sub(r"[_-]v\d+(\.\d+)*$", "", stem))
    return (" ".join(word for word in words if word) or stem,)


def find_files(model: str) -> WakeFiles:
    """Find the files of a phrase, and check that those of the package are the ones they should be.

    Args:
        model: One of `PACKAGED_MODELS`, or the path of an .onnx file for another phrase ("~" is the home folder).

    Raises:
        WakeError: `model-missing`, `model-broken` or `unknown-model`.
    """
    own = None if model in _PACKAGED else Path(model).expanduser()
    if own is not None and not own.is_file():
        names = ", ".join(PACKAGED_MODELS)
        raise WakeError(
            "unknown-model",
            f"There is no wake word model '{model}'. Choose one of {names}, or the path of an .onnx file.",
        )
    folder = _package_folder()
    return WakeFiles(
        melspectrogram=_checked(folder / "melspectrogram.onnx"),
        embedding=_checked(folder / "embedding_model.onnx"),
        phrase=own or _checked(folder / f"{model}_v0.1.onnx"),
    )


def _package_folder() -> Path:
    """Where the package keeps its models; finding it does not import it."""
    spec = importlib.util.find_spec("openwakeword")
    if spec is None or not spec.submodule_search_locations:
        raise WakeError(
            "model-missing",
            f"The wake word needs the models of the package openwakeword (licence {LICENCE}, not for commercial use), "
            f"which is not installed. Install it with: {INSTALL_COMMAND}",
        )
    return Path(spec.submodule_search_locations[0]) / "resources" / "models"


def _checked(path: Path) -> Path:
    if not path.is_file():
        raise WakeError(
            "model-missing",
            f"The installed package openwakeword has no file {path.name} (licence {LICENCE}). "
            f"Install it again with: {INSTALL_COMMAND} --force-reinstall",
        )
    if hashlib.sha256(path.read_bytes()).hexdigest() != _CHECKSUMS[path.name]:
        raise WakeError(
            "model-broken",
            f"The file {path.name} of the package openwakeword is not the one of version 0.5.1. "
            f"Install it again with: {INSTALL_COMMAND} --force-reinstall",
        )
    return path
