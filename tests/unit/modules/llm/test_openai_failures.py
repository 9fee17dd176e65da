from __future__ import annotations

import logging

import pytest

from modules.llm.openai_compatible import OpenAICompatible
from modules.network.retries import Retries
from tests.unit.modules.llm.http_server import (
    Handler,
    answering,
    delta,
    dying,
    event,
    serving,
    silent,
    streaming,
    vanishing,
)
from tests.unit.modules.llm.remote import KEY, MODELS, PARIS, TIMEOUT, Waits, ask, engine, fail


async def test_a_rate_limit_is_waited_out_as_long_as_the_server_asks() -> None:
    waits = Waits()
    limited = answering(429, {"error": {"message": "slow down"}}, retry_after="2.5")
    async with engine(limited, limited, PARIS, waits=waits) as (model, _):
        assert "".join(await ask(model)) == "Paris."
    assert waits.seconds == [2.5, 2.5]


async def test_a_rate_limit_without_a_time_backs_off_and_ends() -> None:
    waits = Waits()
    async with engine(answering(429), waits=waits) as (model, server):
        pieces, error = await fail(model)
        assert len(server.requests) == 1 + 4
    assert (pieces, error.code, error.retryable) == ([], "rate-limited", True)
    assert waits.seconds == [0.5, 1.0, 2.0]


