"""Scenes as files: JSON, described in docs/benchmarks.md."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from glob import glob
from pathlib import Path
from typing import Any, TypeVar, get_args

from modules.bench.acoustics import ROOMS, Room
from modules.bench.noises import NOISES
from modules.bench.scene_fields import Fields, SceneError
from modules.bench.scenes import (
    BargeInScene,
    Costs,
    HandsFreeScene,
    Scene,
    SoakScene,
    Sound,
    SoundKind,
)

S = TypeVar("S", BargeInScene, SoakScene, HandsFreeScene)

_ROOMS = {room.name: room for room in ROOMS}
_ROOM_BOUNDS = {
    "rt60_s": (0.05, 5.0),
    "delay_ms": (0.0, 500.0),
    "echo_db": (-120.0, 20.0),
    "direct_db": (-40.0, 60.0),
    "low_cut_hz": (10.0, 1000.0),
    "distortion": (0.0, 5.0),
    "noise_db": (-120.0, 0.0),
}


def read_scene(path: str | Path, *, quick: bool = False) -> Scene:
    """Read a scene file.

    Args:
        path: The file; the paths of recordings in it are relative to it.
        quick: Put what its field "quick" holds in place of the same fields outside.

    Raises:
        SceneError: `scene-missing`, `scene-no-json`, or `scene-wrong`.
    """
    path = Path(path)
    data = _document(path)
    if isinstance(data, dict):
        shorter = data.pop("quick", {})
        data = {**data, **shorter} if quick and isinstance(shorter, Mapping) else data
    document = Fields(path.name, data)
    scene = _KINDS[document.choice("kind", _KINDS)](document, path)
    document.end()
    return scene


def scenes_of(kind: type[S], paths: Sequence[str | Path], *, quick: bool = False) -> list[S]:
    """Those scenes of some files that are of one kind.

    Raises:
        SceneError: A file cannot be used.
    """
    return [scene for path in paths if isinstance(scene := read_scene(path, quick=quick), kind)]


def _document(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SceneError("scene-missing", f"There is no scene '{path}'. Check the name and the folder.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SceneError("scene-missing", f"The scene '{path}' cannot be read: {error}.") from error
    except json.JSONDecodeError as error:
        raise SceneError("scene-no-json", f"The scene {path.name} is no JSON: {error}.") from error


def _barge_in(document: Fields, path: Path) -> Scene:
    document.text("about", "-")
    only = document.texts("only", ["*"])
    sounds = [_sound(document.group(f"sounds[{n}]", s), path) for n, s in enumerate(document.items("sounds"))]
    chosen = tuple(sound for sound in sounds if only == ("*",) or sound.name in only)
    names = [sound.name for sound in sounds]
    if unknown := [name for name in only if name not in {*names, "*"}]:
        raise document.error(f"'only' names '{unknown[0]}', and there is no such sound")
    if twice := [name for name in names if names.count(name) > 1]:
        raise document.error(f"two sounds are named '{twice[0]}'")
    return BargeInScene(
        name=path.stem,
        seed=int(document.number("seed", 0, 2**31, 0)),
        rooms=_rooms(document),
        near_db=document.numbers("near_db", -40, 40, [0]),
        extra_delay_ms=document.numbers("extra_delay_ms", 0, 500, [0]),
        output_latency_ms=document.number("output_latency_ms", 0, 500, 25),
        answers=document.texts("answers"),
        sounds=chosen,
        costs=_costs(document.group("costs")),
    )


def _soak(document: Fields, path: Path) -> Scene:
    document.text("about", "-")
    return SoakScene(
        name=path.stem,
        seed=int(document.number("seed", 0, 2**31, 0)),
        rooms=_rooms(document),
        minutes=document.number("minutes", 0.1, 600),
        output_latency_ms=document.number("output_latency_ms", 0, 500, 25),
        answers=document.texts("answers"),
        costs=_costs(document.group("costs")),
    )


def _hands_free(document: Fields, path: Path) -> Scene:
    document.text("about", "-")
    return HandsFreeScene(
        name=path.stem,
        seed=int(document.number("seed", 0, 2**31, 0)),
        recordings=_recordings(document, path),
        pauses=document.numbers("pauses_s", 0, 5, [0]),
        noise_db=document.number("noise_db", -120, 0, -65),
        lead=document.number("lead_s", 0, 30, 1),
        patience=document.number("patience_s", 1, 60, 6),
    )


_KINDS: dict[str, Callable[[Fields, Path], Scene]] = {"barge-in": _barge_in, "soak": _soak, "hands-free": _hands_free}


def _rooms(document: Fields) -> tuple[Room, ...]:
    return tuple(_room(document, item, number) for number, item in enumerate(document.items("rooms")))


def _room(document: Fields, item: object, number: int) -> Room:
    """A room by its name, or one of the file's own."""
    if isinstance(item, str):
        if item not in _ROOMS:
            raise document.error(f"there is no room '{item}'; those there are: {', '.join(_ROOMS)}")
        return _ROOMS[item]
    own = document.group(f"rooms[{number}]", item)
    name = own.text("name")
    required = {"rt60_s", "delay_ms", "echo_db"}
    values = {
        each: own.number(each, *bounds) for each, bounds in _ROOM_BOUNDS.items() if each in required or own.has(each)
    }
    own.end()
    return Room(name, **values)


def _costs(group: Fields) -> Costs:
    values = {each.name: group.number(f"{each.name}_s", 0, 60) for each in fields(Costs) if group.has(f"{each.name}_s")}
    group.end()
    return Costs(**values)


def _sound(item: Fields, path: Path) -> Sound:
    kind: SoundKind = item.choice("kind", get_args(SoundKind))  # type: ignore[assignment]  # one of its words
    made = [source for source in ("say", "file", "noise") if item.has(source)]
    if len(made) != (kind != "nothing"):
        raise item.error("each sound has exactly one of 'say', 'file' and 'noise', but for kind 'nothing'")
    says = made == ["say"]
    sound = Sound(
        name=item.text("name"),
        kind=kind,
        say=item.text("say") if says else "",
        voices=item.texts("voice") if says else (),
        pitch=item.number("pitch", 0.5, 2, 1) if says else 1.0,
        file=_file(item, path) if made == ["file"] else None,
        begin=item.number("from_s", 0, 3600, 0) if made == ["file"] else 0.0,
        end=item.number("to_s", 0, 3600) if item.has("to_s") else None,
        noise=item.choice("noise", NOISES) if made == ["noise"] else "",
        seed=int(item.number("seed", 0, 2**31, 0)) if made == ["noise"] else 0,
        louder=item.number("louder_db", -40, 40, 0),
        words=item.text("words", item.text("say") if says else None) if kind == "interruption" else "",
    )
    item.end()
    return sound


def _file(item: Fields, path: Path) -> Path:
    found = path.parent / item.text("file")
    if not found.is_file():
        raise item.error(f"the recording '{item.text('file')}' does not exist")
    return found


def _recordings(document: Fields, path: Path) -> tuple[Path, ...]:
    found: list[Path] = []
    for pattern in document.texts("recordings"):
        matching = sorted(Path(each) for each in glob(str(path.parent / pattern)) if Path(each).is_file())
        if not matching:
            raise document.error(f"no file is meant by '{pattern}' in 'recordings'")
        found += matching
    return tuple(found)
