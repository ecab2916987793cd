"""Live ingestion: Firehose, EventBridge, queues and buckets, from outside, with what AWS sends."""

from __future__ import annotations

import base64
import contextlib
import functools
import gzip
import http.client
import itertools
import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import settings
from steward import AWS, REGION, Steward, invocation, until
from test_disks import small_disk  # noqa: F401  a fixture

numbers = itertools.count(1)
KEY = "firehose-secret"
USER = "arn:aws:iam::123456789012:user/BedrockAPIKey-live"


def options(directory: Path, **ingest: Any) -> dict[str, Any]:
    key = directory / "firehose.key"
    key.write_text(f"{KEY}\nnext-{KEY}\n")
    api = directory / "eventbridge.key"
    api.write_text("eventbridge-secret\n")
    return settings(limit="1000.00") | {
        "ingest": {
            "firehose": {"accessKeyFile": str(key)},
            "eventBridge": {"type": "api-key", "header": "X-Api-Key", "valueFile": str(api)},
        }
        | ingest
    }


def subscription(messages: list[str], kind: str = "DATA_MESSAGE") -> bytes:
    events = [{"id": str(n), "timestamp": 1, "message": message} for n, message in enumerate(messages)]
    payload = {
        "messageType": kind, "owner": "123456789012", "logGroup": "/bedrock", "logStream": "s",
        "subscriptionFilters": ["f"], "logEvents": events,
    }  # fmt: skip
    return gzip.compress(json.dumps(payload).encode())


def post(steward: Steward, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, str], Any]:
    connection = http.client.HTTPConnection("127.0.0.1", steward.port, timeout=20)
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    found = {name.lower(): value for name, value in answer.getheaders()}
    result = answer.status, found, json.loads(answer.read())
    connection.close()
    return result


def deliver(
    steward: Steward,
    records: list[bytes],
    request: str = "ed4acda5-034f-9f42-bba1-f29aea6d7d8f",
    key: str | None = KEY,
    path: str = "/ingest/firehose",
    compressed: bool = False,
    **more: str,
) -> tuple[int, dict[str, str], Any]:
    """As Firehose does, headers and all."""
    body = json.dumps(
        {
            "requestId": request,
            "timestamp": 1795169742000,
            "records": [{"data": base64.b64encode(record).decode()} for record in records],
        }
    ).encode()
    headers = {
        "Content-Type": "application/json",
        "X-Amz-Firehose-Protocol-Version": "1.0",
        "X-Amz-Firehose-Request-Id": request,
        "X-Amz-Firehose-Source-Arn": "arn:aws:firehose:us-east-1:123456789012:deliverystream/logs",
        "X-Amz-Firehose-Common-Attributes": json.dumps({"commonAttributes": {"env": "prod"}}),
    } | more
    if key is not None:
        headers["X-Amz-Firehose-Access-Key"] = key
    if compressed:
        body = gzip.compress(body)
        headers["Content-Encoding"] = "gzip"
    return post(steward, path, body, headers)


@functools.cache
def used_at() -> float:
    """When all uses were: the budget's first period begins with the second of the use that is metered first, whichever
    that is, and what was used before that is another period's."""
    return time.time()


def record(tokens: int = 1000, arn: str = USER) -> str:
    return json.dumps(invocation(arn, f"live-{next(numbers)}", tokens, at=used_at()))


def charged(steward: Steward) -> int:
    """Uses that the key has been charged for; nobody knows it before the first."""
    status, budget = steward.request("GET", f"/api/v1/budgets/{USER.rsplit('/', 1)[1]}")
    return budget["requests"] if status == 200 else 0


def source(steward: Steward, name: str) -> dict[str, Any]:
    return next((s for s in steward.get("/api/v1/ingest/sources")["sources"] if s["name"] == name), {})


