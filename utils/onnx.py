"""ONNX models on the processor."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def open_session(model: Path, *, threads: int) -> Any:
    """Open a model; raises whatever ONNX Runtime does when the file is not one that it can run.

    Threads do not spin while they wait: on a busy machine spinning takes the time of those who have work.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4  # only fatal ones: a broken model is told by the exception
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
