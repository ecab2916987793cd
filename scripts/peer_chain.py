"""Chains of 10 durable steps by dura, the fastest durable engine of shared/perf.md: `peer_chain.py DIRECTORY IN_FLIGHT SECONDS`.

Prints what `enginebench chain` does, as far as a library has it. dura is a Python library on one SQLite file (WAL,
`synchronous=FULL`), from PyPI, for Python 3.13. Its workers may be threads or processes: a process for each, up to
`PROCESSES`, is what makes the most of two cores, since Python runs one thread of a process at a time.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import sys
import threading
import time
from pathlib import Path

from dura.engine import ClaimedTask, DurableEngine
from dura.workers import process_task

STEPS = 10
PROCESSES = 4


def chain(engine: DurableEngine, task: ClaimedTask) -> dict:
    for number in range(STEPS):
        engine.checkpoint(task_id=task.task_id, step_name=f"S{number}", fn=lambda: task.params)
    return task.params


def client(engine: DurableEngine, name: str, end: float, latencies: list[float]) -> None:
    """One in flight: starts a chain, and then does what is to be done, as a worker does."""
    while (started := time.monotonic()) < end:
        engine.spawn_task(name="chain", params={"a": 1})
        if task := engine.claim_task(worker_id=name, timeout_secs=120):
            process_task(engine, handlers={"chain": chain}, task=task)
            latencies.append(time.monotonic() - started)
    engine.close()


def process(path: Path, number: int, threads: int, end: float, answers: multiprocessing.Queue) -> None:
    engine, latencies = DurableEngine(path), []
    names = [f"{number}-{thread}" for thread in range(threads)]
    clients = [threading.Thread(target=client, args=(engine, name, end, latencies)) for name in names]
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join()
    engine.close()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    answers.put((latencies, usage.ru_utime + usage.ru_stime))


def main() -> None:
    directory, in_flight, seconds = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    path = directory / "dura.db"
    DurableEngine(path).close()
    count = min(in_flight, PROCESSES)
    answers: multiprocessing.Queue = multiprocessing.Queue()
    begin = time.monotonic()
    shares = [in_flight // count + (number < in_flight % count) for number in range(count)]
    workers = [
        multiprocessing.Process(target=process, args=(path, number, share, begin + seconds, answers))
        for number, share in enumerate(shares)
    ]
    for worker in workers:
        worker.start()
    results = [answers.get(timeout=seconds + 120) for _ in workers]
    elapsed = time.monotonic() - begin
    for worker in workers:
        worker.join()
    latencies = sorted(latency for own, _ in results for latency in own)
    steps = len(latencies) * STEPS
    report = {
        "in_flight": in_flight,
        "executions": len(latencies),
        "steps_per_s": steps / elapsed,
        "us_cpu_per_step": sum(used for _, used in results) * 1e6 / max(1, steps),
        "p50_ms": latencies[len(latencies) // 2] * 1e3 if latencies else 0,
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
