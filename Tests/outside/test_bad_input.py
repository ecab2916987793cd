"""Whatever is wrong with files, settings, records, requests or AWS: it is said, and the rest goes on."""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import settings
from faulty import FaultyAWS
from steward import AWS, BUILD, ROOT, Steward, aws_environment, invocation, log_file, until

PASS = "StartAt: A\nStates:\n  A:\n    Type: Pass\n    Result: {result}\n    End: true\n"
BROKEN_MACHINES = {
    "no YAML": ("StartAt: A\nStates: {A: [\n", "E001"),
    "Next to nowhere": ("StartAt: A\nStates:\n  A: {Type: Pass, Next: Nowhere}\n  B: {Type: Succeed}\n", "E201"),
    "unknown field": ("StartAt: A\nStates:\n  A:\n    Type: Pass\n    Nxt: B\n    End: true\n", "E102"),
    "negative duration": ("StartAt: A\nStates:\n  A:\n    Type: Wait\n    Seconds: -5\n    End: true\n", "E107"),
}
BROKEN_WORKFLOWS = {
    "no YAML": ("name: [\n", "E001"),
    "unknown field": ("name: w\nstateMachine: daily-refresh\noverlp: skip\n", "F1"),
    "negative duration": ("name: w\nstateMachine: daily-refresh\ndeadline: -5m\n", "F1"),
    "no schedule": ("name: w\nstateMachine: daily-refresh\non: {schedule: {expression: rate(often)}}\n", "F1"),
}


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Copies of the shipped definitions that a test may break."""
    return tuple(Path(shutil.copytree(ROOT / name, tmp_path / name)) for name in ("state-machines", "workflows"))


@pytest.fixture
def faulty(aws: AWS) -> Iterator[FaultyAWS]:
    proxy = FaultyAWS(aws.endpoint)
    yield proxy
    proxy.stop()


def new_user() -> str:
    return f"BedrockAPIKey-{uuid.uuid4().hex[:10]}"


def arn_of(user: str) -> str:
    return f"arn:aws:iam::123456789012:user/{user}"


def exceed(steward: Steward, arn: str) -> None:
    path = log_file(steward.directory / f"{uuid.uuid4()}.jsonl", [invocation(arn, str(uuid.uuid4()), 200_000, 40_000)])
    steward.ctl("ingest", str(path))


def serve(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A daemon that is expected to end by itself."""
    command = [str(BUILD / "workflowd"), "serve", *arguments]
    surroundings = aws_environment("http://127.0.0.1:9") | environment
    return subprocess.run(command, capture_output=True, text=True, timeout=30, cwd=ROOT, env=surroundings)


def problems(steward: Steward) -> list[dict]:
    return steward.ctl("status")["problems"]


def failed_suspension(steward: Steward) -> dict:
    """The open dead letter of the one suspension."""
    return until("a dead letter", lambda: steward.ctl("dlq", "list", "--kind", "execution")["deadLetters"], 40)[0]


@pytest.mark.parametrize("fault", BROKEN_MACHINES)
def test_lint_names_the_place_and_the_code(steward: Steward, tmp_path: Path, fault: str) -> None:
    text, code = BROKEN_MACHINES[fault]
    path = tmp_path / "broken.asl.yaml"
    path.write_text(text)
    result = steward.run("lint", str(path))
    assert result.returncode == 9
    assert re.search(re.escape(str(path)) + r":\d+:\d+", result.stdout), result.stdout
    assert code in result.stdout
    findings = json.loads(steward.run("lint", "--format", "json", str(path)).stdout)
    found = findings if isinstance(findings, list) else findings["diagnostics"]
    assert any(f["code"] == code and f["line"] and f["column"] and f["message"] for f in found), found


@pytest.mark.parametrize("fault", BROKEN_MACHINES)
def test_lint_says_what_to_do(steward: Steward, tmp_path: Path, fault: str) -> None:
    path = tmp_path / "broken.asl.yaml"
    path.write_text(BROKEN_MACHINES[fault][0])
    findings = json.loads(steward.run("lint", "--format", "json", str(path)).stdout)
    found = findings if isinstance(findings, list) else findings["diagnostics"]
    assert any(f["code"] == BROKEN_MACHINES[fault][1] and f.get("hint") for f in found), found


def test_scenario_files_are_no_state_machines(make_steward: Callable, folders: tuple[Path, Path]) -> None:
    machines, workflows = folders
    (machines / "daily-refresh.test.yaml").write_text("scenarios: [{name: a, expect: {status: SUCCEEDED}}]\n")
    steward = make_steward(state_machines=machines, workflows=workflows).start()
    assert problems(steward) == []
    assert not any("test" in m["name"] for m in steward.ctl("machine", "list")["stateMachines"])


