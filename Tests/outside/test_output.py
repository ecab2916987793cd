"""What workflowctl prints: tables for people, CSV for spreadsheets, names for scripts, and nothing that steers a terminal."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sqlite3
import subprocess
import tempfile
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import yaml
from conftest import settings
from steward import AWS, BUILD, Steward, invocation, log_file, until

ESCAPE = "\x1b[31m"
MACHINES = {
    "greet": "StartAt: P\nStates: {P: {Type: Pass, Result: hello, End: true}}\n",
    "broken": "StartAt: F\nStates: {F: {Type: Fail, Error: Boom, Cause: \"it \\eb[31m broke\"}}\n",
    "sleep": "StartAt: W\nStates: {W: {Type: Wait, Seconds: 3600, End: true}}\n",
    "empty": "",
    f"x\n2026-11-30T00:00:00+0000 error workflowd: forged {ESCAPE}": "",
}
LISTS = [
    ["run", "list"],
    ["run", "history", "greet:told"],
    ["dlq", "list"],
    ["machine", "list"],
    ["schedule", "list"],
    ["key", "list"],
    ["audit", "list"],
    ["notify", "list"],
    ["notify", "outbox"],
    ["budget", "list"],
    ["budget", "list", "--further"],
    ["budget", "status"],
    ["budget", "top"],
    ["budget", "forecast"],
    ["price", "list"],
    ["price", "list", "--unknown"],
    ["price", "reprice", "--dry-run"],
    ["usage", "--from", "1d"],
    ["ingest", "sources"],
    ["retention", "run", "--dry-run"],
]


@pytest.fixture(scope="module")
def steward(tmp_path_factory: pytest.TempPathFactory, aws: AWS) -> Iterator[Steward]:
    directory = tmp_path_factory.mktemp("output")
    machines = directory / "machines"
    machines.mkdir()
    for name, text in MACHINES.items():
        (machines / f"{name}.asl.yaml").write_text(text)
    workflows = directory / "workflows"
    workflows.mkdir()
    (workflows / "hourly.yaml").write_text("name: hourly\nstateMachine: greet\non: {schedule: {expression: rate(1 hour)}}\n")
    steward = Steward(
        directory / "steward", aws.endpoint, settings(), state_machines=machines, workflows=workflows
    ).start()
    arn = "arn:aws:iam::123456789012:user/BedrockAPIKey-out"
    log_file(directory / "a.jsonl", [invocation(arn, "out-1", 1000), invocation(arn, "out-2", 10, model="no.such-model")])
    steward.ctl("ingest", str(directory / "a.jsonl"))
    steward.ctl("budget", "set", "pool", "--requests", "350", "--period", "day")
    steward.ctl("key", "create", "one", "--kind", "bearer")
    for name, run in (("greet", "told"), ("broken", "told"), ("sleep", "told")):
        steward.run("run", "start", name, "--name", run, *([] if name == "sleep" else ["--wait"]))
    steward.ctl("schedule", "trigger", "hourly")
    yield steward
    steward.kill()


def rows(steward: Steward, *command: str) -> list[dict[str, str]]:
    result = steward.run(*command, "-o", "csv")
    assert result.returncode == 0, result.stderr
    return list(csv.DictReader(io.StringIO(result.stdout, newline="")))


@pytest.mark.parametrize("command", LISTS, ids=" ".join)
def test_a_spreadsheet_has_instants_and_numbers(steward: Steward, command: list[str]) -> None:
    """Not what a table tells people, which reads otherwise a minute later."""
    titles = next(csv.reader(steward.run(*command, "-o", "csv").stdout.splitlines()))
    assert re.split(r"  +", steward.run(*command).stdout.splitlines()[0]) == [title.upper() for title in titles]
    for row in rows(steward, *command):
        for title, text in row.items():
            assert not re.search(r" ago$|^in \d|\(in \d|^\$|^\d+ s$", text), (title, text)
            if re.match(r"\d{4}-\d\d-\d\d", text):
                assert text.endswith("Z") and datetime.fromisoformat(text).utcoffset() is not None, (title, text)


def test_a_row_of_a_spreadsheet_stays_as_it_is(steward: Steward) -> None:
    by_machine = {row["Machine"]: row for row in rows(steward, "run", "list")}
    run = steward.ctl("run", "get", "greet:told")
    assert by_machine["greet"]["Started"] == run["startedAt"]
    took = datetime.fromisoformat(run["stoppedAt"]) - datetime.fromisoformat(run["startedAt"])
    assert float(by_machine["greet"]["Took"]) == took.total_seconds()
    # What goes on has no duration yet; the table says how long it is by now.
    assert by_machine["sleep"]["Took"] == ""
    assert re.search(r"RUNNING +sleep +told +\d+s ago +\d+s$", steward.run("run", "list", "sleep").stdout, re.MULTILINE)
    assert rows(steward, "schedule", "list")[0]["Last"].endswith("Z")
    further = next(row for row in rows(steward, "budget", "list", "--further"))
    assert further["Limit"] == "350" and "350 requests" in steward.run("budget", "list", "--further").stdout
    assert rows(steward, "budget", "get", "BedrockAPIKey-out")[0]["Grace"] == "1"


@pytest.mark.parametrize("command", LISTS, ids=" ".join)
def test_names_are_names(steward: Steward, command: list[str]) -> None:
    result = steward.run(*command, "-o", "name")
    assert result.returncode == 0, result.stderr
    assert all(line.strip() for line in result.stdout.splitlines()), result.stdout


@pytest.mark.parametrize("command", [["retention", "show"]], ids=" ".join)
def test_what_has_no_name_says_so(steward: Steward, command: list[str]) -> None:
    result = steward.run(*command, "-o", "name")
    assert (result.returncode, result.stdout) == (2, "") and "has no name" in result.stderr, result


def test_prices_without_a_number_are_named_by_their_model(steward: Steward) -> None:
    names = steward.run("price", "list", "-o", "name").stdout.splitlines()
    assert len(names) == len(steward.ctl("price", "list")["prices"]) and "anthropic.claude-sonnet-4-6" in names


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["budget", "set", "BedrockAPIKey-out", "--grace=-1"], 2),
        (["budget", "set", "BedrockAPIKey-out", "--mode", "bogus"], 2),
        (["budget", "set", "pool", "--limit", "some"], 2),
        (["key", "create", "two", "--role", "bogus"], 2),
        (["key", "create", "two", "--kind", "bogus"], 2),
        (["budget", "list", "--status", "bogus"], 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_a_value_that_can_not_be_is_a_wrong_command_line(steward: Steward, command: list[str], code: int) -> None:
    result = steward.run(*command)
    assert result.returncode == code and not result.stdout, result


@pytest.mark.parametrize(
    "command",
    [
        ["run", "why", "broken:told", "-o", "name"],
        ["run", "why", "broken:told"],
        ["run", "get", f"{ESCAPE}x"],
        ["run", f"{ESCAPE}lst"],
        ["run", "list", "--since", f"{ESCAPE}"],
        ["machine", "apply", f"/nowhere/{ESCAPE}.yaml"],
        ["ingest", f"/nowhere/{ESCAPE}"],
        ["status"],
        ["status", "--server", f"http://127.0.0.1:9/{ESCAPE}"],
        ["audit", "verify", "--data", f"/nowhere/{ESCAPE}"],
    ],
    ids=lambda command: " ".join(command).replace("\x1b", "ESC"),
)
def test_nothing_steers_the_terminal(steward: Steward, command: list[str]) -> None:
    result = steward.run(*command)
    assert "\x1b" not in result.stdout + result.stderr and "\ufffd" in result.stdout + result.stderr, result


def test_json_and_yaml_say_all_without_steering_the_terminal(steward: Steward) -> None:
    cause = "\x1b[31m \x9b31m \x7f \u00e9\n\x1b]0;t\x07"
    steward.run("run", "start", "sleep", "--name", "steered")
    steward.run("run", "stop", "sleep:steered", "--cause", cause)
    for output, read in (("json", json.loads), ("yaml", yaml.safe_load)):
        text = steward.run("run", "get", "sleep:steered", "-o", output).stdout
        assert read(text)["cause"] == cause, text
        assert not [c for c in text if unicodedata.category(c) == "Cc" and c != "\n"], (output, text)


def test_a_file_forges_no_entry_of_the_log(steward: Steward) -> None:
    log = steward.log()
    assert "forged" in log and "\x1b" not in log
    assert not [line for line in log.splitlines() if line.startswith("2026-11-30T00:00:00+0000")]
    assert "x\\n2026-11-30T00:00:00+0000 error workflowd: forged \\u{1B}[31m" in log


def test_a_problem_has_the_place_that_is_known(steward: Steward) -> None:
    shown = steward.run("status").stdout
    assert re.search(r"/empty\.asl\.yaml:1:1: \S", shown), shown
    assert "::" not in shown.replace("arn:aws:iam::", "").replace("arn:aws:sts::", ""), shown


def test_a_paused_schedule_has_no_next_fire(steward: Steward) -> None:
    assert "(in " in steward.run("schedule", "list").stdout
    try:
        assert "Next" not in steward.run("schedule", "pause", "hourly").stdout
        assert "(in " not in steward.run("schedule", "list").stdout
        assert rows(steward, "schedule", "list")[0]["Next"] == ""
    finally:
        resumed = steward.run("schedule", "resume", "hourly").stdout
    assert "Next" in resumed


def columns(text: str) -> int:
    """How many a terminal takes for it, of what this test has."""
    return sum(
        0 if unicodedata.combining(c) or c in "\u200d\ufe0f" else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def test_columns_stand_below_each_other_whatever_the_script(steward: Steward) -> None:
    names = ["日本語", "한국어", "ｆｕｌｌ", "cafe\u0301", "🚀🚀", "plain"]
    for name in names:
        result = steward.run("run", "start", "greet", "--name", name, "--wait")
        assert result.returncode == 0, result.stderr
    lines = [line for line in steward.run("run", "list", "greet").stdout.splitlines()]
    at = lines[0].index("STARTED")
    for name in names:
        line = next(line for line in lines if f"  {name}  " in line)
        assert columns(re.split(r"\d+s ago", line)[0]) == at, line


@pytest.fixture
def shared(steward: Steward) -> Iterator[Path]:
    """A sound data directory that another user than root may own: below a folder that everybody may enter."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        place = Path(folder) / "data"
        place.mkdir(mode=0o700)
        assert steward.run("backup", str(place / "steward.db"), "--data", str(steward.data)).returncode == 0
        # As a daemon leaves it: who reads it makes files beside it.
        with sqlite3.connect(place / "steward.db") as database:
            database.execute("PRAGMA journal_mode = wal")
        database.close()
        if os.geteuid() == 0:
            for path in (place, place / "steward.db"):
                os.chown(path, 65534, 65534)
        yield place
        place.chmod(0o700)


