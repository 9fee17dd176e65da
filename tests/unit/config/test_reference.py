"""The page of settings is what the schema says today."""

from __future__ import annotations

from pathlib import Path

from config import reference
from config.schema import Key, keys

PAGE = Path(__file__).parents[3] / "docs" / "settings.md"


def test_the_page_is_not_stale() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference.render(), "run: python -m config.reference >docs/settings.md"


def test_every_key_has_an_entry_with_its_bounds() -> None:
    page = reference.render()
    for path in keys():
        assert f"\n### {path}\n" in page
    entry = page[page.index("### audio.block_frames") : page.index("## [talk]")]
    assert "- Allowed: a whole number from 64 to 4096 (frames)\n- Default: `480`\n" in entry
    assert "- Environment: `ARVIS_AUDIO_BLOCK_FRAMES`\n- Since: 0.1.0\n" in entry


def test_earlier_names_are_listed() -> None:
    spec = {**keys()["talk.hotkey"].spec, "x-renamed-from": ["keys.talk"]}
    assert "- Earlier names: keys.talk\n" in reference._entry(Key("talk", "hotkey", spec))
