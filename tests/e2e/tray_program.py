"""A tray for tests, as panels have one; runs on the system's Python, which has the bindings of D-Bus.

It collects StatusNotifierItems, as freedesktop.org and KDE describe them. From standard input it takes lines: "read",
"click", "choose LABEL", "quit"; each but the last is answered by a line of JSON.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import gi  # type: ignore[import-not-found,unused-ignore]  # a Debian package of the system's interpreter

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # type: ignore[import-not-found,unused-ignore]  # noqa: E402  # after the version

WATCHER = "org.kde.StatusNotifierWatcher"
ITEM, ITEM_PATH = "org.kde.StatusNotifierItem", "/StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
INTERFACE = f"""<node><interface name="{WATCHER}">
  <method name="RegisterStatusNotifierItem"><arg type="s" direction="in"/></method>
  <method name="RegisterStatusNotifierHost"><arg type="s" direction="in"/></method>
  <property name="RegisteredStatusNotifierItems" type="as" access="read"/>
  <property name="IsStatusNotifierHostRegistered" type="b" access="read"/>
  <property name="ProtocolVersion" type="i" access="read"/>
  <signal name="StatusNotifierItemRegistered"><arg type="s"/></signal>
  <signal name="StatusNotifierHostRegistered"/>
</interface></node>"""


class Tray:
    """Watcher and host in one."""

    def __init__(self) -> None:
        self.items: list[str] = []
        self.tips: list[str] = []
        self.loop = GLib.MainLoop()
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION)

    def serve(self) -> None:
        """Own the name until told to quit."""
        interface = Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces[0]
        self.bus.register_object("/StatusNotifierWatcher", interface, self.on_call, self.on_get, None)
        self.bus.signal_subscribe(None, ITEM, "NewToolTip", None, None, 0, self.on_tip)
        self.bus.signal_subscribe(
            "org.freedesktop.DBus", "org.freedesktop.DBus", "NameOwnerChanged", None, None, 0, self.on_owner
        )
        Gio.bus_own_name_on_connection(self.bus, WATCHER, 0, lambda *_: tell({"ready": True}), None)
        GLib.io_add_watch(sys.stdin, GLib.IO_IN | GLib.IO_HUP, self.on_input)
        self.loop.run()

    def on_call(self, *call: Any) -> None:
        """An icon comes."""
        sender, method, invocation = call[1], call[4], call[6]
        if method == "RegisterStatusNotifierItem":
            self.items.append(sender)
            self.bus.emit_signal(
                None, "/StatusNotifierWatcher", WATCHER, "StatusNotifierItemRegistered", GLib.Variant("(s)", (sender,))
            )
        invocation.return_value(None)

    def on_get(self, *call: Any) -> Any:
        """A property is read."""
        return {
            "RegisteredStatusNotifierItems": GLib.Variant("as", self.items),
            "IsStatusNotifierHostRegistered": GLib.Variant("b", True),
            "ProtocolVersion": GLib.Variant("i", 0),
        }[call[4]]

    def on_owner(self, *call: Any) -> None:
        """Somebody has gone, and with him his icon."""
        name, _, new = call[5].unpack()
        if not new and name in self.items:
            self.items.remove(name)

    def on_tip(self, *call: Any) -> None:
        """What is said about an icon has changed."""
        if call[1] in self.items:
            self.tips.append(self.tip(call[1]))

    def on_input(self, source: Any, condition: Any) -> bool:
        """Do what a line says."""
        word, _, rest = source.readline().strip().partition(" ")
        if word in ("", "quit"):
            self.loop.quit()
            return False
        try:
            self.act(word, rest)
            tell(self.state())
        except GLib.Error:  # the program has just ended
            tell({"icons": 0, "tips": self.tips})
        return True

    def act(self, word: str, label: str) -> None:
        """Use the icon."""
        if word == "click":
            self.call(ITEM_PATH, ITEM, "Activate", GLib.Variant("(ii)", (0, 0)))
        elif word == "choose":
            number = next(entry["id"] for entry in self.menu() if entry["label"] == label)
            event = GLib.Variant("(isvu)", (number, "clicked", GLib.Variant("s", ""), 0))
            self.call(str(self.get("Menu")), MENU, "Event", event)

    def state(self) -> dict[str, Any]:
        """What the user sees."""
        if not self.items:
            return {"icons": 0, "tips": self.tips}
        sizes = [width for width, _, _ in self.get("IconPixmap")]
        return {
            "icons": len(self.items), "tip": self.tip(self.items[-1]), "tips": self.tips, "sizes": sizes,
            "menu": self.menu(),
        }  # fmt: skip

    def tip(self, item: str) -> str:
        """What is said about an icon."""
        return str(self.get("ToolTip", item)[2])

    def menu(self) -> list[dict[str, Any]]:
        """The entries of the menu that are there, without those of menus in it."""
        wanted = GLib.Variant("(iias)", (0, 1, []))
        _, (_, _, entries) = self.call(str(self.get("Menu")), MENU, "GetLayout", wanted)
        return [
            {
                "id": number,
                "label": fields.get("label", "").replace("_", ""),
                "enabled": fields.get("enabled", True),
                "checked": fields.get("toggle-state", 0) == 1,
            }
            for number, fields, _ in entries
            if fields.get("visible", True) and fields.get("type") != "separator"
        ]

    def get(self, name: str, item: str | None = None) -> Any:
        """A property of an icon."""
        wanted = GLib.Variant("(ss)", (ITEM, name))
        return self.call(ITEM_PATH, "org.freedesktop.DBus.Properties", "Get", wanted, item)[0]

    def call(self, path: str, interface: str, method: str, arguments: Any, item: str | None = None) -> Any:
        """Call the program of an icon."""
        answer = self.bus.call_sync(
            item or self.items[-1], path, interface, method, arguments, None, Gio.DBusCallFlags.NONE, 5000, None
        )
        return answer.unpack()


def tell(what: dict[str, Any]) -> None:
    """Print a line for the test."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    Tray().serve()