async def test_a_rate_limit_that_asks_for_minutes_is_not_waited_out() -> None:
    waits = Waits()
    async with engine(answering(429, retry_after="120"), waits=waits) as (model, _):
        _, error = await fail(model)
    assert error.code == "rate-limited"
    assert waits.seconds == []


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key_is_never_retried_or_told(status: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    echo = answering(status, {"error": {"message": f"Incorrect API key provided: {KEY}"}})
    async with engine(echo) as (model, server):
        _, error = await fail(model)
        assert len(server.requests) == 2
    assert error.code == "unauthorized"
    assert KEY not in f"{error} {error!r} {model!r} {caplog.text}"


async def test_a_key_that_the_server_repeats_is_taken_out_of_its_words() -> None:
    async with engine(answering(400, {"error": {"message": f"the key {KEY}\nis odd."}})) as (model, _):
        _, error = await fail(model)
    assert error.code == "rejected"
    assert "(400): the key *** is odd." in error.message


async def test_a_failure_of_the_server_is_retried_once() -> None:
    waits = Waits()
    async with engine(answering(500), PARIS, waits=waits) as (model, _):
        assert "".join(await ask(model)) == "Paris."
    async with engine(answering(503, b"<html>busy</html>", "text/html")) as (model, server):
        _, error = await fail(model)
        assert len(server.requests) == 1 + 2
    assert (error.code, error.retryable) == ("server-failed", True)
    assert "(503)." in error.message


async def test_a_server_that_never_answers_is_tried_twice() -> None:
    async with engine(silent(head=False), timeout_seconds=TIMEOUT) as (model, server):
        pieces, error = await fail(model)
        assert len(server.requests) == 1 + 2
    assert (pieces, error.code) == ([], "timed-out")
    assert "within 0.1 seconds" in error.message


async def test_keeping_the_line_alive_is_not_answering() -> None:
    murmuring = silent(*[b": wait\n\n"] * 20)
    async with engine(murmuring, timeout_seconds=TIMEOUT) as (model, _):
        _, error = await fail(model)
    assert error.code == "timed-out"


async def test_a_stall_between_tokens_ends_the_answer_without_another_try() -> None:
    async with engine(silent(delta("The capital")), timeout_seconds=TIMEOUT) as (model, server):
        pieces, error = await fail(model)
        assert len(server.requests) == 2
    assert pieces == ["The capital"]
    assert error.code == "incomplete"
    assert error.message.startswith("The answer is incomplete: the language model server at http://127.0.0.1:")


@pytest.mark.parametrize(
    ("handler", "reason"),
    [
        pytest.param(dying(delta("The capital")), "closed the connection", id="dies"),
        pytest.param(streaming(delta("The capital")), "stopped before its answer was complete", id="just ends"),
        pytest.param(
            streaming(delta("The capital"), event({"error": {"message": "out of memory"}})), "of memory", id="error"
        ),
        pytest.param(streaming(delta("The capital"), b"data: <oops>\n\n"), "not that of an OpenAI", id="garbage"),
        pytest.param(streaming(delta("The capital"), b"data: 7\n\n"), "not that of an OpenAI", id="a number"),
        pytest.param(streaming(delta("The capital"), b'data: {"x": 1}\n\n'), "not that of an OpenAI", id="no choices"),
        pytest.param(
            streaming(delta("The capital"), b"data: " + b"x" * (1 << 21)), "not that of an OpenAI", id="endless"
        ),
    ],
)
async def test_an_answer_that_breaks_off_keeps_what_came(handler: Handler, reason: str) -> None:
    async with engine(handler, PARIS) as (model, server):
        pieces, error = await fail(model)
        assert len(server.requests) == 2
        assert (pieces, error.code) == (["The capital"], "incomplete")
        assert reason in error.message
        assert "".join(await ask(model)) == "Paris."


@pytest.mark.parametrize("handler", [dying(), vanishing, streaming()])
async def test_a_connection_lost_before_the_first_token_is_made_again_once(handler: Handler) -> None:
    async with engine(handler, PARIS) as (model, _):
        assert "".join(await ask(model)) == "Paris."
    async with engine(handler) as (model, server):
        _, error = await fail(model)
        assert len(server.requests) == 1 + 2
    assert error.code == "connection-lost"


async def test_kinds_of_failure_are_counted_apart() -> None:
    waits = Waits()
    async with engine(answering(500), answering(429), vanishing, PARIS, waits=waits) as (model, _):
        assert "".join(await ask(model)) == "Paris."
    assert waits.seconds == [0.0, 0.5, 0.0]


@pytest.mark.parametrize(
    ("handler", "code", "words"),
    [
        (answering(404, {"error": {"message": "model 'x' not found"}}), "not-found", "(404): model 'x' not found"),
        (answering(404, b"nothing here", "text/plain"), "not-found", "(404). Check the model's name"),
        (answering(422, {"detail": "temperature"}), "rejected", "(422): temperature"),
        (answering(400, {"error": {"message": "x" * 1000}}), "rejected", "x" * 200 + "…"),
        (answering(400, b"[1]"), "rejected", "(400)."),
        (answering(302, b"", "text/html", location="/login"), "rejected", "(302)."),
        (answering(200, b"<html>welcome</html>", "text/html"), "unreadable", "often ends in /v1"),
        (answering(200, b"{"), "unreadable", "often ends in /v1"),
        (answering(200, b"[]"), "unreadable", "often ends in /v1"),
        (answering(200, b"x" * (1 << 21)), "unreadable", "often ends in /v1"),
    ],
)  # fmt: skip
async def test_answers_that_are_refused(handler: Handler, code: str, words: str) -> None:
    async with engine(handler) as (model, server):
        _, error = await fail(model)
        assert len(server.requests) == 2
    assert error.code == code
    assert words in error.message
    assert not error.retryable


@pytest.mark.parametrize("error", ["overloaded", {"message": "overloaded"}, {"code": 1}])
async def test_an_error_in_place_of_an_answer_is_tried_once_more(error: object) -> None:
    async with engine(answering(200, {"error": error})) as (model, server):
        _, raised = await fail(model)
        assert len(server.requests) == 1 + 2
    assert raised.code == "server-failed"
    assert ("overloaded" in raised.message) == ("overloaded" in str(error))


async def test_a_server_that_goes_away_between_turns() -> None:
    async with serving(MODELS, PARIS) as server:
        model = OpenAICompatible(server.url, sleep=Waits())
        await model.load()
        assert "".join(await ask(model)) == "Paris."
    _, error = await fail(model)
    await model.close()
    assert error.code == "unreachable"
    assert server.url in error.message


async def test_retries_can_be_turned_off() -> None:
    none = Retries(rate_limited=0, server_failed=0, timed_out=0, connection_lost=0)
    async with serving(MODELS, answering(500)) as server:
        model = OpenAICompatible(server.url, retries=none)
        await model.load()
        _, error = await fail(model)
        await model.close()
        assert len(server.requests) == 2
    assert error.code == "server-failed"
