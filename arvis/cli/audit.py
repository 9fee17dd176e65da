"""`arvis audit`: what happened, and whether the log of it is as it was written."""

from __future__ import annotations

import json as codec
from collections import deque
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arvis.cli.group import Document, error_document
from utils.errors import ArvisError

if TYPE_CHECKING:
    from modules.security.audit_check import Verdict
    from modules.security.chain import Link

MOST_FINDINGS = 20
"""Findings that are printed; --json has all of them."""

app = typer.Typer(help="Read and check the audit log.", no_args_is_help=True)


class AnchorError(ArvisError):
    """The anchor on the command line is none."""

    stage = "cli"


@app.command("verify")
def verify(
    anchor: Annotated[
        str,
        typer.Option(metavar="N:HASH", help="The end that an earlier check told: record N must still have that hash."),
    ] = "",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> Document | None:
    """Check that no record was changed, removed or put elsewhere; exit code 1 when one was."""
    from arvis.security import audit_folder
    from modules.security.audit_check import verify

    folder = audit_folder()
    verdict = verify(folder, _anchor(anchor))
    if json:
        return {"folder": str(folder), **_document(verdict)}
    for line in _lines(verdict):
        typer.echo(line)
    if not verdict.genuine:
        raise typer.Exit(1)
    return None


@app.command("show")
def show(
    last: Annotated[int, typer.Option(min=1, metavar="N", help="How many records, the newest last.")] = 50,
    event: Annotated[str, typer.Option(metavar="NAME", help="Only records of this event.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> Document | None:
    """Print the newest records. What was said is not in them, and never was."""
    from arvis.security import open_audit

    wanted = (record for record in open_audit().read() if not event or record["event"] == event)
    records = list(deque(wanted, maxlen=last))
    if json:
        return {"records": records}
    for record in records:
        typer.echo(_line(record))
    if not records:
        typer.echo("There are no records.")
    return None


def _anchor(text: str) -> Link | None:
    from modules.security.chain import Link

    if not text:
        return None
    count, _, digest = text.partition(":")
    if not count.isascii() or not count.isdigit() or len(digest) != 64:
        raise AnchorError(
            "bad-anchor",
            "An anchor is a number, a colon and 64 characters. Copy it from an earlier 'arvis audit verify'.",
        )
    return Link(int(count), digest)


def _document(verdict: Verdict) -> Document:
    document: Document = {
        "genuine": verdict.genuine,
        "records": verdict.records,
        "since": verdict.since,
        "until": verdict.until,
        "end": {"count": verdict.end.count, "hash": verdict.end.hash},
        "findings": [
            {"fault": finding.fault.value, "place": finding.place, "text": finding.text} for finding in verdict.findings
        ],
    }
    return document if verdict.genuine else {**document, **error_document("not-genuine", _summary(verdict))}


def _lines(verdict: Verdict) -> list[str]:
    if not verdict.records and verdict.genuine:
        return ["There is no audit log yet."]
    lines = [f"{_plain(finding.place)}: {finding.text}" for finding in verdict.findings[:MOST_FINDINGS]]
    if len(verdict.findings) > MOST_FINDINGS:
        lines.append(f"... and {len(verdict.findings) - MOST_FINDINGS} more")
    lines.append(_summary(verdict))
    return [*lines, f"The end is {verdict.end.count}:{verdict.end.hash}"] if verdict.records else lines


def _summary(verdict: Verdict) -> str:
    span = f"{_counted(verdict.records, 'record')} from {_plain(verdict.since)} to {_plain(verdict.until)}"
    if verdict.genuine:
        return f"OK: {span} are as they were written."
    where = f" in {span}" if verdict.records else ", and no record can be read"
    return f"The audit log is not as it was written: {_counted(len(verdict.findings), 'finding')}{where}."


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _line(record: dict[str, Any]) -> str:
    fields = " ".join(f"{_plain(name)}={codec.dumps(value)}" for name, value in record["fields"].items())
    return f"{record['n']:>6}  {_plain(record['time'])}  {_plain(record['event'])}  {fields}".rstrip()


def _plain(text: str) -> str:
    """Without characters that a terminal would obey: a file that somebody has changed may have any."""
    return codec.dumps(text)[1:-1]
