"""Bad input and a bad world: each is answered with what to do, and nothing acknowledged is lost."""

from __future__ import annotations

import gzip
import json
import re
import signal
import socket
import sqlite3
from pathlib import Path

import pytest
from conftest import settings
from steward import AWS, Steward, invocation, log_file, until

LINT_FAULTS = {
    "does not parse": ("StartAt: A\nStates: {A: {Type: Pass, End: true}\n", "E001"),
    "leads nowhere": ("StartAt: A\nStates:\n  A:\n    Type: Pass\n    Next: B\n", "E201"),
    "unknown field": ("StartAt: A\nStates:\n  A:\n    Type: Pass\n    Resutl: 1\n    End: true\n", "E102"),
    "negative duration": ("StartAt: A\nStates:\n  A:\n    Type: Wait\n    Seconds: -5\n    End: true\n", "E107"),
}


@pytest.mark.parametrize("fault", LINT_FAULTS)
def test_the_linter_names_place_code_and_hint(tmp_path: Path, fault: str) -> None:
    text, code = LINT_FAULTS[fault]
    path = tmp_path / "bad.asl.yaml"
    path.write_text(text)
    result = Steward(tmp_path / "none", "http://127.0.0.1:9").run("lint", str(path))
    assert result.returncode == 9
    assert re.search(rf"bad\.asl\.yaml:\d+:\d+: error: .*\[{code}\]", result.stdout), result.stdout


def test_a_broken_file_keeps_what_was_loaded(aws: AWS, make_steward, tmp_path: Path) -> None:
    machines = tmp_path / "machines"
    machines.mkdir()
    good = "StartAt: A\nStates: {A: {Type: Pass, Result: one, End: true}}\n"
    (machines / "m.asl.yaml").write_text(good)
    (machines / "broken.asl.yaml").write_text("StartAt: Nowhere\nStates: {A: {Type: Pass, End: true}}\n")
    workflows = tmp_path / "workflows"
    workflows.mkdir()
    (workflows / "w.yaml").write_text("name: w\nstateMachine: m\ndeadline: -5m\n")
    steward = make_steward(state_machines=machines, workflows=workflows).start()
    problems = steward.ctl("status")["problems"]
    assert {Path(p["file"]).name for p in problems} == {"broken.asl.yaml", "w.yaml"}
    assert all(p["line"] > 0 and p["message"] for p in problems)

    (machines / "m.asl.yaml").write_text(good.replace("End: true", "Next: B"))
    steward.process.child.send_signal(signal.SIGHUP)
    reported = lambda: any("m.asl.yaml" in p["file"] for p in steward.ctl("status")["problems"])  # noqa: E731
    until("the broken edit is reported", reported)
    assert steward.ctl("machine", "get", "m")["version"] == 1

    (machines / "m.asl.yaml").write_text(good.replace("one", "two"))
    until("the good edit is loaded", lambda: steward.ctl("machine", "get", "m")["version"] == 2)


def test_a_principal_that_is_not_in_iam(aws: AWS, make_steward) -> None:
    steward = make_steward(options=settings(graceSeconds=0)).start()
    arn = "arn:aws:iam::123456789012:user/BedrockAPIKey-gone"
    steward.ctl("ingest", str(log_file(steward.directory / "a.jsonl", [invocation(arn, "gone-1", 400_000)])))
    until("the run has failed", lambda: [r for r in steward.runs(machine="suspension") if r["status"] == "FAILED"])
    run = steward.runs(machine="suspension")[0]
    assert run["error"] == "IAM.NoSuchEntity"
    assert steward.budget("BedrockAPIKey-gone")["status"] != "suspended"
    why = steward.ctl("run", "why", "@latest-failed")
    assert "NoSuchEntity" in why["summary"] + "".join(why["details"]) and why["suggestion"].startswith("workflowctl run redrive")

    aws.make_key("BedrockAPIKey-gone")
    letters = steward.ctl("dlq", "list")["deadLetters"]
    assert [letter["kind"] for letter in letters] == ["execution"]
    steward.ctl("dlq", "redrive", str(letters[0]["id"]))
    until("suspended after the redrive", lambda: steward.budget("BedrockAPIKey-gone")["status"] == "suspended")
    assert aws.has_no_access("BedrockAPIKey-gone")
    until("the letter is closed", lambda: not steward.ctl("dlq", "list")["deadLetters"])


