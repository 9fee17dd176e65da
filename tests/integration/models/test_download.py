"""Downloads from a server that does what servers and networks do."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from modules.models.base import ModelError
from modules.models.download import RETRIES
from modules.models.inspection import State
from modules.models.progress import Phase, Progress
from modules.network.base import OfflineError
from modules.network.policy import POLICY
from tests.integration.models.conftest import CONFIG, SILENCE, SIZE, WEIGHTS, Desk, a_model

WEIGHTS_PATH = "/files/weights.gguf"


def ranges(desk: Desk, path: str = WEIGHTS_PATH) -> list[str | None]:
    return [request.headers.get("range") for request in desk.server.asked(path)]


async def failing(desk: Desk, *prefixes: str) -> ModelError:
    with pytest.raises(ModelError) as caught:
        await desk.manager(a_model(*[desk.web(prefix) for prefix in prefixes or ("/files",)])).install("test-model")
    assert "\n" not in caught.value.message
    assert not (desk.root / "test-model").exists()
    return caught.value


async def test_a_model_arrives_and_the_progress_is_told(desk: Desk) -> None:
    desk.serve()
    seen: list[Progress] = []
    manager = desk.manager(a_model(desk.web()))
    path = await manager.install("test-model", seen.append)
    assert path == desk.root / "test-model" / "weights.gguf"
    desk.check()
    assert seen[-1] == Progress("test-model", Phase.DONE, SIZE + len(CONFIG), SIZE + len(CONFIG), 0.0, "the web")
    assert {Phase.CHECKING, Phase.DOWNLOADING, Phase.INSTALLING} <= {progress.phase for progress in seen}
    assert [progress.done for progress in seen] == sorted(progress.done for progress in seen)
    assert manager.status("test-model").state is State.INSTALLED
    assert manager.running == ()


async def test_what_is_written_is_for_its_owner_alone(desk: Desk) -> None:
    desk.serve()
    await desk.manager(a_model(desk.web())).install("test-model")
    modes = {oct(path.stat().st_mode & 0o777) for path in (desk.root / "test-model").iterdir()}
    assert modes == {"0o600"}
    assert oct((desk.root / "test-model").stat().st_mode & 0o777) == "0o700"


async def test_an_installed_model_is_not_asked_for_again(desk: Desk) -> None:
    desk.serve()
    manager = desk.manager(a_model(desk.web()))
    await manager.install("test-model")
    desk.server.requests.clear()
    await manager.install("test-model")
    assert desk.server.requests == []


async def test_a_broken_connection_is_continued(desk: Desk) -> None:
    desk.serve(break_at=2_000_000, times=1)
    await desk.manager(a_model(desk.web())).install("test-model")
    desk.check()
    first, second = ranges(desk)
    assert first is None
    assert second is not None
    assert 1_000_000 <= int(second.removeprefix("bytes=").removesuffix("-")) <= 2_000_000


async def test_a_server_that_always_breaks_off_is_continued_as_long_as_it_brings_something(desk: Desk) -> None:
    desk.serve(break_at=1_200_000)
    await desk.manager(a_model(desk.web())).install("test-model")
    desk.check()
    assert len(ranges(desk)) == 3


async def test_a_server_that_ignores_ranges_sends_all_of_it_again(desk: Desk) -> None:
    desk.serve(break_at=2_000_000, times=1, ranges=False)
    await desk.manager(a_model(desk.web())).install("test-model")
    desk.check()
    assert len(ranges(desk)) == 2


async def test_a_file_that_changes_meanwhile_is_begun_anew(desk: Desk) -> None:
    page = desk.server.put(WEIGHTS_PATH, b"old" * 1_000_000, break_at=2_000_000, times=1, etag='"old"')
    desk.server.put("/files/config.json", CONFIG)

    def change(path: str, count: int) -> None:
        if path == WEIGHTS_PATH and count >= 2_000_000:
            page.data, page.etag = WEIGHTS, '"new"'

    desk.server.sent = change
    await desk.manager(a_model(desk.web())).install("test-model")
    desk.check()
    requests = desk.server.asked(WEIGHTS_PATH)
    assert [request.headers.get("if-range") for request in requests] == [None, '"old"']


async def test_a_changed_file_behind_a_server_without_marks_is_found_by_its_checksum(desk: Desk) -> None:
    desk.root.mkdir()
    made = desk.root / "test-model.download"
    made.mkdir()
    (made / "weights.gguf.part").write_bytes(b"x" * 1_500_000)
    desk.serve(etag="")
    await desk.manager(a_model(desk.web())).install("test-model")
    desk.check()
    assert ranges(desk) == ["bytes=1500000-", None]


async def test_a_server_that_sends_another_part_is_asked_for_all_of_it(desk: Desk) -> None:
    desk.serve(break_at=2_000_000, times=2, shift=-7)
    await desk.manager(a_model(desk.web())).install("test-model")
    desk.check()
    assert ranges(desk)[2] is None


async def test_silence_ends_a_try_and_not_the_download(desk: Desk) -> None:
    desk.stall_seconds = SILENCE
    desk.serve(stall_at=2_000_000, times=1)
    await desk.manager(a_model(desk.web())).install("test-model")
    desk.check()
    assert len(ranges(desk)) == 2


async def test_a_server_that_is_silent_for_ever_gives_way_to_the_next_source(desk: Desk) -> None:
    desk.stall_seconds = SILENCE
    desk.serve("/first", stall_at=500_000)
    desk.serve("/second")
    await desk.manager(a_model(desk.web("/first"), desk.web("/second"))).install("test-model")
    desk.check()
    assert len(ranges(desk, "/first/weights.gguf")) == RETRIES.timed_out + 1
    # What the first one has brought is not fetched again: the checksum says that it is the same file.
    assert ranges(desk, "/second/weights.gguf") == ["bytes=2000000-"]


async def test_silence_for_ever_is_told(desk: Desk) -> None:
    desk.stall_seconds = SILENCE
    desk.serve(stall_at=0)
    error = await failing(desk)
    assert (error.code, error.retryable) == ("timed-out", True)
    assert "fallen silent" in error.message


async def test_damaged_bytes_are_not_kept_and_the_next_source_is_asked(desk: Desk) -> None:
    desk.serve("/first", corrupt=True)
    desk.serve("/second")
    await desk.manager(a_model(desk.web("/first"), desk.web("/second"))).install("test-model")
    desk.check()
    assert ranges(desk, "/second/weights.gguf") == [None]


async def test_damaged_bytes_everywhere_are_told(desk: Desk) -> None:
    desk.serve(corrupt=True)
    error = await failing(desk)
    assert (error.code, error.retryable) == ("wrong-checksum", False)
    assert (desk.root / "test-model.download" / "weights.gguf.part").stat().st_size == 0


@pytest.mark.parametrize("lie", [SIZE - 1, SIZE + 1, 10**12])
async def test_a_server_that_says_another_size_is_not_listened_to(desk: Desk, lie: int) -> None:
    desk.serve(length=lie)
    error = await failing(desk)
    assert error.code == "wrong-size"
    assert str(lie) in error.message
    assert len(ranges(desk)) == 1


async def test_a_server_that_sends_too_much_is_cut_off(desk: Desk) -> None:
    desk.serve(chunked=True, extra=200_000_000)
    error = await failing(desk)
    assert error.code == "wrong-size"
    present = sum(path.stat().st_size for path in (desk.root / "test-model.download").iterdir())
    assert present < SIZE


async def test_a_server_that_sends_too_little_is_asked_for_the_rest(desk: Desk) -> None:
    desk.server.put("/files/config.json", CONFIG)
    desk.server.put(WEIGHTS_PATH, WEIGHTS, chunked=True, break_at=2_500_000, times=1)
    await desk.manager(a_model(desk.web())).install("test-model")
    desk.check()


async def test_packed_answers_are_refused(desk: Desk) -> None:
    desk.serve(headers={"Content-Encoding": "gzip"})
    assert (await failing(desk)).code == "bad-answer"
    assert desk.server.requests[-1].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("status", "code", "tries"),
    [
        (404, "not-there", 1),
        (410, "not-there", 1),
        (401, "not-allowed", 1),
        (403, "not-allowed", 1),
        (418, "bad-answer", 1),
        (500, "server-failed", RETRIES.server_failed + 1),
        (503, "server-failed", RETRIES.server_failed + 1),
        (429, "rate-limited", RETRIES.rate_limited + 1),
    ],
)
async def test_refusals_are_told_by_what_they_mean(desk: Desk, status: int, code: str, tries: int) -> None:
    desk.serve(status=status)
    error = await failing(desk)
    assert (error.code, error.retryable) == (code, tries > 1)
    assert len(ranges(desk)) == tries
    assert len(desk.slept) == tries - 1
    assert all(seconds >= 0.5 for seconds in desk.slept)


async def test_a_server_that_says_when_to_come_back_is_obeyed(desk: Desk) -> None:
    desk.serve(status=429, headers={"Retry-After": "7"}, times=1)
    await desk.manager(a_model(desk.web())).install("test-model")
    desk.check()
    assert desk.slept == [7.0]


async def test_a_server_that_wants_a_break_of_hours_is_not_waited_for(desk: Desk) -> None:
    desk.serve(status=503, headers={"Retry-After": "7200"})
    assert (await failing(desk)).code == "server-failed"
    assert desk.slept == []


async def test_a_failure_that_passes_is_waited_for_longer_each_time(desk: Desk) -> None:
    desk.serve(status=500, times=3)
    await desk.manager(a_model(desk.web())).install("test-model")
    desk.check()
    assert desk.slept == sorted(desk.slept)
    assert desk.slept[-1] > desk.slept[0]


async def test_redirects_are_followed(desk: Desk) -> None:
    desk.serve("/elsewhere")
    desk.server.put("/files/config.json", CONFIG)
    desk.server.put(WEIGHTS_PATH, b"", status=302, headers={"Location": "/hop"})
    desk.server.put("/hop", b"", status=307, headers={"Location": desk.server.url("/elsewhere/weights.gguf")})
    await desk.manager(a_model(desk.web())).install("test-model")
    desk.check()


@pytest.mark.parametrize("target", [WEIGHTS_PATH, "ftp://somewhere/file", "file:///etc/passwd"])
async def test_redirects_that_lead_nowhere_are_refused(desk: Desk, target: str) -> None:
    desk.serve(status=302, headers={"Location": target})
    assert (await failing(desk)).code == "bad-answer"


async def test_nobody_there(desk: Desk) -> None:
    desk.server.base = "http://127.0.0.1:9"
    error = await failing(desk)
    assert (error.code, error.retryable) == ("connection-lost", True)


async def test_several_failures_are_told_as_one(desk: Desk) -> None:
    desk.serve("/first", status=403)
    desk.serve("/second", status=404)
    error = await failing(desk, "/first", "/second")
    assert error.code == "not-there"
    assert error.message == (
        "Test model could not be installed (2 sources were tried): 127.0.0.1 does not have it (status 404)."
    )


async def test_pausing_keeps_what_has_arrived(desk: Desk) -> None:
    desk.serve(stall_at=2_000_000, times=1)
    manager = desk.manager(a_model(desk.web()))
    paused = False

    def pause(progress: Progress) -> None:
        nonlocal paused
        if progress.done > 1_000_000 and not paused:
            paused = manager.pause("test-model")

    with pytest.raises(ModelError) as caught:
        await manager.install("test-model", pause)
    assert (caught.value.code, paused) == ("paused", True)
    status = manager.status("test-model")
    assert status.state is State.PARTIAL
    assert 1_000_000 < status.present < SIZE
    assert manager.running == ()
    assert not manager.pause("test-model")

    await manager.install("test-model")
    desk.check()
    assert ranges(desk)[1] is not None


async def test_cancelling_removes_what_has_arrived(desk: Desk) -> None:
    desk.serve(stall_at=2_000_000)
    manager = desk.manager(a_model(desk.web()))
    begun = asyncio.Event()
    task = asyncio.create_task(
        manager.install("test-model", lambda progress: begun.set() if progress.done > 1_000_000 else None)
    )
    await begun.wait()
    await manager.cancel("test-model")
    with pytest.raises(ModelError) as caught:
        await task
    assert caught.value.code == "cancelled"
    assert manager.status("test-model").state is State.AVAILABLE
    assert not (desk.root / "test-model.download").exists()


async def test_a_task_that_is_cancelled_pauses(desk: Desk) -> None:
    desk.serve(stall_at=2_000_000, times=1)
    manager = desk.manager(a_model(desk.web()))
    begun = asyncio.Event()
    task = asyncio.create_task(
        manager.install("test-model", lambda progress: begun.set() if progress.done > 1_000_000 else None)
    )
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert manager.running == ()
    await manager.cancel("test-model")
    assert manager.status("test-model").state is State.AVAILABLE


async def test_two_who_want_the_same_share_it(desk: Desk) -> None:
    desk.serve()
    manager = desk.manager(a_model(desk.web()))
    seen: list[Progress] = []
    first, second = await asyncio.gather(
        manager.install("test-model"), manager.install("test-model", seen.append), return_exceptions=False
    )
    assert first == second
    assert len(ranges(desk)) == 1
    assert seen[-1].phase is Phase.DONE


async def test_one_of_two_may_go(desk: Desk) -> None:
    desk.stall_seconds = SILENCE
    desk.serve(stall_at=2_000_000, times=1)
    manager = desk.manager(a_model(desk.web()))
    begun = asyncio.Event()
    first = asyncio.create_task(
        manager.install("test-model", lambda progress: begun.set() if progress.done > 1_000_000 else None)
    )
    await begun.wait()
    second = asyncio.create_task(manager.install("test-model"))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert manager.running == ("test-model",)
    await second
    desk.check()


async def test_two_managers_share_it_by_the_lock(desk: Desk) -> None:
    desk.serve()
    one, other = (desk.manager(a_model(desk.web())) for _ in range(2))
    seen: list[Progress] = []
    await asyncio.gather(one.install("test-model"), other.install("test-model", seen.append))
    desk.check()
    assert len(ranges(desk)) == 1
    assert Phase.WAITING in {progress.phase for progress in seen}


async def test_no_room_is_told_before_anything_is_asked(desk: Desk) -> None:
    desk.serve()
    desk.free = 200_000_000 + SIZE
    error = await failing(desk)
    assert error.code == "disk-full"
    assert "1 MB more" in error.message
    assert desk.server.requests == []


async def test_a_disk_that_fills_up_meanwhile_ends_it_and_keeps_what_is_there(desk: Desk) -> None:
    desk.serve("/first")
    desk.serve("/second")

    def fill(path: str, count: int) -> None:
        desk.free = 50_000_000

    desk.server.sent = fill
    error = await failing(desk, "/first", "/second")
    assert error.code == "disk-full"
    assert desk.server.asked("/second/weights.gguf") == []
    desk.free = 10**12
    desk.server.sent = lambda path, count: None
    await desk.manager(a_model(desk.web("/second"))).install("test-model")
    desk.check()


async def test_a_disk_that_is_full_is_told_as_such(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.serve()
    real = os.write

    def full(descriptor: int, data: bytes) -> int:
        if len(data) > 100_000:
            raise OSError(28, "No space left on device")
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", full)
    assert (await failing(desk)).code == "disk-full"


async def test_offline_nothing_is_asked_and_what_is_there_works(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.serve()
    desk.server.base = desk.server.base.replace("127.0.0.1", "10.255.255.1")
    model = a_model(desk.web())
    monkeypatch.setattr(POLICY, "offline", True)
    with pytest.raises(OfflineError, match="Arvis is offline"):
        await desk.manager(model).install("test-model")
    folder = desk.root.parent / "stick"
    folder.mkdir()
    (folder / "weights.gguf").write_bytes(WEIGHTS)
    (folder / "config.json").write_bytes(CONFIG)
    await desk.manager(model).install("test-model", folder=folder)
    desk.check()


async def test_a_folder_that_lacks_a_file_or_has_another_is_refused(desk: Desk, tmp_path: Path) -> None:
    model = a_model(desk.web())
    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / "config.json").write_bytes(CONFIG)
    with pytest.raises(ModelError, match=r"has no weights\.gguf") as caught:
        await desk.manager(model).install("test-model", folder=stick)
    assert caught.value.code == "not-there"
    (stick / "weights.gguf").write_bytes(WEIGHTS[::-1])
    with pytest.raises(ModelError) as caught:
        await desk.manager(model).install("test-model", folder=stick)
    assert caught.value.code == "wrong-checksum"
    assert not (desk.root / "test-model").exists()


async def test_a_link_in_the_way_is_not_written_through(desk: Desk, tmp_path: Path) -> None:
    desk.serve()
    made = desk.root / "test-model.download"
    made.mkdir(parents=True)
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (made / "weights.gguf.part").symlink_to(victim)
    with pytest.raises(Exception, match="is a link"):
        await desk.manager(a_model(desk.web())).install("test-model")
    assert victim.read_text() == "mine"
