"""kill -9 at every step of both workflows: whatever the moment, the end is the right one."""

from __future__ import annotations

import base64
import itertools
import json
import urllib.request

import pytest
import yaml
from conftest import settings
from steward import AWS, ROOT, Mailbox, Steward, invocation, log_file, until

COMMIT = ["beforeCommit", "afterCommit"]
# Only steps that touch the world have something to do outside the transaction that records them.
PERFORM = ["beforePerform", "afterPerform"]
IAM_STEPS = {"back-up-access", "take-away-access", "verify-access-gone", "give-back-access", "verify-access-back"}
names = itertools.count(1)


def moments(machine: str, not_on_the_way: set[str]) -> list[tuple[str, str]]:
    """Every moment around every Task state that a run without failures goes through."""
    states = yaml.safe_load((ROOT / "state-machines" / f"{machine}.asl.yaml").read_text())["States"]
    return [
        (name, moment)
        for name, state in states.items()
        if state["Type"] == "Task" and name not in not_on_the_way
        for moment in (PERFORM if state["Resource"].removeprefix("activity:") in IAM_STEPS else []) + COMMIT
    ]


SUSPENSION = moments(
    "suspension",
    {
        "SendCountdown", "RecordSpared", "NotifySpared", "RecordSuspensionFailed", "SuspensionFailed",
        "CheckBudgetAfterRedrive", "FallBack", "NotifyGrantElsewhere", "RecordPrincipalGone", "NotifyPrincipalGone",
        "RecordUnenforceable", "NotifyUnenforceable",
    },
)  # fmt: skip
RESTORATION = moments(
    "restoration",
    {"TakeStock", "RecordRestorationFailed", "RestorationFailed", "RecordPrincipalGone", "NotifyPrincipalGone"},
)


def mutations(aws: AWS) -> list[str]:
    """IAM calls that change something, from moto's own record."""
    with urllib.request.urlopen(f"{aws.endpoint}/moto-api/recorder/download-recording", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    calls = []
    for line in lines:
        body = base64.b64decode(json.loads(line).get("body") or "").decode()
        action = next((p[7:] for p in body.split("&") if p.startswith("Action=")), "")
        if action in {"PutUserPolicy", "DetachUserPolicy", "AttachUserPolicy", "DeleteUserPolicy", "TagUser", "UntagUser"}:
            calls.append(action)
    return calls


def record(aws: AWS) -> None:
    """Starts moto's recording anew."""
    for action in ("reset-recording", "start-recording"):
        urllib.request.urlopen(
            urllib.request.Request(f"{aws.endpoint}/moto-api/recorder/{action}", method="POST"), timeout=10
        ).read()


def exceed(steward: Steward, arn: str, tag: str) -> None:
    """Spends more than the budget. The daemon may die before it answers; what it has charged is charged."""
    path = log_file(steward.directory / f"{tag}.jsonl", [invocation(arn, f"{tag}-1", 200_000, 40_000)])
    steward.run("ingest", str(path))


def check_mail(mailbox: Mailbox, wanted: list[str]) -> None:
    """Each message has come; one that was under way when the daemon died may have come twice."""
    for word in wanted:
        until(f"mail about '{word}'", lambda word=word: any(word in s.lower() for s in mailbox.subjects()))
    assert len(mailbox.subjects()) <= len(set(mailbox.subjects())) + 1, mailbox.subjects()


@pytest.mark.parametrize(("state", "moment"), SUSPENSION)
def test_a_crash_in_the_suspension(aws: AWS, mailbox: Mailbox, make_steward, state: str, moment: str) -> None:
    user = f"BedrockAPIKey-s{next(names)}"
    arn = aws.make_key(user)
    record(aws)
    steward = make_steward(options=settings(mailbox)).start(STEWARD_CRASH_AT=f"{moment}:{state}")
    exceed(steward, arn, user)
    until(f"the daemon dies {moment} {state}", lambda: steward.process.ended(), 30)
    steward.kill()
    steward.start()

    until("suspended", lambda: steward.budget(user)["status"] == "suspended", 30)
    until("the run has ended", lambda: steward.runs(machine="suspension")[0]["status"] == "SUCCEEDED")
    assert aws.has_no_access(user)
    assert len(steward.runs(machine="suspension")) == 1
    calls = mutations(aws)
    assert set(calls) == {"PutUserPolicy", "DetachUserPolicy", "TagUser"} and len(calls) <= 4, calls
    completed = [e for e in steward.audit() if e["action"] == "suspension.completed"]
    assert len(completed) == 1
    assert len([e for e in steward.audit() if e["action"] == "access.suspended"]) == 1
    check_mail(mailbox, ["grace", "final", "suspended"])
    assert steward.ctl("dlq", "list")["deadLetters"] == []


@pytest.mark.parametrize(("state", "moment"), RESTORATION)
def test_a_crash_in_the_restoration(aws: AWS, mailbox: Mailbox, make_steward, state: str, moment: str) -> None:
    user = f"BedrockAPIKey-r{next(names)}"
    arn = aws.make_key(user)
    steward = make_steward(options=settings(mailbox, graceSeconds=0)).start()
    exceed(steward, arn, user)
    until("suspended", lambda: steward.budget(user)["status"] == "suspended", 30)
    until("the run has ended", lambda: steward.runs(machine="suspension")[0]["status"] == "SUCCEEDED")
    assert steward.stop() == 0

    record(aws)
    steward.start(STEWARD_CRASH_AT=f"{moment}:{state}")
    # A raised limit is what restores without waiting for the period's end. The daemon may die before it answers.
    steward.run("budget", "set", user, "--limit", "50.00")
    until(f"the daemon dies {moment} {state}", lambda: steward.process.ended(), 30)
    steward.kill()
    steward.start()

    until("active", lambda: steward.budget(user)["status"] == "active", 30)
    until("the run has ended", lambda: steward.runs(machine="restoration")[0]["status"] == "SUCCEEDED")
    assert aws.has_access(user)
    assert len(steward.runs(machine="restoration")) == 1
    calls = mutations(aws)
    assert set(calls) == {"AttachUserPolicy", "DeleteUserPolicy", "UntagUser"} and len(calls) <= 4, calls
    assert len([e for e in steward.audit() if e["action"] == "restoration.completed"]) == 1
    check_mail(mailbox, ["restored"])
    assert steward.ctl("dlq", "list")["deadLetters"] == []
