"""What a collector gets over HTTP, decoded with the protocol's own messages."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from modules.network.base import RemoteUse
from modules.network.policy import NetworkPolicy
from modules.tracing import otlp
from modules.tracing.base import Span, TracingError, TurnTrace
from modules.tracing.otlp import OtlpExporter
from utils.errors import MissingDependencyError


def name(number: int) -> str:
    return f"{number + 1:032x}"


TRACE = TurnTrace(
    name(1),
    Span(
        "turn",
        1_700_000_000.0,
        1_700_000_003.5,
        {"arvis.turn_id": 1, "arvis.typed": False, "arvis.outcome": "answered"},
    ),
    (Span("listening", 1_700_000_000.0, 1_700_000_001.25), Span("llm", 1_700_000_001.25, 1_700_000_002.0)),
)


class Collector:
    """Takes traces on a port of its own."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.requests: list[Any] = []
        self.status = 200
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                collector.paths.append(self.path)
                request = ExportTraceServiceRequest()
                request.ParseFromString(self.rfile.read(int(self.headers["Content-Length"])))
                collector.requests.append(request)
                self.send_response(collector.status)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def spans(self) -> dict[str, Any]:
        return {
            span.name: span
            for request in self.requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        }


@pytest.fixture
def collector() -> Iterator[Collector]:
    level = logging.getLogger("opentelemetry").level
    collector = Collector()
    yield collector
    collector.close()
    logging.getLogger("opentelemetry").setLevel(level)


def send(collector: Collector, *traces: TurnTrace, path: str = "") -> None:
    exporter = OtlpExporter(collector.endpoint + path, NetworkPolicy(), version="1.2")
    for trace in traces:
        exporter.give(trace)
    exporter.close()


def values(attributes: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}


def test_a_turn_is_one_trace_with_its_parts_as_children(collector: Collector) -> None:
    send(collector, TRACE)
    spans = collector.spans
    assert collector.paths == ["/v1/traces"]
    assert set(spans) == {"turn", "listening", "llm"}
    assert {span.trace_id.hex() for span in spans.values()} == {name(1)}
    assert spans["turn"].parent_span_id == b""
    assert {spans[name].parent_span_id for name in ("listening", "llm")} == {spans["turn"].span_id}
    assert len({span.span_id for span in spans.values()}) == 3
    assert spans["turn"].start_time_unix_nano == 1_700_000_000_000_000_000
    assert spans["turn"].end_time_unix_nano == 1_700_000_003_500_000_000
    assert spans["listening"].end_time_unix_nano == 1_700_000_001_250_000_000
    assert values(spans["turn"].attributes) == {"arvis.turn_id": 1, "arvis.typed": False, "arvis.outcome": "answered"}
    assert spans["turn"].status.code == 0


def test_who_sends_it(collector: Collector) -> None:
    send(collector, TRACE)
    (resource,) = collector.requests[0].resource_spans
    assert values(resource.resource.attributes) == {"service.name": "arvis", "service.version": "1.2"}


def test_a_turn_that_failed(collector: Collector) -> None:
    send(collector, TurnTrace(name(2), TRACE.turn, (), "server-gone"))
    status = collector.spans["turn"].status
    assert (status.code, status.message) == (2, "server-gone")


def test_many_turns_keep_their_own_names(collector: Collector) -> None:
    send(collector, *(TurnTrace(name(number), TRACE.turn, TRACE.parts) for number in range(50)))
    found = [
        span.trace_id.hex()
        for request in collector.requests
        for scope in request.resource_spans[0].scope_spans
        for span in scope.spans
    ]
    assert {found.count(name(number)) for number in range(50)} == {3}


@pytest.mark.parametrize("path", ["", "/", "/v1/traces", "/v1/traces/"])
def test_the_address_may_hold_the_path(collector: Collector, path: str) -> None:
    send(collector, TRACE, path=path)
    assert [found.rstrip("/") for found in collector.paths] == ["/v1/traces"]


