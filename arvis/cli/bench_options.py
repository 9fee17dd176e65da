"""Options that several measurements have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

AudioOption = Annotated[
    Path | None,
    typer.Option(
        "--audio", metavar="DIR", exists=True, file_okay=False, help="Folder with recordings; default: the samples."
    ),
]
SceneOption = Annotated[
    list[Path] | None,
    typer.Option("--scene", metavar="FILE", help="Scene to run, may be repeated; default: those of Arvis."),
]
QuickOption = Annotated[bool, typer.Option("--quick", help="Run a small part of each scene.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
