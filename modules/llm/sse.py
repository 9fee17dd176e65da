"""Server-sent events: what streaming servers answer with."""

from __future__ import annotations

_LINE_LIMIT = 1 << 20
"""Bytes in a line; a chunk of a chat completion has a few hundred."""


class EventTooLongError(ValueError):
    """A line without an end: the peer does not speak this format."""


class EventParser:
    """Takes bytes as they come from the network and gives the data of complete events.

    Comments, keep-alives and fields other than `data` are dropped (HTML standard, "Server-sent events"). Bytes become
    text only in whole lines, so characters may be split over packets.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[str] = []
        self._at_start = True

    def feed(self, packet: bytes) -> list[str]:
        """Data of the events that `packet` completes.

        Raises:
            EventTooLongError: A line has more than a million bytes.
        """
        buffer = self._rest + packet
        if self._at_start and len(buffer) >= 3:
            buffer, self._at_start = buffer.removeprefix(b"\xef\xbb\xbf"), False
        # A carriage return at the end may be half of a line end; it waits for the next packet.
        held = b"\r" if buffer.endswith(b"\r") else b""
        lines = buffer[: len(buffer) - len(held)].replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._rest = lines.pop() + held
        if len(self._rest) > _LINE_LIMIT:
            raise EventTooLongError
        return [event for line in lines if (event := self._take(line)) is not None]

    def finish(self) -> list[str]:
        """Data of an event that lacks its end because the stream was over."""
        events = self.feed(b"\n\n")
        self._rest = b""
        return events

    def _take(self, line: bytes) -> str | None:
        """Take one line; return the data of the event that it ends."""
        if not line:
            event = "\n".join(self._data) if self._data else None
            self._data = []
            return event
        field, _, value = line.partition(b":")
        if field == b"data":
            self._data.append(value.removeprefix(b" ").decode("utf-8", "replace"))
        return None
