"""The benchmarks run, each with a little: whether their figures are good is for `make bench` to say."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from steward import BUILD, ROOT

sys.path.insert(0, str(ROOT / "scripts"))
import bench_engine  # noqa: E402

LITTLE = bench_engine.Sizes(
    in_flight=(1, 4), seconds=0.2, timers=20, waiting=50, events=(0, 200), principals=2_000, known=5_000, records=5_000
)  # fmt: skip


@pytest.mark.timeout(240)
def test_every_benchmark_of_the_engine_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_engine, "BUILD", BUILD)

    report = bench_engine.in_process(tmp_path, LITTLE)

    assert {"chain of 10, 4 in flight", "20 timers due in one second", "50 waiting", "chain after 200 events"} <= set(report)
    if bench_engine.compiled("slow_fsync.c", tmp_path, "-shared", "-fPIC"):
        assert "chain of 10, 4 in flight, fsync 1 ms slower" in report
        assert ("chain of 10, 4 in flight, on memory with a short flush" in report) == bench_engine.memory_is_large()
    assert report["metering, 2,000 principals, 5,000 uses known"]["records_per_s"] > 0


def test_the_peer_stands_beside_the_chains_where_there_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_engine, "BUILD", BUILD)
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho '{\"in_flight\": '$3', \"steps_per_s\": 10}'\n")
    python.chmod(0o755)
    monkeypatch.setenv("STEWARD_PEER_PYTHON", str(python))

    row = bench_engine.chains(tmp_path, LITTLE, "")["chain of 10, 4 in flight"]

    assert row["peer_steps_per_s"] == 10
    assert row["times_peer"] == pytest.approx(row["steps_per_s"] / 10)


def test_every_floor_is_of_something_that_is_measured() -> None:
    sizes = bench_engine.Sizes()
    measured = {f"chain of 10, {flight} in flight" for flight in sizes.in_flight}
    measured |= {f"chain of 10 by activity workers, {flight} in flight" for flight in (1, 16, 64)}
    measured |= {f"chain after {events:,} events" for events in sizes.events}
    measured |= {f"metering, {people:,} principals, {sizes.known:,} uses known" for people in (1_000, sizes.principals)}
    assert set(json.loads((ROOT / "scripts" / "bench_floors.json").read_text())) <= measured