def test_firehose_delivers_in_all_its_forms(make_steward, tmp_path: Path) -> None:
    steward = make_steward(options=options(tmp_path)).start()
    records = [
        subscription([record(), record()]),
        subscription([], "CONTROL_MESSAGE"),
        (record() + record()).encode(),
        gzip.compress(record().encode()) + gzip.compress(record().encode()),
    ]
    for attempt in range(3):
        # The same request comes again until it is acknowledged, and after that too when the answer is lost.
        status, headers, answer = deliver(steward, records, compressed=attempt == 1)
        assert status == 200, answer
        assert set(answer) == {"requestId", "timestamp"}
        assert answer["requestId"] == "ed4acda5-034f-9f42-bba1-f29aea6d7d8f"
        assert isinstance(answer["timestamp"], int)
        assert headers["content-type"] == "application/json"
    assert charged(steward) == 6
    found = source(steward, "firehose")
    assert (found["charged"], found["duplicates"]) == (6, 12)
    assert found["detail"].endswith("deliverystream/logs")


def test_a_wrong_key_is_refused_in_firehoses_shape(make_steward, tmp_path: Path) -> None:
    steward = make_steward(options=options(tmp_path)).start()
    for key in ("wrong", "", KEY[:-1], None):
        status, _, answer = deliver(steward, [record().encode()], key=key)
        assert status == 401
        assert answer["requestId"] == "ed4acda5-034f-9f42-bba1-f29aea6d7d8f" and answer["errorMessage"]
    assert deliver(steward, [record().encode()], key=f"next-{KEY}")[0] == 200
    # The secret is read anew: a new one holds at once, and the old ones are gone.
    (tmp_path / "firehose.key").write_text("rotated")
    assert deliver(steward, [], key=KEY)[0] == 401
    assert deliver(steward, [], key="rotated")[0] == 200
    assert KEY not in steward.log()


def test_a_refusal_that_passes_is_a_503_in_firehoses_shape(make_steward, tmp_path: Path, small_disk: Path) -> None:
    """A store that takes nothing, and a caller who guesses keys: Firehose is told to come back, and loses nothing."""
    steward = make_steward(options=options(tmp_path) | {"disk": {"reserveMiB": 0}})
    steward.data = small_disk / "data"
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * (2 << 20))
    steward.start()
    rest = small_disk / "rest"
    with rest.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)
    # More than fits into what the log has taken already.
    bulk = [("".join(record() for _ in range(20))).encode() for _ in range(200)]
    status, headers, answer = deliver(steward, bulk, request="too-much")
    assert status == 503 and headers["retry-after"], answer
    assert answer["requestId"] == "too-much" and "space" in answer["errorMessage"]
    assert headers["content-type"] == "application/json"
    ballast.unlink()
    rest.unlink()
    small = [record().encode()]
    until("it is taken again", lambda: deliver(steward, small, request="small")[0] == 200)
    assert deliver(steward, small, request="small")[0] == 200
    assert charged(steward) == 1


def test_who_guesses_keys_has_to_wait(make_steward, tmp_path: Path) -> None:
    steward = make_steward(options=options(tmp_path))
    steward.authentication = "required"
    steward.start()
    answers = [deliver(steward, [], request=f"r{n}", key="guess") for n in range(15)]
    assert [status for status, _, _ in answers] == [401] * 10 + [503] * 5
    assert answers[-1][1]["retry-after"] and answers[-1][2]["requestId"] == "r14"
    # The right key is never kept waiting.
    assert deliver(steward, [record().encode()])[0] == 200


def test_firehose_needs_no_key_of_stewards_and_nobody_else_gets_in(make_steward, tmp_path: Path) -> None:
    steward = make_steward(options=options(tmp_path))
    steward.authentication = "required"
    steward.start()
    assert deliver(steward, [record().encode()], path="/ingest/firehose/prod-logs")[0] == 200
    headers = {"X-Amz-Firehose-Access-Key": KEY, "X-Api-Key": "eventbridge-secret"}
    assert post(steward, "/ingest/bedrock-invocation-logs", record().encode(), headers)[0] == 401
    assert post(steward, "/api/v1/keys", b"{}", headers)[0] == 401


def test_what_is_not_configured_takes_nothing(make_steward) -> None:
    steward = make_steward().start()
    assert deliver(steward, [])[0] == 404
    assert post(steward, "/ingest/eventbridge", b"{}", {"X-Api-Key": "x"})[0] == 404


