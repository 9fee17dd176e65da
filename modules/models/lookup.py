"""From the name of a model in a setting to what its engine opens."""

from __future__ import annotations

from pathlib import Path

from modules.models.base import ModelError
from modules.models.catalogue import Catalogue, catalogue
from modules.models.inspection import inspect
from utils import paths


def path_of(model_id: str, root: Path | None = None, models: Catalogue | None = None) -> Path | None:
    """What the engine of a model opens: its file, or its folder.

    Takes less than a millisecond for what is no ID, and a few for what is; no byte of the model is read.

    Args:
        model_id: As in the catalogue; anything else is no ID.
        root: Where models are; None for the user's model cache.
        models: The catalogue; None for the one that comes with Arvis.

    Returns:
        None where there is no such model, or it is not installed.
    """
    model = (models or catalogue()).find(model_id)
    return inspect(model, root or paths.models_dir()).path if model is not None else None


def resolve(model: str, root: Path | None = None, models: Catalogue | None = None) -> str:
    """A setting as the engine takes it: an ID of the catalogue becomes a path, everything else stays as it is.

    Raises:
        ModelError: The model of that ID is not installed.
    """
    known = (models or catalogue()).find(model)
    if known is None:
        return model
    path = path_of(model, root, models)
    if path is None:
        raise ModelError(
            "not-installed", f"The model {known.name} is not installed. Install it with: arvis models install {model}"
        )
    return str(path)
