from __future__ import annotations

import io
import json
import sys
from types import SimpleNamespace

import pytest

from modules.tts import hibari
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


def test_json_is_read_in_python_and_the_module_gets_its_parser_back() -> None:
    module = SimpleNamespace(json=json)
    text = '{"a": [1, 2.5, null], "b": {"c": "\\u00e9"}}'
    with hibari._interruptible_json(module):
        assert module.json is not json
        assert module.json.load(io.StringIO(text)) == json.loads(text)
    assert module.json is json


def test_the_parser_is_given_back_when_a_file_is_broken() -> None:
    module = SimpleNamespace(json=json)
    with pytest.raises(json.JSONDecodeError), hibari._interruptible_json(module):
        module.json.load(io.StringIO("{broken"))
    assert module.json is json