def cloudtrail(name: str, source: str = "iam", actor: str = "admin", **record: Any) -> dict[str, Any]:
    number = next(numbers)
    detail = {
        "eventVersion": "1.11",
        "userIdentity": {"type": "IAMUser", "arn": f"arn:aws:iam::123456789012:user/{actor}"},
        "eventTime": f"2026-11-20T10:{number // 60 % 60:02}:{number % 60:02}Z",
        "eventSource": f"{source}.amazonaws.com", "eventName": name, "awsRegion": REGION,
        "eventID": f"event-{number}", "recipientAccountId": "123456789012",
    } | record  # fmt: skip
    return {
        "version": "0", "id": f"envelope-{number}", "detail-type": "AWS API Call via CloudTrail",
        "source": f"aws.{source}", "account": "123456789012", "region": REGION, "detail": detail,
    }  # fmt: skip


def created(name: str, tags: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """What the console's "generate API key" leaves in CloudTrail."""
    user = {"userName": name, "userId": f"AIDA{name}", "arn": f"arn:aws:iam::123456789012:user/{name}"}
    pairs = [{"key": key, "value": value} for key, value in (tags or {}).items()]
    credential = {"userName": name, "serviceSpecificCredentialId": f"ACCA{name}", "status": "Active"}
    return [
        cloudtrail(
            "CreateUser", requestParameters={"userName": name, "tags": pairs}, responseElements={"user": user}
        ),
        cloudtrail(
            "CreateServiceSpecificCredential",
            requestParameters={"userName": name, "serviceName": "bedrock.amazonaws.com"},
            responseElements={"serviceSpecificCredential": credential},
        ),
    ]


def test_eventbridge_tells_of_principals(make_steward, tmp_path: Path) -> None:
    steward = make_steward(options=options(tmp_path)).start()

    def send(event: dict[str, Any], key: str = "eventbridge-secret") -> tuple[int, Any]:
        status, _, answer = post(
            steward, "/ingest/eventbridge", json.dumps(event).encode(),
            {"Content-Type": "application/json", "X-Api-Key": key},
        )  # fmt: skip
        return status, answer

    assert send(created("BedrockAPIKey-x")[0], key="wrong")[0] == 401
    for event in created("BedrockAPIKey-rogue") + created(
        "BedrockAPIKey-mine", {"Steward:Provisioned": "cli", "Steward:Team": "data", "Steward:BudgetTier": "high"}
    ):
        for expected in (0, 1):
            status, answer = send(event)
            assert status == 200 and answer["duplicates"] == expected, answer
    assert steward.budget("BedrockAPIKey-rogue")["limit"] == "1000.00"
    assert steward.budget("BedrockAPIKey-mine")["limit"] == "25.00"

    changed = cloudtrail(
        "TagUser",
        requestParameters={
            "userName": "BedrockAPIKey-mine", "tags": [{"key": "Steward:BudgetTier", "value": "low"}],
        },
    )  # fmt: skip
    deleted = cloudtrail("DeleteUser", requestParameters={"userName": "BedrockAPIKey-rogue"})
    batch = cloudtrail(
        "CreateModelInvocationJob", "bedrock", actor="BedrockAPIKey-mine",
        requestParameters={"modelId": "amazon.nova-pro-v1:0"}, responseElements={"jobArn": "arn:aws:bedrock:job"},
    )  # fmt: skip
    unknown = cloudtrail("CreateTelepathy", "bedrock", actor="BedrockAPIKey-mine")
    for event in (changed, deleted, batch, unknown, changed):
        assert send(event)[0] == 200
    assert steward.budget("BedrockAPIKey-rogue")["status"] == "closed"
    assert steward.budget("BedrockAPIKey-mine")["limit"] == "25.00"
    kinds = [notice["kind"] for notice in steward.get("/api/v1/notices?limit=100")["notices"]]
    assert sorted(kind for kind in kinds if kind != "budget-warning") == [
        "rogue-key", "tag-tampering", "unknown-operation",
    ]  # fmt: skip
    letters = steward.get("/api/v1/dead-letters?kind=usage")["deadLetters"]
    assert len(letters) == 1 and "CreateTelepathy" in letters[0]["subject"]
    actions = [entry["action"] for entry in steward.audit()]
    assert {"principal.created", "principal.closed", "principal.tagged", "bedrock.job-started"} <= set(actions)
    assert steward.get("/api/v1/ingest/sources")["counts"] == {
        "jobs-batch": 1, "rogue-keys": 1, "tag-tampering": 1, "unknown-operations": 1,
    }  # fmt: skip


def test_calls_are_counted_by_what_and_from_where_they_came(make_steward, tmp_path: Path) -> None:
    steward = make_steward(options=options(tmp_path)).start()
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())

    def call(agent: str, address: str, name: str = "Converse", **more: Any) -> dict[str, Any]:
        return cloudtrail(
            name, "bedrock", actor="BedrockAPIKey-live", eventTime=now, userAgent=agent, sourceIPAddress=address,
            readOnly=True, requestParameters={"modelId": "amazon.nova-pro-v1:0"}, **more,
        )  # fmt: skip

    boto = "Boto3/1.34.131 md/Botocore#1.34.131 ua/2.0 os/linux#6.1"
    events = [
        call(boto, "203.0.113.9"),
        call(boto, "203.0.113.10", "InvokeModel"),
        call("[aws-cli/2.15.30]", "203.0.113.9"),
        call(boto, "203.0.113.9", errorCode="ThrottlingException"),
    ]
    for event in events + events:
        status, _, answer = post(
            steward, "/ingest/eventbridge", json.dumps(event).encode(),
            {"Content-Type": "application/json", "X-Api-Key": "eventbridge-secret"},
        )  # fmt: skip
        assert status == 200 and answer["principalEvents"] == 1, answer

    def added_up(by: str) -> dict[str, tuple[int, int]]:
        answer = steward.ctl("usage", "--by", by, "--from", "1d")
        assert (answer["total"]["requests"], answer["total"]["errors"]) == (4, 1)
        names = by.split(",")
        return {" ".join(row[name] for name in names): (row["requests"], row["errors"]) for row in answer["rows"]}

    assert added_up("user-agent") == {"Boto3/1.34": (3, 1), "aws-cli/2.15": (1, 0)}
    assert added_up("address") == {"203.0.113.9": (3, 1), "203.0.113.10": (1, 0)}
    assert added_up("address,operation") == {
        "203.0.113.9 Converse": (3, 1), "203.0.113.10 InvokeModel": (1, 0),
    }  # fmt: skip
    table = steward.run("usage", "--by", "user-agent", "--from", "1d").stdout
    assert "USER-AGENT" in table and "Boto3/1.34" in table and "Total 4 requests, 1 errors" in table
    assert "COST" not in table
    lines = steward.run("usage", "--by", "user-agent,address", "--from", "1d", "-o", "csv").stdout.splitlines()
    assert lines[0] == "user-agent,address,Requests,Errors,First,Last" and len(lines) == 4
    # Neither costs nor models are known of calls, and nothing was charged for them.
    assert steward.run("usage", "--by", "user-agent,model").returncode == 2
    assert steward.run("usage", "--by", "user-agent", "--analysis").returncode == 2
    assert "No data" in steward.run("usage", "--by", "principal").stdout
    assert float(steward.budget("BedrockAPIKey-live")["spent"]) == 0

    # Bodies tell how long a use took.
    body = {"outputTokenCount": 5, "outputBodyJson": {"stopReason": "end_turn", "metrics": {"latencyMs": 640}}}
    assert deliver(steward, [subscription([json.dumps(invocation(USER, "timed", 10, output=body))])])[0] == 200
    row = steward.ctl("usage", "--by", "hour,model", "--from", "1d")["rows"][0]
    assert (row["meanLatencyMs"], row["maxLatencyMs"], row["timedRequests"]) == (640, 640, 1)
    assert "MEAN MS" in steward.run("usage", "--by", "model", "--from", "1d").stdout


