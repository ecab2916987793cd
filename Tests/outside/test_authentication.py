"""Who may call: signatures, tokens, roles, and what is refused when there is too much."""

from __future__ import annotations

import datetime
import http.client
import json
import select
import socket
import stat
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError, ClientError

from step_functions import PASS, ROLE, make, unique
from steward import BUILD, REGION, ROOT, Steward, until

LIST = "AWSStepFunctions.ListStateMachines"


class Guarded:
    """A daemon that asks for keys, and its first key."""

    def __init__(self, folder: Path, name: str, **limits: int):
        self.steward = make(folder, name, {"limits": limits} if limits else {})
        self.steward.authentication = "required"
        result = self.offline("key", "create", "root", "--data", str(self.steward.data))
        assert result.returncode == 0, result.stderr
        self.token = result.stdout.strip()
        self.steward.start()

    def offline(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(BUILD / "workflowd"), *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=60, cwd=ROOT, env=self.steward.environment
        )

    def ctl(self, *arguments: str, token: str | None = None) -> subprocess.CompletedProcess[str]:
        return self.steward.run(*arguments, "-o", "json", STEWARD_TOKEN=self.token if token is None else token)

    def key(self, role: str, kind: str = "signature") -> dict[str, Any]:
        result = self.ctl("key", "create", unique("key"), "--role", role, "--kind", kind)
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)

    def client(self, key_id: str, secret: str, token: str | None = None, attempts: int = 1) -> Any:
        return boto3.client(
            "stepfunctions",
            endpoint_url=self.steward.url,
            region_name=REGION,
            aws_access_key_id=key_id,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=Config(inject_host_prefix=False, retries={"total_max_attempts": attempts}),
        )

    def sfn(self, role: str) -> Any:
        key = self.key(role)
        return self.client(key["id"], key["secretAccessKey"])


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    made = Guarded(tmp_path_factory.mktemp("authentication"), "guarded")
    yield made
    made.steward.kill()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Guarded]:
    """One of its own, for a test that uses up what callers may fail."""
    made = Guarded(tmp_path, "fresh", bodySeconds=1, requests=2, longPolls=1)
    yield made
    made.steward.kill()


def refusal(call: Any, **arguments: Any) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    answer = caught.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]


def signed(
    guarded: Guarded, key: dict[str, Any], shift: float = 0, service: str = "states", body: bytes = b"{}",
    target: str = LIST,
) -> dict[str, str]:
    """The headers of a request signed by botocore, at a time away from now by `shift` seconds."""
    request = AWSRequest(
        "POST", guarded.steward.url + "/", data=body,
        headers={"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": target},
    )
    auth = SigV4Auth(Credentials(key["id"], key["secretAccessKey"]), service, REGION)
    moment = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=shift)
    request.context["timestamp"] = moment.strftime("%Y%m%dT%H%M%SZ")
    request.headers["X-Amz-Date"] = request.context["timestamp"]
    request.headers["Host"] = f"127.0.0.1:{guarded.steward.port}"
    canonical = auth.canonical_request(request)
    signature = auth.signature(auth.string_to_sign(request, canonical), request)
    names = auth.signed_headers(auth.headers_to_sign(request))
    request.headers["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={auth.scope(request)}, SignedHeaders={names}, Signature={signature}"
    )
    return dict(request.headers.items())


def post(guarded: Guarded, headers: dict[str, str], body: bytes = b"{}", path: str = "/") -> tuple[int, dict, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", guarded.steward.port, timeout=20)
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read()), answer.headers


def test_a_signed_call(guarded: Guarded) -> None:
    sfn = guarded.sfn("admin")
    name = unique()
    arn = sfn.create_state_machine(name=name, definition=json.dumps(PASS), roleArn=ROLE)["stateMachineArn"]
    # The same call twice within a second has the same signature.
    for _ in range(5):
        assert sfn.describe_state_machine(stateMachineArn=arn)["name"] == name


def test_signatures_by_hand(guarded: Guarded) -> None:
    key = guarded.key("viewer")
    assert post(guarded, signed(guarded, key))[0] == 200
    assert post(guarded, signed(guarded, key, shift=-290))[0] == 200
    assert post(guarded, signed(guarded, key, shift=290))[0] == 200


