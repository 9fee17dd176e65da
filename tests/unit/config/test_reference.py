"""The page of settings is what the schema says today."""

from __future__ import annotations

from pathlib import Path

from config import reference
from config.schema import keys

PAGE = Path(__file__).parents[3] / "docs" / "CONFIG_REFERENCE.md"


def test_the_page_is_not_stale() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference.render(), (
        "run: python -m config.reference >docs/CONFIG_REFERENCE.md"
    )


def test_every_key_has_an_entry_with_its_bounds() -> None:
    page = reference.render()
    for path in keys():
        assert f"\n### {path}\n" in page
    entry = page[page.index("### audio.block_frames") : page.index("## [talk]")]
    assert "- Allowed: a whole number from 64 to 4096 (frames)\n- Default: `480`\n" in entry
    assert "- Environment: `ARVIS_AUDIO_BLOCK_FRAMES`\n- A change counts: at the next start\n- Since: 0.1.0\n" in entry


def test_earlier_names_secrets_and_flags_are_listed() -> None:
    page = reference.render()
    entry = page[page.index("### talk.debounce_seconds") : page.index("### talk.hands_free_max_seconds")]
    assert "- A change counts: at once\n- Since: 0.1.0\n- Earlier names: talk.debounce\n" in entry
    assert "| llm.api_key | `ARVIS_LLM_API_KEY` | The key" in page
    assert "| flags.live_reload | `true` | settings | 0.3.0 |" in page
    careful = "`tts.cache_mb`, `network.offline`, `security.role`, `security.lock_minutes`"
    assert f'| The same for {careful} | `0`, `true`, `"guest"`, `5.0`: ' in page
