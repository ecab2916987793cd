"""workflowctl from outside: formats, exit codes, other names, and what goes where."""

from __future__ import annotations

import csv
import gzip
import json
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from conftest import settings
from steward import AWS, BUILD, ROOT, Steward, invocation, log_file, until

MACHINES = {
    "greet": "StartAt: P\nStates: {P: {Type: Pass, Result: hello, End: true}}\n",
    "broken": "StartAt: F\nStates: {F: {Type: Fail, Error: Boom, Cause: it broke}}\n",
    "sleep": "StartAt: W\nStates: {W: {Type: Wait, Seconds: 3600, End: true}}\n",
}
NOUNS = {
    "run": ["list", "get", "start", "stop", "history", "why", "redrive"],
    "machine": ["list", "get", "apply", "graph"],
    "dlq": ["list", "get", "redrive", "discard"],
    "schedule": ["list", "pause", "resume", "trigger"],
    "budget": ["list", "get", "set"],
    "notify": ["list", "outbox", "test", "mute", "unmute"],
    "settings": ["show", "reload"],
}

# What is completed of a line, and one of the words that are offered.
COMPLETIONS = {
    "workflowctl ru": "run",
    "workflowctl run list --st": "--status",
    "workflowctl budget list -o ": "yaml",
    "workflowctl budget apply -f ": "some-file.db",
    "workflowctl restore ": "some-file.db",
    "workflowctl status --token-file so": "some-file.db",
    "workflowctl key create x --role ": "operator",
}


