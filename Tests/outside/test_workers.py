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
        (folder / file.name).write_text(re.sub(r"TimeoutSeconds: \d{3}\b", "TimeoutSeconds: 6", file.read_text()))
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
    assert dying.child.returncode == -signal.SIGKILL
    living = worker("--concurrency", "3")
    until("all are suspended", lambda: suspended(steward, users), 120, 0.3)
    assert all(aws.has_no_access(user) for user in users)
    until("all runs end", lambda: not steward.runs(machine="suspension", status="running"))
    runs = steward.runs(machine="suspension", limit="100")
    assert len(runs) == len(users) and {run["status"] for run in runs} == {"SUCCEEDED"}
    # The step whose report was lost is done again, and finds that it is done: at most one call is repeated.
    # A deny, a policy taken off and a label for each.
    assert len(users) * 3 <= len(mutations(aws)) <= len(users) * 3 + 1
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


def test_a_worker_needs_a_key_and_no_more_than_an_operators(aws: AWS, steward: Steward, worker) -> None:
    steward.authentication = "required"
    daemon = [str(BUILD / "workflowd"), "key", "create", "root", "--data", str(steward.data)]
    root = subprocess.run(daemon, capture_output=True, text=True, timeout=60, env=steward.environment, check=True)
    steward.environment["STEWARD_TOKEN"] = root.stdout.strip()
    steward.start()
    stranger = worker(STEWARD_ACCESS_KEY_ID="STWDSTRANGERSTRANGER", STEWARD_SECRET_ACCESS_KEY="x")
    until("the stranger ends", stranger.ended, 30)
    assert stranger.child.returncode == 1 and "refuses this worker" in stranger.output()

    key = steward.ctl("key", "create", "worker", "--role", "operator", "--kind", "signature")
    worker(STEWARD_ACCESS_KEY_ID=key["id"], STEWARD_SECRET_ACCESS_KEY=key["secretAccessKey"])
    user = f"BedrockAPIKey-w{next(numbers)}"
    exceed(steward, [aws.make_key(user)])
    until("suspended", lambda: steward.ctl("budget", "show", user)["status"] == "suspended", 60, 0.2)
    assert aws.has_no_access(user)


def test_a_worker_leaves_alone_whom_nobody_may_suspend(aws: AWS, steward: Steward, worker, tmp_path: Path) -> None:
    user = f"BedrockAPIKey-w{next(numbers)}"
    arn = aws.make_key(user)
    reserve = tmp_path / "worker.yaml"
    reserve.write_text(f"budgets: {{breakGlass: ['{arn}']}}\n")
    steward.start()
    worker("--config", str(reserve))
    exceed(steward, [arn])
    (run,) = until("the run fails", lambda: steward.runs(machine="suspension", status="failed"), 60, 0.2)
    assert run["error"].startswith("Steward.Refuses"), run
    assert aws.has_access(user)


def test_a_worker_reads_whom_nobody_may_suspend_again_on_a_signal(aws: AWS, steward: Steward, worker, tmp_path: Path) -> None:
    user = f"BedrockAPIKey-w{next(numbers)}"
    arn = aws.make_key(user)
    reserve = tmp_path / "worker.yaml"
    reserve.write_text("budgets: {breakGlass: []}\n")
    steward.start()
    process = worker("--config", str(reserve))
    # One that began to poll has set its signal handlers before.
    exceed(steward, [aws.make_key(f"BedrockAPIKey-w{next(numbers)}")])
    until("it works", lambda: steward.runs(machine="suspension", status="succeeded"), 60, 0.2)
    for text, answer in (("budgets: {breakGlass: 7}", "refused"), (f"budgets: {{breakGlass: ['{arn}']}}", "read again")):
        reserve.write_text(text + "\n")
        process.child.send_signal(signal.SIGHUP)
        until(answer, lambda answer=answer: answer in process.output())
    exceed(steward, [arn])
    (run,) = until("the run fails", lambda: steward.runs(machine="suspension", status="failed"), 60, 0.2)
    assert run["error"].startswith("Steward.Refuses"), run
    assert aws.has_access(user) and not process.ended()


def test_what_a_worker_cannot_serve(steward: Steward) -> None:
    command = [str(BUILD / "workflowd"), "worker", "--endpoint", "http://127.0.0.1:1", "--activities", "audit"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, env=steward.environment)
    assert done.returncode == 64 and "audit is no step that a worker can serve" in done.stderr


def test_steps_that_cannot_be_remote_are_refused(make_steward) -> None:
    steward = make_steward(options={"steps": {"remote": ["audit"]}})
    steward.start(wait=False)
    until("the daemon ends", lambda: steward.process.ended(), 30)
    assert steward.process.child.returncode == 2
    assert "steps.remote: audit is no step" in steward.log()