@pytest.mark.parametrize(
    ("fault", "code", "message"),
    [
        ("expired", "InvalidSignatureException", "Signature expired: "),
        ("future", "InvalidSignatureException", "Signature not yet current: "),
        ("service", "InvalidSignatureException", "correct service: 'states'"),
        ("body", "InvalidSignatureException", "does not match"),
        ("header", "InvalidSignatureException", "does not match"),
        ("unsigned", "InvalidSignatureException", "not signed: x-amz-other"),
        ("token", "UnrecognizedClientException", "security token included in the request is invalid"),
        ("none", "MissingAuthenticationTokenException", "Missing Authentication Token"),
        ("incomplete", "IncompleteSignatureException", "requires 'Signature' parameter"),
        ("algorithm", "IncompleteSignatureException", "algorithm"),
    ],
)
def test_what_is_no_good_signature(guarded: Guarded, fault: str, code: str, message: str) -> None:
    shift = {"expired": -400, "future": 400}.get(fault, 0)
    headers = signed(guarded, guarded.key("admin"), shift, "sts" if fault == "service" else "states")
    body = b'{"maxResults": 1}' if fault == "body" else b"{}"
    match fault:
        case "header": headers["X-Amz-Target"] = "AWSStepFunctions.ListActivities"
        case "unsigned": headers["X-Amz-Other"] = "1"
        case "token": headers["X-Amz-Security-Token"] = "x"
        case "none": del headers["Authorization"]
        case "incomplete": headers["Authorization"] = headers["Authorization"].split(", Signature=")[0]
        case "algorithm": headers["Authorization"] = "Basic eDp5"
    until_not_throttled = until("an answer", lambda: (a := post(guarded, headers, body))[0] != 429 and a, 60, 1)
    status, answer, _ = until_not_throttled
    assert answer["__type"] == code and message in answer["message"], answer
    assert status == (403 if fault == "none" else 400)


def test_keys_that_are_none(fresh: Guarded) -> None:
    key = fresh.key("admin")
    unknown = refusal(fresh.client("STWDAAAAAAAAAAAAAAAA", key["secretAccessKey"]).list_state_machines)
    assert unknown == (400, "UnrecognizedClientException", "The security token included in the request is invalid.")
    assert refusal(fresh.client(key["id"], "wrong").list_state_machines)[1] == "InvalidSignatureException"
    sfn = fresh.client(key["id"], key["secretAccessKey"])
    assert sfn.list_state_machines()["stateMachines"]
    assert fresh.ctl("key", "revoke", key["id"]).returncode == 0
    assert refusal(sfn.list_state_machines)[1] == "UnrecognizedClientException"


def test_who_fails_too_often_waits(fresh: Guarded) -> None:
    key = fresh.key("viewer")
    wrong = fresh.client(key["id"], "wrong")
    found = [refusal(wrong.list_state_machines) for _ in range(12)]
    assert found[0][1] == "InvalidSignatureException" and found[-1][:2] == (429, "ThrottlingException")
    assert fresh.client(key["id"], key["secretAccessKey"]).list_state_machines()["stateMachines"], "a right one passes"
    assert int(post(fresh, {"X-Amz-Target": LIST, "Authorization": "AWS4-HMAC-SHA256 x"})[2]["Retry-After"]) > 0


def test_roles(guarded: Guarded) -> None:
    viewer, operator = guarded.sfn("viewer"), guarded.sfn("operator")
    arn = viewer.list_state_machines()["stateMachines"][0]["stateMachineArn"]
    status, code, message = refusal(viewer.start_execution, stateMachineArn=arn)
    assert (status, code) == (400, "AccessDeniedException")
    assert f"is not authorized to perform: states:StartExecution on resource: {arn}" in message
    assert operator.start_execution(stateMachineArn=arn)["executionArn"]
    assert refusal(operator.delete_state_machine, stateMachineArn=arn)[1] == "AccessDeniedException"
    assert refusal(guarded.sfn("ingest").list_state_machines)[1] == "AccessDeniedException"


def test_a_protection_is_an_administrators_word_at_the_end_of_a_block_too(guarded: Guarded) -> None:
    arn = f"arn:aws:iam::123456789012:user/{unique('held')}"
    operator = guarded.key("operator", "bearer")["token"]
    assert guarded.ctl("principal", "block", arn, "--for", "1h", "--reason", "test", token=operator).returncode == 0
    unblock = ("principal", "unblock", arn, "--reason", "test")
    refused = guarded.ctl(*unblock, "--protect", token=operator)
    assert refused.returncode == 3 and "only administrators protect" in refused.stderr
    assert guarded.ctl(*unblock, token=operator).returncode == 0


