"""Measures a release build: durable steps, ingestion, requests of the Step Functions API, and in process (`corebench`) JSON, JSONPath and JSONata. Beside
each figure of steps stands the raw limit of this machine, taken in the same run: a C program that appends the same number
of rows with `synchronous=FULL`; beside those of JSON, Foundation.

Writes bench-data/report.json and prints a table. Compare ratios: seconds drift on shared machines.
"""

from __future__ import annotations

import concurrent.futures
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
os.environ.setdefault("STEWARD_BUILD", str(ROOT / ".build" / "release"))
sys.path.insert(0, str(ROOT / "Tests" / "outside"))

from bench_engine import engine, table  # noqa: E402
from steward import Steward, invocation, until  # noqa: E402

SHARED = Path(os.environ.get("STEWARD_BENCH", ROOT.parent / "shared" / "bench"))
STEPS = 10
RECORDS, BATCH = 50_000, 2_500
CHAIN = {
    "StartAt": "S1",
    "States": {
        f"S{n}": {
            "Type": "Task",
            "Resource": "activity:audit",
            "Parameters": {"action": "bench", "subject": "bench"},
            "ResultPath": None,
        }
        | ({"Next": f"S{n + 1}"} if n < STEPS else {"End": True})
        for n in range(1, STEPS + 1)
    },
}

# Waits for a worker elsewhere.
HELD = {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "activity:bench", "End": True}}}


def raw_limit(directory: Path, workers: int) -> float | None:
    """Rows a second that SQLite itself commits with so many rows to a transaction; None without the C program."""
    source = SHARED / "raw_sqlite.c"
    if not source.exists():
        return None
    program = directory / "raw_sqlite"
    if not program.exists():
        subprocess.run(["cc", "-O2", "-o", program, source, "-lsqlite3", "-lpthread"], check=True)
    command = [program, "--mode", "logical", "--workers", str(workers), "--secs", "2", "--dir", directory]
    result = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return float(next(result[key] for key in ("rows_per_s", "rows_per_sec", "rate") if key in result))


def post(url: str, body: bytes, kind: str = "application/json", headers: dict[str, str] | None = None) -> dict:
    request = urllib.request.Request(url, data=body, headers={"Content-Type": kind, **(headers or {})})
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.load(answer)


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def chains(steward: Steward, in_flight: int, count: int) -> dict:
    """Runs `count` chains of ten durable steps, so many at a time, each started by one request."""

    def one(number: int) -> None:
        name = f"c{in_flight}-{number}"
        body = json.dumps({"stateMachine": "chain", "name": name}).encode()
        post(f"{steward.url}/api/v1/executions", body)
        until("the chain ends", lambda: steward.get(f"/api/v1/executions/chain:{name}")["status"] == "SUCCEEDED", 60, 0.002)

    cpu, start = cpu_seconds(steward.process.pid), time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(in_flight) as pool:
        list(pool.map(one, range(count)))
    seconds = time.monotonic() - start
    cpu = cpu_seconds(steward.process.pid) - cpu
    return {"steps_per_s": count * STEPS / seconds, "cpu_s_per_1000_steps": cpu / (count * STEPS / 1000)}


def burst(steward: Steward, count: int) -> dict:
    """Starts `count` chains and only then waits: what the engine does when clients don't slow it down."""
    cpu, start = cpu_seconds(steward.process.pid), time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        bodies = (json.dumps({"stateMachine": "chain", "name": f"b{n}"}).encode() for n in range(count))
        list(pool.map(lambda body: post(f"{steward.url}/api/v1/executions", body), bodies))
    until("all chains end", lambda: steward.get("/api/v1/status")["running"] == 0, 120, 0.005)
    seconds = time.monotonic() - start
    cpu = cpu_seconds(steward.process.pid) - cpu
    return {"steps_per_s": count * STEPS / seconds, "cpu_s_per_1000_steps": cpu / (count * STEPS / 1000)}


