"""Makes the page of all settings, `docs/settings.md`, out of the schema."""

from __future__ import annotations

import sys

from config.schema import Key, keys, sections
from config.validation import as_toml

_INTRODUCTION = """\
# Settings

This page is made from `config/schema.json` with `python -m config.reference >docs/settings.md`; do not edit
it by hand.

Arvis reads one TOML file; `arvis config path` says where it is, `arvis config show` what is in force and why, and
`arvis config validate` what is wrong in it, with the line. Everything has a default, so the file may be missing.
A value that is not allowed is replaced by its default and reported; it never keeps Arvis from starting.

```toml
[llm]
threads = 4

[tts]
speed = 1.2
```

An environment variable wins over the file. A list is written there with commas: `ARVIS_TTS_FALLBACK=piper,espeak-ng`.
An empty variable counts as not set.

Two variables are not settings: `ARVIS_LLM_API_KEY` is the key for a server that asks for one (a secret is never kept in
the file), and `ARVIS_HOME` is one folder for everything: settings, models, data, cache and logs.
"""


def render() -> str:
    """The page, in Markdown."""
    parts = [_INTRODUCTION]
    for section, description in sections().items():
        parts.append(f"## [{section}]\n\n{description}\n")
        parts += [_entry(key) for key in keys().values() if key.section == section]
    return "\n".join(parts)


def _entry(key: Key) -> str:
    unit = f" ({key.spec['x-unit']})" if "x-unit" in key.spec else ""
    lines = [
        f"### {key.path}\n",
        f"{key.spec['description']}\n",
        f"- Allowed: {key.allowed()}{unit}",
        f"- Default: `{as_toml(key.default)}`",
        f"- Environment: `{key.variable}`",
        f"- Since: {key.spec['x-since']}",
    ]
    if key.old_paths:
        lines.append(f"- Earlier names: {', '.join(key.old_paths)}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(render())