def test_bearer_tokens(fresh: Guarded, tmp_path: Path) -> None:
    guarded = fresh
    assert guarded.ctl("status").returncode == 0
    assert guarded.ctl("status", token="").returncode == 3
    assert guarded.ctl("status", token="wrong").returncode == 3
    viewer = guarded.key("viewer", "bearer")
    assert guarded.ctl("run", "list", token=viewer["token"]).returncode == 0
    assert guarded.ctl("run", "start", "from-file", token=viewer["token"]).returncode == 3
    assert guarded.ctl("key", "list", token=viewer["token"]).returncode == 3
    ingest = guarded.key("ingest", "bearer")
    records = tmp_path / "none.jsonl"
    records.write_text("")
    assert guarded.ctl("ingest", str(records), token=viewer["token"]).returncode == 3
    assert guarded.ctl("run", "list", token=ingest["token"]).returncode == 3
    path = tmp_path / "token"
    path.write_text(viewer["token"] + "\n")
    assert guarded.ctl("run", "list", "--token-file", str(path), token="wrong").returncode == 0
    assert guarded.steward.healthy(), "health needs no key"


def test_secrets_are_shown_once(guarded: Guarded) -> None:
    key, token = guarded.key("admin"), guarded.key("admin", "bearer")
    listed = guarded.ctl("key", "list").stdout
    assert key["id"] in listed and len(key["id"]) == 20 and len(key["secretAccessKey"]) == 40
    held = b"".join(path.read_bytes() for path in guarded.steward.data.iterdir() if path.is_file())
    for secret in (key["secretAccessKey"], token["token"], guarded.token):
        assert secret not in listed and secret not in guarded.steward.log() and secret.encode() not in held
    assert stat.S_IMODE((guarded.steward.data / "access-keys.key").stat().st_mode) == 0o600
    audit = json.loads(guarded.ctl("status").stdout) and guarded.steward.request(
        "GET", f"/api/v1/audit?subject={key['id']}", Authorization=f"Bearer {guarded.token}"
    )[1]["entries"]
    assert [(entry["actor"], entry["action"]) for entry in audit] == [("operator:root", "key.created")]


def test_a_name_is_taken_once(guarded: Guarded) -> None:
    key = guarded.key("viewer")
    assert guarded.ctl("key", "create", key["name"]).returncode == 5
    assert guarded.ctl("key", "create", "no spaces").returncode != 0


def test_keys_survive_a_restart(fresh: Guarded) -> None:
    sfn = fresh.sfn("viewer")
    fresh.steward.kill()
    fresh.steward.start()
    assert sfn.list_state_machines()["stateMachines"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--listen", "0.0.0.0:0"], "--behind-tls-proxy"),
        (["--listen", "0.0.0.0:0", "--authentication", "off", "--behind-tls-proxy"], "can't be off"),
        (["--authentication", "none"], "required or off"),
    ],
)
def test_addresses_that_others_reach(guarded: Guarded, tmp_path: Path, arguments: list[str], said: str) -> None:
    result = guarded.offline("serve", "--data", str(tmp_path / "data"), *arguments)
    assert result.returncode == 2 and said in result.stderr


def test_a_first_key_whose_secret_is_lost_is_no_success(guarded: Guarded, tmp_path: Path) -> None:
    command = [str(BUILD / "workflowd"), "key", "create", "root", "--data", str(tmp_path / "data")]
    with open("/dev/full", "wb") as full:
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, env=guarded.steward.environment)
    assert result.returncode == 1 and b"could not be written" in result.stderr, result.stderr


# Too much, too slow, broken off


