"""What PyQt6 has, read from the type stubs that come with it; nothing of Qt is loaded for that."""

from __future__ import annotations

import ast
import importlib.util
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

BINDING = "PyQt6"
_WITHOUT_STUB = {"pyqtProperty": "QtCore", "QtAudio": "QtMultimedia"}
"""Names that modules have though their stubs do not say so."""
_ATTRIBUTES_WITHOUT_STUB = {
    "Qt": ("convertFromPlainText", "mightBeRichText"),
    "QNativeInterface": ("QWaylandApplication", "QX11Application"),
}
"""Attributes of classes of which that is true: QtGui adds them to what QtCore has."""


@dataclass
class QtClass:
    """A class of PyQt6, without what it inherits."""

    bases: tuple[str, ...]
    """Names without their modules."""
    names: set[str] = field(default_factory=set)
    """Methods, signals and nested classes."""
    members: dict[str, str] = field(default_factory=dict)
    """Member of an enumeration to the name of that enumeration."""


class QtStubs:
    """Answers questions about names of PyQt6.

    Args:
        folder: Where the stubs are, one file a module.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._classes: dict[str, QtClass] = {}
        self._homes: dict[str, str] = dict(_WITHOUT_STUB)
        for path in sorted(folder.glob("Qt*.pyi")):
            self._read(path.stem, ast.parse(path.read_text(encoding="utf-8")))

    def home(self, name: str) -> str | None:
        """The module that a class, function or constant is in, for example "QtGui" for "QAction"; None for none."""
        return self._homes.get(name)

    def exports(self, module: str) -> list[str]:
        """What `from PyQt6.<module> import *` gives."""
        return [name for name, home in self._homes.items() if home == module]

    def has_module(self, module: str) -> bool:
        """Whether there is such a module."""
        return (self._folder / f"{module}.pyi").is_file()

    def is_class(self, name: str) -> bool:
        """Whether that is a class."""
        return name in self._classes

    def has(self, owner: str, name: str) -> bool:
        """Whether a class has, or inherits, an attribute of that name; members of its enumerations are none."""
        return any(name in found.names for found in self._lineage(owner))

    def scope(self, owner: str, member: str) -> str | None:
        """The enumeration of a class that has such a member, for example "AlignmentFlag" for Qt and "AlignLeft"."""
        return next((found.members[member] for found in self._lineage(owner) if member in found.members), None)

    def _lineage(self, name: str) -> list[QtClass]:
        """A class and all that it inherits from."""
        found = self._classes.get(name)
        if found is None:
            return []
        return [found, *(ancestor for base in found.bases for ancestor in self._lineage(base))]

    def _read(self, module: str, tree: ast.Module) -> None:
        for node in tree.body:
            for name in _defined(node):
                self._homes.setdefault(name, module)
            if isinstance(node, ast.ClassDef):
                self._classes[node.name] = _read_class(node)
                self._classes[node.name].names.update(_ATTRIBUTES_WITHOUT_STUB.get(node.name, ()))


def _read_class(node: ast.ClassDef) -> QtClass:
    found = QtClass(tuple(name for base in node.bases if (name := ast.unparse(base).rpartition(".")[2])))
    for inner in node.body:
        found.names.update(_defined(inner))
        if isinstance(inner, ast.ClassDef) and any(ast.unparse(base).startswith("enum.") for base in inner.bases):
            found.members.update((member, inner.name) for line in inner.body for member in _defined(line))
    return found


def _defined(node: ast.stmt) -> list[str]:
    """Names that a statement of a stub defines."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


@cache
def installed_stubs() -> QtStubs | None:
    """The stubs of the PyQt6 that is installed; None where there is none."""
    spec = importlib.util.find_spec(BINDING)
    places = spec.submodule_search_locations if spec is not None else None
    return QtStubs(Path(places[0])) if places else None
