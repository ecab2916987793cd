"""kill -9 at random moments under load from boto3, many times over; then an audit of everything that was acknowledged.

    .venv/bin/python Tests/outside/crash_rounds.py --rounds 200 --seed 7

The seed decides the load and the moments of the kills; what is on the way at such a moment is the machine's affair, so a
seed replays the kind of run, not each interleaving.
"""

from __future__ import annotations

import argparse
import collections
import concurrent.futures
import json
import os
import random
import shutil
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

sys.path.insert(0, str(Path(__file__).parent))
from steward import AWS, REGION, Steward, invocation, log_file, until  # noqa: E402
from test_crashes import record  # noqa: E402

ROLE = "arn:aws:iam::000000000000:role/caller"
TERMINAL = {"ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut"}
WAIT_SECONDS = 1


def definitions(activity: str) -> dict[str, dict[str, Any]]:
    # A worker whose answer was lost with the daemon leaves its task to the timeout.
    task = {
        "Type": "Task", "Resource": activity, "TimeoutSeconds": 3,
        "Retry": [{"ErrorEquals": ["States.Timeout"], "IntervalSeconds": 1, "MaxAttempts": 30, "BackoffRate": 1}],
    }  # fmt: skip
    wait = {"Type": "Wait", "Seconds": WAIT_SECONDS}
    return {
        "pass": {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}},
        "wait": {"StartAt": "W", "States": {"W": wait | {"End": True}}},
        "task": {"StartAt": "T", "States": {"T": task | {"End": True}}},
        "chain": {
            "StartAt": "A",
            "States": {"A": task | {"Next": "W"}, "W": wait | {"Next": "B"}, "B": task | {"End": True}},
        },
        "fan": {
            "StartAt": "M",
            "States": {"M": {
                "Type": "Map", "ItemsPath": "$.items", "End": True,
                "ItemProcessor": {"StartAt": "I", "States": {"I": task | {"End": True}}},
            }},
        },
    }  # fmt: skip


PATHS = {"pass": ["P"], "wait": ["W"], "task": ["T"], "chain": ["A", "W", "B"], "fan": ["M", "I", "I"]}
TASKS = {"pass": 0, "wait": 0, "task": 1, "chain": 2, "fan": 2}


@dataclass
class Start:
    """A start that a client asked for, until it was told what became of it."""

    kind: str
    name: str
    input: str
    arn: str | None = None


@dataclass
class Told:
    """What clients were told. Everything in it is a promise."""

    starts: dict[str, Start] = field(default_factory=dict)
    #: The unique mark of each completion that was acknowledged, or may have been taken.
    completed: set[str] = field(default_factory=set)
    doubtful: set[str] = field(default_factory=set)
    #: Users whose usage was acknowledged, with the number of kills until then.
    charged: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fault(self, text: str) -> None:
        with self.lock:
            self.faults.append(text)


