from __future__ import annotations

import asyncio

import httpx
import pytest

from modules.llm.base import GenerationOptions
from modules.llm.openai_compatible import OpenAICompatible
from modules.network.base import OfflineError, RemoteUse
from modules.network.client import PURPOSE, ClientPool, proxy_for
from modules.network.connect_time import connect_observer
from modules.network.policy import NetworkPolicy
from modules.network.timeouts import ENOUGH
from tests.unit.modules.llm.http_server import DONE, answering, delta, dying, serving, silent, streaming
from tests.unit.modules.llm.remote import MODELS, PARIS, QUESTION, ask, engine, fail, refused_url

MODEL = RemoteUse("llm.example", "the language model")


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def through(monkeypatch: pytest.MonkeyPatch, server_url: str) -> None:
    """Names of other machines lead to a server on this one, as they would to a proxy."""
    monkeypatch.setenv("http_proxy", server_url.removesuffix("/v1"))


async def test_engines_share_a_client_and_its_connection_until_the_last_gives_it_back() -> None:
    pool = ClientPool(NetworkPolicy())
    async with serving(MODELS, MODELS, PARIS) as server:
        first, second = (OpenAICompatible(server.url, clients=pool) for _ in range(2))
        await first.load()
        await second.load()
        await first.close()
        assert "".join(await ask(second)) == "Paris."
        assert server.connections == 1
        client = pool.acquire()
        await second.close()
        assert not client.is_closed
        await pool.release()
        assert client.is_closed


def test_each_event_loop_has_its_own_client() -> None:
    pool = ClientPool(NetworkPolicy())

    async def one() -> httpx.AsyncClient:
        client = pool.acquire()
        assert pool.acquire() is client
        await pool.release()
        await pool.release()
        return client

    first, second = asyncio.run(one()), asyncio.run(one())
    assert first is not second
    assert first.is_closed
    assert second.is_closed


async def test_a_failed_load_gives_the_client_back() -> None:
    pool = ClientPool(NetworkPolicy())
    client = pool.acquire()
    async with serving(answering(401)) as server:
        with pytest.raises(Exception, match="refuses the API key"):
            await OpenAICompatible(server.url, clients=pool).load()
    assert not client.is_closed
    await pool.release()
    assert client.is_closed


async def test_a_use_is_told_until_the_answer_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    policy, told = NetworkPolicy(), list[tuple[RemoteUse, ...]]()
    async with serving(MODELS, PARIS) as server:
        through(monkeypatch, server.url)
        model = OpenAICompatible("http://llm.example/v1", clients=ClientPool(policy))
        policy.subscribe(told.append)
        await model.load()
        assert told == [(), (MODEL,), ()]
        async for _ in model.stream(QUESTION):
            assert policy.active == (MODEL,)
        await model.close()
        assert server.requests[0].path == "http://llm.example/v1/models"
    assert told == [(), (MODEL,), (), (MODEL,), ()]
    assert not model.capabilities.local


@pytest.mark.parametrize("handler", [dying(delta("Pa")), dying()])
async def test_a_use_ends_when_the_connection_breaks(monkeypatch: pytest.MonkeyPatch, handler: object) -> None:
    policy = NetworkPolicy()
    async with serving(MODELS, handler) as server:  # type: ignore[arg-type]  # a parameter has no type
        through(monkeypatch, server.url)
        model = OpenAICompatible("http://llm.example/v1", clients=ClientPool(policy))
        await model.load()
        with pytest.raises(Exception, match="connection"):
            await ask(model)
        await model.close()
    assert policy.active == ()


async def test_a_use_ends_when_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    through(monkeypatch, refused_url())
    policy = NetworkPolicy()
    pool = ClientPool(policy)
    with pytest.raises(httpx.ConnectError):
        await pool.acquire().get("http://llm.example/")
    await pool.release()
    assert policy.active == ()