@pytest.fixture(scope="module")
def steward(tmp_path_factory: pytest.TempPathFactory, aws: AWS) -> Iterator[Steward]:
    directory = tmp_path_factory.mktemp("commands")
    machines = directory / "machines"
    machines.mkdir()
    for file in (ROOT / "state-machines").iterdir():
        (machines / file.name).write_text(file.read_text())
    for name, text in MACHINES.items():
        (machines / f"{name}.asl.yaml").write_text(text)
    steward = Steward(directory / "steward", aws.endpoint, settings(), state_machines=machines).start()
    yield steward
    steward.kill()


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["status"], 0),
        (["version"], 0),
        (["--version"], 0),
        (["run", "start", "greet", "--wait", "-i", "{}"], 0),
        (["run", "start", "broken", "--wait"], 6),
        (["run", "start", "greet", "-i", "{"], 2),
        (["run", "start", "greet", "-i", ' {"a": 1}'], 0),
        (["run", "start", "greet", "-i", "null"], 0),
        (["run", "start", "greet", "-i", "no-such-file.json"], 1),
        (["run", "start", "nothing"], 4),
        (["run", "get", "nothing"], 4),
        (["run", "list", "--limit", "many"], 2),
        (["run", "lsit"], 2),
        (["budget", "set", "nobody"], 2),
        (["budget", "get", "nobody"], 4),
        (["budget", "list", "--held", "--status", "suspended"], 2),
        (["run", "list", "--since", "99999999999999999d"], 2),
        (["run", "list", "--since", "300000w"], 0),
        (["dlq", "get", "99999"], 4),
        (["schedule", "pause", "suspension"], 4),
        (["notify", "list"], 0),
        (["notify", "test", "log"], 0),
        (["notify", "test", "nothing"], 4),
        (["notify", "mute", "nothing", "--for", "1h", "--reason", "x"], 4),
        (["notify", "mute", "log", "--reason", "x"], 2),
        (["notify", "mute", "log", "--for", "8d", "--reason", "x"], 2),
        (["notify", "unmute", "log"], 5),
        (["lint", "/nonexistent"], 1),
        (["ingest", "/nonexistent"], 1),
        # A variable of a script that is not set: not the list, nor the first of everybody.
        (["run", "get", ""], 2),
        (["run", "stop", ""], 2),
        (["budget", "get", ""], 2),
        (["budget", "status", ""], 2),
        (["usage", "--principal", ""], 2),
        (["nonsense"], 2),
        (["status", "--server", "http://127.0.0.1:9"], 75),
        (["status", "--server", "nowhere"], 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_exit_codes(steward: Steward, command: list[str], code: int) -> None:
    result = steward.run(*command)
    assert result.returncode == code, result.stderr or result.stdout
    if code not in (0, 6):
        assert not result.stdout and result.stderr


@pytest.mark.parametrize("words", [["runs", "ls"], ["get", "runs"], ["wf", "list"], ["ps"], ["describe", "run", "@latest"]])
def test_first_guesses_are_understood(steward: Steward, words: list[str]) -> None:
    steward.run("run", "start", "greet", "--wait")
    assert steward.run(*words).returncode == 0


def test_a_near_miss_is_named(steward: Steward) -> None:
    assert "workflowctl run list" in steward.run("run", "lst").stderr
    assert "workflowctl budget" in steward.run("budgte", "list").stderr
    assert "Did you mean" not in steward.run("restore", "file").stderr


@pytest.mark.parametrize("noun", NOUNS)
def test_every_command_has_an_example(steward: Steward, noun: str) -> None:
    for verb in ["", *NOUNS[noun]]:
        result = steward.run(*[word for word in (noun, verb, "--help") if word])
        assert result.returncode == 0 and "Example:" in result.stdout, (noun, verb)


def completed(line: str, script: Path) -> list[str]:
    """What bash offers for the last word of the line, in the script's folder."""
    words = line.split(" ")
    quoted = " ".join(f"'{word}'" for word in words)
    drive = (
        f"source {script}; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; COMP_LINE='{line}'; COMP_POINT={len(line)};"
        f"_workflowctl workflowctl '{words[-1]}' '{words[-2]}'; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    )
    result = subprocess.run(["bash", "-c", drive], capture_output=True, text=True, cwd=script.parent)
    return result.stdout.splitlines()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(steward: Steward, shell: str, tmp_path: Path) -> None:
    script = steward.run("completion", shell).stdout
    assert "workflowctl" in script
    if shell == "bash":
        path = tmp_path / "completion"
        path.write_text(script)
        subprocess.run(["bash", "-n", str(path)], check=True)
        (tmp_path / "some-file.db").touch()
        for line, found in COMPLETIONS.items():
            assert found in completed(line, path), line


def test_formats(steward: Steward) -> None:
    steward.run("run", "start", "greet", "--name", "formats", "--wait")
    table = steward.run("run", "list", "greet").stdout
    assert table.splitlines()[0].split() == ["STATUS", "MACHINE", "NAME", "STARTED", "TOOK", "ERROR"]
    assert not steward.run("run", "list", "greet", "--no-headers").stdout.startswith("STATUS")
    as_json = json.loads(steward.run("run", "get", "formats", "-o", "json").stdout)
    as_yaml = yaml.safe_load(steward.run("run", "get", "formats", "-o", "yaml").stdout)
    assert as_json["output"] == as_yaml["output"] == "hello"
    assert as_yaml["startedAt"] == as_json["startedAt"]
    assert steward.run("run", "get", "formats", "-o", "name").stdout == "greet:formats\n"
    for words in (["run", "why", "formats"], ["audit", "verify"]):
        head, row = csv.reader(steward.run(*words, "-o", "csv").stdout.splitlines())
        assert len(head) == len(row) and row[head.index("Summary")], words
    history = steward.run("run", "history", "formats")
    assert "ExecutionSucceeded" in history.stdout


@pytest.mark.parametrize(
    "command", ["version", "completion bash", "lint --format json state-machines", "eval --language jsonata 1"]
)
def test_output_that_cannot_be_written_is_an_error(steward: Steward, command: str) -> None:
    """A full disk, and a reader that has gone where the signal for it is ignored, as systemd does."""
    environment = steward.environment | {"CTL": str(BUILD / "workflowctl")}
    for shell in (f"$CTL {command} > /dev/full", f"trap '' PIPE; exec 3> >(true); wait $!; $CTL {command} >&3"):
        result = subprocess.run(["bash", "-c", shell], capture_output=True, cwd=ROOT, env=environment)
        error = result.stderr.decode()
        assert result.returncode == 1, (shell, error)
        assert "workflowctl: the output can't be written: " in error and "Fatal" not in error, error


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("workflowctl status --server http://127.0.0.1:1", 75),
        ("workflowctl lint state-machines", 0),
        ("workflowd serve --data /dev/null/nowhere", 1),
        ("workflowd compact --data /dev/null/nowhere", 1),
    ],
)
def test_a_message_that_cannot_be_written_changes_no_exit_code(steward: Steward, command: str, code: int) -> None:
    environment = steward.environment | {"AWS_REGION": "us-east-1"}
    for target in ("2> /dev/full", "2>&-"):
        shell = ["bash", "-c", f"{BUILD}/{command} {target}"]
        assert subprocess.run(shell, capture_output=True, cwd=ROOT, env=environment).returncode == code, target


