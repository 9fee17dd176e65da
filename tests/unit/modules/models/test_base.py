from __future__ import annotations

from pathlib import Path

import pytest

from modules.models.base import ModelError, locate, require_files

HERE = Path("/with/arvis")


def _hub(name: str) -> Path:
    return Path("/hub") / name


def test_embedded_is_what_came_with_arvis() -> None:
    assert locate("embedded", embedded=lambda: HERE, hub=_hub) == HERE


def test_an_existing_path_wins_over_a_name_at_the_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small").mkdir()
    assert locate("small", embedded=lambda: HERE, hub=_hub) == Path("small")
    assert locate("large", embedded=lambda: HERE, hub=_hub) == Path("/hub/large")


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "model.gguf").touch()
    assert locate("~/model.gguf", embedded=lambda: HERE) == tmp_path / "model.gguf"


@pytest.mark.parametrize("name", ["small", "Systran/faster-whisper-small", "a/b.c_d-3"])
def test_names_go_to_the_hub(name: str) -> None:
    assert locate(name, embedded=lambda: HERE, hub=_hub) == Path("/hub") / name


@pytest.mark.parametrize("name", ["", "/no/such/folder", "./no", "../no", "~/no/such", "a/b/c", "a b", "no\\such"])
def test_what_is_neither_is_refused_with_the_choices(name: str) -> None:
    with pytest.raises(ModelError, match="an existing path or a name at the model hub") as caught:
        locate(name, embedded=lambda: HERE, hub=_hub)
    assert caught.value.code == "model-not-found"


def test_an_engine_without_a_hub_does_not_offer_it() -> None:
    with pytest.raises(ModelError) as caught:
        locate("small", embedded=lambda: HERE)
    assert caught.value.message == ("There is no model at 'small'. Set the model to 'embedded' or an existing path.")


def test_required_files_may_have_wildcards(tmp_path: Path) -> None:
    (tmp_path / "model.bin").touch()
    (tmp_path / "vocabulary.json").touch()
    require_files(tmp_path, ["model.bin", "vocabulary.*"], kind="a model")


def test_missing_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "model.bin").touch()
    with pytest.raises(ModelError, match=r"is not a model: it has no config\.json and no vocabulary\.\*"):
        require_files(tmp_path, ["config.json", "model.bin", "vocabulary.*"], kind="a model")


def test_a_file_is_not_a_model_folder(tmp_path: Path) -> None:
    (tmp_path / "model.bin").touch()
    with pytest.raises(ModelError, match="is not a model"):
        require_files(tmp_path / "model.bin", ["model.bin"], kind="a model")
