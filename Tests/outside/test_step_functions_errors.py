"""The error table of every operation, as the AWS service model lists it: each error is provoked through boto3, or stands
below with the reason why it cannot be."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import botocore.loaders
import pytest
from steward import REGION, Steward, until
from step_functions import FAIL, PASS, ROLE, WAIT, client, ended, machine, make, refusal, unique

PREFIX = f"arn:aws:states:{REGION}:000000000000"
NO_MACHINE, NO_ACTIVITY = f"{PREFIX}:stateMachine:none", f"{PREFIX}:activity:none"
NO_EXECUTION, NO_MAP_RUN = f"{PREFIX}:execution:none:none", f"{PREFIX}:mapRun:none/m:00000000-0000-0000-0000-000000000000"
NO_VERSION, NO_ALIAS = f"{NO_MACHINE}:1", f"{NO_MACHINE}:alias"
KEY = {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "k"}
BAD_LOGS = {"loggingConfiguration": {"level": "ALL"}}
TAGS = [{"key": f"k{number}", "value": "v"} for number in range(51)]

UNREACHABLE = {
    "KmsAccessDeniedException": "Steward keeps no data in KMS",
    "KmsInvalidStateException": "Steward keeps no data in KMS",
    "KmsThrottlingException": "Steward keeps no data in KMS",
    "InvalidTracingConfiguration": "the shape of a tracing configuration admits nothing that is wrong",
    "TaskDoesNotExist": "a token is made by Steward (else it is invalid), and what it names is kept",
    "ExecutionLimitExceeded": "open executions are bounded by the disk alone",
    "CreateStateMachine/StateMachineTypeNotSupported": "an unknown type is a ValidationException, and all known ones are served",
    "CreateStateMachineAlias/InvalidName": "the pattern of the name is checked first: ValidationException",
    "DeleteStateMachineAlias/ConflictException": "changes are made one after the other",
    "DeleteStateMachineAlias/ResourceNotFound": "deleting what is not there is answered as done",
    "UpdateStateMachineAlias/ConflictException": "changes are made one after the other",
    "UpdateStateMachine/ServiceQuotaExceededException": "see PublishStateMachineVersion: the same rule",
}


@pytest.fixture(scope="module")
def steward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Steward]:
    folder = tmp_path_factory.mktemp("errors")
    daemon = make(folder, "errors").start()
    yield daemon
    daemon.kill()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A daemon whose quotas are full."""
    folder: Path = tmp_path_factory.mktemp("quotas")
    quotas = {"stateMachines": 2, "activities": 1, "versions": 1, "aliases": 1, "pollers": 1}
    daemon = make(folder, "quotas", {"quotas": quotas}).start()
    yield client(daemon)
    daemon.kill()


@pytest.fixture
def sfn(steward: Steward) -> Any:
    return client(steward)


def definition(value: Any = PASS) -> str:
    return json.dumps(value)


def deleting(sfn: Any, **more: Any) -> str:
    """A state machine that is deleted while an execution runs."""
    arn = machine(sfn, WAIT, publish=True, **more)
    sfn.start_execution(stateMachineArn=arn)
    sfn.delete_state_machine(stateMachineArn=arn)
    return arn


def deleted_with_alias(sfn: Any) -> str:
    arn = machine(sfn, WAIT, publish=True)
    sfn.create_state_machine_alias(name="a", routingConfiguration=[{"stateMachineVersionArn": f"{arn}:1", "weight": 100}])
    sfn.start_execution(stateMachineArn=arn)
    sfn.delete_state_machine(stateMachineArn=arn)
    return f"{arn}:a"


def routes(arn: str, number: int = 1) -> list[dict[str, Any]]:
    return [{"stateMachineVersionArn": f"{arn}:{number}", "weight": 100}]


def aliased(sfn: Any, name: str = "a", description: str = "") -> str:
    arn = machine(sfn, publish=True)
    sfn.create_state_machine_alias(name=name, description=description, routingConfiguration=routes(arn))
    return arn


