"""What holds for every sub-command: where errors go, what --json means, and which options may stand anywhere."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from itertools import islice
from typing import Any, TextIO

import typer
from typer.core import TyperGroup

from arvis.cli import streams
from utils.errors import ArvisError

log = logging.getLogger(__name__)
log.addHandler(logging.NullHandler())  # else Python prints a traceback where logging is not set up yet

Document = dict[str, Any]
"""What a command prints as JSON. With an "error" in it the exit code is 1."""


_EVERYWHERE = {"--config": True, "--profile": True, "--set": True, "--debug-transcripts": False}
"""The options of every command, and whether a value follows them."""


class ArvisGroup(TyperGroup):
    """The `arvis` command.

    A sub-command that is called with --json returns its document, and only that reaches standard output, whatever
    the libraries print. Every failure is one sentence on standard error; with --json also a document that has an
    "error" with "code" and "message".
    """

    _json = False

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Parse the command line."""
        args = _hoist(args)
        self._json = "--json" in args
        with self._told(sys.stdout):
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: Any) -> Any:
        """Run the sub-command and print its document."""
        stdout = sys.stdout
        with self._told(stdout):
            if not self._json:
                return super().invoke(ctx)
            with redirect_stdout(sys.stderr):
                document = super().invoke(ctx)
            if document is not None:
                _print(document, stdout)
                raise typer.Exit(1 if "error" in document else 0)
        return None

    @contextmanager
    def _told(self, stdout: TextIO) -> Iterator[None]:
        try:
            yield
        except ArvisError as error:
            self._tell(stdout, error.code, error.message)
            raise typer.Exit(1) from error
        except typer.TyperException as error:
            if not self._json:
                raise
            self._tell(stdout, "usage", error.format_message())
            raise typer.Exit(error.exit_code) from error
        except (typer.Exit, typer.Abort, BrokenPipeError):
            raise
        except Exception as error:  # a mistake of ours: the log gets the traceback, the user a sentence
            if isinstance(error, OSError) and (reason := streams.lost(stdout)):
                tell(f"Standard output cannot be written: {reason}.")
                raise typer.Exit(1) from error
            log.exception("unexpected")
            self._tell(stdout, "unexpected", f"Something unexpected went wrong ({type(error).__name__}: {error}).")
            raise typer.Exit(1) from error

    def _tell(self, stdout: TextIO, code: str, message: str) -> None:
        tell(message)
        if self._json:
            with suppress(OSError):
                _print(error_document(code, message), stdout)
            streams.lost(stdout)


def tell(message: str) -> None:
    """Say one sentence on standard error."""
    typer.echo(f"arvis: {message}", err=True)


def error_document(code: str, message: str) -> Document:
    """The document of a command that failed."""
    return {"error": {"code": code, "message": message}}


def _print(document: Document, stdout: TextIO) -> None:
    stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    stdout.flush()


def _hoist(args: Sequence[str]) -> list[str]:
    """Move the options of every command to the front, so that they may be written behind the sub-command too."""
    arguments = list(args)
    end = arguments.index("--") if "--" in arguments else len(arguments)
    taken: list[str] = []
    left: list[str] = []
    waiting = iter(arguments[:end])
    for argument in waiting:
        name, equals, _ = argument.partition("=")
        if name in _EVERYWHERE and _EVERYWHERE[name] and not equals:
            taken += [argument, *islice(waiting, 1)]
        else:
            (taken if name in _EVERYWHERE else left).append(argument)
    return [*taken, *left, *arguments[end:]]
