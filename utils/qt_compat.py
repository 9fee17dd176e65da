"""Finds what is left of PyQt5 in Python code: `python -m utils.qt_compat PATH...` prints where, and what to write.

It reads syntax trees, so strings and comments are no findings, and knows from PyQt6's own type stubs what each class
has. `--table` prints the tables of the migration guide instead.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from utils.qt_rules import (
    ATTRIBUTES,
    EVENTS,
    HANDLERS,
    HIGH_DPI,
    METHODS,
    OLD_BINDINGS,
    OVERLOADS,
    REMOVED,
    REMOVED_MODULES,
    table,
)
from utils.qt_stubs import BINDING, QtStubs, installed_stubs

_METRICS = ("QFontMetrics", "QFontMetricsF")
_USAGE = "usage: python -m utils.qt_compat (--table | PATH...)\n"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A place in code that PyQt6 does not run."""

    line: int
    """1 or more."""
    code: str
    """Its kind, a key of `utils.qt_rules.RULES`, or "syntax" for what is no Python."""
    old: str
    """What is there."""
    new: str
    """What to write, as the rest of "write ..."."""

    def __str__(self) -> str:
        return f"{self.old}: write {self.new} [{self.code}]"


def check(source: str, stubs: QtStubs) -> list[Finding]:
    """What is left of PyQt5 in a file, by line.

    Args:
        source: Its text.
        stubs: What PyQt6 has.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError) as error:
        return [Finding(getattr(error, "lineno", None) or 1, "syntax", "no Python", "something that Python can read")]
    checker = _Checker(stubs)
    checker.visit(tree)
    return sorted(set(checker.findings))


class _Checker(ast.NodeVisitor):
    """Goes through one file; imports are understood wherever they are, if they come before what uses them."""

    def __init__(self, stubs: QtStubs) -> None:
        self._stubs = stubs
        self.findings: list[Finding] = []
        self._modules: dict[str, str] = {}
        """Dotted name in the file to the module of Qt that it stands for."""
        self._classes: dict[str, str] = {}
        """Name in the file to the class of PyQt6 that it stands for."""
        self._kinds: dict[str, str] = {}
        """Variable to the class of events or font metrics of which it is an object."""
        self._bases: list[str] = []
        """The class of PyQt6 from which each class around the node is derived; "" for none."""

    def _find(self, node: ast.AST, code: str, old: str, new: str) -> None:
        self.findings.append(Finding(getattr(node, "lineno", 1), code, old, new))

    def visit_Import(self, node: ast.Import) -> None:
        """`import PyQt5.QtCore as qt`, `import sip`."""
        for alias in node.names:
            binding, _, module = alias.name.partition(".")
            if alias.name == "sip":
                self._find(node, "sip", "import sip", f"from {BINDING} import sip")
            elif binding in (*OLD_BINDINGS, BINDING):
                self._check_module(node, binding, module)
                self._name_module(alias.asname or alias.name, module)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """`from PyQt5 import QtCore`, `from PyQt5.QtCore import Qt`."""
        binding, _, module = (node.module or "").partition(".")
        if node.level or binding not in (*OLD_BINDINGS, BINDING):
            return
        if module:
            self._check_module(node, binding, module)
        elif binding != BINDING:
            self._find(node, "binding", binding, BINDING)
        for alias in node.names:
            if not module:
                self._check_module(node, BINDING, alias.name)
                self._name_module(alias.asname or alias.name, alias.name)
            elif alias.name == "*":
                self._classes.update((name, name) for name in self._stubs.exports(module) if self._stubs.is_class(name))
            else:
                self._classes[alias.asname or alias.name] = alias.name
                self._check_name(node, module, alias.name)

    def _name_module(self, name: str, module: str) -> None:
        if module.startswith("Qt"):  # sip and uic are no modules of Qt
            self._modules[name] = module

    def _check_module(self, node: ast.AST, binding: str, module: str) -> None:
        if module in REMOVED_MODULES:
            self._find(node, "module", f"{binding}.{module}", REMOVED_MODULES[module])
        elif binding != BINDING:
            self._find(node, "binding", binding, BINDING)

    def _check_name(self, node: ast.AST, module: str, name: str) -> None:
        """A name that is taken from a module: is it there, or elsewhere, or nowhere?"""
        home = self._stubs.home(name)
        if name in REMOVED:
            self._find(node, "removed", name, REMOVED[name])
        elif home is not None and home != module and module not in REMOVED_MODULES:
            self._find(node, "moved", f"{module}.{name}", f"{BINDING}.{home}.{name}")
        elif home is None and self._stubs.has_module(module):
            self._find(node, "removed", f"{module}.{name}", f"something else, {BINDING} has no such name")

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """`QtCore.QRegExp`, `Qt.AlignCenter`, `event.globalX`, `dialog.exec_`."""
        self.generic_visit(node)
        owner, name, old = self._class_of(node.value), node.attr, ast.unparse(node)
        module = self._modules.get(ast.unparse(node.value))
        if name in HIGH_DPI:
            self._find(node, "high-dpi", old, "nothing, it is always on")
        elif name == "exec_":
            self._find(node, "exec", old, old.removesuffix("_"))
        elif module and not isinstance(node.ctx, ast.Store):
            self._check_name(node, module, name)
        elif owner is not None and isinstance(node.ctx, ast.Load):
            self._check_attribute(node, owner, name)
        elif name in METHODS:
            self._find(node, "method", f".{name}", f".{METHODS[name]}")
        elif (new := EVENTS.get(self._kind_of(node.value), {}).get(name)) is not None:
            self._find(node, "event", old, f"{ast.unparse(node.value)}.{new}")
        elif name == "width" and self._kind_of(node.value) in _METRICS:
            self._find(node, "text-width", old, f"{ast.unparse(node.value)}.horizontalAdvance")

    def _check_attribute(self, node: ast.Attribute, owner: str, name: str) -> None:
        """An attribute of a class, or of `self` in a class that is derived from it."""
        stubs, through = self._stubs, ast.unparse(node.value)
        scope = stubs.scope(owner, name)
        if stubs.has(owner, name):
            return
        if scope is not None:
            self._find(node, "enum", f"{through}.{name}", f"{through}.{scope}.{name}")
        elif through not in ("self", "cls"):  # an object has attributes of its own
            new = ATTRIBUTES.get((owner, name))
            if new is not None:
                self._find(node, "attribute", f"{through}.{name}", f"{through}.{new}")
            elif not name.startswith("__"):
                self._find(node, "attribute", f"{through}.{name}", f"something else, {BINDING} has no such attribute")

    def visit_Subscript(self, node: ast.Subscript) -> None:
        """`box.activated[str]`."""
        self.generic_visit(node)
        if isinstance(node.value, ast.Attribute):
            name, kind = node.value.attr, ast.unparse(node.slice).strip("'\"")
            if (new := OVERLOADS.get((name, kind))) is not None:
                self._find(node, "overload", f".{name}[{kind}]", f".{new}")

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Remember what the class is derived from."""
        known = (self._class_of(base) for base in node.bases)
        self._bases.append(next((base for base in known if base is not None), ""))
        self.generic_visit(node)
        self._bases.pop()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Remember what its parameters are: by their types, or because Qt calls it with an event."""
        outer = self._kinds.copy()
        parameters = [argument for argument in node.args.args if argument.arg not in ("self", "cls")]
        for argument in parameters:
            annotation = argument.annotation
            names = {self._class_of(part) for part in ast.walk(annotation)} if annotation is not None else set()
            kind = next((name for name in names if name in EVENTS or name in _METRICS), None)
            if kind is None and annotation is None and self._bases and self._bases[-1] and len(parameters) == 1:
                kind = HANDLERS.get(node.name)
            self._kinds[argument.arg] = kind or ""
        self.generic_visit(node)
        self._kinds = outer

    def visit_Assign(self, node: ast.Assign) -> None:
        """Remember that a variable has font metrics."""
        self.generic_visit(node)
        for target in node.targets:
            if isinstance(target, ast.Name | ast.Attribute):
                self._kinds[ast.unparse(target)] = self._kind_of(node.value)

    def _class_of(self, node: ast.AST) -> str | None:
        """The class of PyQt6 that an expression names; of `self`, that from which the class around it is derived."""
        if isinstance(node, ast.Name) and node.id in ("self", "cls"):
            return self._bases[-1] or None if self._bases else None
        if isinstance(node, ast.Attribute) and self._modules.get(ast.unparse(node.value)):
            name: str | None = node.attr
        else:
            name = self._classes.get(node.id) if isinstance(node, ast.Name) else None
        return name if name is not None and self._stubs.is_class(name) else None

    def _kind_of(self, node: ast.AST) -> str:
        """The class of which an expression is an object, if that is one that matters; else ""."""
        if isinstance(node, ast.Call):
            function = node.func
            if isinstance(function, ast.Attribute) and function.attr == "fontMetrics":
                return _METRICS[0]
            return self._class_of(function) or ""
        return self._kinds.get(ast.unparse(node), "")


def python_files(paths: Sequence[Path]) -> Iterator[Path]:
    """The files named, and those in the folders named, but not in hidden ones."""
    for path in paths:
        if path.is_dir():
            inside = sorted(path.rglob("*.py"))
            yield from (file for file in inside if not any(part[0] == "." for part in file.relative_to(path).parts))
        else:
            yield path


def main(arguments: Sequence[str]) -> int:
    """Check files, and print what was found; 0 for nothing, 1 for something, 2 for a wrong call."""
    stubs = installed_stubs()
    if list(arguments) == ["--table"]:
        sys.stdout.write(table())
        return 0
    if not arguments or arguments[0].startswith("-"):
        sys.stderr.write(_USAGE)
        return 2
    if stubs is None:
        sys.stderr.write(f"{BINDING} is not installed, and only its type stubs can tell what it has.\n")
        return 2
    found = False
    for path in python_files([Path(argument) for argument in arguments]):
        try:
            source = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            sys.stderr.write(f"{path} cannot be read: {error}\n")
            return 2
        for finding in check(source, stubs):
            found = True
            sys.stdout.write(f"{path}:{finding.line}: {finding}\n")
    return int(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
