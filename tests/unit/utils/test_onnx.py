from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from utils.onnx import open_session


def test_a_session_has_the_threads_it_is_given() -> None:
    spec = find_spec("faster_whisper")
    assert spec is not None
    assert spec.origin is not None
    session = open_session(Path(spec.origin).parent / "assets" / "silero_vad_v6.onnx", threads=2)
    options = session.get_session_options()
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (2, 1)
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"


def test_a_file_that_is_no_model_is_refused_without_a_word_on_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "broken.onnx").write_bytes(b"no model")
    with pytest.raises(Exception, match=r"broken\.onnx"):
        open_session(tmp_path / "broken.onnx", threads=1)
    assert capfd.readouterr() == ("", "")
