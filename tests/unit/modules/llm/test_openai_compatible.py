from __future__ import annotations

import threading
from contextlib import aclosing

import pytest

from modules.engine import LoadProgress
from modules.llm.base import GenerationOptions, LanguageModelError, Message
from modules.llm.openai_compatible import OpenAICompatible
from tests.unit.modules.llm.http_server import (
    DONE,
    Handler,
    answering,
    delta,
    dying,
    event,
    serving,
    silent,
    streaming,
)
from tests.unit.modules.llm.remote import KEY, MODELS, PARIS, QUESTION, TIMEOUT, ask, engine, fail, refused_url


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


async def test_a_key_that_is_asked_for_when_it_is_needed() -> None:
    asked: list[int] = []

    def key() -> str:
        asked.append(threading.get_ident())
        return KEY

    async with serving(MODELS, PARIS) as server:
        model = OpenAICompatible(server.url, api_key=key)
        assert asked == []
        await model.load()
        assert "".join(await ask(model)) == "Paris."
        await model.close()
        assert {request.headers["authorization"] for request in server.requests} == {f"Bearer {KEY}"}
    assert len(asked) == 1
    assert asked[0] != threading.get_ident()


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


async def test_a_server_that_knows_no_limit_is_left_after_as_many_pieces_as_were_asked_for() -> None:
    endless = silent(*[delta(f"{number} ") for number in range(20)])
    async with engine(endless) as (model, _):
        assert await ask(model, GenerationOptions(max_tokens=5)) == ["0 ", "1 ", "2 ", "3 ", "4 "]


async def test_reading_ahead_is_left_to_the_server() -> None:
    async with engine(PARIS) as (model, server):
        assert await model.prefill(QUESTION) == 0
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:8080", "ftp://host/v1", "http://", "http://[::1", "http://127.0.0.1:99999", "not a url"]
)
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
