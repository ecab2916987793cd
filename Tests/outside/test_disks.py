"""Disks that are full, read-only or failing: Steward says so, keeps what it acknowledged, and goes on by itself."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from steward import Steward, until
from step_functions import ROLE, client, make, unique

# A Wait parks the execution; the activity keeps one under way; the Pass ends within one commit.
PASS = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
BULKY = "x" * 20_000


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not shutil.which("cc"):
        pytest.skip("there is no C compiler for the disk that fails on demand")
    built = tmp_path_factory.mktemp("shim") / "disk_faults.so"
    source = Path(__file__).with_name("disk_faults.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", str(built), str(source), "-ldl"], check=True)
    return built


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 5 MiB in memory."""
    mount = tmp_path / "disk"
    mount.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=5m", "steward-test", str(mount)], capture_output=True)
    if made.returncode != 0:
        pytest.skip(f"mounting a small file system is not permitted: {made.stderr.decode().strip()}")
    yield mount
    subprocess.run(["umount", "-l", str(mount)], check=True)


@pytest.fixture
def small_blocks(tmp_path: Path) -> Iterator[Path]:
    """A file system of 12 MiB with blocks of 1 KiB, smaller than what SQLite takes for one."""
    mount, image = tmp_path / "disk", tmp_path / "disk.img"
    mount.mkdir()
    with image.open("wb") as file:
        file.truncate(12 << 20)
    if not shutil.which("mkfs.ext4"):
        pytest.skip("there is no mkfs.ext4")
    subprocess.run(["mkfs.ext4", "-q", "-m", "0", "-b", "1024", "-F", str(image)], check=True)
    made = subprocess.run(["mount", "-o", "loop", str(image), str(mount)], capture_output=True)
    if made.returncode != 0:
        pytest.skip(f"mounting a file system is not permitted: {made.stderr.decode().strip()}")
    yield mount
    subprocess.run(["umount", "-l", str(mount)], check=True)


class Load:
    """Starts executions by name and remembers those that were acknowledged."""

    def __init__(self, steward: Steward):
        self.sfn = client(steward)
        made = self.sfn.create_state_machine(name=unique(), definition=json.dumps(PASS), roleArn=ROLE)
        self.machine = made["stateMachineArn"]
        self.acknowledged: list[str] = []
        self.number = 0

    def start(self, text: str = BULKY) -> ClientError | None:
        """Starts one more; gives the refusal."""
        self.number += 1
        try:
            started = self.sfn.start_execution(
                stateMachineArn=self.machine, name=f"run-{self.number}", input=json.dumps({"text": text})
            )
        except ClientError as error:
            return error
        self.acknowledged.append(started["executionArn"])
        return None

    def until_refused(self, limit: int = 2000) -> ClientError:
        for _ in range(limit):
            if error := self.start():
                return error
        raise AssertionError(f"{limit} starts were all taken")

    def check(self) -> None:
        """All that was acknowledged is there, whole, and has ended once."""
        for arn in self.acknowledged:
            found = until(f"{arn} ends", lambda arn=arn: self.ended(arn))
            assert found["status"] == "SUCCEEDED"
            events = self.sfn.get_execution_history(executionArn=arn, maxResults=1000)["events"]
            assert [e["id"] for e in events] == list(range(1, len(events) + 1))
            assert [e["type"] for e in events].count("ExecutionSucceeded") == 1

    def ended(self, arn: str) -> dict[str, Any] | None:
        found = self.sfn.describe_execution(executionArn=arn)
        return found if found["status"] != "RUNNING" else None


def refused_for_a_while(error: ClientError, word: str) -> None:
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert error.response["Error"]["Code"] == "ServiceUnavailable"
    assert word in error.response["Error"]["Message"], error.response["Error"]["Message"]
    assert error.response["ResponseMetadata"]["HTTPHeaders"]["retry-after"]


def health(steward: Steward) -> tuple[int, dict[str, Any]]:
    return steward.request("GET", "/health")


def processor_seconds(steward: Steward) -> float:
    assert steward.process is not None
    fields = Path(f"/proc/{steward.process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def fill(disk: Path, load: Load, steward: Steward) -> Path:
    """Takes the last page, and what is left of the log: a small commit may fit where a large one doesn't."""
    rest = disk / "rest"
    with rest.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)

    def nothing_fits() -> bool:
        while load.start("") is None:
            pass
        probes: list[int] = []
        until("two probes are over", lambda: probes.append(health(steward)[0]) or len(probes) >= 25, pause=0.1)
        return set(probes) == {503}

    until("nothing fits any more", nothing_fits, 120)
    return rest


def stays_calm(steward: Steward, seconds: float = 2.0) -> None:
    """While the disk fails the daemon neither ends, nor spins, nor fills its log."""
    size = len(steward.log())
    before = processor_seconds(steward)
    probes = []
    until("some seconds have passed", lambda: probes.append(health(steward)[0]) or len(probes) >= seconds / 0.1, pause=0.1)
    assert set(probes) == {503}
    assert processor_seconds(steward) - before < seconds / 2
    assert len(steward.log()) - size < 8_000, steward.log()[size:]