def head(guarded: Guarded, length: str, key: dict[str, Any] | None = None) -> socket.socket:
    """A request without its body."""
    headers = signed(guarded, key or guarded.key("admin"))
    lines = ["POST / HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), length, "", ""]
    connection = socket.create_connection(("127.0.0.1", guarded.steward.port), timeout=20)
    connection.sendall("\r\n".join(lines).encode())
    return connection


def test_a_slow_client_is_cut_off(fresh: Guarded) -> None:
    connection = head(fresh, "Content-Length: 1000")
    connection.sendall(b"{")
    began = time.monotonic()
    answer = b""
    while part := connection.recv(4096):
        answer += part
    assert b" 408 " in answer.split(b"\r\n")[0] and time.monotonic() - began < 10
    assert fresh.ctl("status").returncode == 0


def test_a_body_that_breaks_off(fresh: Guarded) -> None:
    connection = head(fresh, "Transfer-Encoding: chunked")
    connection.sendall(b"5\r\nabc")
    connection.shutdown(socket.SHUT_WR)
    assert b" 400 " in connection.recv(4096).split(b"\r\n")[0]


def test_a_chunk_that_is_none(fresh: Guarded) -> None:
    connection = head(fresh, "Transfer-Encoding: chunked")
    connection.sendall(b"zz\r\n{}\r\n0\r\n\r\n")
    assert b" 400 " in connection.recv(4096).split(b"\r\n")[0]


def test_headers_that_are_too_large(fresh: Guarded) -> None:
    connection = socket.create_connection(("127.0.0.1", fresh.steward.port), timeout=20)
    connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nX-Large: " + b"a" * 100_000 + b"\r\n\r\n")
    assert b" 4" in connection.recv(4096).split(b"\r\n")[0]
    assert fresh.steward.healthy()


def test_another_content_type(guarded: Guarded) -> None:
    headers = signed(guarded, guarded.key("viewer")) | {"Content-Type": "text/plain"}
    assert post(guarded, headers)[:1] == (415,)


@pytest.mark.parametrize("length", ["Transfer-Encoding: chunked", "Content-Length: 10"])
def test_more_than_it_takes_on(fresh: Guarded, length: str) -> None:
    """Two requests are under way and send nothing: the third is told to come back; health answers.

    A call whose length is told is under way only when its rest has been awaited for a second. A request of ours that
    comes at that moment takes its place, and the call is the third then.
    """
    key = fresh.key("viewer")
    more = signed(fresh, key)
    waiting = [head(fresh, length, key) for _ in range(2)]

    def refused() -> str | None:
        status, answer, headers = post(fresh, more)
        if status == 429:
            return f"{answer['__type']}, Retry-After: {headers['Retry-After']}\r\n"
        told = [connection.recv(4096).decode() for connection in select.select(waiting, [], [], 0)[0]]
        return next((answer for answer in told if " 429 " in answer.split("\r\n")[0]), None)

    refusal = until("a refusal", refused, 5, 0.01)
    assert "ThrottlingException" in refusal and "retry-after: 1\r\n" in refusal.lower()
    assert fresh.steward.request("GET", "/api/v1/status", Authorization=f"Bearer {fresh.token}")[0] in (200, 429)
    assert fresh.steward.healthy()
    # The two are cut off, and it goes on.
    until("an answer", lambda: fresh.ctl("status").returncode == 0, 20)


def test_long_polls_have_a_bound_of_their_own(fresh: Guarded) -> None:
    sfn = fresh.sfn("admin")
    arn = sfn.create_activity(name=unique())["activityArn"]
    found: list[str] = []
    with ThreadPoolExecutor(2) as pool:  # Keys made at once are both known.
        keys = list(pool.map(fresh.key, ["operator"] * 2))
    workers = [fresh.client(key["id"], key["secretAccessKey"]) for key in keys]

    def poll(worker: Any) -> None:
        try:
            worker.get_activity_task(activityArn=arn)
        except ClientError as error:
            found.append(error.response["Error"]["Code"])
        except BotoCoreError:  # the daemon is killed at the end, with the other poll
            pass

    for worker in workers:
        threading.Thread(target=poll, args=(worker,), daemon=True).start()
    until("one poll is refused", lambda: found == ["ThrottlingException"], 20)
    assert sfn.list_state_machines()["stateMachines"], "others are answered meanwhile"


def test_the_flag_as_it_was_spelled_before(tmp_path: Path) -> None:
    steward = make(tmp_path, "older")
    command = [{"--authentication": "--auth", "off": "none"}.get(word, word) for word in steward.command()]
    steward.command = lambda: command
    try:
        steward.start()
        assert steward.get("/api/v1/status")["health"] == "ok"
    finally:
        steward.kill()


@pytest.mark.parametrize("path", ["/", "/ingest/bedrock-invocation-logs", "/api/v1/executions"])
def test_without_authentication_web_pages_are_not_let_in(steward: Steward, path: str) -> None:
    """A page in a browser on this machine tells its origin, or calls by the name under which it was loaded."""

    def status(headers: dict[str, str]) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", steward.port, timeout=20)
        connection.request("POST", path, b"{}", headers)
        return connection.getresponse().status

    assert status({"Origin": "http://evil.example"}) == 403
    assert status({"Host": f"evil.example:{steward.port}"}) == 403
    assert 403 not in {status({}), status({"Host": f"localhost:{steward.port}"})}