def test_what_the_environment_says_of_proxies_and_sampling_means_nothing(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_off")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "host.name=secret")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    send(collector, TRACE)
    assert len(collector.spans) == 3
    assert b"secret" not in collector.requests[0].SerializeToString()


def test_a_collector_that_is_not_there_is_told_once(collector: Collector, caplog: pytest.LogCaptureFixture) -> None:
    collector.status = 400
    exporter = OtlpExporter(collector.endpoint, NetworkPolicy())
    for _ in range(3):
        exporter.give(TRACE)
        exporter.flush()
    collector.status = 200
    exporter.give(TRACE)
    exporter.flush()
    collector.status = 400
    exporter.give(TRACE)
    exporter.close()
    assert len(collector.requests) == 5
    assert [record.name for record in caplog.records] == ["modules.tracing.otlp"] * 2
    assert "127.0.0.1" in caplog.text


class NoLoopback(NetworkPolicy):
    """Takes this machine for another one, as tests reach no other."""

    def allows(self, host: str) -> bool:
        return not self.offline

    @contextmanager
    def using(self, host: str, purpose: str) -> Iterator[None]:
        self.check(host, purpose)
        with super().using("collector.example", purpose):
            yield


def test_nothing_is_sent_while_arvis_is_offline(collector: Collector) -> None:
    policy = NoLoopback()
    exporter = OtlpExporter(collector.endpoint, policy)
    policy.offline = True
    exporter.give(TRACE)
    exporter.flush()
    assert collector.requests == []
    policy.offline = False
    exporter.give(TRACE)
    exporter.close()
    assert len(collector.requests) == 1


def test_who_watches_the_network_is_told_while_something_is_sent(collector: Collector) -> None:
    policy = NoLoopback()
    seen: list[tuple[RemoteUse, ...]] = []
    policy.subscribe(seen.append)
    exporter = OtlpExporter(collector.endpoint, policy)
    exporter.give(TRACE)
    exporter.close()
    assert seen == [(), (RemoteUse("collector.example", "traces"),), ()]


def test_a_collector_that_never_answers_keeps_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(otlp, "CLOSE_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        exporter = OtlpExporter(f"http://127.0.0.1:{silent.getsockname()[1]}", NetworkPolicy())
        exporter.give(TRACE)
        exporter.close()
        ending = [thread for thread in threading.enumerate() if thread.name == "tracing-end"]
        assert len(ending) == 1  # it still waits, and we do not
        silent.accept()[0].close()
    ending[0].join()


def test_an_address_that_is_not_allowed_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(TracingError, match=r"not sent to collector\.example, because Arvis is offline") as raised:
        OtlpExporter("https://user:password@collector.example/x", NetworkPolicy(offline=True))
    assert raised.value.code == "offline"
    assert "password" not in raised.value.message


@pytest.mark.parametrize(
    "endpoint",
    ["", "127.0.0.1:4318", "ftp://127.0.0.1", "http://", "http://[::1", "http://x:99999", "http://x:0", "file:///etc"],
)
def test_what_is_no_address(endpoint: str) -> None:
    with pytest.raises(TracingError) as raised:
        OtlpExporter(endpoint, NetworkPolicy())
    assert raised.value.code == "bad-endpoint"


@pytest.mark.parametrize(
    "missing", ["opentelemetry.sdk.trace", "opentelemetry.exporter.otlp.proto.http.trace_exporter"]
)
def test_without_the_packages_it_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(MissingDependencyError, match=r"Tracing needs .* pip install 'arvis\[tracing\]'"):
        OtlpExporter("http://127.0.0.1:4318", NetworkPolicy())


def test_nothing_of_it_is_imported_before_it_is_wanted() -> None:
    heavy = ("opentelemetry", "requests")
    code = f"import sys, modules.tracing.otlp; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
