"""Who is suspended, who is not, and what happens around it, on the built daemon against moto."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

from conftest import settings
from steward import AWS, ROOT, Mailbox, Steward, invocation, log_file, until

numbers = itertools.count(1)


def key(aws: AWS) -> tuple[str, str]:
    name = f"BedrockAPIKey-e{next(numbers)}"
    return name, aws.make_key(name)


def spend(steward: Steward, arn: str, tokens: int = 400_000, tag: str = "") -> dict:
    """By default $1.20: more than the budget of a dollar."""
    name = arn.rsplit("/", 1)[1]
    path = log_file(steward.directory / f"{name}{tag}.jsonl", [invocation(arn, f"{name}{tag}", tokens)])
    return steward.ctl("ingest", str(path))


def ended(steward: Steward, machine: str) -> dict | None:
    return next((run for run in steward.runs(machine=machine) if run["stoppedAt"]), None)


def test_a_limit_raised_in_grace_spares(aws: AWS, mailbox: Mailbox, make_steward) -> None:
    user, arn = key(aws)
    steward = make_steward(options=settings(mailbox, graceSeconds=2)).start()
    spend(steward, arn)
    until("grace", lambda: steward.budget(user)["status"] == "grace")
    steward.ctl("budget", "set", user, "--limit", "5.00")
    until("the run ends", lambda: ended(steward, "suspension"))
    assert ended(steward, "suspension")["status"] == "SUCCEEDED"
    assert steward.budget(user)["status"] == "active" and aws.has_access(user)
    until("the principal is told", lambda: any("stays" in subject for subject in mailbox.subjects()))
    assert not any("final" in subject.lower() for subject in mailbox.subjects())


def test_the_protected_and_the_observed_are_only_reported(aws: AWS, mailbox: Mailbox, make_steward) -> None:
    (protected, protected_arn), (observed, observed_arn) = key(aws), key(aws)
    steward = make_steward(options=settings(mailbox, graceSeconds=0)).start()
    steward.ctl("budget", "set", protected_arn, "--protected")
    steward.ctl("budget", "set", observed_arn, "--mode", "observe")
    for arn in (protected_arn, observed_arn):
        spend(steward, arn)
    for user in (protected, observed):
        stays = f"access stays: {user}"
        until(f"a mail about {user}", lambda stays=stays: any(stays in subject for subject in mailbox.subjects()))
        budget = steward.budget(user)
        assert (budget["status"], budget["threshold"]) == ("active", "exceeded")
        assert aws.has_access(user)
    assert not steward.runs(machine="suspension")


def test_the_monitor_finds_what_was_missed(aws: AWS, make_steward, tmp_path: Path) -> None:
    user, arn = key(aws)
    workflows = tmp_path / "workflows"
    workflows.mkdir()
    monitor = ROOT / "workflows" / "budget-monitor.yaml"
    (workflows / "budget-monitor.yaml").write_text(monitor.read_text())
    steward = make_steward(options=settings(graceSeconds=0), workflows=workflows).start()
    spend(steward, arn)
    assert not steward.runs(machine="suspension")
    (workflows / "suspension.yaml").write_text((ROOT / "workflows" / "suspension.yaml").read_text())

    def loaded_and_found() -> bool:
        steward.ctl("schedule", "trigger", "budget-monitor")
        return bool(steward.runs(machine="suspension"))

    until("the monitor starts the suspension", loaded_and_found, pause=0.5)
    until("suspended", lambda: steward.budget(user)["status"] == "suspended")
    assert len(steward.runs(machine="suspension")) == 1 and aws.has_no_access(user)


def test_modes_change_what_they_say(aws: AWS, make_steward) -> None:
    steward = make_steward(options=settings(graceSeconds=0)).start()
    for mode, attached, inline in (("deny", True, True), ("detach", False, False)):
        user, arn = key(aws)
        steward.ctl("budget", "set", arn, "--enforcement", mode)
        spend(steward, arn)
        until("suspended", lambda user=user: steward.budget(user)["status"] == "suspended")
        assert (bool(aws.attached(user)), bool(aws.inline(user))) == (attached, inline)


def test_a_running_execution_keeps_its_version(make_steward, tmp_path: Path) -> None:
    machines = tmp_path / "machines"
    machines.mkdir()
    path = machines / "m.asl.json"

    def definition(result: str) -> str:
        wait = {"Type": "Wait", "SecondsPath": "$.seconds", "Next": "P"}
        return json.dumps({"StartAt": "W", "States": {"W": wait, "P": {"Type": "Pass", "Result": result, "End": True}}})

    path.write_text(definition("old"))
    steward = make_steward(state_machines=machines).start()
    steward.ctl("run", "start", "m", "--name", "one", "-i", '{"seconds": 3}')
    path.write_text(definition("new"))
    until("the new version is loaded", lambda: steward.ctl("machine", "get", "m")["version"] == 2)
    steward.ctl("run", "start", "m", "--name", "two", "-i", '{"seconds": 0}')
    outputs = {}
    for name in ("one", "two"):
        until(f"{name} ends", lambda name=name: steward.ctl("run", "get", name)["status"] == "SUCCEEDED")
        outputs[name] = steward.ctl("run", "get", name)["output"]
    assert outputs == {"one": "old", "two": "new"}
    assert steward.stop() == 0
