"""Connections of the Step Functions API, byte by byte: plain calls are answered beside the HTTP library, whatever else
comes makes the connection the library's, and a client sees no difference."""

from __future__ import annotations

import json
import select
import socket
import threading
import time
from collections.abc import Callable
from typing import Any, BinaryIO

import pytest
from steward import Steward, until

ARN = "arn:aws:states:us-east-1:000000000000:activity:"


def call(operation: str, *headers: str, **body: object) -> bytes:
    data = json.dumps(body).encode()
    lines = [
        "POST / HTTP/1.1", "Host: 127.0.0.1", f"X-Amz-Target: AWSStepFunctions.{operation}",
        "Content-Type: application/x-amz-json-1.0", f"Content-Length: {len(data)}", *headers, "", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode() + data


HEALTH = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


class Connection:
    def __init__(self, steward: Steward, receive_buffer: int | None = None):
        self.socket = socket.socket()
        self.socket.settimeout(30)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect(("127.0.0.1", steward.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file: BinaryIO = self.socket.makefile("rb")

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self) -> tuple[int, dict[str, str], Any]:
        """The status, the headers with small letters, and the JSON."""
        status = int(self.file.readline().split()[1])
        headers: dict[str, str] = {}
        while (line := self.file.readline().decode().rstrip()) != "":
            name, value = line.split(": ", 1)
            headers[name.lower()] = value
        return status, headers, json.loads(self.file.read(int(headers["content-length"])) or b"null")


def test_what_is_sent_together_is_answered_in_order(steward: Steward) -> None:
    connection = Connection(steward)
    names = ["one", "two", "three"]
    connection.send(b"".join(call("CreateActivity", name=name) + HEALTH for name in names))
    for name in names:
        status, headers, answer = connection.answer()
        assert (status, answer["activityArn"]) == (200, ARN + name)
        assert headers["server"] == "Steward" and headers["date"].endswith(" GMT") and headers["x-amzn-requestid"]
        status, _, answer = connection.answer()
        assert status == 200 and "activityArn" not in answer
    # Many more than are held while one is answered.
    connection.send(call("DescribeActivity", activityArn=ARN + "one") * 300)
    assert {connection.answer()[2]["name"] for _ in range(300)} == {"one"}


@pytest.mark.parametrize("header", ["Connection: close", "Connection: keep-alive", "Expect: 100-continue"])
def test_headers_about_the_connection(steward: Steward, header: str) -> None:
    connection = Connection(steward)
    connection.send(call("ListActivities", header))
    assert connection.answer()[0] == 200
    if header.endswith("close"):
        assert connection.file.read() == b""
    else:
        connection.send(call("ListActivities"))
        assert connection.answer()[0] == 200


def test_a_call_in_pieces(steward: Steward) -> None:
    connection, other = Connection(steward), Connection(steward)
    whole = call("CreateActivity", name="pieces")
    for start in range(0, len(whole), 40):
        connection.send(whole[start : start + 40])
        # By the time of this answer the piece has been read.
        other.send(call("ListActivities"))
        assert other.answer()[0] == 200
    assert connection.answer()[2]["activityArn"] == ARN + "pieces"
    connection.send(whole)
    assert connection.answer()[0] == 200


def test_a_large_call_and_one_that_is_no_json(steward: Steward) -> None:
    connection = Connection(steward)
    connection.send(call("CreateActivity", name="x" * 100_000) + call("ListActivities"))
    assert connection.answer()[2]["__type"].endswith("InvalidName")
    assert connection.answer()[0] == 200
    connection.send(call("ListActivities").replace(b"{}", b"{]"))
    assert connection.answer()[2]["__type"].endswith("SerializationException")


def test_a_client_that_says_no_more_still_gets_its_answer(steward: Steward) -> None:
    connection = Connection(steward)
    connection.send(call("CreateActivity", name="last"))
    connection.socket.shutdown(socket.SHUT_WR)
    assert connection.answer()[2]["activityArn"] == ARN + "last"
    assert connection.file.read() == b""


def make_large(steward: Steward) -> str:
    """An execution with some 6 MB of history, more than the kernel takes from the daemon ahead of a client; its ARN."""
    states: dict[str, dict[str, object]] = {f"S{n}": {"Type": "Pass", "Next": f"S{n + 1}"} for n in range(15)}
    definition = json.dumps({"StartAt": "S0", "States": states | {"S15": {"Type": "Succeed"}}})
    maker = Connection(steward)
    maker.send(call("CreateStateMachine", name="large", definition=definition, roleArn="arn:aws:iam::000000000000:role/x"))
    machine = maker.answer()[2]["stateMachineArn"]
    start = {"stateMachineArn": machine, "name": "large", "input": json.dumps({"text": "x" * 200_000})}
    maker.send(call("StartExecution", **start))
    execution = maker.answer()[2]["executionArn"]

    def status() -> str:
        maker.send(call("DescribeExecution", executionArn=execution))
        return maker.answer()[2]["status"]

    until("it succeeds", lambda: status() == "SUCCEEDED")
    return execution


def ask_for_large(way: str, execution: str) -> bytes:
    odd = ["X-Odd: \u00e9"] if way == "library" else []
    if way == "admin":
        return f"GET /api/v1/executions/{execution.rsplit(':', 1)[1]}/history HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    return call("GetExecutionHistory", *odd, executionArn=execution, maxResults=1000)


WAYS = ["lane", "library", "admin"]


@pytest.mark.parametrize("way", WAYS)
def test_a_client_that_reads_slowly_gets_the_whole_of_its_last_answer(steward: Steward, way: str) -> None:
    execution = make_large(steward)
    connection = Connection(steward, receive_buffer=4096)
    connection.send(ask_for_large(way, execution))
    connection.socket.shutdown(socket.SHUT_WR)
    answer = connection.answer()[2]
    assert answer["events"][-1]["type"] == "ExecutionSucceeded" and len(json.dumps(answer)) > 5_000_000
    assert connection.file.read() == b""


def test_a_client_that_reads_no_answers_is_read_no_further(steward: Steward) -> None:
    connection = Connection(steward)
    one = call("CreateActivity", name="again")
    sent = 0
    connection.socket.settimeout(2)
    # What the kernel keeps for both ends is a few MiB; the daemon adds little to that.
    with pytest.raises(TimeoutError):
        while sent < 48 << 20:
            sent += connection.socket.send(one * 256)
    connection.socket.settimeout(30)
    for _ in range(sent // len(one)):
        assert connection.answer()[2]["activityArn"] == ARN + "again"


def test_a_large_call_behind_one_that_takes_long(steward: Steward) -> None:
    connection = Connection(steward)
    connection.send(call("CreateActivity", name="slow"))
    assert connection.answer()[0] == 200
    large = call("CreateActivity", name="x" * 600_000)
    connection.send(call("GetActivityTask", activityArn=ARN + "slow"))
    sender = threading.Thread(target=connection.send, args=(large,))
    sender.start()
    until("the poll waits", lambda: steward.get("/api/v1/status")["polls"] == 1)
    ends = Connection(steward)
    ends.send(call("DeleteActivity", activityArn=ARN + "slow"))
    assert ends.answer()[0] == 200
    assert connection.answer()[2]["__type"].endswith("ActivityDoesNotExist")
    assert connection.answer()[2]["__type"].endswith("InvalidName")
    sender.join()


def test_a_call_that_is_cut_off(steward: Steward) -> None:
    connection = Connection(steward)
    connection.send(call("CreateActivity", name="cut")[:-3])
    connection.socket.shutdown(socket.SHUT_WR)
    assert connection.answer()[0] == 400
    assert connection.file.read() == b""


def test_a_poll_ends_with_its_client(steward: Steward) -> None:
    first = Connection(steward)
    first.send(call("CreateActivity", name="polled"))
    assert first.answer()[0] == 200

    def polls() -> int:
        return steward.get("/api/v1/status")["polls"]

    for end in (lambda it: it.socket.shutdown(socket.SHUT_WR), lambda it: (it.file.close(), it.socket.close())):
        connection = Connection(steward)
        connection.send(call("GetActivityTask", activityArn=ARN + "polled"))
        until("a worker polls", lambda: polls() == 1)
        end(connection)
        until("nobody polls", lambda: polls() == 0)


def test_a_shutdown_answers_who_polls(steward: Steward) -> None:
    connection = Connection(steward)
    connection.send(call("CreateActivity", name="idle"))
    assert connection.answer()[0] == 200
    connection.send(call("GetActivityTask", activityArn=ARN + "idle"))
    until("the poll waits", lambda: steward.get("/api/v1/status")["polls"] == 1)
    # A poll lasts a minute; so long nobody waits for a daemon that is to stop.
    assert steward.process is not None
    assert steward.process.terminate(seconds=20) == 0
    assert connection.answer()[2].get("taskToken") is None


def test_a_silent_connection_is_closed_and_one_that_waits_is_not(make_steward: Callable[..., Steward]) -> None:
    steward = make_steward(options={"limits": {"idleSeconds": 1}}).start()
    silent, called, waiting = (Connection(steward) for _ in range(3))
    for connection in (called, waiting):
        connection.send(call("CreateActivity", name="quiet"))
        assert connection.answer()[0] == 200
    waiting.send(call("GetActivityTask", activityArn=ARN + "quiet"))
    # The reads end when the daemon closes the connections.
    assert silent.file.read() == b"" and called.file.read() == b""
    assert steward.get("/api/v1/status")["polls"] == 1


def test_the_library_takes_over_with_what_is_read(steward: Steward) -> None:
    connection = Connection(steward)
    # Behind a call that the lane answers: one for the library, and the beginning of the next.
    last = call("CreateActivity", name="after")
    connection.send(call("CreateActivity", name="before") + call("ListActivities", "X-Odd: \u00e9") + last[:60])
    assert connection.answer()[2]["activityArn"] == ARN + "before"
    assert [entry["name"] for entry in connection.answer()[2]["activities"]] == ["before"]
    connection.send(last[60:] + HEALTH)
    assert connection.answer()[2]["activityArn"] == ARN + "after"
    assert connection.answer()[0] == 200


def test_a_shutdown_closes_what_is_at_rest(steward: Steward) -> None:
    resting, begun = Connection(steward), Connection(steward)
    resting.send(call("ListActivities"))
    assert resting.answer()[0] == 200
    begun.send(call("ListActivities")[:50])
    # By the time of this answer the beginning has been read.
    resting.send(call("ListActivities"))
    assert resting.answer()[0] == 200
    assert steward.process is not None
    assert steward.process.terminate(seconds=20) == 0
    assert resting.file.read() == b""


@pytest.mark.parametrize("way", WAYS)
def test_a_client_that_reads_slowly_is_not_silent(make_steward: Callable[..., Steward], way: str) -> None:
    steward = make_steward(options={"limits": {"idleSeconds": 2}}).start()
    execution = make_large(steward)
    connection, other = Connection(steward, receive_buffer=4096), Connection(steward)
    connection.send(ask_for_large(way, execution))
    # A piece, then calls of somebody else: altogether that takes twice as long as a connection may be silent.
    received, length = connection.socket.recv(4096), 0
    began = time.monotonic()
    while not length or len(received) < length:
        piece = connection.socket.recv(4096)
        assert piece, f"cut off after {len(received)} of {length} bytes"
        received += piece
        while time.monotonic() - began < 4 * len(received) / (length or 7_000_000):
            other.send(call("ListActivities"))
            assert other.answer()[0] == 200
        if not length and b"\r\n\r\n" in received:
            head = received[: received.index(b"\r\n\r\n") + 4]
            lines = head.decode().lower().split("\r\n")
            length = len(head) + next(int(line.split(": ")[1]) for line in lines if line.startswith("content-length"))
    assert length > 5_000_000


@pytest.mark.parametrize("way", WAYS)
def test_a_shutdown_lets_a_client_read_its_answer(steward: Steward, way: str) -> None:
    execution = make_large(steward)
    connection = Connection(steward, receive_buffer=4096)
    connection.send(ask_for_large(way, execution))
    # It is being sent.
    connection.socket.recv(1, socket.MSG_PEEK)
    assert steward.process is not None
    steward.process.child.terminate()
    until("the daemon listens no more", lambda: refuses(steward))
    status, _, answer = connection.answer()
    assert status == 200 and len(json.dumps(answer)) > 5_000_000
    assert steward.process.terminate(seconds=20) == 0


def refuses(steward: Steward) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", steward.port)) != 0


def fill(connection: Connection, request: bytes) -> None:
    """Sends until neither kernel takes more: the answers wait, and so do requests."""
    connection.socket.settimeout(1)
    with pytest.raises((TimeoutError, ConnectionError)):
        while True:
            connection.socket.sendall(request * 500)


def is_closed(connection: Connection) -> bool:
    poll = select.poll()
    poll.register(connection.socket, 0)  # its end alone
    return bool(poll.poll(0))


@pytest.mark.parametrize("request_", [HEALTH, call("ListActivities")], ids=["library", "lane"])
def test_who_reads_no_answers_is_closed(make_steward: Callable[..., Steward], request_: bytes) -> None:
    steward = make_steward(options={"limits": {"idleSeconds": 2}}).start()
    connection = Connection(steward, receive_buffer=4096)
    fill(connection, request_)
    until("it is closed", lambda: is_closed(connection))


def test_a_shutdown_cuts_off_who_does_not_end(make_steward: Callable[..., Steward]) -> None:
    steward = make_steward(options={"drainSeconds": 1}).start()
    slow, large, library, lane = (Connection(steward, receive_buffer=4096) for _ in range(4))
    slow.send(b"POST /api/v1/executions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{")
    large.send(ask_for_large("lane", make_large(steward)))
    fill(library, HEALTH)
    fill(lane, call("ListActivities"))
    assert steward.process is not None
    assert steward.process.terminate(seconds=10) == 0
