from __future__ import annotations

import threading

import pytest

from modules.network.base import OfflineError, RemoteUse
from modules.network.policy import NetworkPolicy

HUB = RemoteUse("hub.example", "a model")
MODEL = RemoteUse("10.0.0.5", "the language model")


def test_online_everything_may_be_reached() -> None:
    NetworkPolicy().check("example.com", "anything")


@pytest.mark.parametrize("host", ["example.com", "192.168.1.2", "fe80::1"])
def test_offline_other_machines_are_refused_in_words(host: str) -> None:
    policy = NetworkPolicy(offline=True)
    with pytest.raises(OfflineError, match=r"network\.offline") as caught:
        policy.check(host, "the language model")
    assert (caught.value.code, caught.value.stage, caught.value.retryable) == ("offline", "network", False)
    assert caught.value.message.startswith(f"{host} was not contacted for the language model")


def test_offline_this_machine_is_not_refused_and_not_told() -> None:
    policy = NetworkPolicy(offline=True)
    with policy.using("127.0.0.1", "the language model"):
        assert policy.active == ()


@pytest.mark.parametrize(("host", "offline"), [("example.com", False), ("127.0.0.1", True), ("", False)])
def test_whether_a_host_may_be_reached_can_be_asked(host: str, offline: bool) -> None:
    assert NetworkPolicy().allows(host)
    assert NetworkPolicy(offline=True).allows(host) is offline


def test_the_present_state_counts() -> None:
    policy = NetworkPolicy(offline=True)
    policy.offline = False
    policy.check("example.com", "x")
    policy.offline = True
    with pytest.raises(OfflineError):
        policy.check("example.com", "x")


def test_observers_are_told_what_is_in_use_from_the_first_moment_to_the_last() -> None:
    policy, told = NetworkPolicy(), list[tuple[RemoteUse, ...]]()
    end = policy.subscribe(told.append)
    twice = (policy.using(MODEL.host, MODEL.purpose), policy.using(MODEL.host, MODEL.purpose))
    with policy.using(HUB.host, HUB.purpose), twice[0], twice[1]:
        assert policy.active == (HUB, MODEL)
    end()
    end()
    with policy.using("hub.example", "a model"):
        pass
    assert told == [(), (HUB,), (HUB, MODEL), (HUB,), ()]


def test_a_use_ends_with_an_error_too() -> None:
    policy = NetworkPolicy()
    with pytest.raises(ValueError, match="boom"), policy.using("hub.example", "a model"):
        raise ValueError("boom")
    assert policy.active == ()


def test_what_is_refused_is_never_in_use() -> None:
    policy, told = NetworkPolicy(offline=True), list[tuple[RemoteUse, ...]]()
    policy.subscribe(told.append)
    with pytest.raises(OfflineError), policy.using("hub.example", "a model"):
        pass
    assert told == [()]


def test_the_last_word_of_many_threads_is_that_nothing_is_in_use() -> None:
    policy, told = NetworkPolicy(), list[tuple[RemoteUse, ...]]()
    policy.subscribe(told.append)

    def work(number: int) -> None:
        for _ in range(50):
            with policy.using(f"10.0.0.{number}", "x"):
                pass

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told[-1] == policy.active == ()
    assert len(told) > 8


def test_refusals_are_told_until_it_is_over() -> None:
    policy, told = NetworkPolicy(offline=True), list[RemoteUse]()
    end = policy.subscribe_refusals(told.append)
    policy.check("127.0.0.1", "a model")
    with pytest.raises(OfflineError):
        policy.check("Hub.Example.", "a model")
    end()
    end()
    with pytest.raises(OfflineError):
        policy.check("hub.example", "a model")
    assert told == [HUB]