def test_addresses_need_not_be_kept(make_steward, tmp_path: Path) -> None:
    steward = make_steward(options=options(tmp_path, principals={"keepAddresses": False})).start()
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    event = cloudtrail(
        "Converse", "bedrock", actor="BedrockAPIKey-live", eventTime=now, userAgent="curl/8.5.0",
        sourceIPAddress="203.0.113.9",
    )  # fmt: skip
    headers = {"Content-Type": "application/json", "X-Api-Key": "eventbridge-secret"}
    assert post(steward, "/ingest/eventbridge", json.dumps(event).encode(), headers)[0] == 200
    rows = steward.ctl("usage", "--by", "user-agent,address", "--from", "1d")["rows"]
    assert [(row["user-agent"], row["address"]) for row in rows] == [("curl/8.5", "not-kept")]
    steward.stop()
    files = [path for path in steward.data.iterdir() if path.is_file()]
    assert files and not [path.name for path in files if b"203.0.113.9" in path.read_bytes()]


@pytest.fixture
def queue(aws: AWS) -> str:
    return aws.sqs.create_queue(QueueName=f"ingest-{next(numbers)}")["QueueUrl"]


def waiting(aws: AWS, queue: str) -> int:
    """Messages that are not deleted. moto counts those that are seen and those that are hidden one after the other, so
    that one which comes back in between is in neither count: the greater of two readings is right."""
    return max(counted(aws, queue), counted(aws, queue))


