"""The table of models that judge the end of a turn."""

from __future__ import annotations

from modules.endpointing.base import EndpointModel
from modules.registry import Registry

ENDPOINT_MODELS: Registry[EndpointModel] = Registry(
    "model of the end of a turn",
    {"smart-turn": "modules.endpointing.smart_turn:SmartTurn"},
)