def test_damaged_usage_loses_nothing_else(steward: Steward) -> None:
    arn = "arn:aws:iam::111122223333:user/BedrockAPIKey-d"
    good = json.dumps(invocation(arn, "d-1", 1000))
    path = steward.directory / "mixed.jsonl"
    path.write_text(f'{good}\nnot json\n{{"schemaType":"ModelInvocationLog"}}\n')
    result = steward.run("ingest", str(path), "-o", "json")
    assert result.returncode == 1 and "dlq list" in result.stderr
    report = json.loads(result.stdout)
    assert (report["charged"], report["unreadable"]) == (1, 2), report
    letters = steward.ctl("dlq", "list", "--kind", "usage")["deadLetters"]
    assert len(letters) == 2
    payloads = [steward.ctl("dlq", "get", str(letter["id"]))["payload"] for letter in letters]
    assert any("not json" in payload for payload in payloads)

    whole = gzip.compress("".join(json.dumps(invocation(arn, f"d-{n}", 1000)) + "\n" for n in range(2, 400)).encode())
    status, report = steward.request("POST", "/ingest/bedrock-invocation-logs?source=cut", whole[: len(whole) - 400])
    assert status == 200 and 0 < report["charged"] < 398 and report["unreadable"] >= 1, report


def test_requests_that_make_no_sense(steward: Steward) -> None:
    assert steward.request("GET", "/api/v1/nothing")[0] == 404
    status, answer = steward.request("POST", "/api/v1/executions", b"{")
    assert status == 400 and answer["error"]["code"] == "InvalidRequest"
    status, answer = steward.request("POST", "/api/v1/executions", b'{"stateMachine":"none"}')
    assert status == 404 and answer["error"]["code"] == "NoSuchStateMachine"


def refused(steward: Steward, code: int) -> str:
    """Starts a daemon that must refuse; gives what it said."""
    steward.start(wait=False)
    until("workflowd ends", steward.process.ended, 20)
    assert steward.process.child.returncode == code, steward.log()
    return steward.log()


def test_a_second_daemon_is_refused_by_name(steward: Steward, make_steward) -> None:
    second = make_steward("second")
    second.data = steward.data
    message = refused(second, 1)
    assert f"pid {steward.process.pid}" in message and "--data" in message
    assert steward.healthy()


def test_a_port_in_use(make_steward) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        steward = make_steward()
        steward.port = taken.getsockname()[1]
        assert "--listen" in refused(steward, 1)


def test_a_data_directory_that_can_not_be_one(make_steward) -> None:
    steward = make_steward()
    steward.data.write_text("a file")
    assert str(steward.data) in refused(steward, 1)


def test_a_database_from_a_newer_version(make_steward) -> None:
    steward = make_steward().start()
    assert steward.stop() == 0
    with sqlite3.connect(steward.data / "steward.db") as database:
        database.execute("PRAGMA user_version = 9999")
    message = refused(steward, 1)
    assert "newer version" in message and "9999" in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("budgets: {limit: many}", ["budgets.limit", ":1:"]),
        ("budgets:\n  limt: 5", ["limit", ":2:3"]),
        ("budgets: {limit: -1}", ["negative"]),
        ("listen: nowhere", ["HOST:PORT"]),
        ("listen: 0.0.0.0:8080", ["loopback"]),
        ("budgets: [", ["steward.yaml:"]),
        ("notifications: {channels: [{name: a, type: pigeon}]}", ["smtp"]),
    ],
)
def test_bad_settings_are_named_with_their_place(make_steward, text: str, words: list[str]) -> None:
    steward = make_steward()
    steward.settings.write_text(text + "\n")
    arguments = steward.command()
    steward.command = lambda: arguments[: arguments.index("--listen")] if "listen" in text else arguments
    message = refused(steward, 2)
    assert all(word in message for word in words), message


def test_wrong_flags_are_usage_errors(make_steward) -> None:
    steward = make_steward()
    arguments = steward.command()
    steward.command = lambda: [*arguments, "--listen", "0.0.0.0:80"]
    assert "loopback" in refused(steward, 2)


def test_the_daemon_is_not_there(tmp_path: Path) -> None:
    result = Steward(tmp_path / "none", "http://127.0.0.1:9").run("status")
    assert result.returncode == 75 and "--server" in result.stderr and not result.stdout
