"""Says what a report of pip-audit means.

Run as `python -m scripts.vulnerabilities REPORT LOG`. Exit codes: 0 looked up and nothing found, 1 something found,
3 not looked up. pip-audit itself says "no known vulnerabilities found" also when the index that it asked knows nothing
about any package, as an index that only mirrors files does.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

FOUND = 1
NOT_LOOKED_UP = 3
_ADDRESS = re.compile(r"\S*://\S*")
"""The address of an index may have a password in it."""


def main(report: str, log: str) -> int:
    """Print what was found, and return the exit code."""
    packages = _read(Path(report))
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    lines = [line for package in packages for line in _vulnerabilities(package)]
    if lines:
        print("audit: known vulnerabilities in the locked packages:", *lines, sep="\n", file=sys.stderr)
        print("audit: run 'make lock' to get fixed versions, or see scripts/audit.", file=sys.stderr)
        return FOUND
    if len(unknown) == len(packages):
        print(f"audit: vulnerabilities of the locked packages were NOT looked up: {_why(Path(log), packages)}")
        return NOT_LOOKED_UP
    if unknown:
        print(f"audit: NOT looked up, because the index does not know them: {', '.join(unknown)}")
    print(f"audit: no known vulnerability in {len(packages) - len(unknown)} locked packages")
    return 0


def _read(report: Path) -> list[dict[str, Any]]:
    try:
        packages = json.loads(report.read_bytes())["dependencies"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return packages if isinstance(packages, list) else []


def _vulnerabilities(package: dict[str, Any]) -> list[str]:
    return [
        f"  {package['name']} {package['version']}: {', '.join([found['id'], *found.get('aliases', [])])}; "
        f"fixed in {', '.join(found['fix_versions']) or 'no version yet'}"
        for found in package.get("vulns", [])
    ]


def _why(log: Path, packages: list[dict[str, Any]]) -> str:
    if packages:
        return "the index that pip-audit asks knows nothing about any of them; it may be a mirror of files only."
    lines = log.read_text(errors="replace").split("\n") if log.exists() else []
    last = next((line.strip() for line in reversed(lines) if line.strip()), "pip-audit said nothing")
    return f"pip-audit did not get through ({_ADDRESS.sub('...', last)[:200]})."


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