def counted(aws: AWS, queue: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = aws.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    return sum(int(attributes[name]) for name in names)


def sqs(queue: str, **more: Any) -> dict[str, Any]:
    return {"name": "events", "sqs": {"queueUrl": queue, "waitSeconds": 1, "visibilitySeconds": 2} | more}


def notification(bucket: str, key: str) -> dict[str, Any]:
    return {
        "Records": [
            {
                "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": REGION, "eventName": "ObjectCreated:Put",
                "s3": {"bucket": {"name": bucket}, "object": {"key": key}},
            }
        ]
    }  # fmt: skip


def test_a_queue_brings_events_objects_and_poison(aws: AWS, make_steward, tmp_path: Path, queue: str) -> None:
    s3 = aws.client("s3")
    bucket = f"queue-logs-{next(numbers)}"
    s3.create_bucket(Bucket=bucket)
    lines = "\n".join(record() for _ in range(1500))
    s3.put_object(Bucket=bucket, Key="log folder/a=1.json.gz", Body=gzip.compress(lines.encode()))
    wrapped = {"Type": "Notification", "Message": json.dumps(notification(bucket, "log+folder/a%3D1.json.gz"))}
    for body in (
        created("BedrockAPIKey-queue")[0], json.loads(record()), notification(bucket, "log+folder/a%3D1.json.gz"),
        wrapped, notification(bucket, "gone.gz"),
    ):  # fmt: skip
        aws.sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(body))
    aws.sqs.send_message(QueueUrl=queue, MessageBody="poison")
    # A key that can't be decoded names no object.
    aws.sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(notification(bucket, "a%FFb.gz")))
    sources = [sqs(queue, maximumReceives=2, visibilitySeconds=1)]
    steward = make_steward(options=options(tmp_path, sources=sources)).start()

    until("the queue is empty", lambda: waiting(aws, queue) == 0, 60)
    assert charged(steward) == 1501
    assert steward.budget("BedrockAPIKey-queue")["status"] == "active"
    letters = steward.get("/api/v1/dead-letters?kind=usage")["deadLetters"]
    assert sorted("NoSuchKey" in letter["cause"] for letter in letters) == [False, False, True]
    shown = steward.run("ingest", "sources")
    assert shown.returncode == 0 and "events" in shown.stdout, shown.stderr
    assert steward.stop() == 0


