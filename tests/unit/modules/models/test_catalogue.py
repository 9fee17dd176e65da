from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from modules.endpointing.registry import ENDPOINT_MODELS
from modules.llm.registry import LANGUAGE_MODELS
from modules.models import embedded
from modules.models.base import ModelError
from modules.models.catalogue import FolderSource, HubSource, Kind, PackageSource, UrlSource, catalogue, parse
from modules.registry import Registry
from modules.stt.registry import TRANSCRIBERS
from modules.tts.registry import SYNTHESIZERS
from modules.wake.registry import WAKE_WORD_DETECTORS

ENGINES: dict[Kind, Registry[Any]] = {
    Kind.STT: TRANSCRIBERS,
    Kind.LLM: LANGUAGE_MODELS,
    Kind.TTS: SYNTHESIZERS,
    Kind.ENDPOINT: ENDPOINT_MODELS,
    Kind.WAKE: WAKE_WORD_DETECTORS,
}


def read(name: str) -> Any:
    return json.loads((files("assets") / "models" / name).read_text("utf-8"))


def validator() -> Draft202012Validator:
    schema = read("catalogue.schema.json")
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_the_data_fits_its_schema() -> None:
    validator().validate(read("catalogue.json"))


@pytest.mark.parametrize(
    "change",
    [
        {"id": "Not an id"},
        {"id": "../up"},
        {"kind": "video"},
        {"size": 0},
        {"quality": 6},
        {"sources": []},
        {"files": [{"name": "../../passwd"}]},
        {"files": [{"name": ".hidden"}]},
        {"files": [{"name": "a/b"}]},
        {"files": [{"name": "a", "sha256": "123"}]},
        {"licence": {"spdx": "MIT", "commercial": False}},
        {"sources": [{"kind": "url", "files": {"a": "http://example.org/a"}}]},
        {"sources": [{"kind": "package", "packages": {"a": 1}, "files": {}}]},
        {"description": "no sentence"},
        {"colour": "red"},
    ],
)
def test_what_does_not_fit_is_found(change: dict[str, Any]) -> None:
    data = read("catalogue.json")
    data["models"][0] |= change
    with pytest.raises(ValidationError):
        validator().validate(data)


def test_ids_and_names_are_different() -> None:
    models = list(catalogue())
    assert len({model.id for model in models}) == len({model.name for model in models}) == len(models) >= 20


def test_each_model_has_an_engine_of_its_kind() -> None:
    for model in catalogue():
        if model.kind is not Kind.VAD:
            assert model.engine in ENGINES[model.kind].names(), model.id


def test_each_engine_with_weights_of_its_own_has_one_embedded_model() -> None:
    own = [model.engine for model in catalogue() if model.embedded]
    assert len(own) == len(set(own))
    assert set(own) >= {"faster-whisper", "moonshine", "llama-cpp", "hibari", "piper", "smart-turn", "silero"}


def test_every_source_knows_every_file() -> None:
    for model in catalogue():
        names = {file.name for file in model.files}
        assert not model.entry or model.entry in names, model.id
        for source in model.sources:
            assert not isinstance(source, FolderSource)
            assert set(source.files) == names, model.id
            if isinstance(source, PackageSource):
                parts = {part.requirement for parts in source.files.values() for part in parts}
                assert parts == set(source.sizes), model.id


def test_only_the_hub_is_asked_what_a_file_must_be() -> None:
    for model in catalogue():
        unknown = [file.name for file in model.files if file.sha256 is None or file.size is None]
        if any(isinstance(source, PackageSource | UrlSource) for source in model.sources):
            assert unknown == [], model.id
        if unknown:
            assert all(isinstance(source, HubSource) for source in model.sources), model.id


def test_sizes_are_the_sums_of_the_files() -> None:
    for model in catalogue():
        sizes = [file.size for file in model.files]
        if None not in sizes:
            assert model.size == sum(size or 0 for size in sizes), model.id
        assert model.memory > 0.5 * model.size or model.kind is Kind.STT, model.id


def test_the_checksums_are_those_that_the_embedded_models_have() -> None:
    whisper = {file.name: file.sha256 for file in catalogue()["whisper-base"].files}
    assert whisper == embedded._WHISPER_BASE
    (smart_turn,) = catalogue()["smart-turn"].files
    assert smart_turn.sha256 == embedded._SMART_TURN


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"models": [{}]}', '{"models": 3}'])
def test_a_catalogue_that_cannot_be_read_is_told(text: str) -> None:
    with pytest.raises(ModelError) as caught:
        parse(text)
    assert caught.value.code == "bad-catalogue"


def test_every_kind_of_source_is_read() -> None:
    data = read("catalogue.json")
    data["models"] = data["models"][:1]
    data["models"][0]["sources"] = [
        {"kind": "url", "files": {"a": "https://example.org/a"}},
        {"kind": "folder", "path": "~/models"},
    ]
    url, folder = parse(json.dumps(data)).models[0].sources
    assert url == UrlSource({"a": "https://example.org/a"})
    assert isinstance(folder, FolderSource)
    assert folder.path.is_absolute()
    data["models"][0]["sources"] = [{"kind": "torrent"}]
    with pytest.raises(ModelError, match="torrent"):
        parse(json.dumps(data))