class Rounds:
    def __init__(self, directory: Path, aws: AWS, seed: int, rounds: int, longest: float = 1.2):
        self.aws, self.seed, self.rounds, self.longest = aws, seed, rounds, longest
        self.random = random.Random(seed)
        self.told = Told()
        self.kills = 0
        self.stopping = threading.Event()
        self.draining = threading.Event()
        self.steward = Steward(
            directory / "steward", aws.endpoint,
            {"budgets": {"limit": "1.00", "graceSeconds": 1, "period": "30d", "maximumSuspensionsPerHour": 100_000}},
        )  # fmt: skip
        record(aws)

    # -- Clients

    def client(self, read: float = 10) -> Any:
        with _making:
            return boto3.client(
                "stepfunctions", endpoint_url=self.steward.url, region_name=REGION,
                aws_access_key_id="test", aws_secret_access_key="test",
                config=Config(
                    inject_host_prefix=False, retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=read
                ),
            )  # fmt: skip

    def prepare(self) -> None:
        self.steward.start()
        sfn = self.client()
        self.activity = sfn.create_activity(name="work")["activityArn"]
        self.machines = {
            kind: sfn.create_state_machine(name=kind, definition=json.dumps(definition), roleArn=ROLE)["stateMachineArn"]
            for kind, definition in definitions(self.activity).items()
        }

    def ask(self, sfn: Any, start: Start) -> None:
        """Asks for the start until it is answered: the name makes that harmless."""
        while not self.draining.is_set() or start.arn is None:
            try:
                arn = sfn.start_execution(
                    stateMachineArn=self.machines[start.kind], name=start.name, input=start.input
                )["executionArn"]
            except ClientError as error:
                if error.response["Error"]["Code"] == "ExecutionAlreadyExists":
                    # It ended meanwhile, so an earlier request was taken.
                    arn = self.machines[start.kind].replace(":stateMachine:", ":execution:") + f":{start.name}"
                elif error.response["ResponseMetadata"]["HTTPStatusCode"] < 500:
                    return self.told.fault(f"start of {start.name}: {error}")
                else:
                    self.pause()
                    continue
            except BotoCoreError:
                self.pause()
                continue
            if start.arn not in (None, arn):
                self.told.fault(f"two ARNs for {start.name}: {start.arn} and {arn}")
            start.arn = arn
            return

    def pause(self) -> None:
        self.stopping.wait(0.02)

    def start_many(self, number: int) -> None:
        choose = random.Random(f"{self.seed}/{number}")
        sfn, count = self.client(), 0
        while not self.draining.is_set():
            count += 1
            kind = choose.choice(list(PATHS))
            name = f"{kind}-{number}-{count}"
            start = Start(kind, name, json.dumps({"name": name, "items": [{"name": name}] * TASKS["fan"]}))
            with self.told.lock:
                self.told.starts[name] = start
            self.ask(sfn, start)
            if choose.random() < 0.2 and not self.draining.is_set():
                self.ask(sfn, start)
            self.stopping.wait(0.02)

    def work(self, number: int) -> None:
        sfn, count = self.client(read=70), 0
        while not self.stopping.is_set():
            try:
                task = sfn.get_activity_task(activityArn=self.activity, workerName=f"worker-{number}")
            except (BotoCoreError, ClientError) as error:
                if isinstance(error, ClientError) and error.response["ResponseMetadata"]["HTTPStatusCode"] < 500:
                    self.told.fault(f"a poll: {error}")
                self.pause()
                continue
            if not task.get("taskToken"):
                continue
            count += 1
            self.complete(sfn, task, f"{number}-{count}")

    def complete(self, sfn: Any, task: dict[str, Any], mark: str) -> None:
        output = json.dumps({"name": json.loads(task["input"]).get("name"), "mark": mark, "next": 1})
        tried = False
        while not self.stopping.is_set():
            try:
                sfn.send_task_success(taskToken=task["taskToken"], output=output)
                with self.told.lock:
                    self.told.completed.add(mark)
                return
            except ClientError as error:
                code = error.response["Error"]["Code"]
                if code == "TaskTimedOut":
                    # Too late; or an earlier try was taken and its answer lost.
                    if tried:
                        with self.told.lock:
                            self.told.doubtful.add(mark)
                    return
                if error.response["ResponseMetadata"]["HTTPStatusCode"] < 500:
                    return self.told.fault(f"completion {mark}: {error}")
            except BotoCoreError:
                pass
            tried = True
            self.pause()

    def spend(self) -> None:
        """Users who spend more than their budgets, one after another."""
        count = 0
        while not self.draining.is_set():
            count += 1
            user = f"BedrockAPIKey-{self.seed}-{count}"
            arn = self.aws.make_key(user)
            path = log_file(self.steward.directory / "usage.jsonl", [invocation(arn, f"{user}-1", 200_000, 40_000)])
            body, since = path.read_bytes(), self.kills
            while not self.stopping.is_set():
                try:
                    status, _ = self.steward.request(
                        "POST", "/ingest/bedrock-invocation-logs", body, **{"Content-Type": "application/octet-stream"}
                    )
                    if status == 200:
                        with self.told.lock:
                            self.told.charged[user] = since
                        break
                except (OSError, ValueError):
                    pass
                self.pause()
            self.stopping.wait(0.7)

    # -- Rounds

    def run(self) -> None:
        self.prepare()
        threads = [threading.Thread(target=self.start_many, args=(n,), daemon=True) for n in range(3)]
        threads += [threading.Thread(target=self.work, args=(n,), daemon=True) for n in range(4)]
        threads.append(threading.Thread(target=self.spend, daemon=True))
        for thread in threads:
            thread.start()
        try:
            for _ in range(self.rounds):
                # Squared: many short lives, some in the very start, few long ones.
                time.sleep(self.random.random() ** 2 * self.longest)
                self.steward.kill()
                self.kills += 1
                # One start in five may be killed before it is ready.
                self.steward.start(wait=self.random.random() > 0.2)
            until("the last start answers", self.steward.healthy, 60)
            self.draining.set()
            for thread in threads[:3] + threads[-1:]:
                thread.join(60)
            self.audit()
        finally:
            self.stopping.set()
            self.steward.kill()

    # -- Audit

    def audit(self) -> None:
        sfn = self.client()
        asked = {name: s for name, s in self.told.starts.items() if s.arn}
        until("all executions end", lambda: not self.running(sfn), 180, pause=0.5)
        found = {kind: self.listed(sfn, machine) for kind, machine in self.machines.items()}
        names = [name for listed in found.values() for name in listed]
        if doubled := [n for n, count in collections.Counter(names).items() if count > 1]:
            self.told.fault(f"names twice: {doubled[:5]}")
        if foreign := set(names) - set(self.told.starts):
            self.told.fault(f"nobody asked for {sorted(foreign)[:5]}")
        if lost := set(asked) - set(names):
            self.told.fault(f"acknowledged and lost: {sorted(lost)[:5]}")
        marks: collections.Counter[str] = collections.Counter()
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for found_marks in pool.map(self.audit_one, [asked[n] for n in names if n in asked]):
                marks.update(found_marks)
        if twice := [m for m, count in marks.items() if count > 1]:
            self.told.fault(f"completions recorded twice: {twice[:5]}")
        if gone := self.told.completed - set(marks):
            self.told.fault(f"completions acknowledged and lost: {sorted(gone)[:5]}")
        self.audit_names(sfn, list(asked.values()))
        self.audit_suspensions()
        self.executions, self.marks = len(asked), len(self.told.completed)

    def running(self, sfn: Any) -> list[str]:
        return [
            e["name"]
            for machine in self.machines.values()
            for e in sfn.list_executions(stateMachineArn=machine, statusFilter="RUNNING")["executions"]
        ]

    def listed(self, sfn: Any, machine: str) -> list[str]:
        pages = sfn.get_paginator("list_executions").paginate(stateMachineArn=machine, PaginationConfig={"PageSize": 1000})
        return [e["name"] for page in pages for e in page["executions"]]

    def audit_one(self, start: Start) -> list[str]:
        """Checks one execution; gives the marks of the completions in its history."""
        sfn = getattr(_local, "client", None)
        if sfn is None or _local.owner is not self:
            sfn = _local.client = self.client()
            _local.owner = self
        described = sfn.describe_execution(executionArn=start.arn)
        events: list[dict[str, Any]] = []
        for page in sfn.get_paginator("get_execution_history").paginate(executionArn=start.arn, maxResults=1000):
            events += page["events"]
        types = [e["type"] for e in events]

        def check(holds: bool, what: str) -> None:
            if not holds:
                self.told.fault(f"{start.name}: {what}; {types}")

        check(described["status"] == "SUCCEEDED", f"ended as {described['status']}: {described.get('cause')}")
        check(described["input"] == start.input, "another input than it was given")
        check([e["id"] for e in events] == list(range(1, len(events) + 1)), "ids are not contiguous")
        check(all(e["previousEventId"] < e["id"] for e in events), "an event follows a later one")
        check(types[0] == "ExecutionStarted" and types.count("ExecutionStarted") == 1, "not started once")
        check(sum(t in TERMINAL for t in types) == 1 and types[-1] in TERMINAL, "not ended once")
        check(all(a["timestamp"] <= b["timestamp"] for a, b in zip(events, events[1:])), "time runs backwards")
        for side, word in (("stateEnteredEventDetails", "entered"), ("stateExitedEventDetails", "left")):
            states = [e[side]["name"] for e in events if side in e]
            check(sorted(states) == sorted(PATHS[start.kind]), f"states {word}: {states}")
        for entered, left in zip(
            [e for e in events if e["type"] == "WaitStateEntered"], [e for e in events if e["type"] == "WaitStateExited"]
        ):
            waited = (left["timestamp"] - entered["timestamp"]).total_seconds()
            check(waited >= WAIT_SECONDS, f"waited only {waited} s")
        results = [json.loads(e["activitySucceededEventDetails"]["output"]) for e in events if e["type"] == "ActivitySucceeded"]
        check(len(results) == TASKS[start.kind], f"{len(results)} completions")
        check(types.count("ActivityScheduled") == len(results) + types.count("ActivityTimedOut"), "tasks do not add up")
        check(all(r["name"] in (start.name, None) for r in results), "a result of another execution")
        return [r["mark"] for r in results]

    def audit_names(self, sfn: Any, starts: list[Start]) -> None:
        """A name that was used stays used."""
        for start in self.random.sample(starts, min(25, len(starts))):
            try:
                sfn.start_execution(stateMachineArn=self.machines[start.kind], name=start.name, input=start.input)
                self.told.fault(f"{start.name} was started a second time")
            except ClientError as error:
                if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
                    self.told.fault(f"{start.name} again: {error}")

    def audit_suspensions(self) -> None:
        for user in self.told.charged:
            until(f"{user} is suspended", lambda user=user: self.steward.budget(user)["status"] == "suspended", 90)
            until(f"the evidence about {user} is written", lambda user=user: self.completed(user), 90)
        # Only now have all calls been made that are to be counted.
        calls = mutations(self.aws)
        listed = [run for run in self.all_runs("suspension")]
        for user, since in self.told.charged.items():
            if not self.aws.has_no_access(user):
                self.told.fault(f"{user} is called suspended and has access")
            # Each kill may come between a call and its record, and repeats at most that one.
            allowed = 1 + self.kills - since
            for action in ("PutUserPolicy", "DetachUserPolicy"):
                made = calls[user, action]
                if not 1 <= made <= allowed:
                    self.told.fault(f"{user}: {action} {made} times with {allowed - 1} kills")
            completed = self.completed(user)
            if len(completed) != 1:
                self.told.fault(f"{user}: {len(completed)} completed suspensions in the audit log")
        if len(listed) < len(self.told.charged):
            self.told.fault(f"{len(listed)} suspensions for {len(self.told.charged)} users")
        self.repeated = sum(count - 1 for count in calls.values())

    def completed(self, user: str) -> list[dict[str, Any]]:
        return [entry for entry in self.audited(user) if entry["action"] == "suspension.completed"]

    def all_runs(self, machine: str) -> list[dict[str, Any]]:
        sfn = self.client()
        arn = self.machines["pass"].rsplit(":", 1)[0] + f":{machine}"
        return [{"name": n} for n in self.listed(sfn, arn)]

    def audited(self, user: str) -> list[dict[str, Any]]:
        return [
            e for e in self.steward.get("/api/v1/audit?limit=1000&subject=" + self.subject(user))["entries"]
        ]

    def subject(self, user: str) -> str:
        from urllib.parse import quote

        return quote(self.steward.budget(user)["principal"]["id"], safe="")