@pytest.mark.parametrize("answer", [b'{"status":"ok"}', b"null", b"[]"])
def test_another_server_is_no_success(tmp_path: Path, answer: bytes) -> None:
    """The health page of a proxy, say: a nightly backup would believe it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        address = f"http://127.0.0.1:{server.server_port}"
        for command in ("status", f"backup {tmp_path / 'b.db'}", "run stop x", "dlq list", "audit verify", "key create a"):
            result = subprocess.run(
                [str(BUILD / "workflowctl"), *command.split(), "--server", address], capture_output=True, text=True
            )
            assert result.returncode == 1 and "is no Steward daemon" in result.stderr, (command, result)
            assert result.stdout == "", command
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"STEWARD_TOKEN": "a b"}, "STEWARD_TOKEN holds more than a token"),
        ({"STEWARD_ACTOR": "a\nb"}, "holds a control character"),
        ({"STEWARD_TOKEN": "word\n"}, None),
    ],
)
def test_what_cannot_be_sent_is_no_daemon_that_is_not_there(steward: Steward, environment: dict, said: str | None) -> None:
    result = steward.run("status", **environment)
    assert result.returncode == (2 if said else 0) and (said or "") in result.stderr, result.stderr


def test_an_empty_token_file_is_said(steward: Steward, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("\n")
    result = steward.run("status", "--token-file", str(tmp_path / "token"))
    assert result.returncode == 2 and "is empty" in result.stderr


def test_a_run_is_stopped_and_a_failed_one_redriven_from_a_pipe(steward: Steward) -> None:
    steward.ctl("run", "start", "sleep", "--name", "nap")
    assert steward.ctl("run", "stop", "sleep:nap", "--cause", "enough")["status"] == "ABORTED"
    assert steward.run("run", "stop", "sleep:nap").returncode == 5
    assert "wait" not in steward.ctl("run", "why", "sleep:nap")["summary"].lower().split()[0]
    steward.run("run", "start", "broken", "--name", "pipe", "--wait")
    names = steward.run("run", "list", "broken", "--status", "failed", "-o", "name").stdout
    assert "broken:pipe" in names
    result = steward.run("run", "redrive", "-", stdin=b"broken:pipe\n")
    assert result.returncode == 0, result.stderr
    until("failed again", lambda: steward.ctl("run", "get", "broken:pipe")["redriveCount"] == 1)


def test_one_that_fails_keeps_none_of_the_others(steward: Steward) -> None:
    steward.run("run", "start", "broken", "--name", "third", "--wait")
    result = steward.run("run", "redrive", "broken:none", "greet:none", "broken:third", "-o", "name")
    assert result.returncode == 4 and result.stdout == "broken:third\n"
    assert result.stderr.count("workflowctl: ") == 2 and "broken:none: " in result.stderr
    steward.run("run", "start", "broken", "--name", "fourth", "--wait")
    letters = steward.ctl("dlq", "list", "--kind", "execution")["deadLetters"]
    letter = str(next(one["id"] for one in letters if one["subject"].endswith("fourth")))
    result = steward.run("dlq", "discard", "-", "--reason", "a test", "-o", "name", stdin=f"99998\n{letter}\n".encode())
    assert (result.returncode, result.stdout) == (4, f"{letter}\n"), result.stderr


def test_a_list_that_is_cut_says_so_and_pages_are_put_together(steward: Steward) -> None:
    for count in range(3):
        steward.run("run", "start", "greet", "--name", f"cut-{count}", "--wait")
    cut = steward.run("run", "list", "greet", "--name", "cut-", "--limit", "2", "-o", "name")
    assert len(cut.stdout.splitlines()) == 2 and "There is more: these are 2; raise --limit." in cut.stderr
    for limit in ("3", "5000"):
        whole = steward.run("run", "list", "greet", "--name", "cut-", "--limit", limit, "-o", "name")
        assert len(whole.stdout.splitlines()) == 3 and whole.stderr == "", limit
    assert "There may be more" in steward.run("audit", "list", "--limit", "1").stderr


def test_tables_keep_their_columns_and_show_no_control_characters(steward: Steward) -> None:
    """A first cell may be empty, and what comes from outside (an error here) may hold anything."""
    lines = steward.run("price", "list", "--model", "claude-sonnet-4-6").stdout.splitlines()
    assert lines[1].startswith(" " * lines[0].index("MODEL")), lines[:2]
    cause = "\x1b[2Jgone e\u0301e\u0301e\u0301"
    steward.run("run", "start", "sleep", "--name", "control")
    steward.run("run", "stop", "sleep:control", "--error", cause)
    for shown in (steward.run("run", "list", "sleep"), steward.run("run", "get", "sleep:control")):
        assert "\x1b" not in shown.stdout and "\ufffd[2Jgone e\u0301e\u0301e\u0301" in shown.stdout
    assert steward.ctl("run", "get", "sleep:control")["error"] == cause


def test_dead_letters(steward: Steward) -> None:
    steward.run("run", "start", "broken", "--name", "letters", "--wait")
    letters = steward.ctl("dlq", "list", "--kind", "execution")["deadLetters"]
    letter = next(one for one in letters if one["subject"].endswith("letters"))
    assert steward.ctl("dlq", "get", str(letter["id"]))["error"] == "Boom"
    assert "NEXT REDRIVE" in steward.run("dlq", "list").stdout
    discarded = steward.ctl("dlq", "discard", str(letter["id"]), "--reason", "a test")
    assert discarded["status"] == "discarded"
    assert steward.run("dlq", "redrive", str(letter["id"])).returncode == 5


def test_schedules(steward: Steward) -> None:
    names = {one["workflow"] for one in steward.ctl("schedule", "list")["schedules"]}
    assert {"budget-monitor", "daily-refresh", "daily-summary"} <= names
    paused = steward.ctl("schedule", "pause", "budget-monitor", "--reason", "maintenance")
    assert paused["pausedAt"] and paused["pauseReason"] == "maintenance"
    assert not steward.ctl("schedule", "resume", "budget-monitor")["pausedAt"]
    run = steward.ctl("schedule", "trigger", "budget-monitor")
    assert run["version"] == 1
    until("the run ends", lambda: steward.ctl("run", "get", f"budget-monitor:{run['name']}")["status"] == "SUCCEEDED")


def test_waiting_outlasts_a_restart(make_steward: Callable[..., Steward], tmp_path: Path) -> None:
    """The run does; who waits for it learns how it ended."""
    machines = tmp_path / "waiting"
    machines.mkdir()
    (machines / "nap.asl.yaml").write_text("StartAt: W\nStates: {W: {Type: Wait, Seconds: 3, End: true}}\n")
    workflows = tmp_path / "none"
    workflows.mkdir()
    steward = make_steward("waited", state_machines=machines, workflows=workflows).start()
    waiting = subprocess.Popen(
        [str(BUILD / "workflowctl"), "run", "start", "nap", "--name", "one", "--wait", "-o", "name"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=steward.environment | {"STEWARD_SERVER": steward.url},
    )  # fmt: skip
    until("it runs", lambda: steward.run("run", "get", "nap:one").returncode == 0)
    steward.kill()
    steward.start()
    out, error = waiting.communicate(timeout=60)
    assert (waiting.returncode, out) == (0, b"nap:one\n"), error


def test_what_a_person_does_is_in_the_audit_log(steward: Steward, tmp_path: Path) -> None:
    def by_eve(*arguments: str) -> None:
        result = steward.run(*arguments, STEWARD_ACTOR="eve")
        assert result.returncode == 0, f"workflowctl {' '.join(arguments)}: {result.stderr or result.stdout}"

    path = tmp_path / "audited.asl.yaml"
    for result in ("hello", "hello", "hi"):
        path.write_text(MACHINES["greet"].replace("hello", result))
        by_eve("machine", "apply", str(path))
    steward.ctl("run", "start", "sleep", "--name", "audited")
    by_eve("run", "stop", "sleep:audited")
    by_eve("run", "redrive", "sleep:audited")
    by_eve("run", "stop", "sleep:audited")
    for arguments in (["pause"], ["pause"], ["resume"], ["resume"], ["trigger"]):
        by_eve("schedule", *arguments, "budget-monitor")
    status, run = steward.request("POST", "/api/v1/prices/sync", **{"X-Steward-Actor": "eve"})
    assert (status, run["version"]) == (201, 1)

    entries = steward.ctl("audit", "list", "--limit", "500")["entries"]
    said = [
        (entry["action"], entry["subject"].split(":", 5)[-1]) for entry in entries if entry["actor"] == "operator:eve"
    ]
    assert said[::-1] == [
        ("stateMachine.created", "stateMachine:audited"),
        ("stateMachine.updated", "stateMachine:audited"),
        ("execution.stopped", "execution:sleep:audited"),
        ("execution.redriven", "execution:sleep:audited"),
        ("execution.stopped", "execution:sleep:audited"),
        ("schedule.paused", "budget-monitor"),
        ("schedule.resumed", "budget-monitor"),
        ("schedule.triggered", "budget-monitor"),
        ("schedule.triggered", "price-sync"),
    ]


def test_pipes_are_files(steward: Steward) -> None:
    """`<(command)` and /dev/stdin, as people use them who keep no copy of a file."""
    environment = steward.environment | {"STEWARD_SERVER": steward.url, "CTL": str(BUILD / "workflowctl")}
    for shell in ("$CTL run start greet -o name -i <(echo '{}')", "echo '{}' | $CTL run start greet -o name -i /dev/stdin"):
        result = subprocess.run(["bash", "-c", shell], capture_output=True, env=environment)
        assert result.returncode == 0 and result.stdout.startswith(b"greet:"), (shell, result.stderr)


def test_a_file_that_cannot_be_read_holds_up_no_other(steward: Steward, tmp_path: Path) -> None:
    arn = "arn:aws:iam::123456789012:user/BedrockAPIKey-held"
    for name in ("a", "c"):
        log_file(tmp_path / f"{name}.jsonl", [invocation(arn, f"held-{name}", 10)])
    result = steward.run("ingest", "-o", "json", *(str(tmp_path / f"{name}.jsonl") for name in "abc"))
    assert result.returncode == 1 and json.loads(result.stdout)["charged"] == 2, result.stderr
    assert "b.jsonl can't be read: there is no such file" in result.stderr and "1 of 3 files or folders" in result.stderr
    # One that the daemon does not take, either; it is named.
    (tmp_path / "b.jsonl").write_bytes(bytes(65 << 20))
    result = steward.run("ingest", "-o", "json", str(tmp_path))
    assert result.returncode == 1 and json.loads(result.stdout)["duplicates"] == 2, result.stderr
    assert "b.jsonl: " in result.stderr and "too large" in result.stderr
    (tmp_path / "b.jsonl").unlink()
    os.mkfifo(tmp_path / "pipe")
    assert steward.ctl("ingest", str(tmp_path))["duplicates"] == 2


def test_usage_from_files_folders_and_stdin_is_charged_once(steward: Steward, tmp_path: Path) -> None:
    arn = "arn:aws:iam::123456789012:user/BedrockAPIKey-c"
    records = [invocation(arn, f"c-{n}", 1000) for n in range(4)]
    folder = tmp_path / "logs" / "2026"
    folder.mkdir(parents=True)
    log_file(folder / "a.json.gz", records[:2], compressed=True)
    log_file(folder / "b.jsonl", records[2:3])
    assert steward.ctl("ingest", str(tmp_path / "logs"))["charged"] == 3
    data = gzip.compress((json.dumps(records[3]) + "\n").encode())
    assert steward.ctl("ingest", "-", stdin=data)["charged"] == 1
    # Neither what a link leads to nor a pipe that nobody writes to.
    log_file(tmp_path / "elsewhere.jsonl", [invocation(arn, "c-elsewhere", 1000)])
    (folder / "link.jsonl").symlink_to(tmp_path / "elsewhere.jsonl")
    os.mkfifo(folder / "pipe")
    shown = steward.run("ingest", str(tmp_path / "logs"))
    assert shown.returncode == 0 and "link.jsonl is a link" in shown.stderr
    again = steward.ctl("ingest", str(tmp_path / "logs"))
    assert (again["charged"], again["duplicates"], again["cost"]) == (0, 3, "0.00")
    budget = steward.ctl("budget", "set", "BedrockAPIKey-c", "--limit", "7.50", "--grace", "60", "--protected")
    assert (budget["limit"], budget["graceSeconds"], budget["protected"]) == ("7.50", 60, True)
    assert steward.ctl("budget", "get", arn)["spent"] == budget["spent"]
    assert any(one["principal"]["arn"] == arn for one in steward.ctl("budget", "list")["budgets"])


def test_machines_are_applied_and_drawn(steward: Steward, tmp_path: Path) -> None:
    path = tmp_path / "extra.asl.yaml"
    path.write_text(MACHINES["greet"])
    assert steward.ctl("machine", "apply", str(path))["version"] == 1
    path.write_text(MACHINES["greet"].replace("hello", "hi"))
    assert steward.ctl("machine", "apply", str(path))["version"] == 2
    path.write_text("StartAt: X\nStates: {}\n")
    bad = steward.run("machine", "apply", str(path))
    assert bad.returncode == 9 and "extra.asl.yaml" in bad.stderr
    assert steward.ctl("machine", "get", "extra")["version"] == 2
    further = tmp_path / "further.asl.yaml"
    further.write_text(MACHINES["greet"])
    for others, code in [([path], 9), ([tmp_path / "extra.asl.yml"], 1), ([further], 9), ([tmp_path / "a b.yaml"], 9)]:
        (tmp_path / "a b.yaml").write_text(MACHINES["greet"])
        mixed = steward.run("machine", "apply", str(further), *map(str, others))
        assert mixed.returncode == code and not mixed.stdout, mixed.stdout
        assert "nothing was applied" in mixed.stderr and others[0].name in mixed.stderr
    assert steward.run("machine", "get", "further").returncode == 4
    path.write_text(MACHINES["greet"])
    assert steward.run("machine", "apply", str(further), str(path)).returncode == 0
    nameless = steward.run("machine", "apply", "-", stdin=MACHINES["greet"].encode())
    assert nameless.returncode == 2 and "--name" in nameless.stderr
    assert steward.ctl("machine", "apply", "-", "--name", "piped", stdin=MACHINES["greet"].encode())["version"] == 1
    assert steward.run("machine", "graph", "suspension").stdout.startswith("flowchart TD")
    assert "digraph" in steward.run("machine", "graph", "suspension", "--format", "dot").stdout
    assert "<svg" in steward.run("machine", "graph", "suspension", "--format", "svg").stdout
    # More than a pipe holds, where nobody is there to draw it.
    big = tmp_path / "big.asl.yaml"
    states = [f"  S{n}: {{Type: Pass, Next: S{n + 1}}}" for n in range(3000)]
    big.write_text("StartAt: S0\nStates:\n" + "\n".join([*states, "  S3000: {Type: Succeed}"]) + "\n")
    undrawn = steward.run("machine", "graph", str(big), "--format", "svg", PATH=str(tmp_path))
    assert undrawn.returncode == 1 and "Graphviz" in undrawn.stderr


def test_the_linter_for_people_and_programs(steward: Steward, tmp_path: Path) -> None:
    shipped = sorted(str(path) for path in (ROOT / "state-machines").glob("*.asl.yaml"))
    assert steward.run("lint", *shipped).returncode == 0
    path = tmp_path / "bad.asl.yaml"
    path.write_text("StartAt: A\nStates:\n  A: {Type: Pass, Nxt: B}\n")
    text = steward.run("lint", str(path))
    assert text.returncode == 9 and "^" in text.stdout and "did you mean" in text.stdout.lower()
    assert isinstance(json.loads(steward.run("lint", "--format", "json", str(path)).stdout), (list, dict))
    sarif = json.loads(steward.run("lint", "--format", "sarif", str(path)).stdout)
    assert sarif["version"] == "2.1.0" and sarif["runs"][0]["results"]
    stdin = steward.run("lint", "-", stdin=path.read_bytes())
    assert stdin.returncode == 9


def test_the_linter_takes_folders_workflows_and_scenarios(steward: Steward, tmp_path: Path) -> None:
    everything = steward.run("lint", str(ROOT / "state-machines"), str(ROOT / "workflows"))
    assert everything.returncode == 0, everything.stdout
    assert " 0 error(s), 0 warning(s)" in everything.stderr
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "flow.yaml").write_text("name: n\nstateMachine: m\nschdule: rate(1 day)\n")
    (tmp_path / "m.asl.yaml").write_text("StartAt: A\nStates:\n  A: {Type: Pass, End: true}\n")
    (tmp_path / "m.test.yaml").write_text("scenarios:\n  - {name: one, expct: {status: SUCCEEDED}}\n")
    found = json.loads(steward.run("lint", "--format", "json", str(tmp_path)).stdout)
    assert [Path(entry["file"]).name for entry in found["files"]] == ["m.asl.yaml", "m.test.yaml", "flow.yaml"]
    assert [entry["valid"] for entry in found["files"]] == [True, False, False]
    assert {entry["code"] for entry in found["diagnostics"]} == {"F102", "T101"}
    (tmp_path / "empty").mkdir()
    assert "no YAML or JSON file" in steward.run("lint", str(tmp_path / "empty")).stderr


def test_warnings_are_ignored_and_codes_explained(steward: Steward, tmp_path: Path) -> None:
    path = tmp_path / "w.asl.yaml"
    path.write_text(
        "StartAt: A\nStates:\n  A:\n    Type: Task\n    Resource: arn:aws:states:::sqs:sendMessage.waitForTaskToken\n"
        "    Parameters: {QueueUrl: q, MessageBody.$: $$.Task.Token}\n    End: true\n"
    )
    assert steward.run("lint", "--strict", str(path)).returncode == 9
    assert steward.run("lint", "--strict", "--ignore", "W802", str(path)).returncode == 0
    assert steward.run("lint", "--type", "express", str(path)).returncode == 9
    refused = steward.run("lint", "--ignore", "E101", str(path))
    assert refused.returncode == 2 and "only warnings" in refused.stderr
    assert "E201 (error)" in steward.run("lint", "--explain", "e201").stdout
    assert steward.run("lint", "--explain", "E999").returncode == 2
    assert steward.run("lint").returncode == 2


def test_scenarios_pass_or_tell_the_difference(tmp_path: Path, steward: Steward) -> None:
    good = steward.run("test", "--min-coverage", "100", str(ROOT / "state-machines" / "suspension.test.yaml"))
    assert good.returncode == 0 and "100.0 % covered" in good.stdout, good.stderr
    (tmp_path / "m.asl.yaml").write_text("StartAt: A\nStates: {A: {Type: Pass, Result: {n: 1}, End: true}}\n")
    scenarios = tmp_path / "m.test.yaml"
    scenarios.write_text("scenarios:\n  - name: wrong\n    expect: {output: {n: 2}}\n")
    # Nothing that failed is no success where nothing was tried.
    nothing = steward.run("test", str(scenarios), "--filter", "wrnog")
    assert nothing.returncode == 4 and 'contains "wrnog"' in nothing.stderr
    assert steward.run("test", str(scenarios), "--min-coverage", "101").returncode == 2
    bad = steward.run("test", str(scenarios))
    assert bad.returncode == 9
    assert "FAIL  wrong" in bad.stdout and "- at /n: 2" in bad.stdout and "+ at /n: 1" in bad.stdout, bad.stdout
    scenarios.write_text("scenarios:\n  - name: wrong\n    expect: {outptu: {n: 2}}\n")
    misspelt = steward.run("test", str(scenarios))
    assert misspelt.returncode == 9 and "did you mean 'output'" in misspelt.stderr
    assert f"{scenarios}:3:14" in misspelt.stderr, misspelt.stderr
