"""The engine on the real store, in process (`enginebench`), and activity workers over the Step Functions API: what
docs/benchmarks.md's table of goals asks for. Part of `make bench`; alone: `python scripts/bench_engine.py [--long]`.

Each figure of durable steps stands beside the raw limit, measured right before it: a C program that appends rows with
`synchronous=FULL`, as many to a transaction as there are executions in flight. What an fsync takes differs from one machine to
the next, so durable figures are taken three times: as is, with a preloaded shim that adds 1 ms to each fsync, and on memory,
where each fsync sleeps for a moment, whatever the disk of the day is.

With `STEWARD_PEER_PYTHON`, a Python 3.13 that has dura (`pip install dura==1.3.0`), the chains stand beside that engine's, too.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("STEWARD_BENCH", ROOT.parent / "shared" / "bench"))
BUILD = Path(os.environ.get("STEWARD_BUILD", ROOT / ".build" / "release"))
STEPS = 10
MEMORY = Path("/dev/shm")
# The shim sleeps for so many microseconds in each fsync, and the kernel adds 50 to a sleep, more where the processor was idle.
FAST_DISK = {"FSYNC_US": "1"}
SLOW_DISK = {"FSYNC_US": "1000"}


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    in_flight: tuple[int, ...] = (1, 16, 64, 256)
    seconds: float = 5
    timers: int = 10_000
    waiting: int = 100_000
    events: tuple[int, ...] = (0, 1_000_000)
    principals: int = 100_000
    known: int = 200_000
    records: int = 200_000


LONG = Sizes(
    waiting=1_000_000, events=(0, 1_000_000, 10_000_000, 100_000_000), principals=1_000_000, known=10_000_000
)  # fmt: skip


def compiled(source: str, directory: Path, *flags: str) -> Path | None:
    """A C program or library of the shared bench drivers; None where they are missing."""
    path = SHARED / source
    if not path.exists():
        return None
    target = directory / path.stem
    if not target.exists():
        subprocess.run(["cc", "-O2", *flags, "-o", target, path, "-lsqlite3", "-lpthread", "-ldl"], check=True)
    return target


def lines(command: list, environment: dict[str, str] | None = None, timeout: float = 3600) -> list[dict]:
    done = subprocess.run(
        [str(part) for part in command],
        check=True,
        capture_output=True,
        timeout=timeout,
        env=os.environ | (environment or {}),
    )
    return [json.loads(line) for line in done.stdout.decode().splitlines() if line.startswith("{")]


def enginebench(directory: Path, *arguments: object, environment: dict[str, str] | None = None) -> list[dict]:
    data = Path(tempfile.mkdtemp(dir=directory))
    try:
        return lines([BUILD / "enginebench", arguments[0], "--directory", data, *arguments[1:]], environment)
    finally:
        shutil.rmtree(data, ignore_errors=True)


def raw_rows(directory: Path, workers: int, environment: dict[str, str] | None = None) -> float | None:
    program = compiled("raw_sqlite.c", directory)
    if not program:
        return None
    data = Path(tempfile.mkdtemp(dir=directory))
    command = [program, "--mode", "logical", "--workers", workers, "--secs", 2, "--dir", data]
    try:
        return float(lines(command, environment)[0]["rows_per_s"])
    finally:
        shutil.rmtree(data, ignore_errors=True)


def peer(directory: Path, in_flight: int, seconds: float, environment: dict[str, str] | None = None) -> float | None:
    """Steps per second of the best durable peer; None where there is none to measure."""
    python = os.environ.get("STEWARD_PEER_PYTHON")
    if not python:
        return None
    data = Path(tempfile.mkdtemp(dir=directory))
    try:
        command = [python, ROOT / "scripts" / "peer_chain.py", data, in_flight, seconds]
        return float(lines(command, environment)[0]["steps_per_s"])
    finally:
        shutil.rmtree(data, ignore_errors=True)


def chains(directory: Path, sizes: Sizes, label: str, environment: dict[str, str] | None = None) -> dict[str, dict]:
    report = {}
    for in_flight in sizes.in_flight:
        limit = raw_rows(directory, in_flight, environment)
        options = ("--in-flight", in_flight, "--states", STEPS, "--seconds", sizes.seconds)
        row = enginebench(directory, "chain", *options, environment=environment)[0]
        if limit:
            row |= {"raw_rows_per_s": limit, "ratio": row["steps_per_s"] / limit}
        if other := peer(directory, in_flight, sizes.seconds, environment):
            row |= {"peer_steps_per_s": other, "times_peer": row["steps_per_s"] / other}
        report[f"chain of {STEPS}, {in_flight} in flight{label}"] = row
    return report


def memory_is_large() -> bool:
    """Whether chains fit into memory's file system, which in a container often has 64 MiB."""
    is_large = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 1 << 30
    if not is_large:
        print(f"not measured on memory: {MEMORY} has less than 1 GiB free", file=sys.stderr)
    return is_large


