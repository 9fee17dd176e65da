"""Engines that fail over instead of failing: circuit breakers, deadlines, and chains of engines that are themselves engines."""
