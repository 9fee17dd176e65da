from __future__ import annotations

import logging
import socket
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager

import pytest

from modules.engine import LoadProgress
from modules.llm.base import GenerationOptions, LanguageModelError, Message
from modules.llm.openai_compatible import OpenAICompatible
from modules.llm.server_errors import Retries
from tests.unit.modules.llm.http_server import (
    DONE,
    Handler,
    Server,
    answering,
    delta,
    dying,
    event,
    serving,
    silent,
    streaming,
    vanishing,
)

KEY = "sk-very-secret-0123456789"
QUESTION = [Message("system", "Be brief."), Message("user", "What is the capital of France?")]
MODELS = answering(200, {"data": [{"id": "first"}, {"id": "second"}]})
PARIS = streaming(delta("Pa"), delta("ris."), delta("", "stop"), DONE)
TIMEOUT = 0.1


class Waits:
    """Takes the place of sleeping."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@asynccontextmanager
async def engine(
    *handlers: Handler, waits: Waits | None = None, timeout_seconds: float = 5.0, api_key: str | None = KEY
) -> AsyncGenerator[tuple[OpenAICompatible, Server], None]:
    """A loaded engine; `handlers` serve what comes after the list of models."""
    async with serving(MODELS, *handlers) as server:
        model = OpenAICompatible(server.url, api_key=api_key, timeout_seconds=timeout_seconds, sleep=waits or Waits())
        await model.load()
        try:
            yield model, server
        finally:
            await model.close()


async def ask(model: OpenAICompatible, options: GenerationOptions | None = None) -> list[str]:
    return [piece async for piece in model.stream(QUESTION, options)]


async def fail(model: OpenAICompatible) -> tuple[list[str], LanguageModelError]:
    """What came before the error, and the error."""
    pieces: list[str] = []

    async def collect() -> None:
        async for piece in model.stream(QUESTION):
            pieces.append(piece)

    with pytest.raises(LanguageModelError) as caught:
        await collect()
    return pieces, caught.value


def refused_url() -> str:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}/v1"


# --- requests and answers ---------------------------------------------------------------------------------------


async def test_the_answer_comes_piece_by_piece_and_the_request_says_what_is_wanted() -> None:
    async with engine(PARIS) as (model, server):
        assert await ask(model, GenerationOptions(max_tokens=50, temperature=0.5, seed=7)) == ["Pa", "ris."]
        models, completion = server.requests
        assert (models.method, models.path) == ("GET", "/v1/models")
        assert (completion.method, completion.path) == ("POST", "/v1/chat/completions")
        assert completion.headers["authorization"] == f"Bearer {KEY}"
        assert completion.json() == {
            "model": "first",
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "What is the capital of France?"},
            ],
            "stream": True,
            "max_tokens": 50,
            "temperature": 0.5,
            "seed": 7,
        }


async def test_turns_share_one_connection() -> None:
    async with engine(PARIS) as (model, server):
        for _ in range(3):
            assert "".join(await ask(model)) == "Paris."
        assert server.connections == 1
        assert len(server.requests) == 4
        assert "seed" not in server.requests[-1].json()


@pytest.mark.parametrize(
    "packets",
    [
        pytest.param((b": keep-alive\n\n", delta("Paris."), b":\n\n", DONE), id="comments"),
        pytest.param((delta("Paris.", "stop"),), id="no [DONE]"),
        pytest.param((delta("Paris."), b"data: [DONE]"), id="[DONE] without line end"),
        pytest.param((delta("Paris."), b'data: {"choices": [{"finish_reason": "stop"}]}'), id="end without line end"),
        pytest.param((b'data: {"choices": [{"delta": {"content": "Paris."}, "finish_reason": "stop"}]}',), id="bare"),
        pytest.param((delta("Paris.").replace(b"\n", b"\r\n"), DONE), id="CRLF"),
        pytest.param((delta("Paris.").replace(b"data: ", b"event: x\nid: 1\ndata:"), DONE), id="other fields"),
        pytest.param((event({"choices": [], "usage": {}}), delta("Paris."), DONE), id="statistics"),
        pytest.param((event({"choices": [{"delta": {"role": "assistant"}}]}), delta("Paris."), DONE), id="role"),
        pytest.param((event({"choices": [{"delta": {"content": None}}]}), delta("Paris."), DONE), id="null"),
        pytest.param((event({"choices": ["?"]}), delta("Paris."), DONE), id="odd choice"),
        pytest.param((delta("Paris."), DONE, b"data: garbage\n\n"), id="garbage after the end"),
    ],
)
async def test_streams_as_servers_write_them(packets: tuple[bytes, ...]) -> None:
    async with engine(streaming(*packets)) as (model, _):
        assert await ask(model) == ["Paris."]


async def test_characters_split_over_packets_arrive_whole() -> None:
    text = "Zürich, 東京, 🙂"
    packets = [bytes([byte]) for byte in delta(text) + DONE]
    async with engine(streaming(*packets)) as (model, _):
        assert await ask(model) == [text]


async def test_a_server_that_does_not_stream_is_read_in_one_piece() -> None:
    whole = answering(200, {"choices": [{"message": {"content": "Paris."}, "finish_reason": "stop"}]})
    async with engine(whole) as (model, _):
        assert await ask(model) == ["Paris."]


async def test_an_answer_without_words_yields_nothing() -> None:
    whole = answering(200, {"choices": [{"message": {"content": ""}}]})
    async with engine(whole) as (model, _):
        assert await ask(model) == []


async def test_closing_the_answer_closes_the_connection() -> None:
    async with engine(silent(delta("one "), delta("two ")), PARIS) as (model, server):
        async with aclosing(model.stream(QUESTION)) as pieces:
            assert await anext(pieces) == "one "
        await server.left.wait()
        assert await ask(model) == ["Pa", "ris."]
        assert server.connections == 2


# --- failures -----------------------------------------------------------------------------------------------------


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


# --- life cycle ---------------------------------------------------------------------------------------------------


async def test_loading_from_a_server_that_is_not_there() -> None:
    url = refused_url()
    model = OpenAICompatible(url, "m")
    with pytest.raises(LanguageModelError, match=rf"{url} cannot be reached") as caught:
        await model.load()
    assert caught.value.code == "unreachable"


@pytest.mark.parametrize(
    ("handler", "model", "code"),
    [
        (answering(401), "m", "unauthorized"),
        (answering(404), "", "not-found"),
        (answering(200, {"data": []}), "", "no-model"),
        (answering(200, {"data": None}), "m", "unreadable"),
        (answering(200, b"<html>"), "m", "unreadable"),
        (answering(500), "m", "server-failed"),
        (dying(), "m", "connection-lost"),
    ],
)
async def test_loading_from_a_server_that_does_not_serve_models(handler: Handler, model: str, code: str) -> None:
    async with serving(handler) as server:
        with pytest.raises(LanguageModelError) as caught:
            await OpenAICompatible(server.url, model).load()
    assert caught.value.code == code


async def test_loading_from_a_server_that_hangs() -> None:
    async with serving(silent(head=False)) as server:
        with pytest.raises(LanguageModelError, match="did not answer") as caught:
            await OpenAICompatible(server.url, timeout_seconds=TIMEOUT).load()
    assert caught.value.code == "timed-out"


async def test_a_named_model_needs_no_list() -> None:
    notes: list[LoadProgress] = []
    async with serving(answering(404), PARIS) as server:
        model = OpenAICompatible(server.url + "/", "mine", api_key="")
        await model.load(notes.append)
        await model.load(notes.append)
        assert "".join(await ask(model)) == "Paris."
        await model.close()
        assert [request.path for request in server.requests] == ["/v1/models", "/v1/chat/completions"]
        assert server.requests[1].json()["model"] == "mine"
        assert "authorization" not in server.requests[1].headers
    assert [note.note for note in notes] == [f"Asking {server.url} for its models"]


async def test_an_engine_that_is_not_loaded_says_so() -> None:
    model = OpenAICompatible("http://127.0.0.1:1/v1")
    await model.close()
    _, error = await fail(model)
    assert error.code == "not-loaded"


async def test_a_closed_engine_can_be_loaded_again() -> None:
    async with serving(MODELS, MODELS, PARIS) as server:
        model = OpenAICompatible(server.url)
        await model.load()
        await model.close()
        await model.load()
        assert "".join(await ask(model)) == "Paris."
        await model.close()


async def test_warming_up_takes_the_first_token_of_two_answers() -> None:
    async with engine(PARIS) as (model, server):
        assert await model.warm_up() > 0
        assert [request.json()["max_tokens"] for request in server.requests[1:]] == [1, 1]


async def test_reading_ahead_is_left_to_the_server() -> None:
    async with engine(PARIS) as (model, server):
        assert await model.prefill(QUESTION) == 0
        assert len(server.requests) == 1


@pytest.mark.parametrize("url", ["", "127.0.0.1:8080", "ftp://host/v1", "http://", "http://[::1", "not a url"])
def test_an_address_that_cannot_be_one(url: str) -> None:
    with pytest.raises(LanguageModelError, match="must look like http://") as caught:
        OpenAICompatible(url)
    assert caught.value.code == "bad-address"


@pytest.mark.parametrize("key", ["sk-ключ", "sk-a\nb", "sk a"])
def test_a_key_that_cannot_be_sent_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(LanguageModelError) as caught:
        OpenAICompatible("http://127.0.0.1:1/v1", api_key=key)
    assert caught.value.code == "bad-key"
    assert key not in str(caught.value)


def test_credentials_in_the_address_are_never_shown() -> None:
    model = OpenAICompatible("http://me:hunter2@127.0.0.1:1/v1?key=abc")
    assert repr(model) == "OpenAICompatible('http://127.0.0.1:1/v1', '')"


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("[::1]", True),
        ("localhost", True),
        ("llm.localhost", True),
        ("192.168.1.2", False),
        ("api.openai.com", False),
        ("localhost.example.com", False),
    ],
)
def test_only_the_loopback_is_local(host: str, local: bool) -> None:
    assert OpenAICompatible(f"http://{host}:8080/v1").capabilities.local is local


@pytest.mark.parametrize(
    ("text", "least"), [("", 1), ("What is the capital of France?", 7), ("東京は大きい", 6), ("1234567890", 4)]
)
def test_tokens_are_over_estimated(text: str, least: int) -> None:
    model = OpenAICompatible("http://127.0.0.1:1/v1", context_tokens=777)
    assert model.count_tokens([Message("user", text)]) >= least + 4
    assert model.capabilities.context_tokens == 777
    assert not model.capabilities.counts_tokens_exactly


async def test_retries_can_be_turned_off() -> None:
    none = Retries(rate_limited=0, server_failed=0, timed_out=0, connection_lost=0)
    async with serving(MODELS, answering(500)) as server:
        model = OpenAICompatible(server.url, retries=none)
        await model.load()
        _, error = await fail(model)
        await model.close()
        assert len(server.requests) == 2
    assert error.code == "server-failed"