def test_a_broken_file_does_not_stop_the_others(make_steward: Callable, folders: tuple[Path, Path]) -> None:
    machines, workflows = folders
    (machines / "broken.asl.yaml").write_text(BROKEN_MACHINES["Next to nowhere"][0])
    for number, (text, _) in enumerate(BROKEN_WORKFLOWS.values()):
        (workflows / f"broken-{number}.yaml").write_text(text)
    steward = make_steward(state_machines=machines, workflows=workflows).start()
    found = problems(steward)
    for file, code in [("broken.asl.yaml", "E201")] + [
        (f"broken-{number}.yaml", code) for number, (_, code) in enumerate(BROKEN_WORKFLOWS.values())
    ]:
        of_file = [p for p in found if p["file"].endswith(file)]
        assert any(p["code"].startswith(code) and p["line"] and p["column"] and p["message"] for p in of_file), of_file
    assert {m["name"] for m in steward.ctl("machine", "list")["stateMachines"]} >= {"suspension", "restoration"}
    assert steward.run("run", "start", "daily-refresh", "--wait").returncode == 0


def test_the_daemon_refuses_exactly_what_the_linter_refuses(make_steward: Callable, folders: tuple[Path, Path]) -> None:
    machines, workflows = folders
    texts = [text for text, _ in BROKEN_MACHINES.values()] + [
        PASS.format(result="one"),
        "\ufeff" + PASS.format(result="mark").replace("\n", "\r\n"),
        '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}',
        "StartAt: A\nStates:\n  A:\n    Type: Pass\n    InputPath: >-\n      $.a\n      [\n    Next: B\n",
    ]
    for number, text in enumerate(texts):
        (machines / f"judged-{number}.asl.yaml").write_bytes(text.encode())
    steward = make_steward(state_machines=machines, workflows=workflows).start()
    loaded = {machine["name"] for machine in steward.ctl("machine", "list")["stateMachines"]}
    reported = problems(steward)
    for number in range(len(texts)):
        path = machines / f"judged-{number}.asl.yaml"
        lint = steward.run("lint", "--format", "json", str(path))
        assert (lint.returncode == 0) == (f"judged-{number}" in loaded), lint.stdout
        assert lint.returncode in (0, 9)
        for problem in (p for p in reported if p["file"] == str(path)):
            assert lint.returncode == 9
            place = f'{path}:{problem["line"]}:{problem["column"]}'
            assert place in steward.run("lint", str(path)).stdout
    assert loaded.isdisjoint({f"judged-{number}" for number in range(len(BROKEN_MACHINES))})


@pytest.mark.parametrize("hangup", [True, False], ids=["SIGHUP", "changed file"])
def test_a_broken_edit_keeps_the_old_version(make_steward: Callable, folders: tuple[Path, Path], hangup: bool) -> None:
    machines, workflows = folders
    file = machines / "edited.asl.yaml"

    def edit(text: str) -> None:
        file.write_text(text)
        if hangup:
            steward.process.child.send_signal(signal.SIGHUP)

    file.write_text(PASS.format(result="one"))
    steward = make_steward(state_machines=machines, workflows=workflows).start()
    edit(PASS.format(result="two").replace("End: true", "Next: Nowhere"))
    until("the problem is shown", lambda: any(p["code"] == "E201" for p in problems(steward)))
    assert steward.ctl("machine", "get", "edited")["version"] == 1
    assert steward.ctl("run", "start", "edited", "--wait")["output"] == "one"
    edit(PASS.format(result="three"))
    until("a new version", lambda: steward.ctl("machine", "get", "edited")["version"] == 2)
    assert problems(steward) == []
    assert steward.ctl("run", "start", "edited", "--wait")["output"] == "three"


def test_a_principal_that_iam_does_not_know(aws: AWS, steward: Steward) -> None:
    user = new_user()
    exceed(steward, arn_of(user))
    until("closed", lambda: steward.budget(user)["status"] == "closed", 40)
    assert steward.ctl("dlq", "list", "--kind", "execution")["deadLetters"] == [], "nobody has to do anything"
    assert [e["subject"] for e in steward.audit() if e["action"] == "principal.closed"] == [f"123456789012/user/{user}"]
    aws.make_key(user)
    exceed(steward, arn_of(user))
    until("suspended", lambda: steward.budget(user)["status"] == "suspended", 40)
    assert aws.has_no_access(user)


