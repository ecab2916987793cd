"""Workers in processes of their own carry out the steps that touch IAM, and one of them may die at any moment."""

from __future__ import annotations

import itertools
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import settings
from steward import AWS, BUILD, ROOT, Process, Steward, invocation, log_file, until
from test_crashes import mutations, record

IAM_STEPS = ["back-up-access", "give-back-access", "take-away-access", "verify-access-back", "verify-access-gone"]
numbers = itertools.count(1)


@pytest.fixture
def machines(tmp_path: Path) -> Path:
    """The shipped state machines, where a task of a worker that died is given to the next after seconds, not minutes."""
    folder = tmp_path / "state-machines"
    folder.mkdir()
    for file in (ROOT / "state-machines").glob("*.asl.yaml"):
        (folder / file.name).write_text(re.sub(r"TimeoutSeconds: 120", "TimeoutSeconds: 6", file.read_text()))
    return folder


@pytest.fixture
def steward(make_steward, machines: Path) -> Steward:
    return make_steward(options=settings() | {"steps": {"remote": IAM_STEPS}}, state_machines=machines)


@pytest.fixture
def worker(tmp_path: Path, steward: Steward) -> Iterator[Callable[..., Process]]:
    started: list[Process] = []

    def start(*arguments: str, **environment: str) -> Process:
        name = f"worker-{len(started)}"
        command = [str(BUILD / "workflowd"), "worker", "--endpoint", steward.url, "--heartbeat", "1", "--name", name, *arguments]
        started.append(Process(name, command, tmp_path / f"{name}.log", steward.environment | environment))
        return started[-1]

    yield start
    for process in started:
        process.kill()


def exceed(steward: Steward, arns: list[str]) -> None:
    tag = f"w{next(numbers)}"
    records = [invocation(arn, f"{tag}-{index}", 200_000, 40_000) for index, arn in enumerate(arns)]
    steward.ctl("ingest", str(log_file(steward.directory / f"{tag}.jsonl", records)))


def suspended(steward: Steward, users: list[str]) -> bool:
    return all(steward.budget(user)["status"] == "suspended" for user in users)


def test_one_of_two_workers_dies_and_no_run_is_lost(aws: AWS, steward: Steward, worker) -> None:
    users = [f"BedrockAPIKey-w{next(numbers)}" for _ in range(12)]
    arns = [aws.make_key(user) for user in users]
    record(aws)
    steward.start()
    dying = worker("--concurrency", "1", STEWARD_CRASH_AT="afterPerform:take-away-access")
    exceed(steward, arns)
    until("the first worker dies in the middle of a step", dying.ended, 60)
    assert dying.process.returncode == -signal.SIGKILL
    living = worker("--concurrency", "3")
    until("all are suspended", lambda: suspended(steward, users), 120, 0.3)
    assert all(aws.has_no_access(user) for user in users)
    runs = steward.runs(machine="suspension", limit="100")
    assert len(runs) == len(users) and {run["status"] for run in runs} == {"succeeded"}
    # The step whose report was lost is done again, and finds that it is done: at most one call is repeated.
    assert len(users) * 2 <= len(mutations(aws)) <= len(users) * 2 + 1
    assert living.terminate() == 0
    assert steward.stop() == 0


def test_a_worker_waits_for_its_endpoint_and_outlives_a_restart(aws: AWS, steward: Steward, worker) -> None:
    first, second = (f"BedrockAPIKey-w{next(numbers)}" for _ in range(2))
    arns = [aws.make_key(user) for user in (first, second)]
    early = worker()
    until("the worker says that the endpoint is away", lambda: "does not answer" in early.output(), 30)
    steward.start()
    exceed(steward, arns[:1])
    until("suspended by the worker", lambda: suspended(steward, [first]), 60, 0.2)
    steward.kill()
    until("the worker notices", lambda: "polling failed" in early.output(), 60)
    steward.start()
    exceed(steward, arns[1:])
    until("suspended after the restart", lambda: suspended(steward, [second]), 90, 0.2)
    assert early.terminate() == 0
    assert "the worker has stopped" in early.output()


def test_a_worker_that_may_not_says_so_and_ends(make_steward, tmp_path: Path) -> None:
    steward = make_steward(options={"steps": {"remote": ["take-away-access"]}})
    steward.command_line_authentication = "required"
    command = [str(BUILD / "workflowd"), "worker", "--endpoint", "http://127.0.0.1:1", "--activities", "audit"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, env=steward.environment)
    assert done.returncode != 0 and "audit is no step that a worker can serve" in done.stderr


def test_steps_that_cannot_be_remote_are_refused(make_steward) -> None:
    steward = make_steward(options={"steps": {"remote": ["audit"]}})
    steward.start(wait=False)
    until("the daemon ends", lambda: steward.process.ended(), 30)
    assert steward.process.process.returncode == 2
    assert "steps.remote: audit is no step" in steward.log()
