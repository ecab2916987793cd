"""Map Runs over the Step Functions API: nested, redriven, tried again; and what their ARNs and bounds show."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from steward import Steward, until
from step_functions import ROLE, client, ended, machine, make, refusal, run, unique

PASS_ITEM = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}


@pytest.fixture(scope="module")
def sfn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    daemon: Steward = make(tmp_path_factory.mktemp("map-runs"), "runs").start()
    yield client(daemon)
    daemon.kill()


def distributed(states: dict[str, Any]) -> dict[str, Any]:
    return {**states, "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}


def mapped(processor: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": distributed(processor), "End": True, **fields}}}


def types(sfn: Any, execution: str) -> list[str]:
    return [event["type"] for event in sfn.get_execution_history(executionArn=execution)["events"]]


def map_runs(sfn: Any, execution: str) -> list[dict[str, Any]]:
    return sfn.list_map_runs(executionArn=execution)["mapRuns"]


def test_nested_map_runs_are_those_of_the_execution_that_started_them(sfn: Any) -> None:
    inner = mapped(PASS_ITEM, Label="i")
    done = run(sfn, mapped({**inner, "States": {"N": inner["States"]["M"]}, "StartAt": "N"}, Label="o"), [[1, 2], [3]])
    (outer,) = map_runs(sfn, done["executionArn"])
    assert "/o:" in outer["mapRunArn"] and outer["executionArn"] == done["executionArn"]
    children = sfn.list_executions(mapRunArn=outer["mapRunArn"])["executions"]
    totals, seen = [], set()
    for child in children:
        (own,) = map_runs(sfn, child["executionArn"])
        shown = sfn.describe_map_run(mapRunArn=own["mapRunArn"])
        assert own["executionArn"] == shown["executionArn"] == child["executionArn"]
        totals.append(shown["itemCounts"]["total"])
        started = [event for event in sfn.get_execution_history(executionArn=child["executionArn"])["events"] if event["type"] == "MapRunStarted"]
        assert [event["mapRunStartedEventDetails"]["mapRunArn"] for event in started] == [own["mapRunArn"]]
        seen.add(own["mapRunArn"])
    assert totals == [2, 1] and len(seen) == 2
    assert map_runs(sfn, sfn.list_executions(mapRunArn=seen.pop())["executions"][0]["executionArn"]) == []


def test_a_redriven_map_run_and_its_children(sfn: Any) -> None:
    activity = sfn.create_activity(name=unique("a"))["activityArn"]
    item = {
        "StartAt": "C",
        "States": {
            "C": {"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": 2, "Next": "T"}], "Default": "I"},
            "T": {"Type": "Task", "Resource": activity, "TimeoutSeconds": 60, "End": True},
            "I": {"Type": "Pass", "End": True},
        },
    }  # fmt: skip
    execution = sfn.start_execution(stateMachineArn=machine(sfn, mapped(item)), input="[1,2,3]")["executionArn"]
    sfn.send_task_failure(taskToken=sfn.get_activity_task(activityArn=activity)["taskToken"], error="Odd")
    assert ended(sfn, execution)["status"] == "FAILED"
    (listed,) = map_runs(sfn, execution)
    arn = listed["mapRunArn"]
    assert sfn.describe_map_run(mapRunArn=arn)["status"] == "FAILED"
    sfn.redrive_execution(executionArn=execution)
    sfn.send_task_success(taskToken=sfn.get_activity_task(activityArn=activity)["taskToken"], output="{}")
    assert ended(sfn, execution)["status"] == "SUCCEEDED"

    shown = sfn.describe_map_run(mapRunArn=arn)
    assert (shown["status"], shown["redriveCount"]) == ("SUCCEEDED", 1)
    assert shown["startDate"] <= shown["redriveDate"] <= shown["stopDate"]
    everything = sfn.list_executions(mapRunArn=arn)["executions"]
    (redriven,) = sfn.list_executions(mapRunArn=arn, redriveFilter="REDRIVEN")["executions"]
    others = sfn.list_executions(mapRunArn=arn, redriveFilter="NOT_REDRIVEN")["executions"]
    assert [everything[1], everything[0], everything[2]] == [redriven, *others]
    assert [child["redriveCount"] for child in everything] == [0, 1, 0]
    described = sfn.describe_execution(executionArn=redriven["executionArn"])
    assert (described["redriveCount"], described["redriveDate"]) == (1, shown["redriveDate"]) == (1, redriven["redriveDate"])
    assert "redriveDate" not in others[0]
    history = types(sfn, redriven["executionArn"])
    failed = history.index("ActivityFailed")
    assert history[failed : failed + 4] == ["ActivityFailed", "ExecutionFailed", "ExecutionRedriven", "ActivityScheduled"]


def counts(sfn: Any, execution: str, kind: str) -> dict[str, int]:
    (listed,) = map_runs(sfn, execution)
    return {name: count for name, count in sfn.describe_map_run(mapRunArn=listed["mapRunArn"])[kind].items() if count}


def test_children_that_never_started_are_pending(sfn: Any) -> None:
    fail = {"StartAt": "I", "States": {"I": {"Type": "Fail", "Error": "E"}}}
    done = run(sfn, mapped(fail, MaxConcurrency=1), [1, 2, 3])
    assert counts(sfn, done["executionArn"], "executionCounts") == {"failed": 1, "pending": 2, "total": 3}
    assert counts(sfn, done["executionArn"], "itemCounts") == {"failed": 1, "aborted": 2, "total": 3}


def test_a_child_with_a_full_history_stays_failed(sfn: Any) -> None:
    states = {
        "A": {"Type": "Pass", "Next": "B"},
        "B": {"Type": "Choice", "Choices": [{"Variable": "$", "IsNull": True, "Next": "Z"}], "Default": "A"},
        "Z": {"Type": "Succeed"},
    }
    execution = run(sfn, mapped({"StartAt": "A", "States": states}), [1])["executionArn"]
    (listed,) = map_runs(sfn, execution)
    (child,) = sfn.list_executions(mapRunArn=listed["mapRunArn"])["executions"]
    for _ in range(2):
        shown = sfn.describe_execution(executionArn=child["executionArn"])
        assert (shown["status"], shown["redriveCount"], shown["redriveStatus"]) == ("FAILED", 0, "NOT_REDRIVABLE")
        assert counts(sfn, execution, "executionCounts") == {"failed": 1, "total": 1, "failuresNotRedrivable": 1}
        last = sfn.get_execution_history(executionArn=child["executionArn"], reverseOrder=True, maxResults=1)["events"]
        assert [(event["id"], event["type"]) for event in last] == [(25000, "ExecutionFailed")]
        sfn.redrive_execution(executionArn=execution)
        assert "cannot be redriven" in ended(sfn, execution)["cause"]


def test_a_map_run_that_is_tried_again_has_failed(sfn: Any) -> None:
    fail = {"StartAt": "I", "States": {"I": {"Type": "Fail", "Error": "E"}}}
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 1}]
    execution = sfn.start_execution(stateMachineArn=machine(sfn, mapped(fail, Retry=retry)), input="[1]")["executionArn"]
    (first,) = until("the first Map Run fails", lambda: [found for found in map_runs(sfn, execution) if "stopDate" in found][-1:])
    assert sfn.describe_map_run(mapRunArn=first["mapRunArn"])["status"] == "FAILED"
    assert refusal(sfn.update_map_run, mapRunArn=first["mapRunArn"], maxConcurrency=3)[0] == "ValidationException"
    ended(sfn, execution)
    second, kept = map_runs(sfn, execution)
    assert kept["stopDate"] == first["stopDate"] < second["startDate"]


@pytest.mark.parametrize(
    "fields",
    [
        {"ItemsPath": "$.a", "MaxConcurrencyPath": "$.n", "ToleratedFailureCountPath": "$.n", "ToleratedFailurePercentagePath": "$.p"},
        {"QueryLanguage": "JSONata", "Items": "{% $states.input.a %}", "MaxConcurrency": "{% $states.input.n %}",
         "ToleratedFailureCount": "{% $states.input.n %}", "ToleratedFailurePercentage": "{% $states.input.p %}"},
        {"ItemsPath": "$.a", "MaxConcurrency": 5, "ToleratedFailureCount": 5, "ToleratedFailurePercentage": 12.5},
    ],
)  # fmt: skip
def test_bounds_are_those_in_force(sfn: Any, fields: dict[str, Any]) -> None:
    done = run(sfn, mapped(PASS_ITEM, **fields), {"a": [1], "n": 5, "p": 12.5})
    (listed,) = map_runs(sfn, done["executionArn"])
    shown = sfn.describe_map_run(mapRunArn=listed["mapRunArn"])
    assert (shown["maxConcurrency"], shown["toleratedFailureCount"], shown["toleratedFailurePercentage"]) == (5, 5, 12.5)


@pytest.mark.parametrize("fields", [{"Label": "Q"}, {}])
def test_the_machine_of_the_children_is_described(sfn: Any, fields: dict[str, Any]) -> None:
    definition = mapped(PASS_ITEM, **fields)
    done = run(sfn, definition, [1])
    (listed,) = map_runs(sfn, done["executionArn"])
    arn = listed["stateMachineArn"]
    shown = sfn.describe_state_machine(stateMachineArn=arn)
    assert shown["stateMachineArn"] == arn == f"{done['stateMachineArn']}/{shown['label']}"
    assert json.loads(shown["definition"]) == definition and shown["status"] == "ACTIVE"
    assert "label" not in sfn.describe_state_machine(stateMachineArn=done["stateMachineArn"])
    assert refusal(sfn.describe_state_machine, stateMachineArn=f"{done['stateMachineArn']}/none")[0] == "StateMachineDoesNotExist"
    for call, more in (
        (sfn.start_execution, {}), (sfn.start_sync_execution, {}), (sfn.update_state_machine, {"roleArn": ROLE}), (sfn.delete_state_machine, {}),
    ):  # fmt: skip
        assert refusal(call, stateMachineArn=arn, **more)[0] == "ValidationException"