@pytest.mark.parametrize(
    ("action", "code", "status"),
    # Without a backup nothing can have been changed: the access is there, and the status says so.
    [("PutUserPolicy", "AccessDenied", "suspension-failed"), ("*", "InvalidClientTokenId", "active")],
    ids=["denied", "wrong credentials"],
)
def test_a_refusal_is_told_and_healed_by_a_redrive(
    aws: AWS, faulty: FaultyAWS, tmp_path: Path, action: str, code: str, status: str
) -> None:
    user = new_user()
    arn = aws.make_key(user)
    faulty.fail(action, code, message="this identity may not do that")
    steward = Steward(tmp_path / "steward", faulty.endpoint, settings(graceSeconds=0)).start()
    try:
        exceed(steward, arn)
        letter = failed_suspension(steward)
        assert letter["error"] == f"IAM.{code}"
        assert "this identity may not do that" in letter["cause"]
        assert steward.budget(user)["status"] == status
        assert aws.has_access(user)
        why = steward.run("run", "why", "@latest-failed").stdout
        assert code in why, why
        faulty.heal()
        steward.ctl("dlq", "redrive", str(letter["id"]))
        until("suspended", lambda: steward.budget(user)["status"] == "suspended", 40)
        assert aws.has_no_access(user)
    finally:
        steward.kill()


def test_throttling_heals_by_itself(aws: AWS, faulty: FaultyAWS, tmp_path: Path) -> None:
    user = new_user()
    arn = aws.make_key(user)
    faulty.fail("PutUserPolicy", "Throttling", status=400, message="Rate exceeded", times=3)
    steward = Steward(tmp_path / "steward", faulty.endpoint, settings(graceSeconds=0)).start()
    try:
        exceed(steward, arn)
        until("suspended", lambda: steward.budget(user)["status"] == "suspended", 60)
        assert faulty.refused == ["PutUserPolicy"] * 3
        assert steward.ctl("dlq", "list")["deadLetters"] == []
    finally:
        steward.kill()


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        result = serve("--data", str(tmp_path / "data"), "--listen", f"127.0.0.1:{other.getsockname()[1]}")
    assert result.returncode == 1
    assert "--listen" in result.stderr


@pytest.mark.parametrize(
    ("address", "said"),
    [("203.0.113.7:8080", "is no address of this machine"), ("nobody.invalid:8080", "names a host that nobody knows")],
)
def test_an_address_that_is_not_here(tmp_path: Path, address: str, said: str) -> None:
    result = serve("--data", str(tmp_path / "data"), "--listen", address, "--behind-tls-proxy")
    assert result.returncode == 1
    assert f"{address} {said}" in result.stderr and "--listen" in result.stderr.splitlines()[-1], result.stderr


