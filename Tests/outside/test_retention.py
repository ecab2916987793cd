"""What has ended ages out: from outside it is as though it had never been."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from steward import BUILD, until
from step_functions import WAIT, client, machine, make


def code(call, **arguments) -> str:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"]


def test_an_execution_ages_out_and_its_name_may_be_used_again(tmp_path: Path) -> None:
    steward = make(tmp_path, "ages", {"retention": {"executions": "1s", "every": "1s", "outbox": "never"}})
    steward.start()
    try:
        sfn = client(steward)
        quick, waits = machine(sfn), machine(sfn, WAIT)
        waiting = sfn.start_execution(stateMachineArn=waits, name="waits")["executionArn"]
        first = sfn.start_execution(stateMachineArn=quick, name="once", input='{"n": 1}')["executionArn"]
        # The newest of all stays until there is a newer one.
        sfn.start_execution(stateMachineArn=waits, name="newest")

        def gone() -> bool:
            try:
                return not sfn.describe_execution(executionArn=first)
            except ClientError as error:
                return error.response["Error"]["Code"] == "ExecutionDoesNotExist"

        until("the execution ages out", gone)
        assert code(sfn.get_execution_history, executionArn=first) == "ExecutionDoesNotExist"
        assert code(sfn.stop_execution, executionArn=first) == "ExecutionDoesNotExist"
        assert sfn.list_executions(stateMachineArn=quick)["executions"] == []
        assert sfn.describe_execution(executionArn=waiting)["status"] == "RUNNING"
        again = sfn.start_execution(stateMachineArn=quick, name="once", input='{"n": 2}')["executionArn"]
        assert again == first
        assert sfn.describe_execution(executionArn=again)["input"] == '{"n": 2}'
        removed = [e for e in steward.audit() if e["action"] == "retention.removed"]
        assert removed and removed[-1]["detail"]["executions"] == 1
    finally:
        steward.kill()


def test_what_a_run_would_remove_is_shown_and_removed_on_demand(tmp_path: Path) -> None:
    steward = make(tmp_path, "shown", {"retention": {"executions": "1s", "every": "1w"}})
    steward.start()
    try:
        sfn = client(steward)
        quick = machine(sfn)
        for number in range(3):
            sfn.start_execution(stateMachineArn=quick, name=f"run-{number}")

        def line(report: dict) -> dict:
            return next(k for k in report["kinds"] if k["kind"] == "executions")

        until("they are old enough", lambda: line(steward.ctl("retention", "run", "--dry-run"))["removed"] == 2)
        shown = steward.ctl("retention", "show")
        by_hour = ("hours", "hoursByTag", "calls", "latencies", "latenciesByTag", "periods", "furtherPeriods")
        sums = dict.fromkeys(by_hour, "800d") | dict.fromkeys(("fires", "unreadable", "callEvents"), "90d")
        kept = {"deadLetters": "90d", "executions": "1s", "outbox": "30d", "usage": "400d", "useKeys": "400d", "labels": "400d"}
        assert shown["keeps"] == kept | sums
        assert line(shown["now"])["kept"] == {"isNewest": 1}
        assert len(sfn.list_executions(stateMachineArn=quick)["executions"]) == 3
        done = steward.ctl("retention", "run")
        assert line(done)["removed"] == 2 and done["canShrink"] is True
        assert [e["name"] for e in sfn.list_executions(stateMachineArn=quick)["executions"]] == ["run-2"]
        table = steward.run("retention", "run", "--dry-run").stdout
        assert "executions" in table and "1 isNewest" in table

        busy = subprocess.run([BUILD / "workflowd", "compact", "--data", steward.data], capture_output=True, text=True)
        assert busy.returncode == 1 and "in use" in busy.stderr
        assert steward.stop() == 0
        done = subprocess.run([BUILD / "workflowd", "compact", "--data", steward.data], capture_output=True, text=True)
        assert done.returncode == 0 and "KiB now" in done.stdout, done.stderr
        steward.start()
        assert [e["name"] for e in sfn.list_executions(stateMachineArn=quick)["executions"]] == ["run-2"]
    finally:
        steward.kill()


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"usage": "1h"}, "at least 7d"),
        ({"usage": "90d", "sums": "60d"}, "at least as long as retention.usage"),
        ({"executions": "soon"}, "a span with its unit such as 90d, or never"),
        # Days were meant, and seconds would be read.
        ({"executions": 90}, "a span with its unit such as 90d, or never"),
        ({"audit": "1d"}, "not a setting"),
    ],
)
def test_settings_that_cannot_be_are_refused(tmp_path: Path, settings: dict, word: str) -> None:
    steward = make(tmp_path, "refused", {"retention": settings})
    steward.start(wait=False)
    until("the daemon ends", lambda: steward.process.ended())
    assert word in steward.log(), json.dumps(settings)
