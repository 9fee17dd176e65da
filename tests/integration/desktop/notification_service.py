"""A desktop's notification service for tests; runs on the system's Python, which has the bindings of D-Bus.

Prints a line of JSON for each call. From standard input it takes lines: "act ID KEY", "close ID REASON", "quit".
"""

from __future__ import annotations

import json
import sys
from typing import Any

import gi  # type: ignore[import-not-found,unused-ignore]  # a Debian package of the system's interpreter

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # type: ignore[import-not-found,unused-ignore]  # noqa: E402  # after the version

NAME, PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
INTERFACE = f"""<node><interface name="{NAME}">
  <method name="GetCapabilities"><arg type="as" direction="out"/></method>
  <method name="Notify">
    <arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/>
    <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="as" direction="in"/>
    <arg type="a{{sv}}" direction="in"/><arg type="i" direction="in"/><arg type="u" direction="out"/>
  </method>
  <method name="CloseNotification"><arg type="u" direction="in"/></method>
  <signal name="NotificationClosed"><arg type="u"/><arg type="u"/></signal>
  <signal name="ActionInvoked"><arg type="u"/><arg type="s"/></signal>
</interface></node>"""
FIELDS = ("app", "replaces", "icon", "summary", "body", "actions", "hints", "expires")


class Service:
    """Answers as the specification says, and can be told what the user does."""

    def __init__(self, capabilities: list[str]) -> None:
        self.capabilities = capabilities
        self.last = 0
        self.bus: Any = None
        self.loop = GLib.MainLoop()

    def serve(self) -> None:
        """Own the name until told to quit."""
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        interface = Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces[0]
        self.bus.register_object(PATH, interface, self.on_call, None, None)
        Gio.bus_own_name_on_connection(self.bus, NAME, 0, lambda *_: tell({"ready": True}), None)
        GLib.io_add_watch(sys.stdin, GLib.IO_IN | GLib.IO_HUP, self.on_input)
        self.loop.run()

    def on_call(self, *call: Any) -> None:
        """Answer a method call."""
        method, parameters, invocation = call[4:7]
        arguments = parameters.unpack()
        answer = None
        if method == "GetCapabilities":
            answer = GLib.Variant("(as)", (self.capabilities,))
        elif method == "Notify":
            hints = parameters.get_child_value(6)
            types = {
                hints.get_child_value(n).get_child_value(0).get_string(): hints.get_child_value(n)
                .get_child_value(1)
                .get_variant()
                .get_type_string()
                for n in range(hints.n_children())
            }
            self.last = arguments[1] or self.last + 1
            answer = GLib.Variant("(u)", (self.last,))
            tell({"call": method, "types": types, **dict(zip(FIELDS, arguments, strict=True)), "id": self.last})
        else:
            tell({"call": method, "id": arguments[0]})
        invocation.return_value(answer)

    def on_input(self, source: Any, condition: Any) -> bool:
        """Do what a line says."""
        words = source.readline().split()
        if not words or words[0] == "quit":
            self.loop.quit()
            return False
        number = int(words[1])
        if words[0] == "act":
            self.emit("ActionInvoked", GLib.Variant("(us)", (number, words[2])))
        else:
            self.emit("NotificationClosed", GLib.Variant("(uu)", (number, int(words[2]))))
        return True

    def emit(self, signal: str, arguments: Any) -> None:
        """Send a signal."""
        self.bus.emit_signal(None, PATH, NAME, signal, arguments)


def tell(what: dict[str, object]) -> None:
    """Print a line for the test."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    Service(sys.argv[1].split(",")).serve()
