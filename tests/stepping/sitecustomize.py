"""A machine whose clock is set while a process runs: Python imports this first where it finds it first."""

import mmap
import os
import struct
import time
from pathlib import Path

with Path(os.environ["CLOCK_STEPS"]).open("rb") as file:
    _steps = mmap.mmap(file.fileno(), 8, prot=mmap.PROT_READ)
_machine = time.time
time.time = lambda: _machine() + struct.unpack_from("d", _steps)[0]
