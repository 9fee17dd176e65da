"""Which package index is to be asked: the one that pip or uv is set to."""

from __future__ import annotations

import configparser
import os
import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

DEFAULT = "https://pypi.org/simple/"
_VARIABLES = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL")
_NAME = re.compile(r"^[\w.-]+=")
"""What may stand before a URL for uv."""
_SECTIONS = ("install", "global")
"""Of pip's files; what is for the command wins."""


def index_url(environ: Mapping[str, str], pip_files: Iterable[Path], uv_files: Iterable[Path]) -> str:
    """Base URL of the simple interface of the package index.

    The environment goes before pip's files, and these before uv's; in each group, the first that names an index on the
    web decides. It may have credentials in it, so it is not for the eye.

    Args:
        environ: The environment.
        pip_files: pip's configuration files, those first that win.
        uv_files: uv's configuration files, those first that win.
    """
    named = [_NAME.sub("", environ.get(name, "").strip()) for name in _VARIABLES]
    named += [_pip(path) for path in pip_files]
    named += [_uv(path) for path in uv_files]
    return next((url for url in named if urlsplit(url).scheme in ("http", "https")), DEFAULT)


def pip_files(environ: Mapping[str, str] = os.environ) -> list[Path]:
    """Where pip looks for its configuration, what wins first (documentation of pip, "Configuration")."""
    name = "pip.ini" if sys.platform == "win32" else "pip.conf"
    home = Path.home()
    if own := environ.get("PIP_CONFIG_FILE"):
        return [] if own == os.devnull else [Path(own), Path(sys.prefix) / name]
    if sys.platform == "win32":
        users = [Path(environ.get("APPDATA", home)) / "pip" / name, home / "pip" / name]
        machine = [Path(environ.get("PROGRAMDATA", "C:/ProgramData")) / "pip" / name]
    elif sys.platform == "darwin":
        users = [home / "Library/Application Support/pip" / name, home / ".config/pip" / name, home / ".pip" / name]
        machine = [Path("/Library/Application Support/pip") / name]
    else:
        config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
        users = [config / "pip" / name, home / ".pip" / name]
        machine = [Path("/etc") / name]
    return [Path(sys.prefix) / name, *users, *machine]


def uv_files(environ: Mapping[str, str] = os.environ) -> list[Path]:
    """Where uv looks for its configuration, what wins first (documentation of uv, "Configuration files")."""
    if sys.platform == "win32":
        users = Path(environ.get("APPDATA", Path.home()))
        return [users / "uv" / "uv.toml", Path(environ.get("PROGRAMDATA", "C:/ProgramData")) / "uv" / "uv.toml"]
    users = Path(environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return [users / "uv" / "uv.toml", Path("/etc/uv/uv.toml")]


def _pip(path: Path) -> str:
    parser = configparser.RawConfigParser()
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError, OSError):
        return ""
    for section in _SECTIONS:
        for key in ("index-url", "index_url"):
            if parser.has_option(section, key):
                return str(parser.get(section, key)).strip()
    return ""


def _uv(path: Path) -> str:
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return ""
    indexes = data.get("index", [])
    for entry in indexes if isinstance(indexes, list) else []:
        if isinstance(entry, dict) and entry.get("default") and isinstance(entry.get("url"), str):
            return str(entry["url"])
    url = data.get("index-url", "")
    return url if isinstance(url, str) else ""
