"""Leaves: errors, paths, logging, async helpers. Nothing here imports another floor."""
