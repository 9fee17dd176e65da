"""What was changed in the format of the settings file: one step from each version to the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from config.migrations import version_2

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

Step = Callable[["TOMLDocument"], "TOMLDocument"]
"""Takes the document of one version to the next; it touches no file, and may use up what it is given."""

STEPS: Mapping[int, Step] = {1: version_2.upgrade}
"""The step that leads out of each version before the present one."""
