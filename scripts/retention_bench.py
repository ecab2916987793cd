"""Removes a million journal records beside running work, and says what that work noticed of it.

    .venv/bin/python scripts/retention_bench.py        # STEWARD_BUILD=.build/release
"""

from __future__ import annotations

import http.client
import json
import os
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Tests" / "outside"))
from steward import Steward, until  # noqa: E402

EXECUTIONS, RECORDS, CLIENTS, SECONDS = 100_000, 10, 4, 8
ROLE = "arn:aws:iam::000000000000:role/caller"
PASS = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}


def call(connection: http.client.HTTPConnection, operation: str, body: dict) -> dict:
    headers = {"X-Amz-Target": f"AWSStepFunctions.{operation}", "Content-Type": "application/x-amz-json-1.0"}
    connection.request("POST", "/", json.dumps(body), headers)
    answer = connection.getresponse()
    text = answer.read()
    assert answer.status == 200, text
    return json.loads(text)


def load(steward: Steward, machine: str, going) -> list[float]:
    """Seconds that each start took, of all clients, while `going` says so."""
    taken: list[float] = []

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", steward.port)
        mine = []
        while going():
            start = time.perf_counter()
            call(connection, "StartExecution", {"stateMachineArn": machine})
            mine.append(time.perf_counter() - start)
        taken.extend(mine)

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


def figures(what: str, taken: list[float], seconds: float) -> None:
    cuts = statistics.quantiles(taken, n=1000)
    print(
        f"{what}: {len(taken) / seconds:,.0f} starts/s, p50 {cuts[499] * 1000:.2f} ms, p99 {cuts[989] * 1000:.2f} ms, "
        f"p99.9 {cuts[998] * 1000:.2f} ms, longest {max(taken) * 1000:.1f} ms",
        flush=True,
    )


def seed(data: Path) -> None:
    """Copies the one execution that is there, ended long ago, as often as it takes."""
    database = sqlite3.connect(data / "steward.db")
    at = int(time.time() * 1000) - 200 * 86_400_000
    # Retention goes by numbers, and stops at the first execution that is too young: this one has the lowest.
    database.execute(f"UPDATE execution SET startedAt = {at}, stoppedAt = {at}")
    database.execute(
        f"""
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {EXECUTIONS})
        INSERT INTO execution (id, stateMachine, version, name, status, startedAt, stoppedAt)
        SELECT 1000 + i, e.stateMachine, e.version, 'old-' || i, 1, {at}, {at} FROM n, (SELECT * FROM execution LIMIT 1) e
        """
    )
    database.execute(
        f"""
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {EXECUTIONS}),
            s (k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM s WHERE k < {RECORDS})
        INSERT INTO journal (execution, seq, record)
        SELECT 1000 + i, k, r.record FROM n, s, (SELECT record FROM journal LIMIT 1) r
        """
    )
    database.commit()
    database.close()


def main() -> None:
    directory = Path(tempfile.mkdtemp(prefix="steward-retention-", dir=os.environ.get("TMPDIR")))
    (directory / "machines").mkdir(), (directory / "workflows").mkdir()
    (directory / "machines" / "m.asl.yaml").write_text("StartAt: P\nStates:\n  P: {Type: Pass, End: true}\n")
    steward = Steward(
        directory, "http://127.0.0.1:9", {"retention": {"every": "52w", "executions": "90d"}},
        state_machines=directory / "machines", workflows=directory / "workflows",
    )  # fmt: skip
    steward.start()
    connection = http.client.HTTPConnection("127.0.0.1", steward.port)
    machine = call(connection, "CreateStateMachine", {"name": "p", "definition": json.dumps(PASS), "roleArn": ROLE})
    arn = machine["stateMachineArn"]
    call(connection, "StartExecution", {"stateMachineArn": arn})
    steward.stop()
    seed(steward.data)
    before = (steward.data / "steward.db").stat().st_size
    steward.settings.write_text(json.dumps({"retention": {"every": "52w", "executions": "never"}}))
    steward.start()
    end = time.monotonic() + SECONDS
    figures("before", load(steward, arn, lambda: time.monotonic() < end), SECONDS)
    steward.stop()
    # The run at the start of the daemon is the one that is measured.
    steward.settings.write_text(json.dumps({"retention": {"every": "52w", "executions": "90d"}}))
    began = time.monotonic()
    steward.start()

    state = {"done": 0.0}

    def watch() -> None:
        # The audit entry is written when all is done; asking costs next to nothing.
        until("the run ends", lambda: steward.get("/api/v1/audit?subject=steward.db&limit=1")["entries"], 1200, pause=1)
        state["done"] = time.monotonic()

    watcher = threading.Thread(target=watch)
    watcher.start()
    start = time.monotonic()
    taken = load(steward, arn, lambda: not state["done"])
    figures("during", taken, time.monotonic() - start)
    watcher.join()
    last = steward.get("/api/v1/retention")["last"]
    executions = next(k for k in last["kinds"] if k["kind"] == "executions")
    seconds = state["done"] - began
    steward.stop()
    after = (steward.data / "steward.db").stat().st_size
    print(
        f"{executions['removed']:,} executions, {executions['rows']:,} rows in {seconds:.0f} s "
        f"({executions['rows'] / seconds:,.0f} rows/s); file {before >> 20} MiB before, {after >> 20} MiB after"
    )


if __name__ == "__main__":
    main()
