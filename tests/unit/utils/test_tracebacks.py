from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from utils.discretion import allow_words
from utils.errors import ArvisError
from utils.tracebacks import describe, render

WORDS = "open the pod bay doors"


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    yield
    allow_words(False)


def caught(function: Callable[[], object]) -> BaseException:
    try:
        function()
    except BaseException as error:  # noqa: BLE001  # it is what is looked at
        return error
    raise AssertionError("nothing was raised")


def fail() -> None:
    try:
        raise ValueError(f"cannot read {WORDS}")
    except ValueError as error:
        raise ArvisError("engine-failed", f"The speech recognition failed: {error}") from error


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ValueError(WORDS), "ValueError: (withheld)"),
        (KeyError(WORDS), "KeyError: (withheld)"),
        (RuntimeError(), "RuntimeError"),
        (UnicodeDecodeError("utf-8", WORDS.encode(), 0, 1, "bad"), "UnicodeDecodeError: (withheld)"),
        (OSError(WORDS), "OSError: (withheld)"),
        (FileNotFoundError(2, "No such file", "a.wav"), "FileNotFoundError: [Errno 2] No such file 'a.wav'"),
        (OSError(18, "Cross-device", "a", None, "b"), "OSError: [Errno 18] Cross-device 'a' 'b'"),
        (ModuleNotFoundError("No module named 'x'"), "ModuleNotFoundError: No module named 'x'"),
        (ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero"),
        (ArvisError("x", f"It failed: {WORDS}"), "utils.errors.ArvisError: [x] It failed."),
    ],
)
def test_a_message_is_told_only_if_it_cannot_hold_words(error: BaseException, told: str) -> None:
    assert describe(error) == told


def test_with_leave_every_message_is_told() -> None:
    allow_words()
    assert describe(ValueError(WORDS)) == f"ValueError: {WORDS}"


def test_a_chain_is_rendered_without_words_and_with_every_place() -> None:
    text = render(caught(fail))
    assert WORDS not in text
    assert text.count("Traceback (most recent call last):") == 2
    assert text.index("ValueError: (withheld)") < text.index("From it came:")
    assert text.endswith("[engine-failed] The speech recognition failed.")
    assert "in fail" in text


def test_what_was_raised_while_another_was_handled_is_rendered_and_what_was_hidden_is_not() -> None:
    def handle() -> None:
        try:
            raise KeyError(WORDS)
        except KeyError:
            raise RuntimeError(WORDS)  # noqa: B904  # the context is what is looked at

    def hide() -> None:
        try:
            raise KeyError(WORDS)
        except KeyError:
            raise RuntimeError(WORDS) from None

    text = render(caught(handle))
    assert "KeyError: (withheld)" in text
    assert "While it was handled, there was:" in text
    assert "KeyError" not in render(caught(hide))


def test_a_group_is_rendered_with_its_parts() -> None:
    text = render(ExceptionGroup("all of it", [ValueError(WORDS), ExceptionGroup("inner", [KeyError(WORDS)])]))
    assert text.splitlines() == [
        "ExceptionGroup: (withheld)", "", "Part 1 of it:", "", "ValueError: (withheld)",
        "", "Part 2 of it:", "", "ExceptionGroup: (withheld)", "", "Part 1 of it:", "", "KeyError: (withheld)",
    ]  # fmt: skip


def test_a_chain_in_a_circle_ends() -> None:
    first, second = ValueError("a"), KeyError("b")
    first.__cause__, second.__cause__ = second, first
    assert render(first).count("ValueError") == 1