def batch(numbers: random.Random) -> bytes:
    """Records of 1,000 principals with request ids as Bedrock makes them: at random, so that each has an index page of its own."""
    arn = "arn:aws:iam::111122223333:user/bench-"
    records = (
        invocation(f"{arn}{numbers.randrange(1000)}", str(uuid.UUID(int=numbers.getrandbits(128))), 100, 10)
        for _ in range(BATCH)
    )
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def ingestion(steward: Steward) -> dict:
    numbers = random.Random(1)
    batches = [batch(numbers) for _ in range(RECORDS // BATCH)]
    start = time.monotonic()
    charged = sum(post(f"{steward.url}/ingest/bedrock-invocation-logs", batch)["charged"] for batch in batches)
    seconds = time.monotonic() - start
    assert charged == RECORDS, charged
    start = time.monotonic()
    again = sum(post(f"{steward.url}/ingest/bedrock-invocation-logs", batch)["charged"] for batch in batches)
    assert again == 0, again
    return {"records_per_s": RECORDS / seconds, "duplicates_per_s": RECORDS / (time.monotonic() - start)}


def directory_source(steward: Steward, inbox: Path) -> dict:
    """A file with a backlog in a directory that the daemon watches, from its first commit on."""
    numbers = random.Random(2)
    hidden = inbox.parent / "backlog.jsonl"
    hidden.write_bytes(b"".join(batch(numbers) for _ in range(2 * RECORDS // BATCH)))
    # A file that was changed just now may still be written to.
    os.utime(hidden, (time.time() - 60,) * 2)
    hidden.rename(inbox / hidden.name)

    def recorded() -> int:
        return next(s["records"] for s in steward.get("/api/v1/ingest/sources")["sources"] if s["name"] == "inbox")

    first = until("the file is found", recorded)
    start, cpu = time.monotonic(), cpu_seconds(steward.process.pid)
    until("the file is read", lambda: recorded() == 2 * RECORDS, 300)
    seconds, count = time.monotonic() - start, 2 * RECORDS - first
    cpu = cpu_seconds(steward.process.pid) - cpu
    return {"records_per_s": count / seconds, "us_cpu_per_record": cpu / count * 1e6}


def load(program: Path, steward: Steward, connections: int, operation: str, body: dict, seconds: float, count: int = 0) -> dict:
    """Closed-loop requests over so many connections, and whose processor time they took."""
    pid, before = steward.process.pid, cpu_seconds(steward.process.pid)
    command = [program, steward.port, connections, seconds, count, operation, json.dumps(body)]
    done = subprocess.run([str(part) for part in command], check=True, capture_output=True, timeout=180)
    run = json.loads(done.stdout)
    daemon = cpu_seconds(pid) - before
    return {
        "requests_per_s": run["requests"] / run["seconds"],
        "p50_ms": run["p50_ms"],
        "p99_ms": run["p99_ms"],
        "us_cpu_of_daemon": daemon * 1e6 / run["requests"],
        "client_share_of_cpu": run["cpu"] / (run["cpu"] + daemon),
    }


def wire(steward: Steward, directory: Path) -> dict[str, dict]:
    """The Step Functions API: a durable start, a read, and a task handed out (which is durable too)."""
    program = directory / "wire_load"
    subprocess.run(["cc", "-O2", "-o", program, ROOT / "scripts" / "wire_load.c"], check=True)
    prefix = "arn:aws:states:us-east-1:000000000000"
    call = {"X-Amz-Target": "AWSStepFunctions.CreateActivity"}
    post(steward.url + "/", json.dumps({"name": "bench"}).encode(), "application/x-amz-json-1.0", call)
    execution = post(f"{steward.url}/api/v1/executions", json.dumps({"stateMachine": "held", "input": {}}).encode())
    report = {}
    for connections, seconds in ((1, 3), (16, 5), (64, 5)):

        def measure(operation: str, body: dict, count: int = 0) -> dict:
            row = load(program, steward, connections, operation, body, seconds, count)
            report[f"{operation}, {connections} connections"] = row
            return row

        started = measure("StartExecution", {"stateMachineArn": f"{prefix}:stateMachine:held", "input": "{}"})
        measure("DescribeExecution", {"executionArn": f"{prefix}:execution:held:{execution['name']}"})
        # No more polls than there are tasks: a poll for none waits a minute.
        count = min(int(started["requests_per_s"] * seconds) - connections, 2000 * min(connections, 4))
        measure("GetActivityTask", {"activityArn": f"{prefix}:activity:bench", "workerName": "bench"}, count)
    return report


def json_and_languages() -> dict[str, dict]:
    """What needs no daemon: JSON beside Foundation's, JSONPath and JSONata evaluations a second."""
    program = Path(os.environ["STEWARD_BUILD"]) / "corebench"
    return json.loads(subprocess.run([program, "--json"], check=True, capture_output=True, timeout=300).stdout)


def main() -> int:
    directory = Path(tempfile.mkdtemp(prefix="steward-bench-"))
    machines = directory / "state-machines"
    shutil.copytree(ROOT / "state-machines", machines)
    (machines / "chain.asl.json").write_text(json.dumps(CHAIN))
    (machines / "held.asl.json").write_text(json.dumps(HELD))
    inbox = directory / "inbox"
    inbox.mkdir()
    settings = {
        "budgets": {"limit": "1000000.00", "period": "30d"},
        "ingest": {"sources": [{"name": "inbox", "directory": {"path": str(inbox), "every": "1s"}}]},
    }
    steward = Steward(directory / "steward", "http://127.0.0.1:9", settings, state_machines=machines)
    report: dict[str, dict] = json_and_languages()
    try:
        steward.start()
        for in_flight, count in ((1, 100), (16, 800), (64, 1600)):
            row = chains(steward, in_flight, count)
            limit = raw_limit(directory, in_flight)
            if limit:
                row |= {"raw_rows_per_s": limit, "ratio": row["steps_per_s"] / limit}
            report[f"chain of {STEPS}, {in_flight} in flight, through the admin API"] = row
        report[f"chain of {STEPS}, 2,000 started at once"] = burst(steward, 2000)
        report[f"ingestion, {BATCH} records a request"] = ingestion(steward)
        report["ingestion of a file in a watched directory"] = directory_source(steward, inbox)
        report |= wire(steward, directory)
    finally:
        steward.kill()
        shutil.rmtree(directory, ignore_errors=True)
    report |= engine(is_long="--long" in sys.argv)
    target = ROOT / "bench-data"
    target.mkdir(exist_ok=True)
    (target / "report.json").write_text(json.dumps(report, indent=2) + "\n")
    print(table(report))
    return check(report)


def check(report: dict[str, dict]) -> int:
    """Compares ratios, never seconds, with the floors that a release keeps; 1 when one is missed."""
    floors = json.loads((ROOT / "scripts" / "bench_floors.json").read_text())
    missed = [
        f"{name}: {key} is {report[name][key]:.3f}, the floor {floor}"
        for name, row in floors.items()
        for key, floor in row.items()
        if name in report and key in report[name] and report[name][key] < floor
    ]
    for line in missed:
        print(f"BELOW ITS FLOOR  {line}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
