"""The wheel of llama-cpp-python: its name in the cache, the build, and what a failed build says."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from scripts import build_llama

CPUINFO = (
    "processor\t: 0\nmodel name\t: A\nflags\t\t: fpu avx2 avx512f\n\nprocessor\t: 1\nflags\t\t: fpu avx2 avx512f\n"
)
SUCCEEDS = "import pathlib, sys; print('[1/2] a'); print('[2/2] b'); pathlib.Path(sys.argv[1], 'x-1-py3.whl').touch()"
FAILS = "import sys; [print('line', n, flush=True) for n in range(100)]; sys.exit('g++: no such file')"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the user; the build tools count as installed."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(build_llama, "install_build_tools", lambda: None)
    return tmp_path / "arvis" / "wheels"


def pretend(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Let this program stand for the build; it is told the folder for the wheel."""
    monkeypatch.setattr(build_llama, "build_command", lambda into: [sys.executable, "-c", program, str(into)])


def test_locked_version() -> None:
    assert build_llama.locked_version("# made by\nllama-cpp-python==0.3.36 \\\n    --hash=sha256:00\n") == "0.3.36"
    assert build_llama.locked_version("llama-cpp-python==1.2; python_version > '3'") == "1.2"


def test_lock_without_the_package() -> None:
    with pytest.raises(build_llama.BuildError, match="make lock"):
        build_llama.locked_version("numpy==2.0\n")


def test_processor_features() -> None:
    assert build_llama.processor_features(CPUINFO) == "fpu avx2 avx512f"
    assert build_llama.processor_features("Features\t: fp asimd sve\n") == "fp asimd sve"
    assert build_llama.processor_features("processor : 0\n") == ""


def test_cache_key_tells_apart_what_must_not_be_mixed_up() -> None:
    key = build_llama.cache_key("0.3.36", "x86_64", CPUINFO, "options")
    assert key.startswith("llama-cpp-python-0.3.36-x86_64-")
    assert key == build_llama.cache_key("0.3.36", "x86_64", CPUINFO.replace("model name\t: A", "MHz: 3"), "options")
    others = {
        build_llama.cache_key("0.3.37", "x86_64", CPUINFO, "options"),
        build_llama.cache_key("0.3.36", "aarch64", CPUINFO, "options"),
        build_llama.cache_key("0.3.36", "x86_64", CPUINFO.replace(" avx512f", ""), "options"),
        build_llama.cache_key("0.3.36", "x86_64", CPUINFO, "other options"),
    }
    assert len(others | {key}) == 5


def test_another_clone_has_the_same_key() -> None:
    assert str(build_llama.ROOT) not in build_llama.build_options()


def test_builds_once(cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    pretend(monkeypatch, SUCCEEDS)
    assert build_llama.main() == 0
    first = capsys.readouterr()
    wheel = Path(first.out.strip())
    assert wheel.is_file()
    assert wheel.parent.parent == cache
    assert "llama.cpp: 100 %" in first.err

    pretend(monkeypatch, FAILS)
    assert build_llama.main() == 0
    assert capsys.readouterr() == (first.out, "")
    assert [path.name for path in cache.iterdir()] == [wheel.parent.name]


def test_failed_build(cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    pretend(monkeypatch, FAILS)
    assert build_llama.main() == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "g++: no such file" in err
    assert "line 99" in err
    assert "line 10\n" not in err
    log = next(cache.iterdir())
    assert str(log) in err
    assert "line 0\n" in log.read_text()

    pretend(monkeypatch, SUCCEEDS)
    assert build_llama.main() == 0


def test_environment_of_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CMAKE_BUILD_PARALLEL_LEVEL", "1")
    monkeypatch.setenv("CMAKE_ARGS", "-DGGML_CUDA=ON")
    environment = build_llama.build_environment()
    assert environment["CMAKE_BUILD_PARALLEL_LEVEL"] == "1"
    assert "CUDA" not in environment["CMAKE_ARGS"]
    assert environment["PATH"].startswith(str(Path(sys.executable).parent))


def test_the_source_is_checked_against_its_hash(tmp_path: Path) -> None:
    command = build_llama.build_command(tmp_path)
    assert "--require-hashes" in command
    assert command[command.index("--requirement") + 1] == str(build_llama.REQUIREMENT)
