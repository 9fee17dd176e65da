"""Import of optional packages, with the command that installs a missing one."""

from __future__ import annotations

import importlib
from types import ModuleType

from utils.errors import MissingDependencyError


def require(module: str, *, extra: str, purpose: str) -> ModuleType:
    """Import `module`, or say in one sentence what is missing and how to get it.

    Args:
        module: Dotted name of the module to import.
        extra: The optional dependency group of Arvis that provides it.
        purpose: What it is needed for, as the beginning of the sentence, for example "The Piper voice".

    Raises:
        MissingDependencyError: The module, or something it imports, is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        missing = error.name or module
        raise MissingDependencyError(
            "missing-dependency",
            f"{purpose} needs the package '{missing.split('.')[0]}', which is not installed. "
            f"Install it with: pip install 'arvis[{extra}]'",
        ) from error
