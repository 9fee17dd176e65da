"""Which models and servers the settings ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from arvis.machine_checks import asked_weights, has_proxy, machine_checks, sample, servers
from config.settings import Settings
from modules.health.base import Finding
from modules.health.network import Server
from modules.llm.base import LanguageModelError
from modules.network.policy import POLICY


def asked(**values: Any) -> dict[str, bool]:
    """Titles of the models, and whether each is essential, for settings such as llm_engine="openai"."""
    settings = Settings.of({name.replace("_", ".", 1): value for name, value in values.items()})
    return {weights.title: weights.essential for weights in asked_weights(settings)}


def test_what_comes_with_arvis_is_asked_for_by_default() -> None:
    assert asked() == {
        "Whisper base": False,
        "Moonshine tiny": False,
        "SmolLM2": True,
        "the Hibari voice": False,
        "Joe (Piper voice)": False,
    }


def test_what_stands_alone_is_essential() -> None:
    assert asked(stt_fallback=(), tts_fallback=(), llm_engine="openai") == {
        "Whisper base": True,
        "the Hibari voice": True,
    }
    assert asked(
        stt_engine="moonshine", stt_fallback=(), tts_engine="espeak-ng", tts_fallback=(), llm_engine="openai"
    ) == {"Moonshine tiny": True}
    assert asked(llm_fallback=("openai",))["SmolLM2"] is False


def test_models_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    found = asked(
        stt_model=str(tmp_path / "mine"), stt_fallback=(), llm_model=str(tmp_path / "x.gguf"), tts_fallback=()
    )
    assert found == {str(tmp_path / "mine"): True, "x.gguf": True, "the Hibari voice": True}
    settings = Settings.of({"llm.model": str(tmp_path / "x.gguf")})
    (model,) = [weights for weights in asked_weights(settings) if weights.title == "x.gguf"]
    with pytest.raises(LanguageModelError, match="does not exist"):
        model.find()


def test_a_model_at_the_hub_is_not_looked_for() -> None:
    assert asked(stt_model="Systran/faster-whisper-small", stt_fallback=(), tts_fallback=(), llm_engine="openai") == {
        "the Hibari voice": True
    }


def test_the_installed_models_are_found() -> None:
    for weights in asked_weights(Settings()):
        if weights.title != "Whisper base":  # that one would be put together here
            weights.find()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, []),
        ({"llm.engine": "openai", "llm.base_url": "https://models.example/v1"}, [("models.example", 443)]),
        ({"llm.fallback": ("openai",), "llm.base_url": "http://models.example/v1"}, [("models.example", 80)]),
        ({"llm.engine": "openai", "llm.base_url": "http://127.0.0.1:8080/v1"}, [("127.0.0.1", 8080)]),
        ({"llm.engine": "openai", "llm.base_url": "http://[::1]:8080"}, [("::1", 8080)]),
        ({"llm.engine": "openai", "llm.base_url": "http://x:99999"}, []),
        ({"llm.engine": "openai", "llm.base_url": "nonsense"}, []),
    ],
)
def test_servers_are_those_of_the_engines_in_use(values: dict[str, Any], expected: list[tuple[str, int]]) -> None:
    assert servers(Settings.of(values)) == [Server(host, port, "language model") for host, port in expected]


@pytest.mark.parametrize(
    ("environ", "expected"),
    [({}, False), ({"HTTPS_PROXY": ""}, False), ({"https_proxy": "http://p:1"}, True), ({"ALL_PROXY": "x"}, True)],
)
def test_a_proxy_of_the_environment(environ: dict[str, str], expected: bool) -> None:
    assert has_proxy(environ) is expected


async def test_the_checks_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARVIS_HOME", str(tmp_path))
    settings = Settings.of({"stt.engine": "moonshine", "stt.fallback": ()})
    checks = {check.name: check for check in machine_checks(settings, tmp_path / "x.toml", lambda: [], thorough=False)}
    assert list(checks) == ["settings", "models", "disk", "network"]
    found: dict[str, Finding] = {name: await check.look() for name, check in checks.items()}
    assert found["settings"].reason == f"{tmp_path}/x.toml does not exist, so every setting has its default."
    assert "Moonshine tiny" in found["models"].reason
    assert found["disk"].reason.endswith(f"{tmp_path}/cache.")
    assert found["network"].reason.startswith("Offline" if POLICY.offline else "Not needed")


def test_the_sample_is_speech() -> None:
    speech = sample()
    assert (speech.sample_rate, round(speech.seconds, 1)) == (16_000, 2.8)
