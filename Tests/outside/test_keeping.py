"""What keeps the data: the audit chain, doctor, backup and restore, migrations; from outside, with the real daemon."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
import struct
import subprocess
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from steward import BUILD, ROOT, Steward, until

SCHEMAS = sorted((ROOT / "Tests/SQLiteStoreTests/Schemas").glob("schema-*.sql"))[1:]  # the first has no executions


def chain(lines: list[dict]) -> list[str]:
    """The hashes as docs/operations.md describes them."""
    head, found = bytes(32), []
    for line in lines:
        message = head + struct.pack(">qq", line["number"], line["milliseconds"])
        for key in ("actor", "action", "subject", "detail"):
            text = line[key].encode()
            message += struct.pack(">q", len(text)) + text
        head = hashlib.sha256(message).digest()
        found.append(head.hex())
    return found


def export(steward: Steward, *arguments: str) -> list[dict]:
    result = steward.run("audit", "export", *arguments)
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_the_audit_log_is_a_chain_that_anybody_can_follow(steward: Steward) -> None:
    loaded = export(steward)
    assert {line["action"] for line in loaded} == {"stateMachine.created", "workflows.loaded"}
    assert {line["actor"] for line in loaded} == {"workflowd:files"}
    for name in ("one", "two", "three"):
        steward.ctl("key", "create", name)
    lines = export(steward)
    assert [line["action"] for line in lines[len(loaded) :]] == ["key.created"] * 3
    assert [line["hash"] for line in lines] == chain(lines)
    assert export(steward, "--data", str(steward.data)) == lines
    said = steward.run("audit", "verify").stdout
    assert said == f"{len(lines)} entries, intact, head {lines[-1]['hash']}\n"
    assert steward.run("audit", "verify", "--expect-head", lines[0]["hash"]).returncode == 0
    assert steward.run("audit", "verify", "--expect-head", "0" * 63 + "1").returncode == 9
    assert steward.run("audit", "verify", "--expect-head", "short").returncode == 2
    assert [entry["action"] for entry in steward.ctl("audit", "list", "--limit", "2")["entries"]] == ["key.created"] * 2

    steward.stop()
    with sqlite3.connect(steward.data / "steward.db") as database:
        database.execute("DROP TRIGGER auditIsAppendOnly")
        database.execute("UPDATE audit SET actor = 'nobody' WHERE id = 2")
    database.close()
    result = steward.run("audit", "verify", "--data", str(steward.data))
    assert result.returncode == 9
    assert "broken at entry 2" in result.stdout
    result = steward.run("doctor", "--data", str(steward.data))
    assert result.returncode == 2 and "broken at entry 2" in result.stdout


def test_doctor_looks_beside_a_running_daemon_and_without_one(steward: Steward) -> None:
    report = json.loads((result := steward.run("doctor", "--json")).stdout)
    found = {check["check"]: check for check in report["checks"]}
    # Who moto says that it is, is nobody that AWS knows.
    assert result.returncode == 1, result.stdout
    assert report["data"] == str(steward.data) and report["outcome"] == "warning"
    assert [name for name, check in found.items() if check["outcome"] != "ok"] == ["identity"]
    assert found["daemon"]["message"].startswith("runs: workflowd (pid")
    assert found["health"]["message"] == "the daemon says ok"
    assert {"integrity check", "audit chain", "executions", "timers", "permissions", "disk"} <= set(found)
    steward.run("run", "start", "daily-refresh", "--wait")
    steward.kill()
    result = steward.run("doctor", "--data", str(steward.data), "--quick")
    assert result.returncode == 0, result.stdout
    assert "none runs on this directory" in result.stdout and "quick check" in result.stdout
    (steward.data / "steward.db").chmod(0o644)
    assert steward.run("doctor", "--data", str(steward.data)).returncode == 1
    assert steward.run("doctor", "--data", str(steward.data / "nowhere")).returncode == 2


def test_a_database_that_is_taken_away_is_said(steward: Steward) -> None:
    """Every commit succeeds, and all of them are gone with the process."""
    moved = steward.data.with_name("moved")
    steward.data.rename(moved)
    status, health = until(
        "health says so", lambda: (found := steward.request("GET", "/health"))[0] == 503 and found
    )
    assert "was moved, removed or replaced" in json.dumps(health), health
    result = steward.run("run", "start", "daily-refresh")
    assert result.returncode == 1 and "was moved" in result.stderr, result.stderr
    moved.rename(steward.data)
    until("it is well again", steward.healthy)
    lock = steward.data / "steward.lock"
    lock.rename(lock.with_name("elsewhere"))
    reason = until("health says so", lambda: steward.request("GET", "/health")[1].get("reason"))
    assert "steward.lock was removed" in reason and "second daemon" in reason, reason
    lock.with_name("elsewhere").rename(lock)
    until("it is well again", steward.healthy)
    assert steward.run("run", "start", "daily-refresh", "--wait").returncode == 0


def test_doctor_finds_a_directory_that_the_daemon_has_by_a_relative_name(make_steward: Callable, tmp_path: Path) -> None:
    """As the README starts it: whoever asks stands elsewhere."""
    steward = make_steward()
    absolute = str(steward.data)
    steward.data = Path(os.path.relpath(steward.data, ROOT))
    steward.start()
    assert steward.ctl("status")["data"] == absolute
    result = subprocess.run(
        [str(BUILD / "workflowctl"), "doctor", "--quick"],
        capture_output=True, text=True, cwd=tmp_path, env=steward.environment | {"STEWARD_SERVER": steward.url},
    )  # fmt: skip
    # moto is nobody whom AWS would know: that is a warning.
    assert result.returncode == 1 and "the daemon says ok" in result.stdout, result.stdout


def test_doctor_does_not_take_what_it_may_not_read_for_lost(steward: Steward) -> None:
    """The advice would be to restore a backup, over a sound database."""
    is_root = os.geteuid() == 0
    if not is_root:
        steward.data.chmod(0)
    try:
        result = subprocess.run(
            [str(BUILD / "workflowctl"), "doctor", "--quick", "--data", str(steward.data)],
            capture_output=True, text=True, env=steward.environment | {"STEWARD_SERVER": steward.url},
            user=65534 if is_root else None,
        )  # fmt: skip
    finally:
        steward.data.chmod(0o700)
    assert result.returncode == 2, result.stderr
    assert "may not read" in result.stdout and "sudo -u" in result.stdout, result.stdout
    assert "restore" not in result.stdout and "missing" not in result.stdout, result.stdout


def test_doctor_says_when_something_answers_otherwise(steward: Steward) -> None:
    """A proxy that refuses, or another program's port, is no daemon that isn't there."""
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{other.server_address[1]}"
        result = steward.run("doctor", "--json", "--data", str(steward.data), STEWARD_SERVER=url)
        other.shutdown()
    assert result.returncode == 1, result.stdout
    health = next(check for check in json.loads(result.stdout)["checks"] if check["check"] == "health")
    assert health["outcome"] == "warning" and "501" in health["message"], health


@pytest.mark.parametrize("ruin", ["empty", "half", "text"])
def test_a_ruined_database_is_refused_and_left_alone(steward: Steward, ruin: str) -> None:
    steward.stop()
    file = steward.data / "steward.db"
    whole = file.read_bytes()
    ruined = {"empty": b"", "half": whole[: len(whole) // 2], "text": b"no database. " * 1000}[ruin]
    file.write_bytes(ruined)
    steward.start(wait=False)
    assert until("workflowd has ended", steward.process.ended) and steward.process.child.returncode != 0
    assert "restore a backup" in steward.log()
    assert file.read_bytes() == ruined
    result = steward.run("doctor", "--data", str(steward.data))
    assert result.returncode == 2 and "workflowctl restore" in result.stdout


def start_runs(directory: Path) -> Path:
    """State machines of which some runs wait, some end, at every moment."""
    machines = directory / "machines"
    machines.mkdir()
    (machines / "step.asl.yaml").write_text(
        "StartAt: W\nStates:\n  W: {Type: Wait, Seconds: 1, Next: P}\n  P: {Type: Pass, Next: V}\n"
        "  V: {Type: Wait, Seconds: 1, End: true}\n"
    )
    return machines


def test_a_backup_under_load_restores_to_what_ends(
    make_steward: Callable[..., Steward], tmp_path: Path
) -> None:
    steward = make_steward(state_machines=start_runs(tmp_path), workflows=tmp_path / "none")
    (tmp_path / "none").mkdir()
    steward.start()
    started: list[str] = []
    done = threading.Event()

    def load() -> None:
        while not done.is_set():
            status, _ = steward.request(
                "POST", "/api/v1/executions", json.dumps({"stateMachine": "step", "name": f"r{len(started)}"}).encode(),
                **{"Content-Type": "application/json"},
            )  # fmt: skip
            assert status in (200, 201, 202), status
            started.append(f"r{len(started)}")

    thread = threading.Thread(target=load)
    thread.start()
    backup = tmp_path / "backup.db"
    try:
        until("some have ended", lambda: len(steward.runs(status="succeeded", limit="10")) == 10)
        before = len(started)
        report = steward.ctl("backup", str(backup))
        assert steward.run("backup", str(backup)).returncode == 5
        assert steward.run("backup", str(backup), "--force").returncode == 0
    finally:
        done.set()
        thread.join()
    assert report["schema"] >= 12 and report["file"] == str(backup)
    assert backup.stat().st_mode & 0o777 == 0o600
    refused = steward.run("restore", str(backup), "--data", str(steward.data))
    assert refused.returncode == 5 and "is in use by workflowd (pid" in refused.stderr
    steward.kill()

    # Restored beside nothing, and in the place of a database that was killed.
    other = make_steward("other", state_machines=tmp_path / "machines", workflows=tmp_path / "none")
    for place in (other, steward):
        result = place.run("restore", str(backup), "--data", str(place.data))
        assert result.returncode == 0, result.stderr
        place.start()
        until("all runs end", lambda: not place.runs(status="running", limit="10"), 30)
        with sqlite3.connect(f"file:{place.data}/steward.db?mode=ro", uri=True) as database:
            statuses = dict(database.execute("SELECT status, count(*) FROM execution GROUP BY 1"))
            orphans = database.execute("SELECT count(*) FROM wake").fetchone()
        database.close()
        assert set(statuses) == {1} and statuses[1] >= before, statuses
        assert orphans == (0,)
        assert steward.run("audit", "verify", "--data", str(place.data)).returncode == 0
        assert place.ctl("audit", "list")["entries"][0]["action"] == "database.restored"
        place.stop()
        assert place.run("doctor", "--data", str(place.data)).returncode == 0
    assert (steward.data / "steward.db.replaced").exists()


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda path: path.stem)
def test_runs_of_every_released_schema_go_on(make_steward: Callable[..., Steward], schema: Path) -> None:
    steward = make_steward()
    steward.data.mkdir(mode=0o700)
    database = sqlite3.connect(steward.data / "steward.db")
    database.executescript(schema.read_text())
    tables = {name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    runs = database.execute("SELECT name, status FROM execution").fetchall() if "execution" in tables else []
    version = database.execute("PRAGMA user_version").fetchone()[0]
    database.close()
    dry = steward.run("db", "migrate", "--dry-run", "--data", str(steward.data))
    assert dry.returncode == 0 and re.search(rf"From +{version}\b", dry.stdout), dry.stdout + dry.stderr
    steward.start()
    assert (steward.data / f"steward.db.schema{version}").exists()
    until("all runs end", lambda: not steward.runs(status="running", limit="10"), 30)
    after = {run["name"]: run["status"].lower() for run in steward.runs(limit="100")}
    for name, status in runs:
        expected = {0: "succeeded", 1: "succeeded", 2: "failed"}[status]
        assert after[name] == expected, (name, after[name])
    report = json.loads(steward.run("doctor", "--json").stdout)
    assert [check for check in report["checks"] if check["outcome"] == "problem" and check["check"] != "keys"] == []


def test_a_reader_that_stays_holds_nothing_up(steward: Steward) -> None:
    """As Litestream does: it holds a read transaction, so that nobody else resets the log."""
    reader = sqlite3.connect(f"file:{steward.data}/steward.db?mode=ro", uri=True, isolation_level=None)
    reader.execute("BEGIN")
    seen = reader.execute("SELECT count(*) FROM execution").fetchone()
    for _ in range(5):
        assert steward.run("run", "start", "daily-refresh", "--wait").returncode == 0
    assert reader.execute("SELECT count(*) FROM execution").fetchone() == seen
    assert steward.ctl("status")["health"] == "ok"
    # A database is restored with the log beside it, too.
    steward.kill()
    assert (steward.data / "steward.db-wal").stat().st_size > 0
    other = steward.directory / "other"
    result = steward.run("restore", str(steward.data / "steward.db"), "--data", str(other))
    assert result.returncode == 0, result.stderr
    reader.close()
    copy = sqlite3.connect(other / "steward.db")
    assert copy.execute("SELECT count(*) FROM execution").fetchone()[0] >= seen[0] + 5
    copy.close()


def test_a_downgrade_is_refused(steward: Steward) -> None:
    steward.stop()
    database = sqlite3.connect(steward.data / "steward.db")
    known = database.execute("PRAGMA user_version").fetchone()[0]
    database.execute("PRAGMA user_version = 99")
    database.close()
    steward.start(wait=False)
    assert until("workflowd has ended", steward.process.ended) and steward.process.child.returncode != 0
    message = (
        f"the database was written by a newer version of Steward (schema 99, this one knows up to {known}); install "
        "that version or newer, or restore a backup from before the upgrade."
    )
    assert message in steward.log()
    result = steward.run("db", "migrate", "--data", str(steward.data))
    assert result.returncode == 5 and message in result.stderr