class Proxy:
    """Stands between Steward and moto, and loses some answers: what a crash or a broken line looks like to both."""

    def __init__(self, aws: AWS, loses: str):
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

        proxy = self
        self.lost = threading.Event()
        self.loses = loses

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if proxy.loses and proxy.loses in self.headers.get("X-Amz-Target", ""):
                    proxy.lost.set()
                    self.close_connection = True
                    return
                forward = http.client.HTTPConnection("127.0.0.1", aws.port, timeout=30)
                headers = {k: v for k, v in self.headers.items() if k.lower() not in ("connection",)}
                forward.request("POST", self.path, body, headers)
                answer = forward.getresponse()
                data = answer.read()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()


def test_kill_9_between_receipt_and_deletion_charges_once(aws: AWS, make_steward, tmp_path: Path, queue: str) -> None:
    for _ in range(3):
        aws.sqs.send_message(QueueUrl=queue, MessageBody=record())
    proxy = Proxy(aws, loses="DeleteMessage")
    try:
        steward = make_steward(options=options(tmp_path, sources=[sqs(queue)]))
        steward.start(AWS_ENDPOINT_URL=proxy.url)
        # What was received is charged and durable, and the word of it does not reach SQS.
        assert proxy.lost.wait(30), steward.log()
        steward.kill()
    finally:
        proxy.stop()
    assert waiting(aws, queue) == 3
    for _ in range(2):
        aws.sqs.send_message(QueueUrl=queue, MessageBody=record())
    steward.start()
    until("the queue is empty", lambda: waiting(aws, queue) == 0, 30)
    assert charged(steward) == 5
    assert source(steward, "events")["duplicates"] >= 1


def test_a_bucket_and_a_directory_are_read_and_resumed(aws: AWS, make_steward, tmp_path: Path) -> None:
    s3 = aws.client("s3")
    bucket = f"logs-{next(numbers)}"
    s3.create_bucket(Bucket=bucket)
    root = "AWSLogs/123456789012/BedrockModelInvocationLogs"

    def put(region: str, day: str, name: str, count: int = 1) -> None:
        lines = "\n".join(record() for _ in range(count))
        s3.put_object(Bucket=bucket, Key=f"{root}/{region}/{day}/10/{name}.json.gz", Body=gzip.compress(lines.encode()))

    s3.put_object(Bucket=bucket, Key=f"{root}/amazon-bedrock-logs-permission-check", Body=b"check")
    s3.put_object(Bucket=bucket, Key=f"{root}/us-east-1/2026/11/26/10/data/r_input.json.gz", Body=b"{}")
    put("us-east-1", "2026/11/26", "a", 2500)
    # One that is archived, before the others by name.
    archived = f"{root}/us-east-1/2026/11/26/10/A.json.gz"
    s3.put_object(Bucket=bucket, Key=archived, Body=gzip.compress(record().encode()), StorageClass="GLACIER")
    folder = tmp_path / "inbox"
    (folder / "day").mkdir(parents=True)
    (folder / "day" / "x.jsonl").write_text(record() + "\n" + record() + "\n")
    sources = [
        {"name": "bucket", "s3": {"bucket": bucket, "prefix": "AWSLogs/", "every": "1s", "from": "2026-11-01"}},
        {"name": "inbox", "directory": {"path": str(folder), "every": "1s"}},
    ]
    steward = make_steward(options=options(tmp_path, sources=sources)).start()
    until("both are read", lambda: charged(steward) == 2502, 30)
    steward.kill()
    put("eu-west-1", "2026/11/26", "b", 3)
    put("us-east-1", "2026/11/25", "late", 4)
    steward.start()
    until("the rest is read", lambda: charged(steward) == 2509, 30)
    found = {s["name"]: s for s in steward.get("/api/v1/ingest/sources")["sources"]}
    assert (found["bucket"]["records"], found["bucket"]["duplicates"], found["bucket"]["unreadable"]) == (2508, 0, 1)
    letters = steward.get("/api/v1/dead-letters?kind=usage")["deadLetters"]
    assert len(letters) == 1 and "InvalidObjectState" in letters[0]["cause"] and archived in letters[0]["cause"]
    assert "InvalidObjectState" in found["bucket"]["lastError"]
    assert (found["inbox"]["kind"], found["inbox"]["records"]) == ("directory", 2)
    assert steward.stop() == 0