def recovers(steward: Steward) -> None:
    until("health is ok again", lambda: health(steward)[0] == 200)


def test_a_disk_that_fills_up(tmp_path: Path, small_disk: Path) -> None:
    steward = make(tmp_path, "full", {"disk": {"reserveMiB": 0}})
    steward.data = small_disk / "data"
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * (2 << 20))
    try:
        steward.start()
        load = Load(steward)
        refused_for_a_while(load.until_refused(), "no space is left")
        rest = fill(small_disk, load, steward)
        status, body = until("health says why", lambda: (h := health(steward))[0] == 503 and h)
        assert body["status"] == "failing" and "free some" in body["reason"]
        bulky = json.dumps({"stateMachine": "from-file", "input": {"text": BULKY}}).encode()
        status, body = steward.request("POST", "/api/v1/executions", bulky, **{"Content-Type": "application/json"})
        assert (status, body["error"]["code"]) == (503, "StoreFull"), body
        stays_calm(steward)
        for _ in range(20):
            load.start()
        assert not steward.process.ended()

        ballast.unlink()
        rest.unlink()
        recovers(steward)
        assert load.start() is None
        load.check()
        # What was acknowledged survives the kill of a daemon whose disk is full, too.
        ballast.write_bytes(b"x" * (1 << 20))
        load.until_refused()
        steward.kill()
        ballast.unlink()
        steward.start()
        load.check()
        assert steward.stop() == 0
    finally:
        steward.kill()


def test_the_reserve_keeps_space_for_what_runs(tmp_path: Path, small_disk: Path) -> None:
    task = {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "", "End": True}}}
    steward = make(tmp_path, "reserve", {"disk": {"reserveMiB": 2}})
    steward.data = small_disk / "data"
    try:
        steward.start()
        load = Load(steward)
        activity = load.sfn.create_activity(name=unique())["activityArn"]
        task["States"]["T"]["Resource"] = activity
        machine = load.sfn.create_state_machine(name=unique(), definition=json.dumps(task), roleArn=ROLE)
        running = load.sfn.start_execution(stateMachineArn=machine["stateMachineArn"])["executionArn"]
        token = load.sfn.get_activity_task(activityArn=activity)["taskToken"]

        ballast = small_disk / "ballast"
        ballast.write_bytes(b"x" * (3 << 20))
        until("health says why", lambda: "reserve" in health(steward)[1].get("reason", ""))
        refused_for_a_while(until("starts are refused", lambda: load.start("")), "less than the reserve")
        load.sfn.send_task_success(taskToken=token, output="{}")
        assert until("the run ends", lambda: load.ended(running))["status"] == "SUCCEEDED"

        ballast.unlink()
        recovers(steward)
        assert load.start() is None
        load.check()
    finally:
        steward.kill()


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        ("write ENOSPC", "no space is left"),
        ("write EROFS", "failed"),
        ("write EIO", "check the disk"),
        ("sync EIO", "check the disk"),
    ],
)
def test_a_disk_that_fails_for_a_while(tmp_path: Path, shim: Path, fault: str, word: str) -> None:
    steward = make(tmp_path, "failing")
    control = tmp_path / "faults"
    environment = {"LD_PRELOAD": str(shim), "STEWARD_DISK_FAULTS": str(control)}
    try:
        steward.start(**environment)
        load = Load(steward)
        for _ in range(20):
            assert load.start() is None
        control.write_text(fault)
        refused_for_a_while(load.until_refused(3), word)
        until("health says why", lambda: word in health(steward)[1].get("reason", ""))
        stays_calm(steward)
        for _ in range(20):
            load.start()

        control.unlink()
        recovers(steward)
        assert load.start() is None
        load.check()

        # Killed while it fails: what a new process takes up must be on the disk before anything rests on it.
        control.write_text(fault)
        load.until_refused(3)
        steward.kill()
        steward.start(wait=False, **environment)
        if fault == "sync EIO":
            until("a start on a failing disk is refused", lambda: steward.process.ended(), 30)
            assert "check the disk" in steward.log()
            control.unlink()
            steward.start(**environment)
        else:
            control.unlink()
            until("healthy", steward.healthy, 30)
        load.check()
        assert steward.stop() == 0
    finally:
        steward.kill()