_local = threading.local()
_making = threading.Lock()  # boto3's default session is not for two threads at once.


def mutations(aws: AWS) -> collections.Counter[tuple[str, str]]:
    """IAM calls that change something, by user and action, from moto's own record."""
    import base64
    import urllib.request
    from urllib.parse import parse_qs

    with urllib.request.urlopen(f"{aws.endpoint}/moto-api/recorder/download-recording", timeout=60) as answer:
        lines = answer.read().decode().splitlines()
    calls: collections.Counter[tuple[str, str]] = collections.Counter()
    for line in lines:
        form = parse_qs(base64.b64decode(json.loads(line).get("body") or "").decode())
        action = form.get("Action", [""])[0]
        if action in {"PutUserPolicy", "DetachUserPolicy"}:
            calls[form["UserName"][0], action] += 1
    return calls


def run(directory: Path, seed: int, rounds: int, aws: AWS | None = None, longest: float = 1.2) -> Rounds:
    own = aws is None
    aws = aws or AWS(directory)
    try:
        harness = Rounds(directory, aws, seed, rounds, longest)
        harness.run()
        return harness
    finally:
        if own:
            aws.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--keep", type=Path, help="Keep everything in this directory.")
    arguments = parser.parse_args()
    build = os.environ.get("STEWARD_BUILD", ".build/debug")
    replay = f"STEWARD_BUILD={build} {sys.executable} {Path(__file__)} --rounds {arguments.rounds} --seed {arguments.seed}"
    print(f"crash rounds: seed {arguments.seed}; replay with: {replay}", flush=True)
    directory = arguments.keep or Path(tempfile.mkdtemp(prefix="steward-crash-"))
    directory.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    try:
        harness = run(directory, arguments.seed, arguments.rounds)
    except BaseException:
        print(f"failed; everything is in {directory}; replay with: {replay}", file=sys.stderr, flush=True)
        raise
    faults = harness.told.faults
    print(
        f"{harness.kills} kills in {time.monotonic() - began:.0f} s: {harness.executions} acknowledged executions, "
        f"{harness.marks} acknowledged completions, {len(harness.told.charged)} suspensions "
        f"({harness.repeated} IAM calls repeated): {len(faults)} faults"
    )
    for fault in faults[:50]:
        print(f"  {fault}")
    if faults:
        print(f"everything is in {directory}; replay with: {replay}", file=sys.stderr)
        return 1
    if not arguments.keep:
        shutil.rmtree(directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