def in_process(directory: Path, sizes: Sizes) -> dict[str, dict]:
    report = chains(directory, sizes, "")
    shim = compiled("slow_fsync.c", directory, "-shared", "-fPIC")
    if shim:
        preload = {"LD_PRELOAD": str(shim)}
        report |= chains(directory, sizes, ", fsync 1 ms slower", preload | SLOW_DISK)
        if memory_is_large():
            with tempfile.TemporaryDirectory(dir=MEMORY) as memory:
                report |= chains(Path(memory), sizes, ", on memory with a short flush", preload | FAST_DISK)
    passing = ("--kind", "pass", "--states", 100, "--in-flight", 64, "--seconds", sizes.seconds)
    report["Pass and Choice, 100 in a chain"] = enginebench(directory, "chain", *passing)[0]
    report[f"{sizes.timers:,} timers due in one second"] = enginebench(directory, "timers", "--count", sizes.timers)[0]
    report[f"{sizes.waiting:,} waiting"] = enginebench(directory, "waiting", "--count", sizes.waiting)[0]
    curve = enginebench(directory, "growth", "--seconds", sizes.seconds, "--events", *sizes.events)
    for row, goal in zip(curve, sizes.events, strict=True):
        report[f"chain after {goal:,} events"] = row | {
            "ratio": row["steps_per_s"] / curve[0]["steps_per_s"],
            "cpu_ratio": row["us_cpu_per_step"] / curve[0]["us_cpu_per_step"],
        }
    return report | metering(directory, sizes)


def metering(directory: Path, sizes: Sizes) -> dict[str, dict]:
    """Uses of few principals, and of so many that a batch hardly sees one twice; each beside what the raw writer does
    with the 256 rows of a transaction at which more make no difference to it."""
    report = {}
    for people in (1_000, sizes.principals):
        limit = raw_rows(directory, 256)
        options = ("--principals", people, "--known", sizes.known, "--records", sizes.records)
        row = enginebench(directory, "ledger", *options)[0]
        if limit:
            row |= {"raw_rows_per_s": limit, "ratio": row["records_per_s"] / limit}
        report[f"metering, {people:,} principals, {sizes.known:,} uses known"] = row
    return report


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A process that answers on a port, killed at the end."""

    def __init__(self, command: list, port: int):
        self.port = port
        keys = {"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench"}
        nothing = subprocess.DEVNULL
        self.process = subprocess.Popen(
            [str(part) for part in command], env=os.environ | keys, stdout=nothing, stderr=nothing
        )
        end = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/", data=b"{}"), timeout=1).close()
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                if time.monotonic() > end or self.process.poll() is not None:
                    raise
                time.sleep(0.05)

    def call(self, operation: str, **body: object) -> dict:
        headers = {"X-Amz-Target": f"AWSStepFunctions.{operation}", "Content-Type": "application/x-amz-json-1.0"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def workers(directory: Path) -> dict[str, dict]:
    """Chains of activity tasks over the API, a worker for each chain but at least two (as the shared driver has them): two
    requests a step, beside half of what an HTTP server can do that commits one row a request."""
    load, limit = compiled("sfn_load.c", directory), compiled("raw_http.c", directory)
    if not load or not limit:
        return {}
    definition = {
        "StartAt": "S1",
        "States": {
            f"S{n}": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:bench"}
            | ({"Next": f"S{n + 1}"} if n < STEPS else {"End": True})
            for n in range(1, STEPS + 1)
        },
    }
    report = {}
    for connections in (1, 16, 64):
        port = free_port()
        with Server([limit, port, directory / f"raw-{port}.db"], port):
            bare = lines([load, port, "--sm", "arn:x", "--conc", connections, "--starts", 20_000 * min(connections, 4)])[0]
        port, data = free_port(), Path(tempfile.mkdtemp(dir=directory))
        for folder in ("machines", "workflows"):
            (data / folder).mkdir()
        command = [BUILD / "workflowd", "serve", "--authentication", "off", "--listen", f"127.0.0.1:{port}"]
        command += ["--data", data / "d", "--state-machines", data / "machines", "--workflows", data / "workflows"]
        with Server(command, port) as server:
            activity = server.call("CreateActivity", name="bench")["activityArn"]
            machine = server.call(
                "CreateStateMachine", name="bench", definition=json.dumps(definition), roleArn="arn:aws:iam::000000000000:role/x"
            )["stateMachineArn"]
            before = cpu_seconds(server.process.pid)
            run = lines(
                [load, port, "--sm", machine, "--act", activity, "--conc", connections, "--workers", max(2, connections), "--secs", 5]
            )[0]
            used = cpu_seconds(server.process.pid) - before
        half = bare["exec_per_s"] / 2
        report[f"chain of {STEPS} by activity workers, {connections} in flight"] = {
            "steps_per_s": run["steps_per_s"],
            "us_cpu_per_step": used * 1e6 / max(1, run["steps"]),
            "p50_ms": run["p50_ms"],
            "p99_ms": run["p99_ms"],
            "half_of_raw_http": half,
            "ratio": run["steps_per_s"] / half,
        }
    return report


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def engine(is_long: bool = False) -> dict[str, dict]:
    # Beside the project and not in /tmp, which may be memory.
    place = ROOT / "bench-data"
    place.mkdir(exist_ok=True)
    directory = Path(tempfile.mkdtemp(prefix="run-", dir=place))
    try:
        return in_process(directory, LONG if is_long else Sizes()) | workers(directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def table(report: dict[str, dict]) -> str:
    def number(value: float) -> str:
        return f"{value:,.3f}" if abs(value) < 10 else f"{value:,.0f}"

    return "\n".join(
        f"{name}: " + ", ".join(f"{key} {number(value)}" for key, value in row.items()) for name, row in report.items()
    )


if __name__ == "__main__":
    found = engine(is_long="--long" in sys.argv)
    (ROOT / "bench-data" / "engine.json").write_text(json.dumps(found, indent=2) + "\n")
    print(table(found))
