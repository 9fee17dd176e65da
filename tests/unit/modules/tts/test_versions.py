from __future__ import annotations

import importlib
from importlib import metadata

import pytest

from modules.tts.registry import SYNTHESIZERS
from modules.tts.versions import version_of


def test_the_versions_of_the_packages_are_named() -> None:
    assert version_of("hibari") == f"hibari-tts {metadata.version('hibari-tts')}"
    assert version_of("piper").startswith("piper-tts ")


@pytest.mark.parametrize("engine", [*SYNTHESIZERS.names(), "of the future"])
def test_every_engine_has_one_even_if_it_is_not_installed(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(package: str) -> str:
        raise metadata.PackageNotFoundError(package)

    monkeypatch.setattr(metadata, "version", missing)
    found = importlib.import_module("modules.tts.versions").version_of(engine)
    assert found == "" or found.endswith("unknown")
