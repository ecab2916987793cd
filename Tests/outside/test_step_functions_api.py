"""The Step Functions API, driven by boto3 and the aws CLI: what works, what is refused and in which words."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from steward import REGION, Steward, until
from step_functions import FAIL, PASS, ROLE, WAIT, client, ended, machine, make, refusal, run, unique

@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("step-functions")


@pytest.fixture(scope="module")
def steward(folder: Path) -> Iterator[Steward]:
    daemon = make(folder, "shared").start()
    yield daemon
    daemon.kill()


@pytest.fixture
def sfn(steward: Steward) -> Any:
    return client(steward)


# State machines


def test_a_machine_is_made_shown_changed_and_deleted(sfn: Any) -> None:
    name = unique()
    definition = json.dumps(PASS, indent=1)
    made = sfn.create_state_machine(name=name, definition=definition, roleArn=ROLE)
    arn = made["stateMachineArn"]
    shown = sfn.describe_state_machine(stateMachineArn=arn)
    assert shown["definition"] == definition, "the text is kept as it was given"
    assert (shown["type"], shown["status"], shown["roleArn"]) == ("STANDARD", "ACTIVE", ROLE)
    assert shown["loggingConfiguration"] == {"level": "OFF", "includeExecutionData": False}
    assert "revisionId" not in shown and made["creationDate"] == shown["creationDate"]

    updated = sfn.update_state_machine(stateMachineArn=arn, definition=json.dumps(FAIL))
    again = sfn.update_state_machine(stateMachineArn=arn, definition=json.dumps(FAIL))
    assert updated["revisionId"] == again["revisionId"] == sfn.describe_state_machine(stateMachineArn=arn)["revisionId"]
    assert "definition" not in sfn.describe_state_machine(stateMachineArn=arn, includedData="METADATA_ONLY")

    sfn.delete_state_machine(stateMachineArn=arn)
    sfn.delete_state_machine(stateMachineArn=arn)
    assert refusal(sfn.describe_state_machine, stateMachineArn=arn) == (
        "StateMachineDoesNotExist",
        f"State Machine Does Not Exist: '{arn}'",
    )
    assert "revisionId" not in sfn.describe_state_machine(
        stateMachineArn=sfn.create_state_machine(name=name, definition=definition, roleArn=ROLE)["stateMachineArn"]
    )


def test_creating_is_idempotent_by_content(sfn: Any) -> None:
    name, definition = unique(), json.dumps(PASS)
    first = sfn.create_state_machine(name=name, definition=definition, roleArn=ROLE)
    assert sfn.create_state_machine(name=name, definition=definition, roleArn=ROLE + "2")["creationDate"] == first["creationDate"]
    for change in ({"definition": json.dumps(FAIL)}, {"type": "EXPRESS"}, {"tracingConfiguration": {"enabled": True}}):
        wanted = {"name": name, "definition": definition, "roleArn": ROLE} | change
        assert refusal(sfn.create_state_machine, **wanted)[0] == "StateMachineAlreadyExists"
    assert refusal(sfn.create_state_machine, name=name, definition=definition, roleArn=ROLE, publish=True)[0] == "ConflictException"


def test_a_definition_may_be_yaml(sfn: Any) -> None:
    made = sfn.create_state_machine(
        name=unique(), roleArn=ROLE, definition="StartAt: P\nStates:\n  P:\n    Type: Pass\n    End: true\n"
    )
    shown = sfn.describe_state_machine(stateMachineArn=made["stateMachineArn"])
    assert json.loads(shown["definition"])["States"]["P"] == {"Type": "Pass", "End": True}


def test_a_machine_from_a_file_shows_and_belongs_to_its_file(sfn: Any) -> None:
    arn = f"arn:aws:states:{REGION}:000000000000:stateMachine:from-file"
    assert arn in {found["stateMachineArn"] for found in sfn.list_state_machines()["stateMachines"]}
    assert json.loads(sfn.describe_state_machine(stateMachineArn=arn)["definition"])["StartAt"] == "P"
    assert ended(sfn, sfn.start_execution(stateMachineArn=arn)["executionArn"])["status"] == "SUCCEEDED"
    for call, more in ((sfn.update_state_machine, {"roleArn": ROLE}), (sfn.delete_state_machine, {})):
        code, message = refusal(call, stateMachineArn=arn, **more)
        assert code == "ConflictException" and "from-file.asl.yaml" in message


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        ({"name": "a b"}, "InvalidName", "Invalid Name: 'a b'"),
        ({"name": "a" * 81}, "InvalidName", "Invalid Name"),
        ({"name": "x" * 1_000_000}, "InvalidName", "Invalid Name"),
        ({"name": "a\u0000"}, "InvalidName", "Invalid Name"),
        ({"definition": "{"}, "InvalidDefinition", "INVALID_JSON_DESCRIPTION"),
        ({"definition": "{}"}, "InvalidDefinition", "These fields are required: [States, StartAt]"),
        ({"roleArn": "role"}, "InvalidArn", "Invalid ARN prefix: role"),
        ({"loggingConfiguration": {"level": "ALL"}}, "InvalidLoggingConfiguration", "exactly one Log Destination"),
        ({"encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY"}}, "InvalidEncryptionConfiguration", "KmsKeyId"),
        ({"tags": [{"key": str(n), "value": ""} for n in range(51)]}, "TooManyTags", "50"),
        ({"versionDescription": "v"}, "ValidationException", "publish"),
        ({"type": "FAST"}, "ValidationException", "Value 'FAST' at 'type' failed to satisfy constraint: Member must satisfy enum value set"),
        ({"roleArn": None, "name": None}, "ValidationException", "2 validation errors detected: Value null at 'name'"),
        ({"publish": "yes"}, "SerializationException", "STRING_VALUE cannot be converted to Boolean"),
    ],
)
def test_what_create_state_machine_refuses(sfn: Any, change: dict[str, Any], code: str, message: str) -> None:
    wanted = {"name": unique(), "definition": json.dumps(PASS), "roleArn": ROLE} | change
    found = refusal(sfn.create_state_machine, **{key: value for key, value in wanted.items() if value is not None})
    assert found[0] == code and message in found[1]


def test_what_update_state_machine_refuses(sfn: Any) -> None:
    arn = machine(sfn)
    assert refusal(sfn.update_state_machine, stateMachineArn=arn)[0] == "MissingRequiredParameter"
    assert refusal(sfn.update_state_machine, stateMachineArn=arn + "x", roleArn=ROLE)[0] == "StateMachineDoesNotExist"
    assert refusal(sfn.update_state_machine, stateMachineArn=arn, definition="{}")[0] == "InvalidDefinition"
    assert refusal(sfn.update_state_machine, stateMachineArn="nonsense", roleArn=ROLE) == (
        "InvalidArn",
        "Invalid Arn: 'Invalid ARN prefix: nonsense'",
    )


def test_definitions_are_validated_with_everything_that_is_wrong(sfn: Any) -> None:
    bad = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}}
    found = sfn.validate_state_machine_definition(definition=json.dumps(bad))
    assert found["result"] == "FAIL" and not found["truncated"]
    assert ("MISSING_TRANSITION_TARGET", "/States/A/Next") in {
        (diagnostic["code"], diagnostic["location"]) for diagnostic in found["diagnostics"]
    }
    assert len(found["diagnostics"]) > 1
    assert sfn.validate_state_machine_definition(definition=json.dumps(PASS))["result"] == "OK"


def test_tags(sfn: Any) -> None:
    arn = machine(sfn, tags=[{"key": "a", "value": "1"}])
    sfn.tag_resource(resourceArn=arn, tags=[{"key": "b", "value": "2"}, {"key": "a", "value": "3"}])
    assert sfn.list_tags_for_resource(resourceArn=arn)["tags"] == [
        {"key": "a", "value": "3"},
        {"key": "b", "value": "2"},
    ]
    sfn.untag_resource(resourceArn=arn, tagKeys=["a", "none"])
    assert sfn.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "b", "value": "2"}]
    assert refusal(sfn.list_tags_for_resource, resourceArn=arn + "x")[0] == "ResourceNotFound"
    for key in ("aws:x", "a$b<"):
        assert refusal(sfn.tag_resource, resourceArn=arn, tags=[{"key": key, "value": "1"}])[0] == "ValidationException"
        assert refusal(machine, sfn=sfn, tags=[{"key": key, "value": "1"}])[0] == "ValidationException"
    many = [{"key": str(n), "value": ""} for n in range(51)]
    assert refusal(sfn.tag_resource, resourceArn=arn, tags=many)[0] == "TooManyTags"


# Versions and aliases


def test_versions_and_aliases_route_executions(sfn: Any) -> None:
    arn = machine(sfn, publish=True)
    sfn.update_state_machine(stateMachineArn=arn, definition=json.dumps(FAIL), publish=True)
    versions = sfn.list_state_machine_versions(stateMachineArn=arn)["stateMachineVersions"]
    assert [version["stateMachineVersionArn"] for version in versions] == [f"{arn}:2", f"{arn}:1"]
    assert sfn.publish_state_machine_version(stateMachineArn=arn)["stateMachineVersionArn"] == f"{arn}:2"
    assert json.loads(sfn.describe_state_machine(stateMachineArn=f"{arn}:1")["definition"]) == PASS

    route = [{"stateMachineVersionArn": f"{arn}:1", "weight": 100}]
    alias = sfn.create_state_machine_alias(name="live", description="d", routingConfiguration=route)["stateMachineAliasArn"]
    started = sfn.start_execution(stateMachineArn=alias)
    done = ended(sfn, started["executionArn"])
    assert done["status"] == "SUCCEEDED"
    assert (done["stateMachineAliasArn"], done["stateMachineVersionArn"]) == (alias, f"{arn}:1")
    assert len(sfn.list_executions(stateMachineArn=alias)["executions"]) == 1
    assert sfn.list_executions(stateMachineArn=f"{arn}:2")["executions"] == []
    for other in ("99", "nope"):
        assert refusal(sfn.list_executions, stateMachineArn=f"{arn}:{other}")[0] == "ResourceNotFound"

    both = [{"stateMachineVersionArn": f"{arn}:{n}", "weight": 50} for n in (1, 2)]
    sfn.update_state_machine_alias(stateMachineAliasArn=alias, routingConfiguration=both)
    assert sfn.describe_state_machine_alias(stateMachineAliasArn=alias)["routingConfiguration"] == both
    runs = [sfn.start_execution(stateMachineArn=alias)["executionArn"] for _ in range(40)]
    assert {ended(sfn, execution)["status"] for execution in runs} == {"SUCCEEDED", "FAILED"}

    assert refusal(sfn.delete_state_machine_version, stateMachineVersionArn=f"{arn}:1")[0] == "ConflictException"
    assert len(sfn.list_state_machine_aliases(stateMachineArn=f"{arn}:2")["stateMachineAliases"]) == 1
    sfn.delete_state_machine_alias(stateMachineAliasArn=alias)
    sfn.delete_state_machine_version(stateMachineVersionArn=f"{arn}:1")
    assert refusal(sfn.start_execution, stateMachineArn=f"{arn}:1")[0] == "StateMachineDoesNotExist"


def test_what_aliases_and_versions_refuse(sfn: Any) -> None:
    arn = machine(sfn, publish=True)
    route = [{"stateMachineVersionArn": f"{arn}:1", "weight": 100}]
    create = sfn.create_state_machine_alias
    sfn.create_state_machine_alias(name="live", routingConfiguration=route)
    create(name="live", routingConfiguration=route)
    missing = [{"stateMachineVersionArn": f"{arn}:9", "weight": 100}]
    for arguments, code in (
        ({"name": "123", "routingConfiguration": route}, "ValidationException"),
        ({"name": "a", "routingConfiguration": []}, "ValidationException"),
        ({"name": "a", "routingConfiguration": route + route}, "ValidationException"),
        ({"name": "a", "routingConfiguration": missing}, "ResourceNotFound"),
        ({"name": "live", "description": "other", "routingConfiguration": route}, "ConflictException"),
    ):
        assert refusal(create, **arguments)[0] == code, arguments
    assert refusal(sfn.describe_state_machine_alias, stateMachineAliasArn=f"{arn}:none")[0] == "ResourceNotFound"
    assert refusal(sfn.update_state_machine_alias, stateMachineAliasArn=f"{arn}:live")[0] == "ValidationException"
    assert refusal(sfn.delete_state_machine_version, stateMachineVersionArn=arn)[0] == "ValidationException"
    code, message = refusal(sfn.publish_state_machine_version, stateMachineArn=arn, revisionId="other")
    assert code == "ConflictException" and "other" in message
    assert refusal(sfn.publish_state_machine_version, stateMachineArn=arn + "x")[0] == "StateMachineDoesNotExist"


# Executions


def test_an_execution_is_started_once_by_name_and_input(sfn: Any) -> None:
    arn, name = machine(sfn, WAIT), unique("run")
    first = sfn.start_execution(stateMachineArn=arn, name=name, input='{"a":1}')
    assert sfn.start_execution(stateMachineArn=arn, name=name, input='{"a": 1}')["startDate"] == first["startDate"]
    assert refusal(sfn.start_execution, stateMachineArn=arn, name=name, input="{}") == (
        "ExecutionAlreadyExists",
        f"Execution Already Exists: '{first['executionArn']}'",
    )
    stopped = sfn.stop_execution(executionArn=first["executionArn"], error="E", cause="C")
    done = sfn.describe_execution(executionArn=first["executionArn"])
    assert (done["status"], done["error"], done["cause"], done["stopDate"]) == ("ABORTED", "E", "C", stopped["stopDate"])
    assert (json.loads(done["input"]), done["redriveStatus"]) == ({"a": 1}, "REDRIVABLE")
    assert refusal(sfn.start_execution, stateMachineArn=arn, name=name, input='{"a":1}')[0] == "ExecutionAlreadyExists"
    assert sfn.stop_execution(executionArn=first["executionArn"])["stopDate"] == stopped["stopDate"]
    shown = sfn.describe_state_machine_for_execution(executionArn=first["executionArn"])
    assert (shown["stateMachineArn"], json.loads(shown["definition"])) == (arn, WAIT)


def test_what_start_execution_refuses(sfn: Any) -> None:
    arn = machine(sfn)
    for change, code in (
        ({"input": "{'a'"}, "InvalidExecutionInput"),
        ({"input": ""}, "InvalidExecutionInput"),
        ({"input": '"' + "x" * 262_144 + '"'}, "ValidationException"),
        ({"name": "a/b"}, "InvalidName"),
        ({"traceHeader": "\u00fc"}, "ValidationException"),
        ({"stateMachineArn": arn + "x"}, "StateMachineDoesNotExist"),
        ({"stateMachineArn": arn.replace("us-east-1", "eu-west-1")}, "StateMachineDoesNotExist"),
        ({"stateMachineArn": "arn:aws:states:us-east-1:000000000000:activity:a"}, "InvalidArn"),
        ({"stateMachineArn": "arn:aws:iam::000000000000:role/a"}, "InvalidArn"),
    ):
        assert refusal(sfn.start_execution, **({"stateMachineArn": arn} | change))[0] == code, change


def test_what_is_too_long_is_not_repeated(sfn: Any) -> None:
    arn, long = machine(sfn), '"' + "x" * 1_048_577 + '"'
    execution = sfn.start_execution(stateMachineArn=arn)["executionArn"]
    for call, member, more in (
        (sfn.start_execution, "input", {"stateMachineArn": arn}),
        (sfn.create_state_machine, "definition", {"name": unique(), "roleArn": ROLE}),
        (sfn.send_task_success, "output", {"taskToken": "t"}),
        (sfn.send_task_failure, "error", {"taskToken": "t"}),
        (sfn.send_task_failure, "cause", {"taskToken": "t"}),
        (sfn.stop_execution, "cause", {"executionArn": execution}),
        (sfn.describe_map_run, "mapRunArn", {}),
    ):
        code, message = refusal(call, **{member: long}, **more)
        assert code == "ValidationException" and f"Value at '{member}' failed to satisfy" in message and len(message) < 300


def test_a_full_history_cannot_be_redriven(sfn: Any) -> None:
    loop = {"StartAt": "A", "States": {name: {"Type": "Pass", "Next": after} for name, after in (("A", "B"), ("B", "A"))}}
    done = run(sfn, {**loop, "States": {**loop["States"], "B": {"Type": "Choice", "Default": "A", "Choices": [
        {"Variable": "$.never", "IsPresent": True, "Next": "C"}]}, "C": {"Type": "Succeed"}}})  # fmt: skip
    assert (done["status"], done["redriveStatus"]) == ("FAILED", "NOT_REDRIVABLE")
    assert done["redriveStatusReason"] == "Execution history event limit exceeded"
    assert refusal(sfn.redrive_execution, executionArn=done["executionArn"])[0] == "ExecutionNotRedrivable"


def test_an_execution_that_is_not_there(sfn: Any) -> None:
    arn = f"arn:aws:states:{REGION}:000000000000:execution:none:none"
    for call in (
        sfn.describe_execution, sfn.get_execution_history, sfn.stop_execution, sfn.redrive_execution, sfn.list_map_runs,
        sfn.describe_state_machine_for_execution,
    ):  # fmt: skip
        assert refusal(call, executionArn=arn) == ("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")


def test_histories_page_both_ways_and_can_do_without_data(sfn: Any) -> None:
    started = sfn.start_execution(stateMachineArn=machine(sfn), input='{"in": true}')
    ended(sfn, started["executionArn"])
    everything = sfn.get_execution_history(executionArn=started["executionArn"])["events"]
    assert [event["id"] for event in everything] == [1, 2, 3, 4]
    assert [event["type"] for event in everything][1:3] == ["PassStateEntered", "PassStateExited"]
    assert everything[0]["executionStartedEventDetails"]["roleArn"] == ROLE
    for reverse in (False, True):
        pages = sfn.get_paginator("get_execution_history").paginate(
            executionArn=started["executionArn"], reverseOrder=reverse, PaginationConfig={"PageSize": 3}
        )
        events = [event for page in pages for event in page["events"]]
        assert events == (everything[::-1] if reverse else everything)
    bare = sfn.get_execution_history(executionArn=started["executionArn"], includeExecutionData=False)["events"]
    assert "input" not in bare[1]["stateEnteredEventDetails"] and bare[1]["stateEnteredEventDetails"]["name"] == "P"


def test_lists_of_executions_are_filtered_and_paged(sfn: Any) -> None:
    arn = machine(sfn, FAIL)
    runs = [sfn.start_execution(stateMachineArn=arn)["executionArn"] for _ in range(5)]
    for execution in runs:
        ended(sfn, execution)
    pages = sfn.get_paginator("list_executions").paginate(stateMachineArn=arn, PaginationConfig={"PageSize": 2})
    assert [found["executionArn"] for page in pages for found in page["executions"]] == runs[::-1]
    assert len(sfn.list_executions(stateMachineArn=arn, statusFilter="FAILED")["executions"]) == 5
    assert sfn.list_executions(stateMachineArn=arn, statusFilter="RUNNING")["executions"] == []
    token = sfn.list_executions(stateMachineArn=arn, maxResults=1)["nextToken"]
    for change, code in (
        ({"nextToken": "nonsense"}, "InvalidToken"),
        ({"nextToken": token, "statusFilter": "FAILED"}, "InvalidToken"),
        ({"maxResults": 1001}, "ValidationException"),
        ({"statusFilter": "LOST"}, "ValidationException"),
        ({"redriveFilter": "REDRIVEN"}, "ValidationException"),
        ({"stateMachineArn": None}, "ValidationException"),
    ):
        wanted = {key: value for key, value in ({"stateMachineArn": arn} | change).items() if value is not None}
        assert refusal(sfn.list_executions, **wanted)[0] == code, change


def test_redriving_goes_on_from_where_it_failed(sfn: Any) -> None:
    failed = run(sfn, FAIL)
    assert (failed["error"], failed["cause"]) == ("Boom", "it broke")
    redriven = sfn.redrive_execution(executionArn=failed["executionArn"])
    again = ended(sfn, failed["executionArn"])
    assert (again["status"], again["redriveCount"]) == ("FAILED", 1)
    assert again["redriveDate"] == redriven["redriveDate"]
    (listed,) = sfn.list_executions(stateMachineArn=again["stateMachineArn"])["executions"]
    assert (listed["redriveCount"], listed["redriveDate"]) == (1, redriven["redriveDate"])
    done = run(sfn, PASS)
    code, message = refusal(sfn.redrive_execution, executionArn=done["executionArn"])
    assert code == "ExecutionNotRedrivable" and "succeeded" in message


def test_express_executions(sfn: Any) -> None:
    arn = machine(sfn, PASS, type="EXPRESS")
    done = sfn.start_sync_execution(stateMachineArn=arn, name="one", input='{"b":2}')
    assert (done["status"], json.loads(done["output"]), done["name"]) == ("SUCCEEDED", {"a": 1}, "one")
    assert ":express:" in done["executionArn"] and done["billingDetails"]["billedDurationInMilliseconds"] >= 100
    failed = sfn.start_sync_execution(stateMachineArn=machine(sfn, FAIL, type="EXPRESS"))
    assert (failed["status"], failed["error"], failed["cause"]) == ("FAILED", "Boom", "it broke")
    assert sfn.start_sync_execution(stateMachineArn=arn, name="one")["status"] == "SUCCEEDED", "names are not unique"
    started = sfn.start_execution(stateMachineArn=arn)["executionArn"]
    assert refusal(sfn.describe_execution, executionArn=started) == (
        "InvalidArn",
        "Invalid Arn: 'Resource type not valid in this context: express'",
    )
    assert refusal(sfn.list_executions, stateMachineArn=arn)[0] == "StateMachineTypeNotSupported"
    assert refusal(sfn.start_sync_execution, stateMachineArn=machine(sfn))[0] == "StateMachineTypeNotSupported"


# Activities


def activity_machine(activity: str, **more: Any) -> dict[str, Any]:
    return {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": activity, "End": True} | more}}


def test_a_worker_takes_a_task_and_answers(sfn: Any) -> None:
    activity = sfn.create_activity(name=unique("a"))["activityArn"]
    assert sfn.create_activity(name=activity.rsplit(":", 1)[1])["activityArn"] == activity
    with ThreadPoolExecutor(1) as pool:
        # The poll is there before the task is: it must be woken.
        poll = pool.submit(client_of(sfn).get_activity_task, activityArn=activity, workerName="w1")
        started = sfn.start_execution(stateMachineArn=machine(sfn, activity_machine(activity)), input='{"n": 7}')
        task = poll.result(timeout=30)
    assert json.loads(task["input"]) == {"n": 7}
    sfn.send_task_heartbeat(taskToken=task["taskToken"])
    sfn.send_task_success(taskToken=task["taskToken"], output='{"done": true}')
    done = ended(sfn, started["executionArn"])
    assert json.loads(done["output"]) == {"done": True}
    events = sfn.get_execution_history(executionArn=started["executionArn"])["events"]
    taken = next(event for event in events if event["type"] == "ActivityStarted")
    assert taken["activityStartedEventDetails"] == {"workerName": "w1"}
    code, message = refusal(sfn.send_task_success, taskToken=task["taskToken"], output="{}")
    assert (code, message) == ("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")


def client_of(sfn: Any) -> Any:
    """A client with a connection of its own, which may be waited on."""
    return boto3.client(
        "stepfunctions", endpoint_url=sfn.meta.endpoint_url, region_name=REGION, aws_access_key_id="test",
        aws_secret_access_key="test", config=Config(read_timeout=70, retries={"total_max_attempts": 1}),
    )  # fmt: skip


def test_every_task_is_handed_out_once(sfn: Any) -> None:
    activity = sfn.create_activity(name=unique("a"))["activityArn"]
    arn = machine(sfn, activity_machine(activity))
    count = 24
    runs = [sfn.start_execution(stateMachineArn=arn, input=json.dumps(n))["executionArn"] for n in range(count)]
    taken: list[int] = []
    lock = threading.Lock()

    def work() -> None:
        own = client_of(sfn)
        while True:
            with lock:
                if len(taken) >= count:
                    return
            task = own.get_activity_task(activityArn=activity)
            if not task.get("taskToken"):
                return
            with lock:
                taken.append(json.loads(task["input"]))
                last = len(taken) >= count
            own.send_task_success(taskToken=task["taskToken"], output=task["input"])
            if last:
                sfn.delete_activity(activityArn=activity)  # Ends the polls of the others.

    def worker() -> None:
        try:
            work()
        except ClientError as error:
            assert error.response["Error"]["Code"] == "ActivityDoesNotExist"

    with ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(worker) for _ in range(4)]:
            future.result(timeout=60)
    assert sorted(taken) == list(range(count))
    assert {ended(sfn, execution)["status"] for execution in runs} == {"SUCCEEDED"}


def test_a_worker_that_died_while_it_polled_is_handed_nothing(steward: Steward, sfn: Any) -> None:
    activity = sfn.create_activity(name=unique("a"))["activityArn"]
    body = json.dumps({"activityArn": activity}).encode()
    dead = [http.client.HTTPConnection("127.0.0.1", steward.port) for _ in range(3)]
    for connection in dead:
        connection.request("POST", "/", body, {"X-Amz-Target": "AWSStepFunctions.GetActivityTask"})
    until("three polls wait", lambda: steward.get("/api/v1/status")["polls"] == 3)
    for connection in dead:
        connection.close()
    until("nobody polls", lambda: steward.get("/api/v1/status")["polls"] == 0)
    started = sfn.start_execution(stateMachineArn=machine(sfn, activity_machine(activity)))
    token = sfn.get_activity_task(activityArn=activity)["taskToken"]
    sfn.send_task_success(taskToken=token, output="{}")
    assert ended(sfn, started["executionArn"])["status"] == "SUCCEEDED"


def test_tasks_fail_and_time_out(sfn: Any) -> None:
    activity = sfn.create_activity(name=unique("a"))["activityArn"]
    started = sfn.start_execution(stateMachineArn=machine(sfn, activity_machine(activity)))
    token = sfn.get_activity_task(activityArn=activity)["taskToken"]
    sfn.send_task_failure(taskToken=token, error="Bad", cause="because")
    done = ended(sfn, started["executionArn"])
    assert (done["status"], done["error"], done["cause"]) == ("FAILED", "Bad", "because")

    silent = machine(sfn, activity_machine(activity, TimeoutSeconds=60, HeartbeatSeconds=1))
    started = sfn.start_execution(stateMachineArn=silent)
    token = sfn.get_activity_task(activityArn=activity)["taskToken"]
    assert ended(sfn, started["executionArn"])["error"] == "States.Timeout"
    assert refusal(sfn.send_task_heartbeat, taskToken=token)[0] == "TaskTimedOut"


def test_what_activities_refuse(sfn: Any) -> None:
    arn = f"arn:aws:states:{REGION}:000000000000:activity:none"
    assert refusal(sfn.describe_activity, activityArn=arn)[0] == "ActivityDoesNotExist"
    assert refusal(sfn.get_activity_task, activityArn=arn)[0] == "ActivityDoesNotExist"
    assert refusal(sfn.describe_activity, activityArn="x")[0] == "InvalidArn"
    assert refusal(sfn.create_activity, name="a b")[0] == "InvalidName"
    assert refusal(sfn.send_task_success, taskToken="AAAA", output="{}") == ("InvalidToken", "Invalid Token: 'Invalid token'")
    assert refusal(sfn.send_task_failure, taskToken="AAAA")[0] == "InvalidToken"
    assert refusal(sfn.send_task_heartbeat, taskToken="")[0] == "ValidationException"
    assert refusal(sfn.send_task_success, taskToken="AAAA", output="{")[0] == "InvalidOutput"
    name = unique("a")
    sfn.create_activity(name=name)
    encrypted = {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "k"}
    assert refusal(sfn.create_activity, name=name, encryptionConfiguration=encrypted)[0] == "ActivityAlreadyExists"
    assert name in {found["name"] for page in sfn.get_paginator("list_activities").paginate() for found in page["activities"]}


# Map Runs, nested executions, TestState


def test_map_runs_and_their_children(sfn: Any) -> None:
    inner = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Check",
        "States": {
            "Check": {
                "Type": "Choice", "Default": "Good",
                "Choices": [{"Variable": "$.bad", "BooleanEquals": True, "Next": "Bad"}],
            },
            "Good": {"Type": "Pass", "End": True},
            "Bad": {"Type": "Fail", "Error": "Oops", "Cause": "bad item"},
        },
    }  # fmt: skip
    outer = {
        "StartAt": "M",
        "States": {"M": {"Type": "Map", "Label": "L", "ItemProcessor": inner, "ToleratedFailureCount": 1, "End": True}},
    }
    done = run(sfn, outer, [{"bad": False}, {"bad": True}, {"bad": False}])
    (listed,) = sfn.list_map_runs(executionArn=done["executionArn"])["mapRuns"]
    shown = sfn.describe_map_run(mapRunArn=listed["mapRunArn"])
    counts = shown["itemCounts"]
    assert (shown["status"], shown["toleratedFailureCount"]) == ("SUCCEEDED", 1)
    assert (counts["total"], counts["succeeded"], counts["failed"], counts["pending"]) == (3, 2, 1, 0)
    children = sfn.list_executions(mapRunArn=listed["mapRunArn"])["executions"]
    assert [child["status"] for child in children] == ["SUCCEEDED", "FAILED", "SUCCEEDED"]
    child = sfn.describe_execution(executionArn=children[1]["executionArn"])
    assert (child["error"], child["cause"], child["mapRunArn"]) == ("Oops", "bad item", listed["mapRunArn"])
    assert json.loads(child["input"]) == {"bad": True}
    events = sfn.get_execution_history(executionArn=children[0]["executionArn"])["events"]
    assert [event["type"] for event in events] == [
        "ExecutionStarted", "ChoiceStateEntered", "ChoiceStateExited", "PassStateEntered", "PassStateExited",
        "ExecutionSucceeded",
    ]  # fmt: skip
    assert [event["id"] for event in events] == [1, 2, 3, 4, 5, 6]
    assert [event["previousEventId"] for event in events] == [0, 0, 2, 3, 4, 5]
    assert refusal(sfn.describe_map_run, mapRunArn=listed["mapRunArn"] + "x")[0] == "ResourceNotFound"


def test_a_map_run_is_bounded_anew_while_it_runs(sfn: Any) -> None:
    activity = sfn.create_activity(name=unique("a"))["activityArn"]
    inner = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "T",
        "States": {"T": {"Type": "Task", "Resource": activity, "End": True}},
    }
    outer = {"StartAt": "M", "States": {"M": {"Type": "Map", "MaxConcurrency": 1, "ItemProcessor": inner, "End": True}}}
    started = sfn.start_execution(stateMachineArn=machine(sfn, outer), input="[1,2,3]")["executionArn"]
    (listed,) = until("the Map Run", lambda: sfn.list_map_runs(executionArn=started)["mapRuns"])
    arn = listed["mapRunArn"]

    def running() -> int:
        return sfn.describe_map_run(mapRunArn=arn)["executionCounts"]["running"]

    until("one child runs", lambda: running() == 1)
    sfn.update_map_run(mapRunArn=arn, maxConcurrency=2, toleratedFailurePercentage=40.0)
    until("two children run", lambda: running() == 2)
    shown = sfn.describe_map_run(mapRunArn=arn)
    assert (shown["maxConcurrency"], shown["toleratedFailurePercentage"], shown["toleratedFailureCount"]) == (2, 40.0, 0)

    sfn.send_task_failure(taskToken=sfn.get_activity_task(activityArn=activity)["taskToken"], error="Odd")
    for _ in range(2):
        sfn.send_task_success(taskToken=sfn.get_activity_task(activityArn=activity)["taskToken"], output="1")
    assert ended(sfn, started)["status"] == "SUCCEEDED"
    assert refusal(sfn.update_map_run, mapRunArn=arn, maxConcurrency=1)[0] == "ValidationException"
    assert refusal(sfn.update_map_run, mapRunArn=arn)[0] == "ValidationException"


def test_a_task_starts_an_execution_and_waits_for_it(sfn: Any) -> None:
    for child, pattern, status in ((PASS, ".sync", "SUCCEEDED"), (PASS, ".sync:2", "SUCCEEDED"), (FAIL, ".sync:2", "FAILED")):
        parent = activity_machine(
            f"arn:aws:states:::states:startExecution{pattern}",
            Parameters={"StateMachineArn": machine(sfn, child), "Input": {"x": 1}},
        )
        done = run(sfn, parent)
        assert done["status"] == status
        if status == "FAILED":
            assert done["error"] == "States.TaskFailed" and json.loads(done["cause"])["Error"] == "Boom"
            continue
        output = json.loads(done["output"])
        assert output["Status"] == "SUCCEEDED"
        assert output["Output"] == ({"a": 1} if pattern == ".sync:2" else '{"a":1}')


def test_stopping_the_one_that_waits_stops_what_it_waits_for(sfn: Any) -> None:
    child = machine(sfn, WAIT)
    parent = activity_machine("arn:aws:states:::states:startExecution.sync", Parameters={"StateMachineArn": child})
    started = sfn.start_execution(stateMachineArn=machine(sfn, parent))
    (nested,) = until("the child runs", lambda: sfn.list_executions(stateMachineArn=child)["executions"])
    sfn.stop_execution(executionArn=started["executionArn"])
    assert ended(sfn, nested["executionArn"])["status"] == "ABORTED"


def test_the_api_is_there_as_an_sdk_integration(sfn: Any) -> None:
    done = run(
        sfn,
        activity_machine(
            "arn:aws:states:::aws-sdk:sfn:startExecution", Parameters={"StateMachineArn": machine(sfn), "Input": {"k": 1}}
        ),
    )
    assert ended(sfn, json.loads(done["output"])["ExecutionArn"])["input"] == '{"k":1}'
    failed = run(sfn, activity_machine("arn:aws:states:::aws-sdk:sfn:sendTaskFailure", Parameters={"TaskToken": "x"}))
    assert failed["error"] == "Sfn.InvalidTokenException"


def test_one_state_is_tried_out(sfn: Any) -> None:
    task = {
        "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f", "Payload.$": "$.p"},
        "ResultSelector": {"r.$": "$.Payload"}, "ResultPath": "$.out", "Next": "Later",
        "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 2, "MaxAttempts": 2, "BackoffRate": 3}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Handler"}],
    }  # fmt: skip

    def test(mock: dict[str, Any], **more: Any) -> dict[str, Any]:
        return sfn.test_state(definition=json.dumps(task), input='{"p": 1}', inspectionLevel="TRACE", mock=mock, **more)

    done = test({"result": '{"StatusCode": 200, "Payload": "hi"}'})
    assert (done["status"], done["nextState"]) == ("SUCCEEDED", "Later")
    assert json.loads(done["output"]) == {"p": 1, "out": {"r": "hi"}}
    assert json.loads(done["inspectionData"]["afterParameters"]) == {"FunctionName": "f", "Payload": 1}
    assert json.loads(done["inspectionData"]["afterResultSelector"]) == {"r": "hi"}
    busy = {"errorOutput": {"error": "Busy", "cause": "wait"}}
    retried = test(busy, stateConfiguration={"retrierRetryCount": 1})
    assert (retried["status"], retried["error"]) == ("RETRIABLE", "Busy")
    assert retried["inspectionData"]["errorDetails"] == {"retryIndex": 0, "retryBackoffIntervalSeconds": 6}
    caught = test(busy, stateConfiguration={"retrierRetryCount": 2})
    assert (caught["status"], caught["nextState"]) == ("CAUGHT_ERROR", "Handler")
    assert json.loads(caught["output"])["error"] == {"Error": "Busy", "Cause": "wait"}


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        ({"definition": "{}"}, "InvalidDefinition", "Type"),
        ({"input": "{"}, "InvalidExecutionInput", ""),
        ({"mock": {"result": "{}"}}, "ValidationException", "State type 'Pass' is not supported when a mock is specified"),
        ({"context": '{"Map": {}}'}, "ValidationException", "'Map' field is not supported"),
        ({"inspectionLevel": "ALL"}, "ValidationException", "enum value set: [INFO, DEBUG, TRACE]"),
        ({"definition": json.dumps(PASS)}, "ValidationException", "StateName"),
        ({"definition": json.dumps(PASS), "stateName": "Q"}, "ValidationException", "'Q'"),
        ({"roleArn": None, "definition": json.dumps(activity_machine("arn:aws:states:::sns:publish")["States"]["T"])},
         "ValidationException", "RoleArn must be specified"),
    ],
)  # fmt: skip
def test_what_test_state_refuses(sfn: Any, change: dict[str, Any], code: str, message: str) -> None:
    wanted = {"definition": json.dumps(PASS["States"]["P"]), "roleArn": ROLE} | change
    found = refusal(sfn.test_state, **{key: value for key, value in wanted.items() if value is not None})
    assert found[0] == code and message in found[1]


# The wire itself


def post(steward: Steward, body: bytes, **headers: str) -> tuple[int, dict[str, Any], str]:
    connection = http.client.HTTPConnection("127.0.0.1", steward.port, timeout=20)
    names = {"target": "X-Amz-Target", "kind": "Content-Type"}
    connection.request("POST", "/", body, {names[key]: value for key, value in headers.items()})
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read()), answer.getheader("x-amzn-RequestId") or ""


@pytest.mark.parametrize(
    ("body", "target", "code"),
    [
        (b"{", "AWSStepFunctions.ListStateMachines", "SerializationException"),
        (b"[]", "AWSStepFunctions.ListStateMachines", "SerializationException"),
        (b'{"nextToken": "\xff"}', "AWSStepFunctions.ListStateMachines", "SerializationException"),
        (b"[" * 100_000, "AWSStepFunctions.ListStateMachines", "SerializationException"),
        (b'{"name": "' + b"x" * 1_000_000 + b'"}', "AWSStepFunctions.CreateActivity", "InvalidName"),
        (b'{"name": "a\\u0000b"}', "AWSStepFunctions.CreateActivity", "InvalidName"),
        (b'{"name": "a\x00b"}', "AWSStepFunctions.CreateActivity", "SerializationException"),
        (b"{}", "AWSStepFunctions.Nonsense", "UnknownOperationException"),
        (b"{}", "Nonsense", "UnknownOperationException"),
    ],
)
def test_what_is_no_request(steward: Steward, body: bytes, target: str, code: str) -> None:
    status, answer, request = post(steward, body, target=target, kind="application/x-amz-json-1.0")
    assert (status, answer["__type"]) == (400, code) and uuid.UUID(request)


def test_a_body_that_is_too_large(steward: Steward, sfn: Any) -> None:
    status, answer, _ = post(steward, b" " * (9 << 20), target="AWSStepFunctions.ListStateMachines")
    assert (status, answer["__type"]) == (413, "RequestEntityTooLarge")
    assert sfn.list_state_machines()["stateMachines"], "it goes on answering"


def test_the_aws_cli(steward: Steward) -> None:
    def aws(*arguments: str) -> Any:
        command = [sys.executable, "-m", "awscli", "--endpoint-url", steward.url, "stepfunctions", *arguments]
        environment = steward.environment | {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    made = aws("create-state-machine", "--name", unique("cli"), "--definition", json.dumps(PASS), "--role-arn", ROLE)
    started = aws("start-execution", "--state-machine-arn", made["stateMachineArn"], "--input", "{}")
    shown = until(
        "it ends",
        lambda: (found := aws("describe-execution", "--execution-arn", started["executionArn"]))["status"] != "RUNNING" and found,
    )
    assert json.loads(shown["output"]) == {"a": 1}
    aws("delete-state-machine", "--state-machine-arn", made["stateMachineArn"])


def test_what_was_made_survives_kill_9(folder: Path) -> None:
    daemon = make(folder, "crashing").start()
    try:
        sfn = client(daemon)
        activity = sfn.create_activity(name="work")["activityArn"]
        arn = machine(sfn, activity_machine(activity), publish=True, tags=[{"key": "k", "value": "v"}])
        for n in range(3):
            sfn.start_execution(stateMachineArn=f"{arn}:1", name=f"run-{n}", input=json.dumps(n))
        parent = activity_machine("arn:aws:states:::states:startExecution.sync:2", Parameters={"StateMachineArn": arn, "Input": 9})
        waiting = sfn.start_execution(stateMachineArn=machine(sfn, parent))["executionArn"]
        until("the child runs", lambda: len(sfn.list_executions(stateMachineArn=arn)["executions"]) == 4)
        taken = sfn.get_activity_task(activityArn=activity)
        token = sfn.list_executions(stateMachineArn=arn, maxResults=2)["nextToken"]
        daemon.kill()
        daemon.start()
        sfn = client(daemon)
        assert len(sfn.list_executions(stateMachineArn=arn, maxResults=2, nextToken=token)["executions"]) == 2
        assert sfn.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "k", "value": "v"}]
        rest = [sfn.get_activity_task(activityArn=activity) for _ in range(3)]
        for task in [taken, *rest]:
            sfn.send_task_success(taskToken=task["taskToken"], output=task["input"])
        assert sorted(json.loads(task["input"]) for task in [taken, *rest]) == [0, 1, 2, 9]
        assert json.loads(ended(sfn, waiting)["output"])["Output"] == 9
    finally:
        daemon.kill()
