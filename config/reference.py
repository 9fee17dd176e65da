"""Makes the page of all settings, `docs/CONFIG_REFERENCE.md`, out of the schema."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from config.document import MAX_BYTES
from config.flags import flags
from config.schema import VERSION, Key, keys, secrets, sections
from config.validation import as_toml

_INTRODUCTION = f"""\
# Settings

This page is made from `config/schema.json` with `python -m config.reference >docs/CONFIG_REFERENCE.md`; do not edit
it by hand.

Arvis reads one TOML file; `arvis config path` says where it is, `arvis config show` what is in force and why, and
`arvis config validate` what is wrong in it, with the line. Everything has a default, so the file may be missing.

```toml
version = {VERSION}

[llm]
threads = 4

[tts]
speed = 1.2
```

## Where a value comes from

Of these, a later one wins over an earlier one; `arvis config show --origin` tells which one it was:

1. the default,
2. the settings file,
3. the profile: the file `profiles/NAME.toml` beside the settings file, written like it, chosen with `--profile NAME` or
   with the environment variable `ARVIS_PROFILE`; `--profile ""` chooses none,
4. the environment: `ARVIS_LLM_THREADS=4`,
5. the command line: `arvis --set llm.threads=4`, as often as wanted.

In the environment and on the command line a list is written with commas, `ARVIS_TTS_FALLBACK=piper,espeak-ng`, where
items have commas in them with semicolons, or as in the file: `["piper", "espeak-ng"]`. An empty variable counts as not
set. `ARVIS_HOME` is no setting: it is one folder for everything, settings, models, data, cache and logs.

## Mistakes

A mistake never keeps Arvis from starting. It is told with file, line, key, value, what is allowed, and the nearest name
there is, and something else counts:

| What is wrong | What counts instead |
|---|---|
| A value that is not allowed | The next value in the list above, down to the default |
| The same for {{careful}} | {{safe}}: where less was to be possible, a slip must not make it more |
| A name that does not exist | Nothing; it is ignored |
| An earlier name of a setting | Its value; `arvis config migrate` renames it |
| A file of a later version | What this version knows of it |
| What is no TOML, no UTF-8, no file, or over {MAX_BYTES // 1024} KB | Defaults and these safe values |

## Changes while Arvis runs

A running Arvis reads the file again as soon as it changes, also when an editor replaces it; below, each setting says
whether its change counts at once or at the next start. A file that is broken at that moment keeps the values that it
had. Defaults would be worse there: most broken files are half-way through an edit, and falling back would switch
engines, open the microphone or end the offline mode for as long as a quotation mark is missing. A single value that is
not allowed is different, since the rest of the file says what you want: it counts as at a start, so that what is in
force does not depend on what was in the file before.

## Secrets

A secret is never kept in a file of settings, and a value that looks like one is never repeated in a message. `arvis
config secret set NAME` gives it to the keyring of the system; the environment variable wins over that.

| Name | Environment | What it is |
|---|---|---|
"""


def render() -> str:
    """The page, in Markdown."""
    careful = [key for key in keys().values() if key.safe != key.default]
    introduction = _INTRODUCTION.replace("{careful}", ", ".join(f"`{key.path}`" for key in careful))
    introduction = introduction.replace("{safe}", ", ".join(f"`{as_toml(key.safe)}`" for key in careful))
    parts = [introduction + "\n".join(_secrets()) + "\n", "\n".join(_flags()) + "\n"]
    for section, description in sections().items():
        parts.append(f"## [{section}]\n\n{description}\n")
        parts += [_entry(key) for key in keys().values() if key.section == section]
    return "\n".join(parts)


def _secrets() -> Iterator[str]:
    for key in secrets().values():
        yield f"| {key.path} | `{key.variable}` | {key.spec['description']} |"


def _flags() -> Iterator[str]:
    yield "## Flags\n"
    yield "What is new can be switched with a flag until it has proved itself; `arvis config flags` lists them.\n"
    yield "| Flag | Default | Owner | Gone in version |"
    yield "|---|---|---|---|"
    for flag in flags():
        yield f"| {flag.path} | `{as_toml(flag.default)}` | {flag.owner} | {flag.removal} |"


def _entry(key: Key) -> str:
    unit = f" ({key.spec['x-unit']})" if "x-unit" in key.spec else ""
    lines = [
        f"### {key.path}\n",
        f"{key.spec['description']}\n",
        f"- Allowed: {key.allowed()}{unit}",
        f"- Default: `{as_toml(key.default)}`",
        f"- Environment: `{key.variable}`",
        f"- A change counts: {'at the next start' if key.restart else 'at once'}",
        f"- Since: {key.spec['x-since']}",
    ]
    if key.old_paths:
        lines.append(f"- Earlier names: {', '.join(key.old_paths)}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(render())
