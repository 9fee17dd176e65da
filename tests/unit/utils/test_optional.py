"""A missing package is named together with the command that installs it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from utils.errors import MissingDependencyError
from utils.optional import require


def test_a_module_that_is_there_is_imported() -> None:
    assert require("json.decoder", extra="all", purpose="A test") is sys.modules["json.decoder"]


def test_a_missing_package_is_named_with_the_command() -> None:
    with pytest.raises(MissingDependencyError) as caught:
        require("no_such_package.inner", extra="piper", purpose="The Piper voice")
    assert caught.value.code == "missing-dependency"
    assert str(caught.value) == (
        "The Piper voice needs the package 'no_such_package', which is not installed. "
        "Install it with: pip install 'arvis[piper]'"
    )


def test_what_a_package_itself_misses_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "half_installed.py").write_text("import its_missing_part\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(MissingDependencyError, match="'its_missing_part'"):
        require("half_installed", extra="llama", purpose="The model")