def test_a_task_result_that_cannot_be_recorded_is_refused_and_taken_later(tmp_path: Path, shim: Path) -> None:
    steward = make(tmp_path, "result")
    control = tmp_path / "faults"
    try:
        steward.start(LD_PRELOAD=str(shim), STEWARD_DISK_FAULTS=str(control))
        sfn = client(steward)
        activity = sfn.create_activity(name=unique())["activityArn"]
        task = {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": activity, "End": True}}}
        machine = sfn.create_state_machine(name=unique(), definition=json.dumps(task), roleArn=ROLE)
        running = sfn.start_execution(stateMachineArn=machine["stateMachineArn"])["executionArn"]
        token = sfn.get_activity_task(activityArn=activity)["taskToken"]
        control.write_text("sync EIO")
        for _ in range(3):
            with pytest.raises(ClientError) as caught:
                sfn.send_task_success(taskToken=token, output='{"n": 1}')
            refused_for_a_while(caught.value, "check the disk")
        control.unlink()
        recovers(steward)
        sfn.send_task_success(taskToken=token, output='{"n": 2}')
        found = until("the run ends", lambda: (d := sfn.describe_execution(executionArn=running))["status"] != "RUNNING" and d)
        assert (found["status"], json.loads(found["output"])) == ("SUCCEEDED", {"n": 2})
        with pytest.raises(ClientError) as caught:
            sfn.send_task_success(taskToken=token, output='{"n": 3}')
        assert caught.value.response["Error"]["Code"] == "TaskTimedOut"
    finally:
        steward.kill()


@pytest.mark.parametrize("reads", [0, 10, 40])
def test_a_disk_that_cannot_be_read_is_not_called_damaged(tmp_path: Path, shim: Path, reads: int) -> None:
    """Whoever restored a backup then would throw away what is sound."""
    steward = make(tmp_path, "unreadable")
    control = tmp_path / "faults"
    environment = {"LD_PRELOAD": str(shim), "STEWARD_DISK_FAULTS": str(control)}
    try:
        steward.start()
        load = Load(steward)
        for _ in range(50):
            assert load.start() is None
        assert steward.stop() == 0

        control.write_text(f"read EIO {reads}")
        examined = steward.run("doctor", "--data", str(steward.data), "-o", "json", **environment)
        checks = json.loads(examined.stdout)["checks"]
        assert examined.returncode == 2
        assert any("can't be read" in check["message"] for check in checks), checks
        assert not any("workflowctl restore" in (check["advice"] or "") for check in checks), checks
        before = len(steward.log())
        steward.start(wait=False, **environment)
        until("a start without reads is refused", lambda: steward.process.ended(), 30)
        said = steward.log()[before:]
        assert "restore a backup" not in said
        assert "restore nothing" in said or "check the disk" in said, said

        control.unlink()
        steward.start()
        load.check()
        assert steward.run("doctor", "--data", str(steward.data), "--quick").returncode < 2
    finally:
        steward.kill()


def test_a_log_that_is_removed_under_the_daemon_is_noticed_and_costs_nothing(tmp_path: Path) -> None:
    steward = make(tmp_path, "removed")
    try:
        steward.start()
        load = Load(steward)
        assert load.start() is None
        (steward.data / "steward.db-wal").unlink()
        until("health says why", lambda: "steward.db-wal was moved, removed" in health(steward)[1].get("reason", ""))
        refused_for_a_while(until("starts are refused", lambda: load.start("")), "stop it with SIGTERM")
        examined = steward.run("doctor", "--data", str(steward.data))
        assert examined.returncode == 2
        assert "SIGTERM" in examined.stdout
        assert steward.stop() == 0
        steward.start()
        load.check()
    finally:
        steward.kill()


def test_a_full_disk_of_small_blocks_ends_nothing_with_a_signal(tmp_path: Path, small_blocks: Path) -> None:
    """The log's index is written through memory, where a hole on a full disk is a SIGBUS."""
    steward = make(tmp_path, "blocks", {"disk": {"reserveMiB": 0}})
    steward.data = small_blocks / "data"
    rest = small_blocks / "rest"

    def fill_up() -> None:
        with rest.open("wb", buffering=0) as file:
            for size in (65536, 4096, 1024):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(b"x" * size)

    try:
        steward.start()
        load = Load(steward)
        fill_up()
        refused_for_a_while(load.until_refused(), "no space is left")
        assert not steward.process.ended()
        steward.kill()
        fill_up()
        before = len(steward.log())
        steward.start(wait=False)
        until("a start without space is refused", lambda: steward.process.ended(), 30)
        assert steward.process.child.returncode > 0, "it ended with a signal"
        assert "no space is left" in steward.log()[before:]
        rest.unlink()
        steward.start()
        load.check()
    finally:
        steward.kill()


def test_a_disk_that_cannot_be_read_for_a_while_is_said_and_recovers(tmp_path: Path, shim: Path) -> None:
    """SQLite says that the database is damaged; the daemon looks whether the disk gives it."""
    steward = make(tmp_path, "unread")
    control = tmp_path / "faults"
    try:
        steward.start(LD_PRELOAD=str(shim), STEWARD_DISK_FAULTS=str(control))
        load = Load(steward)
        for _ in range(20):
            assert load.start() is None
        control.write_text("read EIO")

        def is_said() -> bool:
            load.start()
            with contextlib.suppress(ClientError):
                load.sfn.list_executions(stateMachineArn=load.machine)
            status, body = health(steward)
            return status == 503 and "can't be read" in body["reason"]

        until("health says that the disk can't be read", is_said, 30)
        control.unlink()
        until("health is ok again", lambda: health(steward)[0] == 200, 60)
        load.check()
    finally:
        steward.kill()
