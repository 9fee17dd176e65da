"""ONNX inference that can be stopped from another thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


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
