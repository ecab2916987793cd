"""What the tests of the Step Functions API share: a client, a daemon, definitions."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from steward import REGION, Steward, until

ROLE = "arn:aws:iam::000000000000:role/caller"
PASS = {"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": {"a": 1}, "End": True}}}
WAIT = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": True}}}
FAIL = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Boom", "Cause": "it broke"}}}


def client(steward: Steward) -> Any:
    return boto3.client(
        "stepfunctions",
        endpoint_url=steward.url,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        # StartSyncExecution and TestState put "sync-" before the host; and the service decides what is valid.
        config=Config(inject_host_prefix=False, retries={"total_max_attempts": 1}, parameter_validation=False),
    )


def make(folder: Path, name: str, options: dict[str, Any] | None = None) -> Steward:
    machines, workflows = folder / f"{name}-machines", folder / f"{name}-workflows"
    machines.mkdir(), workflows.mkdir()
    (machines / "from-file.asl.yaml").write_text("StartAt: P\nStates:\n  P: {Type: Pass, End: true}\n")
    return Steward(
        folder / name, "http://127.0.0.1:9", options or {}, state_machines=machines, workflows=workflows
    )


def unique(prefix: str = "m") -> str:
    return f"{prefix}-{uuid.uuid4().hex[:12]}"


def machine(sfn: Any, definition: dict[str, Any] = PASS, **more: Any) -> str:
    made = sfn.create_state_machine(name=unique(), definition=json.dumps(definition), roleArn=ROLE, **more)
    return made["stateMachineArn"]


def ended(sfn: Any, execution: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found = sfn.describe_execution(executionArn=execution)
        return found if found["status"] != "RUNNING" else None

    return until(f"{execution} ends", look)


def run(sfn: Any, definition: dict[str, Any], value: Any = None) -> dict[str, Any]:
    started = sfn.start_execution(stateMachineArn=machine(sfn, definition), input=json.dumps(value or {}))
    return ended(sfn, started["executionArn"])


def refusal(call: Any, **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]
