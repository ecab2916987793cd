"""All 37 operations of the Step Functions API through the aws CLI, in one story."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import botocore.loaders
import pytest
from botocore import xform_name
from steward import REGION, Steward, aws_environment, until
from step_functions import PASS, ROLE, WAIT, make


class CLI:
    """The aws CLI with nothing but the endpoint changed."""

    def __init__(self, steward: Steward):
        self.environment = aws_environment(steward.url) | {
            "AWS_ENDPOINT_URL_SFN": steward.url,
            # StartSyncExecution and TestState put "sync-" before the host of the endpoint.
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        }
        self.called: set[str] = set()

    def __call__(self, operation: str, *arguments: str, **options: Any) -> Any:
        self.called.add(operation)
        given = [f"--{name.replace('_', '-')}={value if isinstance(value, str) else json.dumps(value)}" for name, value in options.items()]
        command = [sys.executable, "-m", "awscli", "stepfunctions", operation, *arguments, *given]
        done = subprocess.run(
            [*command, "--region", REGION, "--output", "json"], env=self.environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else {}


@pytest.fixture(scope="module")
def cli(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CLI]:
    folder = tmp_path_factory.mktemp("cli")
    daemon = make(folder, "cli").start()
    yield CLI(daemon)
    daemon.kill()


def test_the_cli_calls_every_operation(cli: CLI) -> None:
    # State machines, versions, aliases, tags
    assert cli("validate-state-machine-definition", definition=PASS)["result"] == "OK"
    arn = cli("create-state-machine", name="story", definition=PASS, role_arn=ROLE, tags=[{"key": "a", "value": "1"}])["stateMachineArn"]
    assert cli("describe-state-machine", state_machine_arn=arn)["status"] == "ACTIVE"
    assert "story" in {found["name"] for found in cli("list-state-machines")["stateMachines"]}
    cli("tag-resource", resource_arn=arn, tags=[{"key": "b", "value": "2"}])
    cli("untag-resource", resource_arn=arn, tag_keys=["a"])
    assert cli("list-tags-for-resource", resource_arn=arn)["tags"] == [{"key": "b", "value": "2"}]
    version = cli("publish-state-machine-version", state_machine_arn=arn)["stateMachineVersionArn"]
    assert cli("list-state-machine-versions", state_machine_arn=arn)["stateMachineVersions"][0]["stateMachineVersionArn"] == version
    route = [{"stateMachineVersionArn": version, "weight": 100}]
    alias = cli("create-state-machine-alias", name="live", routing_configuration=route)["stateMachineAliasArn"]
    cli("update-state-machine-alias", state_machine_alias_arn=alias, description="in use")
    assert cli("describe-state-machine-alias", state_machine_alias_arn=alias)["description"] == "in use"
    assert len(cli("list-state-machine-aliases", state_machine_arn=arn)["stateMachineAliases"]) == 1

    # Executions
    run = cli("start-execution", state_machine_arn=alias, name="one", input={"n": 1})["executionArn"]
    until("the execution ends", lambda: cli("describe-execution", execution_arn=run)["status"] == "SUCCEEDED")
    assert cli("get-execution-history", execution_arn=run)["events"][0]["type"] == "ExecutionStarted"
    assert cli("describe-state-machine-for-execution", execution_arn=run)["stateMachineArn"] == arn
    assert [found["name"] for found in cli("list-executions", state_machine_arn=arn)["executions"]] == ["one"]
    assert "updateDate" in cli("update-state-machine", state_machine_arn=arn, definition=WAIT)
    held = cli("start-execution", state_machine_arn=arn)["executionArn"]
    assert "stopDate" in cli("stop-execution", execution_arn=held, error="Enough", cause="a person")
    assert "redriveDate" in cli("redrive-execution", execution_arn=held)
    cli("stop-execution", execution_arn=held)
    express = cli("create-state-machine", name="quick", definition=PASS, role_arn=ROLE, type="EXPRESS")["stateMachineArn"]
    assert cli("start-sync-execution", state_machine_arn=express)["status"] == "SUCCEEDED"
    assert cli("test-state", definition=PASS["States"]["P"], role_arn=ROLE)["output"] == '{"a":1}'

    # Activities and Map Runs
    activity = cli("create-activity", name="work")["activityArn"]
    assert cli("describe-activity", activity_arn=activity)["name"] == "work"
    assert [found["name"] for found in cli("list-activities")["activities"]] == ["work"]
    each = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "T",
        "States": {"T": {"Type": "Task", "Resource": activity, "HeartbeatSeconds": 600, "End": True}},
    }
    fan = {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": each, "End": True}}}
    fan_arn = cli("create-state-machine", name="fan", definition=fan, role_arn=ROLE)["stateMachineArn"]
    outer = cli("start-execution", state_machine_arn=fan_arn, input=[1, 2])["executionArn"]
    map_run = cli("list-map-runs", execution_arn=outer)["mapRuns"][0]["mapRunArn"]
    cli("update-map-run", map_run_arn=map_run, tolerated_failure_count=1)
    assert cli("describe-map-run", map_run_arn=map_run)["toleratedFailureCount"] == 1
    token = cli("get-activity-task", activity_arn=activity, worker_name="cli")["taskToken"]
    cli("send-task-heartbeat", task_token=token)
    cli("send-task-success", task_token=token, task_output={"done": True})
    cli("send-task-failure", task_token=cli("get-activity-task", activity_arn=activity)["taskToken"], error="Odd")
    until("the Map ends", lambda: cli("describe-execution", execution_arn=outer)["status"] == "SUCCEEDED")

    # Away again
    cli("delete-activity", activity_arn=activity)
    cli("delete-state-machine-alias", state_machine_alias_arn=alias)
    cli("delete-state-machine-version", state_machine_version_arn=version)
    cli("delete-state-machine", state_machine_arn=arn)

    model = botocore.loaders.Loader().load_service_model("stepfunctions", "service-2")
    assert cli.called == {xform_name(name, "-") for name in model["operations"]}