@pytest.mark.parametrize("reader", ["hangs", "goes away"])
def test_a_log_that_nobody_reads_holds_up_nothing(tmp_path: Path, reader: str) -> None:
    """The pipe to a log collector is full before the daemon says its first word; then it is closed, too."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    filled = 0
    try:
        while True:
            filled += os.write(writing, b"x" * 4096)
    except BlockingIOError:
        os.set_blocking(writing, True)
    steward = Steward(tmp_path, "http://127.0.0.1:1")
    process = subprocess.Popen(
        steward.command(), stdout=subprocess.DEVNULL, stderr=writing, env=steward.environment, cwd=ROOT
    )
    os.close(writing)

    def answers() -> bool:
        assert process.poll() is None, process.returncode
        try:
            return steward.get("/health")["status"] == "ok"
        except OSError:
            return False

    try:
        until("the daemon answers", answers, 60)
        if reader == "goes away":
            os.close(reading)
            process.send_signal(signal.SIGHUP)
            until("the daemon answers without a log", answers)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
        if reader == "hangs":
            # It has waited for the reader for a second, and then left without its last words.
            with os.fdopen(reading, "rb") as log:
                assert log.read() == b"x" * filled
    finally:
        process.kill()
        process.wait()


def test_few_descriptors_are_kept_for_what_needs_them(tmp_path: Path) -> None:
    """As in a container, or in a shell with a low `ulimit -n`."""
    steward = Steward(tmp_path, "http://127.0.0.1:1")
    command = steward.command()
    steward.command = lambda: ["bash", "-c", 'ulimit -n 200; exec "$@"', "-", *command]
    steward.start()
    crowd = []
    try:
        assert "fewer connections than limits.connections" in steward.log()
        health = socket.create_connection(("127.0.0.1", steward.port))
        health.settimeout(20)
        crowd = [socket.create_connection(("127.0.0.1", steward.port)) for _ in range(300)]
        for _ in range(3):
            health.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert b" 200 " in health.recv(4096).split(b"\r\n")[0]
        open_files = len(os.listdir(f"/proc/{steward.process.pid}/fd"))
        assert open_files < 190, "some are left for files"
    finally:
        for connection in crowd:
            connection.close()
        steward.kill()


def test_a_second_daemon_on_the_same_data(steward: Steward) -> None:
    result = serve("--data", str(steward.data), "--listen", "127.0.0.1:0")
    assert result.returncode == 1
    assert f"pid {steward.process.pid}" in result.stderr
    assert steward.healthy()


def test_a_data_directory_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    result = serve("--data", str(tmp_path / "data"), "--listen", "127.0.0.1:0")
    assert result.returncode == 1
    assert "is a file, not a directory" in result.stderr


def test_a_database_from_a_newer_version(steward: Steward) -> None:
    assert steward.stop() == 0
    with sqlite3.connect(steward.data / "steward.db") as database:
        version = database.execute("PRAGMA user_version").fetchone()[0]
        database.execute(f"PRAGMA user_version = {version + 1}")
    database.close()
    result = serve("--data", str(steward.data), "--listen", "127.0.0.1:0")
    assert result.returncode == 1
    assert "newer version" in result.stderr and str(version + 1) in result.stderr


def test_a_truncated_gzip(steward: Steward, tmp_path: Path) -> None:
    user = new_user()
    # Request ids that do not compress, so that a cut in the middle leaves whole records before it.
    records = [invocation(arn_of(user), str(uuid.uuid4()), 10, 1) for _ in range(2000)]
    whole = gzip.compress("".join(json.dumps(r) + "\n" for r in records).encode())
    path = tmp_path / "cut.jsonl.gz"
    path.write_bytes(whole[: len(whole) // 2])
    result = steward.run("ingest", str(path), "-o", "json")
    assert result.returncode == 1
    report = json.loads(result.stdout)
    assert 0 < report["charged"] < 2000 and report["unreadable"] >= 1, report
    assert "workflowctl dlq list --kind usage" in result.stderr
    assert steward.ctl("dlq", "list", "--kind", "usage")["deadLetters"]


def test_unreadable_records_are_kept_and_the_others_charged(steward: Steward, tmp_path: Path) -> None:
    user = new_user()
    good = [json.dumps(invocation(arn_of(user), str(uuid.uuid4()), 1000, 100)).encode() for _ in range(2)]
    bad = b'{"schemaType": "ModelInvocationLog", "requestId": 7, \xff}'
    path = tmp_path / "mixed.jsonl"
    path.write_bytes(b"\n".join([good[0], bad, good[1], b""]))
    result = steward.run("ingest", str(path), "-o", "json")
    assert result.returncode == 1 and json.loads(result.stdout)["charged"] == 2, result
    letters = steward.ctl("dlq", "list", "--kind", "usage")["deadLetters"]
    assert len(letters) == 1
    letter = steward.ctl("dlq", "get", str(letters[0]["id"]))
    kept = base64.b64decode(letter["payloadBase64"]) if letter.get("payloadBase64") else letter["payload"].encode()
    assert bad in kept


def test_bad_requests(steward: Steward) -> None:
    status, answer = steward.request("GET", "/api/v1/nothing", None)
    assert (status, answer["error"]["code"]) == (404, "NoSuchRoute")
    headers = {"Content-Type": "application/json"}
    status, answer = steward.request("POST", "/api/v1/executions", b'{"stateMachine": ', **headers)
    assert (status, answer["error"]["code"]) == (400, "InvalidRequest")
    assert answer["error"]["message"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("data: x\nbudgts:\n  limit: 1\n", r":2:1: .*budgts is not a setting"),
        ("budgets:\n  limit: lots\n", r":2:\d+: budgets.limit must be dollars"),
        ("budgets:\n  mod: observe\n", r":2:3: .*did you mean mode\?"),
        ("budgets: [\n", r":\d+:\d+"),
        ("account: 012345678901\n", r":1:1: account must be twelve digits, in quotes where they begin with 0"),
    ],
    ids=["unknown section", "no amount", "suggestion", "no YAML", "a number that lost its zero"],
)
def test_a_bad_configuration_file(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "steward.yaml"
    path.write_text(text)
    result = serve("--config", str(path), "--data", str(tmp_path / "data"), "--listen", "127.0.0.1:0")
    assert result.returncode == 2
    assert re.search(re.escape(str(path)) + said, result.stderr), result.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("address", ["8080", "127.0.0.1:http", "127.0.0.1:70000", ":8080", "0.0.0.0:8080", "10.0.0.1:80"])
def test_a_bad_address(tmp_path: Path, address: str) -> None:
    result = serve("--data", str(tmp_path / "data"), "--listen", address)
    assert result.returncode == 2
    assert address in result.stderr or "--listen" in result.stderr
    assert not (tmp_path / "data").exists()
