"""Arvis: a local-first voice assistant for the desktop."""

import os
import sys
from pathlib import Path

__version__ = "0.1.0"

# One matrix product of NumPy leaves OpenBLAS's threads spinning on the cores that the engines need. Read when NumPy
# is loaded, so it has to be said before any other import.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# An installed wheel carries the other floors (modules, config, utils, assets) under arvis/_root, so that they
# never land in site-packages by themselves; a clone and an editable install have them beside this folder.
_ROOT = Path(__file__).parent / "_root"
if _ROOT.is_dir() and str(_ROOT) not in sys.path:
    sys.path.insert(0, str(_ROOT))
