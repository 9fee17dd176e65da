"""Leaves: errors, paths, logging, async helpers. Nothing here imports another floor."""

import os

# ONNX Runtime 1.29 and later tell Microsoft about the machine, the models and their use, under a number kept in the
# user's cache, unless this is set before its first model is opened. Every floor imports this one before that.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
