from __future__ import annotations

import sys

import pytest

from modules.tts.hibari import HibariSynthesizer
from utils.errors import MissingDependencyError


async def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "hibari.voices", raising=False)
    monkeypatch.setitem(sys.modules, "hibari", None)
    with pytest.raises(MissingDependencyError, match=r"The Hibari voice needs the package 'hibari'"):
        await HibariSynthesizer().load()


def test_it_speaks_english_at_24_khz() -> None:
    capabilities = HibariSynthesizer().capabilities
    assert capabilities.sample_rate == 24_000
    assert capabilities.voices == ("heart",)
    assert capabilities.languages == {"en"}
    assert capabilities.local