async def test_offline_a_remote_engine_is_refused_and_a_local_one_works(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = ClientPool(NetworkPolicy(offline=True))
    async with serving(MODELS, PARIS) as server:
        through(monkeypatch, server.url)
        with pytest.raises(OfflineError, match=r"llm\.example was not contacted for the language model"):
            await OpenAICompatible("http://llm.example/v1", clients=pool).load()
        assert server.connections == 0
    async with engine(PARIS, clients=pool) as (model, _):
        assert "".join(await ask(model)) == "Paris."


async def test_going_offline_ends_an_answer_that_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    policy, pieces = NetworkPolicy(), list[str]()

    async def listen(model: OpenAICompatible) -> None:
        async for piece in model.stream(QUESTION, GenerationOptions(max_tokens=50)):
            pieces.append(piece)
            policy.offline = True

    async with serving(MODELS, silent(*[delta(f"{number} ") for number in range(20)])) as server:
        through(monkeypatch, server.url)
        model = OpenAICompatible("http://llm.example/v1", clients=ClientPool(policy))
        await model.load()
        with pytest.raises(OfflineError):
            await listen(model)
        await model.close()
    assert 1 <= len(pieces) < 20
    assert policy.active == ()


async def test_a_redirect_is_not_followed() -> None:
    pool = ClientPool(NetworkPolicy())
    async with serving(answering(302, b"", location="http://llm.example/")) as server:
        response = await pool.acquire().get(server.url)
        await pool.release()
    assert response.status_code == 302


async def test_this_machine_is_reached_without_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    through(monkeypatch, "http://127.0.0.1:1/v1")
    async with engine(PARIS) as (model, _):
        assert "".join(await ask(model)) == "Paris."


@pytest.mark.parametrize(
    ("environment", "url", "proxy"),
    [
        ({"http_proxy": "http://proxy:1"}, "http://llm.example/", "http://proxy:1"),
        ({"http_proxy": "http://proxy:1"}, "https://llm.example/", ""),
        ({"all_proxy": "proxy:1"}, "https://llm.example/", "http://proxy:1"),
        ({"all_proxy": "proxy:1", "no_proxy": "llm.example"}, "https://llm.example/", ""),
        ({"all_proxy": "proxy:1"}, "https://[::1]/", ""),
        ({}, "http://llm.example/", ""),
    ],
)
def test_the_environment_says_which_way_leads_to_a_host(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], url: str, proxy: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(httpx.URL(url)) == proxy


@pytest.mark.parametrize("proxy", ["gopher://127.0.0.1:1", "http://[::1"])
async def test_a_proxy_that_cannot_be_used_is_a_failed_connection(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    model = OpenAICompatible("http://llm.example/v1", clients=ClientPool(NetworkPolicy()))
    with pytest.raises(Exception, match="cannot be reached"):
        await model.load()


async def test_names_below_localhost_are_this_machine_without_a_look_up() -> None:
    async with serving(answering(200, {})) as server:
        pool = ClientPool(NetworkPolicy(offline=True))
        address = server.url.replace("127.0.0.1", "some-llm.localhost")
        assert (await pool.acquire().get(address)).status_code == 200
        await pool.release()
        assert server.requests[0].headers["host"].startswith("some-llm.localhost:")


async def test_a_purpose_is_told_and_connecting_is_timed_once_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    policy, told, seconds = NetworkPolicy(), list[tuple[RemoteUse, ...]](), list[float]()
    pool = ClientPool(policy)
    client = pool.acquire()
    async with serving(streaming(DONE)) as server:
        through(monkeypatch, server.url)
        policy.subscribe(told.append)
        for _ in range(3):
            await client.get(
                "http://llm.example/", extensions={PURPOSE: "a test", "trace": connect_observer(seconds.append)}
            )
        await client.get("http://llm.example/")
    await pool.release()
    assert len(seconds) == 1
    assert 0 < seconds[0] < 5
    assert told[1] == (RemoteUse("llm.example", "a test"),)
    assert told[-2] == (RemoteUse("llm.example", "a request"),)


async def test_an_engine_learns_how_fast_its_server_is_and_waits_longer_after_a_time_out() -> None:
    quick = [streaming(delta("one "), delta("two "), DONE)] * ENOUGH
    async with engine(*quick, silent(head=False), timeout_seconds=0.5) as (model, server):
        first = model._timeouts.first_token
        assert first.seconds == 0.5
        first._shortest = 0.05
        for _ in range(ENOUGH):
            await ask(model)
        assert 0.05 <= first.seconds < 0.5
        _, error = await fail(model)
        assert len(server.requests) == 1 + ENOUGH + 2
        assert first.seconds == 0.5
    assert "within 0.5 seconds" in error.message  # of the second try; the first had less


class Unanswered(ClientPool):
    """Nobody accepts a connection."""

    def _make(self) -> httpx.AsyncClient:
        def give_up(request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectTimeout("", request=request)

        return httpx.AsyncClient(transport=httpx.MockTransport(give_up))


async def test_a_connection_that_took_too_long_makes_the_next_wait_the_longest() -> None:
    async with engine(PARIS) as (model, _):
        for _ in range(ENOUGH):
            model._timeouts.connect.observe(0.001)
        assert model._timeouts.connect.seconds == 2.0
        model._client = Unanswered(NetworkPolicy()).acquire()
        with pytest.raises(Exception, match="cannot be reached"):
            await ask(model)
        assert model._timeouts.connect.seconds == 5.0
