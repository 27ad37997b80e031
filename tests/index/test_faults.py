"""The faults of `benchmarks/faults.py` in a short form."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_kills_damage_a_full_disk_and_others_beside_lose_nothing():
    few = ["--kills", "4", "--full", "2", "--damages", "8", "--readers", "2", "--seconds", "2", "--seed", "7"]
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "faults.py"), *few],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("Nothing was lost.\n")