def token(sfn: Any, **timeouts: int) -> str:
    """The token of a task that a worker has taken."""
    activity = sfn.create_activity(name=unique("a"))["activityArn"]
    task = {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": activity, "End": True, **timeouts}}}
    sfn.start_execution(stateMachineArn=machine(sfn, task))
    return sfn.get_activity_task(activityArn=activity)["taskToken"]


def late_token(sfn: Any) -> str:
    taken = token(sfn)
    sfn.send_task_success(taskToken=taken, output="{}")
    return taken


def express(sfn: Any) -> str:
    return machine(sfn, type="EXPRESS")


def activity_named_twice(sfn: Any) -> str:
    name = unique("a")
    sfn.create_activity(name=name)
    return name


def same_name(sfn: Any) -> dict[str, Any]:
    arn = machine(sfn)
    return {"name": arn.rsplit(":", 1)[1], "definition": definition(FAIL), "roleArn": ROLE}


def published_otherwise(sfn: Any) -> dict[str, Any]:
    name = unique()
    sfn.create_state_machine(name=name, definition=definition(), roleArn=ROLE)
    return {"name": name, "definition": definition(), "roleArn": ROLE, "publish": True}


def same_execution(sfn: Any) -> dict[str, Any]:
    arn = machine(sfn, WAIT)
    sfn.start_execution(stateMachineArn=arn, name="one", input='{"a":1}')
    return {"stateMachineArn": arn, "name": "one", "input": '{"a":2}'}


def succeeded(sfn: Any) -> str:
    return ended(sfn, sfn.start_execution(stateMachineArn=machine(sfn))["executionArn"])["executionArn"]


Case = Callable[[Any], dict[str, Any]]


def new(**change: Any) -> Case:
    return lambda sfn: {"name": unique(), "definition": definition(), "roleArn": ROLE, **change}


CASES: list[tuple[str, str, Case]] = [
    ("CreateActivity", "ActivityAlreadyExists", lambda sfn: {"name": activity_named_twice(sfn), "encryptionConfiguration": KEY}),
    ("CreateActivity", "InvalidName", lambda sfn: {"name": "a b"}),
    ("CreateActivity", "TooManyTags", lambda sfn: {"name": unique(), "tags": TAGS}),
    ("CreateActivity", "InvalidEncryptionConfiguration", lambda sfn: {"name": unique(), "encryptionConfiguration": {"type": KEY["type"]}}),
    ("CreateStateMachine", "InvalidArn", new(roleArn="nobody")),
    ("CreateStateMachine", "InvalidDefinition", new(definition="{}")),
    ("CreateStateMachine", "InvalidName", new(name="a/b")),
    ("CreateStateMachine", "InvalidLoggingConfiguration", new(**BAD_LOGS)),
    ("CreateStateMachine", "StateMachineAlreadyExists", same_name),
    ("CreateStateMachine", "StateMachineDeleting", lambda sfn: {**new()(sfn), "name": deleting(sfn).rsplit(":", 1)[1]}),
    ("CreateStateMachine", "TooManyTags", new(tags=TAGS)),
    ("CreateStateMachine", "ValidationException", new(type="SLOW")),
    ("CreateStateMachine", "ConflictException", published_otherwise),
    ("CreateStateMachine", "InvalidEncryptionConfiguration", new(encryptionConfiguration={"type": KEY["type"]})),
    ("CreateStateMachineAlias", "InvalidArn", lambda sfn: {"name": "a", "routingConfiguration": [{"stateMachineVersionArn": "x", "weight": 100}]}),
    ("CreateStateMachineAlias", "ValidationException", lambda sfn: {"name": "a", "routingConfiguration": []}),
    ("CreateStateMachineAlias", "StateMachineDeleting", lambda sfn: {"name": "a", "routingConfiguration": routes(deleting(sfn))}),
    ("CreateStateMachineAlias", "ResourceNotFound", lambda sfn: {"name": "a", "routingConfiguration": routes(machine(sfn), 7)}),
    ("CreateStateMachineAlias", "ConflictException", lambda sfn: {"name": "a", "description": "other", "routingConfiguration": routes(aliased(sfn))}),
    ("DeleteActivity", "InvalidArn", lambda sfn: {"activityArn": "x"}),
    ("DeleteStateMachine", "InvalidArn", lambda sfn: {"stateMachineArn": "x"}),
    ("DeleteStateMachine", "ValidationException", lambda sfn: {"stateMachineArn": ""}),
    ("DeleteStateMachineAlias", "ValidationException", lambda sfn: {"stateMachineAliasArn": NO_MACHINE}),
    ("DeleteStateMachineAlias", "InvalidArn", lambda sfn: {"stateMachineAliasArn": "x"}),
    ("DeleteStateMachineVersion", "ValidationException", lambda sfn: {"stateMachineVersionArn": NO_MACHINE}),
    ("DeleteStateMachineVersion", "InvalidArn", lambda sfn: {"stateMachineVersionArn": "x"}),
    ("DeleteStateMachineVersion", "ConflictException", lambda sfn: {"stateMachineVersionArn": aliased(sfn) + ":1"}),
    ("DescribeActivity", "ActivityDoesNotExist", lambda sfn: {"activityArn": NO_ACTIVITY}),
    ("DescribeActivity", "InvalidArn", lambda sfn: {"activityArn": "x"}),
    ("DescribeExecution", "ExecutionDoesNotExist", lambda sfn: {"executionArn": NO_EXECUTION}),
    ("DescribeExecution", "InvalidArn", lambda sfn: {"executionArn": "x"}),
    ("DescribeMapRun", "ResourceNotFound", lambda sfn: {"mapRunArn": NO_MAP_RUN}),
    ("DescribeMapRun", "InvalidArn", lambda sfn: {"mapRunArn": "x"}),
    ("DescribeStateMachine", "InvalidArn", lambda sfn: {"stateMachineArn": "x"}),
    ("DescribeStateMachine", "StateMachineDoesNotExist", lambda sfn: {"stateMachineArn": NO_MACHINE}),
    ("DescribeStateMachineAlias", "ValidationException", lambda sfn: {"stateMachineAliasArn": NO_MACHINE}),
    ("DescribeStateMachineAlias", "InvalidArn", lambda sfn: {"stateMachineAliasArn": "x"}),
    ("DescribeStateMachineAlias", "ResourceNotFound", lambda sfn: {"stateMachineAliasArn": NO_ALIAS}),
    ("DescribeStateMachineForExecution", "ExecutionDoesNotExist", lambda sfn: {"executionArn": NO_EXECUTION}),
    ("DescribeStateMachineForExecution", "InvalidArn", lambda sfn: {"executionArn": "x"}),
    ("GetActivityTask", "ActivityDoesNotExist", lambda sfn: {"activityArn": NO_ACTIVITY}),
    ("GetActivityTask", "InvalidArn", lambda sfn: {"activityArn": "x"}),
    ("GetExecutionHistory", "ExecutionDoesNotExist", lambda sfn: {"executionArn": NO_EXECUTION}),
    ("GetExecutionHistory", "InvalidArn", lambda sfn: {"executionArn": "x"}),
    ("GetExecutionHistory", "InvalidToken", lambda sfn: {"executionArn": succeeded(sfn), "nextToken": "x"}),
    ("ListActivities", "InvalidToken", lambda sfn: {"nextToken": "x"}),
    ("ListExecutions", "InvalidArn", lambda sfn: {"stateMachineArn": "x"}),
    ("ListExecutions", "InvalidToken", lambda sfn: {"stateMachineArn": machine(sfn), "nextToken": "x"}),
    ("ListExecutions", "StateMachineDoesNotExist", lambda sfn: {"stateMachineArn": NO_MACHINE}),
    ("ListExecutions", "StateMachineTypeNotSupported", lambda sfn: {"stateMachineArn": express(sfn)}),
    ("ListExecutions", "ValidationException", lambda sfn: {"stateMachineArn": NO_MACHINE, "maxResults": 1001}),
    ("ListExecutions", "ResourceNotFound", lambda sfn: {"mapRunArn": NO_MAP_RUN}),
    ("ListMapRuns", "ExecutionDoesNotExist", lambda sfn: {"executionArn": NO_EXECUTION}),
    ("ListMapRuns", "InvalidArn", lambda sfn: {"executionArn": "x"}),
    ("ListMapRuns", "InvalidToken", lambda sfn: {"executionArn": succeeded(sfn), "nextToken": "x"}),
    ("ListStateMachineAliases", "InvalidArn", lambda sfn: {"stateMachineArn": "x"}),
    ("ListStateMachineAliases", "InvalidToken", lambda sfn: {"stateMachineArn": machine(sfn), "nextToken": "x"}),
    ("ListStateMachineAliases", "ResourceNotFound", lambda sfn: {"stateMachineArn": machine(sfn) + ":7"}),
    ("ListStateMachineAliases", "StateMachineDoesNotExist", lambda sfn: {"stateMachineArn": NO_MACHINE}),
    ("ListStateMachineAliases", "StateMachineDeleting", lambda sfn: {"stateMachineArn": deleting(sfn)}),
    ("ListStateMachineVersions", "ValidationException", lambda sfn: {"stateMachineArn": NO_MACHINE, "maxResults": -1}),
    ("ListStateMachineVersions", "InvalidArn", lambda sfn: {"stateMachineArn": "x"}),
    ("ListStateMachineVersions", "InvalidToken", lambda sfn: {"stateMachineArn": machine(sfn), "nextToken": "x"}),
    ("ListStateMachines", "InvalidToken", lambda sfn: {"nextToken": "x"}),
    ("ListTagsForResource", "InvalidArn", lambda sfn: {"resourceArn": "x"}),
    ("ListTagsForResource", "ResourceNotFound", lambda sfn: {"resourceArn": NO_MACHINE}),
    ("PublishStateMachineVersion", "ValidationException", lambda sfn: {"stateMachineArn": NO_MACHINE, "description": "d" * 257}),
    ("PublishStateMachineVersion", "StateMachineDeleting", lambda sfn: {"stateMachineArn": deleting(sfn)}),
    ("PublishStateMachineVersion", "StateMachineDoesNotExist", lambda sfn: {"stateMachineArn": NO_MACHINE}),
    ("PublishStateMachineVersion", "ConflictException", lambda sfn: {"stateMachineArn": machine(sfn), "revisionId": "other"}),
    ("PublishStateMachineVersion", "InvalidArn", lambda sfn: {"stateMachineArn": "x"}),
    ("RedriveExecution", "ExecutionDoesNotExist", lambda sfn: {"executionArn": NO_EXECUTION}),
    ("RedriveExecution", "ExecutionNotRedrivable", lambda sfn: {"executionArn": succeeded(sfn)}),
    ("RedriveExecution", "InvalidArn", lambda sfn: {"executionArn": "x"}),
    ("RedriveExecution", "ValidationException", lambda sfn: {"executionArn": NO_EXECUTION, "clientToken": "a b"}),
    ("SendTaskFailure", "InvalidToken", lambda sfn: {"taskToken": "x"}),
    ("SendTaskFailure", "TaskTimedOut", lambda sfn: {"taskToken": late_token(sfn)}),
    ("SendTaskHeartbeat", "InvalidToken", lambda sfn: {"taskToken": "x"}),
    ("SendTaskHeartbeat", "TaskTimedOut", lambda sfn: {"taskToken": late_token(sfn)}),
    ("SendTaskSuccess", "InvalidOutput", lambda sfn: {"taskToken": token(sfn), "output": "{"}),
    ("SendTaskSuccess", "InvalidToken", lambda sfn: {"taskToken": "x", "output": "{}"}),
    ("SendTaskSuccess", "TaskTimedOut", lambda sfn: {"taskToken": late_token(sfn), "output": "{}"}),
    ("StartExecution", "ExecutionAlreadyExists", same_execution),
    ("StartExecution", "InvalidArn", lambda sfn: {"stateMachineArn": "x"}),
    ("StartExecution", "InvalidExecutionInput", lambda sfn: {"stateMachineArn": machine(sfn), "input": "{"}),
    ("StartExecution", "InvalidName", lambda sfn: {"stateMachineArn": machine(sfn), "name": "a b"}),
    ("StartExecution", "StateMachineDoesNotExist", lambda sfn: {"stateMachineArn": NO_MACHINE}),
    ("StartExecution", "StateMachineDeleting", lambda sfn: {"stateMachineArn": deleting(sfn)}),
    ("StartExecution", "ValidationException", lambda sfn: {"stateMachineArn": ""}),
    ("StartSyncExecution", "InvalidArn", lambda sfn: {"stateMachineArn": "x"}),
    ("StartSyncExecution", "InvalidExecutionInput", lambda sfn: {"stateMachineArn": express(sfn), "input": "{"}),
    ("StartSyncExecution", "InvalidName", lambda sfn: {"stateMachineArn": express(sfn), "name": "a b"}),
    ("StartSyncExecution", "StateMachineDoesNotExist", lambda sfn: {"stateMachineArn": NO_MACHINE}),
    ("StartSyncExecution", "StateMachineDeleting", lambda sfn: {"stateMachineArn": deleting(sfn, type="EXPRESS")}),
    ("StartSyncExecution", "StateMachineTypeNotSupported", lambda sfn: {"stateMachineArn": machine(sfn)}),
    ("StopExecution", "ExecutionDoesNotExist", lambda sfn: {"executionArn": NO_EXECUTION}),
    ("StopExecution", "InvalidArn", lambda sfn: {"executionArn": "x"}),
    ("StopExecution", "ValidationException", lambda sfn: {"executionArn": NO_EXECUTION, "error": "e" * 257}),
    ("TagResource", "InvalidArn", lambda sfn: {"resourceArn": "x", "tags": []}),
    ("TagResource", "ResourceNotFound", lambda sfn: {"resourceArn": NO_MACHINE, "tags": TAGS[:1]}),
    ("TagResource", "TooManyTags", lambda sfn: {"resourceArn": machine(sfn), "tags": TAGS}),
    ("TestState", "InvalidArn", lambda sfn: {"definition": json.dumps(PASS["States"]["P"]), "roleArn": "nobody"}),
    ("TestState", "InvalidDefinition", lambda sfn: {"definition": "{}", "roleArn": ROLE}),
    ("TestState", "InvalidExecutionInput", lambda sfn: {"definition": json.dumps(PASS["States"]["P"]), "roleArn": ROLE, "input": "{"}),
    ("TestState", "ValidationException", lambda sfn: {"definition": json.dumps(PASS["States"]["P"]), "roleArn": ROLE, "inspectionLevel": "ALL"}),
    ("UntagResource", "InvalidArn", lambda sfn: {"resourceArn": "x", "tagKeys": []}),
    ("UntagResource", "ResourceNotFound", lambda sfn: {"resourceArn": NO_MACHINE, "tagKeys": ["a"]}),
    ("UpdateMapRun", "ResourceNotFound", lambda sfn: {"mapRunArn": NO_MAP_RUN, "maxConcurrency": 1}),
    ("UpdateMapRun", "InvalidArn", lambda sfn: {"mapRunArn": "x", "maxConcurrency": 1}),
    ("UpdateMapRun", "ValidationException", lambda sfn: {"mapRunArn": NO_MAP_RUN, "toleratedFailurePercentage": 101.0}),
    ("UpdateStateMachine", "InvalidArn", lambda sfn: {"stateMachineArn": "x", "definition": definition()}),
    ("UpdateStateMachine", "InvalidDefinition", lambda sfn: {"stateMachineArn": machine(sfn), "definition": "{}"}),
    ("UpdateStateMachine", "InvalidLoggingConfiguration", lambda sfn: {"stateMachineArn": machine(sfn), **BAD_LOGS}),
    ("UpdateStateMachine", "MissingRequiredParameter", lambda sfn: {"stateMachineArn": machine(sfn)}),
    ("UpdateStateMachine", "StateMachineDeleting", lambda sfn: {"stateMachineArn": deleting(sfn), "definition": definition()}),
    ("UpdateStateMachine", "StateMachineDoesNotExist", lambda sfn: {"stateMachineArn": NO_MACHINE, "definition": definition()}),
    ("UpdateStateMachine", "ConflictException", lambda sfn: {"stateMachineArn": f"{PREFIX}:stateMachine:from-file", "definition": definition()}),
    ("UpdateStateMachine", "ValidationException", lambda sfn: {"stateMachineArn": machine(sfn), "definition": definition(), "versionDescription": "d"}),
    ("UpdateStateMachine", "InvalidEncryptionConfiguration", lambda sfn: {"stateMachineArn": machine(sfn), "encryptionConfiguration": {"type": KEY["type"]}}),
    ("UpdateStateMachineAlias", "ValidationException", lambda sfn: {"stateMachineAliasArn": aliased(sfn) + ":a"}),
    ("UpdateStateMachineAlias", "InvalidArn", lambda sfn: {"stateMachineAliasArn": "x", "description": "d"}),
    ("UpdateStateMachineAlias", "ResourceNotFound", lambda sfn: {"stateMachineAliasArn": NO_ALIAS, "description": "d"}),
    ("UpdateStateMachineAlias", "StateMachineDeleting", lambda sfn: {"stateMachineAliasArn": deleted_with_alias(sfn), "description": "d"}),
    ("ValidateStateMachineDefinition", "ValidationException", lambda sfn: {"definition": "{}", "severity": "LOUD"}),
]  # fmt: skip

FULL = {
    ("CreateActivity", "ActivityLimitExceeded"),
    ("CreateStateMachine", "StateMachineLimitExceeded"),
    ("CreateStateMachineAlias", "ServiceQuotaExceededException"),
    ("GetActivityTask", "ActivityWorkerLimitExceeded"),
    ("PublishStateMachineVersion", "ServiceQuotaExceededException"),
}


def method(sfn: Any, operation: str) -> Callable[..., Any]:
    names = {meta: python for python, meta in sfn.meta.method_to_api_mapping.items()}
    return getattr(sfn, names[operation])


@pytest.mark.parametrize(("operation", "error", "arguments"), CASES, ids=lambda value: value if isinstance(value, str) else "")
def test_an_error_of_the_table(sfn: Any, operation: str, error: str, arguments: Case) -> None:
    code, message = refusal(method(sfn, operation), **arguments(sfn))
    assert code == error, message
    assert message


def test_quotas(small: Any) -> None:
    assert refusal(small.create_activity, name="b" if small.create_activity(name="a") else "")[0] == "ActivityLimitExceeded"
    arn = machine(small, publish=True)  # Beside the one that comes from a file.
    made = {"name": "third", "definition": definition(), "roleArn": ROLE}
    assert refusal(small.create_state_machine, **made)[0] == "StateMachineLimitExceeded"

    small.create_state_machine_alias(name="a", routingConfiguration=routes(arn))
    alias = {"name": "b", "routingConfiguration": routes(arn)}
    assert refusal(small.create_state_machine_alias, **alias)[0] == "ServiceQuotaExceededException"
    small.update_state_machine(stateMachineArn=arn, definition=definition(WAIT))
    assert refusal(small.publish_state_machine_version, stateMachineArn=arn)[0] == "ServiceQuotaExceededException"

    activity = f"{PREFIX}:activity:a"
    codes: list[str] = []

    def poll() -> None:
        codes.append(refusal(small.get_activity_task, activityArn=activity)[0])

    polls = [threading.Thread(target=poll) for _ in range(2)]
    for thread in polls:
        thread.start()
    until("one poll is one too many", lambda: codes == ["ActivityWorkerLimitExceeded"])
    small.delete_activity(activityArn=activity)  # Ends the other.
    for thread in polls:
        thread.join(timeout=60)
    assert codes == ["ActivityWorkerLimitExceeded", "ActivityDoesNotExist"]


def test_the_table_is_the_whole_table() -> None:
    model = botocore.loaders.Loader().load_service_model("stepfunctions", "service-2")
    expected = {
        (name, error["shape"]) for name, operation in model["operations"].items() for error in operation.get("errors", [])
    }
    provoked = {(operation, error) for operation, error, _ in CASES} | FULL
    excused = {pair for pair in expected if pair[1] in UNREACHABLE or "/".join(pair) in UNREACHABLE}
    assert len(model["operations"]) == 37
    assert expected - provoked - excused == set()
    assert provoked & excused == set()


def test_a_deleted_machine_is_there_until_its_executions_have_ended(sfn: Any) -> None:
    arn = machine(sfn, WAIT)
    running = sfn.start_execution(stateMachineArn=arn)["executionArn"]
    sfn.delete_state_machine(stateMachineArn=arn)
    assert sfn.describe_state_machine(stateMachineArn=arn)["status"] == "DELETING"
    assert sfn.describe_execution(executionArn=running)["status"] == "RUNNING"
    sfn.stop_execution(executionArn=running)
    assert refusal(sfn.describe_state_machine, stateMachineArn=arn)[0] == "StateMachineDoesNotExist"
    sfn.create_state_machine(name=arn.rsplit(":", 1)[1], definition=definition(), roleArn=ROLE)
