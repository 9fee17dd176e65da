"""Scenes: what a file says is what is run, and what is wrong with one is said in a sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modules.audio.base import SPEECH_RATE, AudioChunk
from modules.audio.files import write_wav
from modules.bench.scene_fields import SceneError
from modules.bench.scene_files import read_scene, scenes_of
from modules.bench.scenes import BargeInScene, HandsFreeScene, SoakScene

SHIPPED = Path(__file__).parents[4] / "assets" / "scenes"
SOUNDS: list[dict[str, Any]] = [
    {"name": "wait", "kind": "interruption", "say": "Wait, what?", "voice": "piper", "pitch": 1.2},
    {"name": "cough", "kind": "noise", "noise": "cough", "seed": 4, "louder_db": 6},
    {"name": "none", "kind": "nothing"},
]
BARGE_IN: dict[str, Any] = {
    "kind": "barge-in",
    "about": "A test.",
    "seed": 9,
    "rooms": ["desk", {"name": "car", "rt60_s": 0.1, "delay_ms": 3, "echo_db": -5, "noise_db": -40}],
    "near_db": [-10, 10],
    "answers": "One long answer.",
    "costs": {"transcription_s": 0.3},
    "sounds": SOUNDS,
    "quick": {"near_db": [0], "only": ["cough"]},
}


def written(folder: Path, data: object) -> Path:
    path = folder / "scene.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return path


def recording(path: Path) -> None:
    write_wav(path, AudioChunk(np.full(SPEECH_RATE, 0.1, np.float32), SPEECH_RATE))


def wrong(folder: Path, **changes: Any) -> str:
    """The sentence about a scene with some fields changed; None takes a field out."""
    data = {name: value for name, value in {**BARGE_IN, **changes}.items() if value is not None}
    with pytest.raises(SceneError) as caught:
        read_scene(written(folder, data), quick=False)
    assert caught.value.code == "scene-wrong"
    assert caught.value.message.startswith("In the scene scene.json, ")
    return caught.value.message.removeprefix("In the scene scene.json, ")


def sound(**changes: Any) -> list[dict[str, Any]]:
    return [{**SOUNDS[0], **changes}]


def test_a_barge_in_scene(tmp_path: Path) -> None:
    scene = read_scene(written(tmp_path, BARGE_IN))
    assert isinstance(scene, BargeInScene)
    assert (scene.name, scene.seed, scene.near_db, scene.extra_delay_ms) == ("scene", 9, (-10.0, 10.0), (0.0,))
    assert [room.name for room in scene.rooms] == ["desk", "car"]
    assert (scene.rooms[1].noise_db, scene.rooms[1].direct_db) == (-40.0, 6.0)
    assert scene.answers == ("One long answer.",)
    assert (scene.costs.transcription, scene.costs.first_token) == (0.3, 0.06)
    wait, cough, none = scene.sounds
    assert (wait.say, wait.voices, wait.pitch, wait.words) == ("Wait, what?", ("piper",), 1.2, "Wait, what?")
    assert (cough.noise, cough.seed, cough.louder) == ("cough", 4, 6.0)
    assert (none.kind, none.say, none.file, none.noise) == ("nothing", "", None, "")


def test_the_quick_version_takes_the_place_of_what_it_names(tmp_path: Path) -> None:
    scene = read_scene(written(tmp_path, BARGE_IN), quick=True)
    assert isinstance(scene, BargeInScene)
    assert scene.near_db == (0.0,)
    assert [sound.name for sound in scene.sounds] == ["cough"]
    assert len(scene.rooms) == 2


def test_recordings_are_found_beside_the_scene(tmp_path: Path) -> None:
    recording(tmp_path / "a.wav")
    part = {"name": "part", "kind": "interruption", "file": "a.wav", "from_s": 0.1, "to_s": 0.5, "words": "a word"}
    scene = read_scene(written(tmp_path, {**BARGE_IN, "sounds": [part]}))
    assert isinstance(scene, BargeInScene)
    assert (scene.sounds[0].file, scene.sounds[0].begin, scene.sounds[0].end) == (tmp_path / "a.wav", 0.1, 0.5)


def test_a_soak_and_a_hands_free_scene(tmp_path: Path) -> None:
    soak = read_scene(written(tmp_path, {"kind": "soak", "rooms": ["booth"], "minutes": 10, "answers": ["Words."]}))
    assert isinstance(soak, SoakScene)
    assert (soak.minutes, soak.output_latency_ms) == (10.0, 25.0)
    recording(tmp_path / "b.wav")
    recording(tmp_path / "a.wav")
    free = read_scene(written(tmp_path, {"kind": "hands-free", "recordings": ["*.wav"], "pauses_s": [0, 0.5]}))
    assert isinstance(free, HandsFreeScene)
    assert [path.name for path in free.recordings] == ["a.wav", "b.wav"]
    assert free.pauses == (0.0, 0.5)


def test_scenes_are_chosen_by_kind(tmp_path: Path) -> None:
    path = written(tmp_path, BARGE_IN)
    assert [scene.name for scene in scenes_of(BargeInScene, [path])] == ["scene"]
    assert scenes_of(SoakScene, [path]) == []


@pytest.mark.parametrize("quick", [False, True])
def test_the_scenes_that_are_shipped_can_be_read(quick: bool) -> None:
    paths = sorted(SHIPPED.glob("*.json"))
    assert {type(read_scene(path, quick=quick)) for path in paths} == {BargeInScene, SoakScene, HandsFreeScene}


def test_what_is_wrong_is_told(tmp_path: Path) -> None:
    assert wrong(tmp_path, kind="opera") == "'kind' must be one of barge-in, soak, hands-free, not 'opera'."
    assert wrong(tmp_path, answers=None) == "'answers' is missing."
    assert wrong(tmp_path, answers=["", "a"]) == "'answers' must be a list of texts, not ''."
    assert wrong(tmp_path, seed="nine") == "'seed' must be a number from 0 to 2.14748e+09, not 'nine'."
    assert wrong(tmp_path, seed=True).startswith("'seed' must be a number")
    assert wrong(tmp_path, near_db=[]) == "'near_db' must be a list with something in it, not []."
    assert wrong(tmp_path, near_db=[99]) == "'near_db' must be a number from -40 to 40, not 99."
    assert wrong(tmp_path, about=" ") == "'about' must be a text, not ' '."
    assert wrong(tmp_path, rooms=["cave"]).startswith("there is no room 'cave'; those there are: laptop, desk")
    assert wrong(tmp_path, rooms=[7]) == "rooms[0] must be an object in braces."
    assert wrong(tmp_path, rooms=[{"name": "car", "rt60_s": 0.1, "delay_ms": 3}]) == "'rooms[0].echo_db' is missing."
    assert wrong(tmp_path, costs={"tea_s": 1}).startswith("'costs.tea_s' means nothing; the fields here are")
    assert wrong(tmp_path, colour="red").startswith("'colour' means nothing; the fields here are: about, answers, ")
    assert wrong(tmp_path, only=["thunder"]) == "'only' names 'thunder', and there is no such sound."


def test_what_is_wrong_with_a_sound_is_told(tmp_path: Path) -> None:
    assert wrong(tmp_path, sounds=SOUNDS + SOUNDS[:1]) == "two sounds are named 'wait'."
    assert wrong(tmp_path, sounds=sound(noise="cough")).startswith("each sound has exactly one of")
    assert wrong(tmp_path, sounds=sound(kind="nothing")).startswith("each sound has exactly one of")
    assert wrong(tmp_path, sounds=[{"name": "a", "kind": "noise"}]).startswith("each sound has exactly one of")
    assert wrong(tmp_path, sounds=sound(pitch=9)) == "'sounds[0].pitch' must be a number from 0.5 to 2, not 9."
    unknown = wrong(tmp_path, sounds=[{"name": "a", "kind": "noise", "noise": "thunder"}])
    assert unknown.startswith("'sounds[0].noise' must be one of cough, throat, ")
    lost = wrong(tmp_path, sounds=[{"name": "a", "kind": "noise", "file": "lost.wav"}])
    assert lost == "the recording 'lost.wav' does not exist."
    recording(tmp_path / "a.wav")
    wordless = wrong(tmp_path, sounds=[{"name": "a", "kind": "interruption", "file": "a.wav"}])
    assert wordless == "'sounds[0].words' is missing."


def test_recordings_that_do_not_exist_are_told(tmp_path: Path) -> None:
    with pytest.raises(SceneError, match=r"no file is meant by '\*\.ogg' in 'recordings'"):
        read_scene(written(tmp_path, {"kind": "hands-free", "recordings": "*.ogg"}))


def test_a_file_that_is_no_scene_is_told(tmp_path: Path) -> None:
    with pytest.raises(SceneError, match="There is no scene"):
        read_scene(tmp_path / "none.json")
    with pytest.raises(SceneError, match="cannot be read"):
        read_scene(tmp_path)
    with pytest.raises(SceneError, match=r"scene\.json is no JSON: .* line 1"):
        read_scene(written(tmp_path, "{"))
    with pytest.raises(SceneError, match="the whole document must be an object"):
        read_scene(written(tmp_path, [1]))
