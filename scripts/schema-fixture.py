#!/usr/bin/env python3
"""Fills a data directory with a bit of everything and kills the daemon in the middle: `schema-fixture.py DIRECTORY`.

The database is what `SchemaFixtureTests` cuts into one fixture for each schema version (see there). Run it with the
programs of the version whose rows are wanted: `STEWARD_BUILD`.
"""

from __future__ import annotations

import json
import sys
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Tests" / "outside"))

import boto3  # noqa: E402
from conftest import settings  # noqa: E402
from steward import AWS, Steward, invocation, log_file, until  # noqa: E402

MACHINES = {
    # Parked with a timer, then goes on.
    "waits": {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "Next": "P"}, "P": {"Type": "Pass", "End": True}}},
    # On offer to workers that never come; its timeout is caught.
    "asks": {
        "StartAt": "T",
        "States": {
            "T": {
                "Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:nobody",
                "TimeoutSeconds": 60, "Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "D"}], "End": True,
            },
            "D": {"Type": "Pass", "End": True},
        },
    },
    # Two branches that wait, variables, a retry that is planned.
    "forks": {
        "StartAt": "F",
        "States": {
            "F": {
                "Type": "Parallel", "End": True,
                "Branches": [
                    {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 50, "End": True}}},
                    {"StartAt": "B", "States": {"B": {"Type": "Pass", "Assign": {"n.$": "$.n"}, "Next": "C"}, "C": {"Type": "Wait", "Seconds": 55, "End": True}}},
                ],
            }
        },
    },
    "ends": {"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": {"text": "größer 'quoted'"}, "End": True}}},
    "fails": {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Broken", "Cause": "on purpose"}}},
}  # fmt: skip

FILES = {
    "state-machines/nightly.asl.yaml": "StartAt: P\nStates: {P: {Type: Pass, End: true}}\n",
    "workflows/nightly.yaml": "name: nightly\nstateMachine: nightly\non: {schedule: {expression: rate(1 day)}}\n",
}


def main() -> None:
    directory = Path(sys.argv[1])
    directory.mkdir(parents=True)
    aws = AWS(directory)
    for name, text in FILES.items():
        (directory / name).parent.mkdir(exist_ok=True)
        (directory / name).write_text(text)
    steward = Steward(
        directory / "steward", aws.endpoint, settings(),
        state_machines=directory / "state-machines", workflows=directory / "workflows",
    ).start()  # fmt: skip
    try:
        states = boto3.client(
            "stepfunctions", endpoint_url=steward.url, region_name="us-east-1",
            aws_access_key_id="a", aws_secret_access_key="b",
        )  # fmt: skip
        states.create_activity(name="nobody")
        for name, definition in MACHINES.items():
            arn = states.create_state_machine(
                name=name, definition=json.dumps(definition), roleArn="arn:aws:iam::000000000000:role/r", publish=True
            )["stateMachineArn"]
            for number in range(2):
                states.start_execution(stateMachineArn=arn, name=f"{name}-{number}", input=json.dumps({"n": number}))
        steward.ctl("key", "create", "fixture")
        key = aws.make_key("BedrockAPIKey-fixture")
        steward.ctl("ingest", str(log_file(directory / "log.jsonl", [invocation(key, "fixture-1", 1000, 100)])))
        steward.ctl("budget", "set", "BedrockAPIKey-fixture", "--limit", "25.00")
        steward.ctl("budget", "set", "BedrockAPIKey-fixture", "--requests", "350", "--period", "day@Europe/Madrid")
        steward.ctl("budget", "set", "pool", "--limit", "500.00", "--period", "month")
        steward.ctl("principal", "protect", "BedrockAPIKey-fixture", "--for", "permanent", "--reason", "fixture")
        steward.ctl("price", "set", "acme.ultra-v1", "--in", "2", "--out", "8", "--from", "1d", "--reason", "its page")
        until("the rest waits", lambda: len(steward.runs(status="running", limit="50")) == 6)
        until("dead letters", lambda: len(steward.ctl("dlq", "list")["deadLetters"]) == 2)
    finally:
        steward.kill()
        aws.stop()
    print(steward.data / "steward.db")


if __name__ == "__main__":
    main()
