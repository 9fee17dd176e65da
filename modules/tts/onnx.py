"""ONNX sessions whose inference can be stopped from another thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def open_session(model: Path, *, threads: int) -> Any:
    """Open a model on the processor.

    Threads do not spin while they wait: on a busy machine spinning takes the time of those who have work.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


class StoppableSession:
    """Stands in for an `InferenceSession`: its `run` obeys the run options that were set last."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self.options: Any = None

    def run(self, outputs: Sequence[str] | None, feeds: Mapping[str, Any]) -> Any:
        """Run the model; fails within milliseconds when `options.terminate` becomes true meanwhile."""
        return self._session.run(outputs, feeds, self.options)


class StopSwitch:
    """Run options of one job, with the switch that ends its inference."""

    def __init__(self) -> None:
        import onnxruntime

        self.options = onnxruntime.RunOptions()

    def stop(self) -> None:
        """End an inference that runs with these options, and refuse new ones."""
        self.options.terminate = True
