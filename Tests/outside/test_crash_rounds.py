"""The bounded version of `make crash`."""

from __future__ import annotations

import os
import time
from pathlib import Path

import crash_rounds
from steward import AWS, PATIENCE


def test_random_kills_under_load(aws: AWS, tmp_path: Path) -> None:
    seed = int(os.environ.get("STEWARD_CRASH_SEED", time.time()))
    # Beside other work, half of the processes were killed before they had answered anybody.
    harness = crash_rounds.run(tmp_path, seed, rounds=10, aws=aws, longest=0.75 * PATIENCE)
    assert harness.told.faults == [], f"replay with STEWARD_CRASH_SEED={seed}"
    assert harness.executions > 10 and harness.marks > 2 and harness.told.charged