@pytest.mark.parametrize(("file", "mode"), [(".", 0o500), ("steward.db", 0o400)])
def test_doctor_advises_no_restore_against_permissions(steward: Steward, shared: Path, file: str, mode: int) -> None:
    def doctor() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(BUILD / "workflowctl"), "doctor", "--quick", "--data", str(shared)],
            capture_output=True, text=True, env=steward.environment | {"STEWARD_SERVER": "http://127.0.0.1:9"},
            user=65534 if os.geteuid() == 0 else None,
        )  # fmt: skip

    assert (well := doctor()).returncode == 0, well.stdout
    (shared / file).chmod(mode)
    result = doctor()
    assert result.returncode == 2, result.stdout
    assert "may not write" in result.stdout and "chmod -R u+rwX" in result.stdout, result.stdout
    assert "restore a backup" not in result.stdout, result.stdout


def test_doctor_takes_nothing_from_the_daemon_of_another_directory(steward: Steward, shared: Path) -> None:
    result = steward.run("doctor", "--quick", "--data", str(shared))
    assert f"the daemon that answers runs on {steward.data}" in result.stdout
    assert "identity" not in result.stdout and result.returncode == 0, result.stdout
    until("the daemon's own says who it is not", lambda: "identity" in steward.run("doctor", "--quick").stdout)
