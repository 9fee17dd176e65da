"""Sends traces to a collector, in the protocol of OpenTelemetry over HTTP."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from modules.network.base import OfflineError
from modules.network.policy import NetworkPolicy
from modules.tracing.base import Span, TracingError, TurnTrace
from utils.optional import require

log = logging.getLogger(__name__)

PATH = "/v1/traces"
SEND_SECONDS = 5.0
"""A collector that has not taken a batch by then is done without."""
CLOSE_SECONDS = 2.0
"""What is not sent by then at the end is lost."""
_EXTRA = "tracing"
_PURPOSE = "Tracing"


class OtlpExporter:
    """Takes traces and sends them in batches, on a thread of its own.

    Args:
        endpoint: Address of the collector, for example "http://127.0.0.1:4318".
        policy: Asked before every batch whether the collector may be used, and told as long as it is.
        version: Of Arvis.
        delay: Seconds that a trace waits for others, at most.

    Raises:
        TracingError: The address is none, or may not be used.
        utils.errors.MissingDependencyError: The packages are not installed.
    """

    def __init__(self, endpoint: str, policy: NetworkPolicy, *, version: str = "", delay: float = 5.0) -> None:
        url = _checked(endpoint, policy)
        sdk = require("opentelemetry.sdk.trace", extra=_EXTRA, purpose=_PURPOSE)
        batches = require("opentelemetry.sdk.trace.export", extra=_EXTRA, purpose=_PURPOSE)
        sampling = require("opentelemetry.sdk.trace.sampling", extra=_EXTRA, purpose=_PURPOSE)
        resources = require("opentelemetry.sdk.resources", extra=_EXTRA, purpose=_PURPOSE)
        self._api = require("opentelemetry.trace", extra=_EXTRA, purpose=_PURPOSE)
        # What goes wrong is told once, below, in words for the user.
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL + 1)
        self._ids = _Ids()
        self._lock = threading.Lock()
        self._provider = sdk.TracerProvider(
            sampler=sampling.ALWAYS_ON,
            resource=resources.Resource({"service.name": "arvis", "service.version": version}),
            shutdown_on_exit=False,
            id_generator=self._ids,
        )
        sender = _Guarded(_otlp(url), policy, urlsplit(url).hostname or "")
        self._processor = batches.BatchSpanProcessor(sender, schedule_delay_millis=1000.0 * delay)
        self._provider.add_span_processor(self._processor)
        self._tracer = self._provider.get_tracer("arvis", version)

    def give(self, trace: TurnTrace) -> None:
        """Send a trace soon; returns at once, from any thread."""
        with self._lock:
            self._ids.trace_id = int(trace.trace_id, 16)
            root = self._start(trace.turn, None)
            if trace.error:
                root.set_status(self._api.Status(self._api.StatusCode.ERROR, trace.error))
            around = self._api.set_span_in_context(root)
            for part in trace.parts:
                self._start(part, around).end(_nanoseconds(part.end))
            root.end(_nanoseconds(trace.turn.end))

    def flush(self) -> None:
        """Send what waits, and return when it was sent or could not be."""
        self._processor.force_flush()

    def close(self) -> None:
        """Send what waits, for `CLOSE_SECONDS` at most, and end."""
        # The SDK's own limits do not hold while a request is under way.
        ending = threading.Thread(target=self._provider.shutdown, name="tracing-end", daemon=True)
        ending.start()
        ending.join(CLOSE_SECONDS)

    def _start(self, span: Span, context: Any) -> Any:
        # An empty context keeps it apart from whatever else is traced in this process.
        context = context if context is not None else self._api.set_span_in_context(self._api.INVALID_SPAN)
        return self._tracer.start_span(
            span.name, context=context, start_time=_nanoseconds(span.start), attributes=dict(span.attributes)
        )


class _Ids:
    """Gives the trace its name, and spans random ones."""

    def __init__(self) -> None:
        self.trace_id = 0
        self._random = require("opentelemetry.sdk.trace.id_generator", extra=_EXTRA, purpose=_PURPOSE)
        self._spans = self._random.RandomIdGenerator()

    def generate_trace_id(self) -> int:
        """The trace that is being given."""
        return self.trace_id

    def generate_span_id(self) -> int:
        """A random one."""
        return int(self._spans.generate_span_id())

    def is_trace_id_random(self) -> bool:
        """Whether its last 56 bits are (W3C Trace Context, level 2)."""
        return True


class _Guarded:
    """A sender that asks whether it may, and that says once when it cannot."""

    def __init__(self, sender: Any, policy: NetworkPolicy, host: str) -> None:
        self._sender = sender
        self._policy = policy
        self._host = host  # the rest of an address may hold a password
        self._told = False
        self._results = require("opentelemetry.sdk.trace.export", extra=_EXTRA, purpose=_PURPOSE).SpanExportResult

    def export(self, spans: Sequence[Any]) -> Any:
        """Send a batch, or drop it."""
        try:
            with self._policy.using(self._host, "traces"):
                result = self._sender.export(spans)
        except OfflineError:
            return self._results.FAILURE
        if result is self._results.SUCCESS:
            self._told = False
        elif not self._told:
            self._told = True
            log.warning("no traces can be sent to %s; is a collector running there?", self._host)
        return result

    def force_flush(self, timeout_millis: int = 0) -> bool:
        """Nothing waits here."""
        return True

    def shutdown(self) -> None:
        """End."""
        self._sender.shutdown()


def _otlp(url: str) -> Any:
    exporter = require("opentelemetry.exporter.otlp.proto.http.trace_exporter", extra=_EXTRA, purpose=_PURPOSE)
    session = require("requests", extra=_EXTRA, purpose=_PURPOSE).Session()
    session.trust_env = False  # a proxy of the environment would see what is meant for the collector
    return exporter.OTLPSpanExporter(endpoint=url, timeout=SEND_SECONDS, session=session)


def _checked(endpoint: str, policy: NetworkPolicy) -> str:
    try:
        parts = urlsplit(endpoint)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise TracingError(
            "bad-endpoint", "tracing.endpoint is no address of a collector. Write it like http://127.0.0.1:4318."
        )
    if not policy.allows(parts.hostname or ""):
        raise TracingError(
            "offline",
            f"Traces are not sent to {parts.hostname}, because Arvis is offline. Choose a collector on this machine "
            "with tracing.endpoint, or turn network.offline off.",
        )
    return endpoint.rstrip("/") + ("" if parts.path.rstrip("/").endswith(PATH) else PATH)


def _nanoseconds(seconds: float) -> int:
    return round(seconds * 1e6) * 1000  # what a float holds of the present is microseconds
