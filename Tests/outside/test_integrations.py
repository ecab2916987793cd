"""The AWS integrations that a Task may name, against moto, a Lambda endpoint and an HTTP server of this process."""

from __future__ import annotations

import base64
import json
import threading
import urllib.parse
import uuid
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from steward import AWS, REGION, Steward, until

ROLE = "arn:aws:iam::123456789012:role/states"
CONNECTION = "arn:aws:events:us-east-1:123456789012:connection/{}/0a1b2c3d"


class Server:
    """Answers every request with what `respond` returns: a status, headers, a body."""

    def __init__(self, respond: Callable[[Any, bytes], tuple[int, dict[str, str], bytes]]):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, headers, content = respond(self, body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def invoke(request: Any, body: bytes) -> tuple[int, dict[str, str], bytes]:
    """Lambda: `echo` returns its event, `fails` raises, others are not there."""
    function = urllib.parse.unquote(request.path.split("/")[3]).split(":function:")[-1]
    headers = {"Content-Type": "application/json", "x-amzn-RequestId": str(uuid.uuid4())}
    if function == "echo":
        return 200, headers | {"X-Amz-Executed-Version": "$LATEST"}, body
    if function == "fails":
        failed = {"errorMessage": "no", "errorType": "Refused"}
        return 200, headers | {"X-Amz-Function-Error": "Unhandled"}, json.dumps(failed).encode()
    missing = {"Type": "User", "Message": f"Function not found: {function}"}
    return 404, headers | {"x-amzn-ErrorType": "ResourceNotFoundException"}, json.dumps(missing).encode()


def api(request: Any, body: bytes) -> tuple[int, dict[str, str], bytes]:
    """An API that tells what it was asked."""
    path, _, query = request.path.partition("?")
    if path.startswith("/status/"):
        return int(path.rsplit("/", 1)[1]), {"Content-Type": "application/json"}, b'{"message":"as you wished"}'
    told = {
        "method": request.command, "path": path, "query": urllib.parse.parse_qs(query),
        "authorization": request.headers.get("Authorization"), "key": request.headers.get("X-Api-Key"),
        "type": request.headers.get("Content-Type"), "body": body.decode(),
    }  # fmt: skip
    return 200, {"Content-Type": "application/json", "X-Served-By": "test"}, json.dumps(told).encode()


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Server, Server]]:
    made = Server(invoke), Server(api)
    yield made
    for server in made:
        server.stop()


def configuration(folder: Path, allow: bool) -> dict[str, Any]:
    secret = folder / "password"
    secret.write_text("open sesame\n")
    connections = [
        {"name": "keyed", "type": "api-key", "header": "X-Api-Key", "valueEnvironment": "TEST_API_KEY"},
        {"name": "basic", "type": "basic", "userName": "ali", "passwordFile": str(secret)},
    ]
    return {"account": "123456789012", "http": {"allowLocalAddresses": allow, "connections": connections}}


@pytest.fixture(scope="module")
def steward(
    tmp_path_factory: pytest.TempPathFactory, aws: AWS, servers: tuple[Server, Server]
) -> Iterator[Steward]:
    folder = tmp_path_factory.mktemp("integrations")
    daemon = Steward(folder / "steward", aws.endpoint, configuration(folder, allow=True))
    daemon.start(AWS_ENDPOINT_URL_LAMBDA=servers[0].url, TEST_API_KEY="k-123")
    yield daemon
    daemon.kill()


def states(steward: Steward) -> Any:
    return boto3.client(
        "stepfunctions", endpoint_url=steward.url, region_name=REGION, aws_access_key_id="test",
        aws_secret_access_key="test", config=Config(inject_host_prefix=False, retries={"total_max_attempts": 1}),
    )  # fmt: skip


class Run:
    """One task, run to its end unless it waits."""

    def __init__(self, steward: Steward, resource: str, parameters: Any = None, **more: Any):
        self.states = states(steward)
        full = resource if resource.startswith("arn:") else f"arn:aws:states:::{resource}"
        task = {"Type": "Task", "Resource": full, "End": True} | more
        if parameters is not None:
            task["Parameters"] = parameters
        machine = self.states.create_state_machine(
            name=f"m-{uuid.uuid4()}", roleArn=ROLE, definition=json.dumps({"StartAt": "T", "States": {"T": task}})
        )["stateMachineArn"]
        self.machine = machine
        self.arn = self.states.start_execution(stateMachineArn=machine, input='{"in": 1}')["executionArn"]

    def finished(self) -> dict[str, Any]:
        def end() -> Any:
            found = self.states.describe_execution(executionArn=self.arn)
            return found if found["status"] != "RUNNING" else None

        return until(f"{self.arn} ends", end)

    @property
    def output(self) -> Any:
        found = self.finished()
        assert found["status"] == "SUCCEEDED", f"{found.get('error')}: {found.get('cause')}"
        return json.loads(found["output"])

    @property
    def failure(self) -> tuple[str, str]:
        found = self.finished()
        assert found["status"] == "FAILED", found
        return found["error"], found["cause"]

    def events(self) -> list[dict[str, Any]]:
        return self.states.get_execution_history(executionArn=self.arn)["events"]


def queue(aws: AWS) -> str:
    return aws.sqs.create_queue(QueueName=f"q-{uuid.uuid4()}")["QueueUrl"]


def received(aws: AWS, url: str) -> str:
    def first() -> Any:
        return aws.sqs.receive_message(QueueUrl=url).get("Messages")

    return until("a message arrives", first)[0]["Body"]


def queue_arn(aws: AWS, url: str) -> str:
    found = aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return found["Attributes"]["QueueArn"]


# Optimised integrations


def test_sqs_sends_json_and_tells_of_the_request(steward: Steward, aws: AWS) -> None:
    url = queue(aws)
    output = Run(steward, "sqs:sendMessage", {"QueueUrl": url, "MessageBody": {"a.$": "$.in"}}).output
    assert json.loads(received(aws, url)) == {"a": 1}
    assert output["SdkHttpMetadata"]["HttpStatusCode"] == 200
    assert set(output) == {"MD5OfMessageBody", "MessageId", "SdkHttpMetadata", "SdkResponseMetadata"}


def test_sqs_names_a_missing_queue(steward: Steward, aws: AWS) -> None:
    error, cause = Run(steward, "sqs:sendMessage", {"QueueUrl": f"{aws.endpoint}/1/none", "MessageBody": "x"}).failure
    assert error == "SQS.QueueDoesNotExistException"
    assert "(Service: AmazonSQS; Status Code: 400; Error Code: AWS.SimpleQueueService.NonExistentQueue; " in cause


def test_a_token_goes_out_and_comes_back(steward: Steward, aws: AWS) -> None:
    url = queue(aws)
    body = {"token.$": "$$.Task.Token"}
    run = Run(steward, "sqs:sendMessage.waitForTaskToken", {"QueueUrl": url, "MessageBody": body})
    token = json.loads(received(aws, url))["token"]
    run.states.send_task_success(taskToken=token, output='{"done": true}')
    assert run.output == {"done": True}
    submitted = next(e["taskSubmittedEventDetails"] for e in run.events() if e["type"] == "TaskSubmitted")
    assert "MessageId" in json.loads(submitted["output"]) and submitted["resource"] == "sendMessage.waitForTaskToken"


def test_a_lambda_function_gets_the_token(steward: Steward) -> None:
    parameters = {"FunctionName": "echo", "Payload": {"token.$": "$$.Task.Token"}}
    run = Run(steward, "lambda:invoke.waitForTaskToken", parameters)

    def submitted() -> Any:
        return next((e["taskSubmittedEventDetails"] for e in run.events() if e["type"] == "TaskSubmitted"), None)

    token = json.loads(until("the task is submitted", submitted)["output"])["Payload"]["token"]
    run.states.send_task_failure(taskToken=token, error="Refused", cause="because")
    assert run.failure == ("Refused", "because")


def test_sns_publishes(steward: Steward, aws: AWS) -> None:
    url, topic = queue(aws), aws.sns.create_topic(Name=f"t-{uuid.uuid4()}")["TopicArn"]
    aws.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn(aws, url))
    attributes = {"team": {"DataType": "String", "StringValue": "a"}}
    output = Run(
        steward, "sns:publish", {"TopicArn": topic, "Message": {"n": 1}, "MessageAttributes": attributes}
    ).output
    envelope = json.loads(received(aws, url))
    assert json.loads(envelope["Message"]) == {"n": 1} and envelope["MessageId"] == output["MessageId"]
    assert envelope["MessageAttributes"]["team"]["Value"] == "a"
    error, _ = Run(steward, "sns:publish", {"TopicArn": topic + "x", "Message": "m"}).failure
    assert error == "SNS.NotFoundException"


def test_dynamodb_items(steward: Steward, aws: AWS) -> None:
    table = f"t-{uuid.uuid4()}"
    aws.client("dynamodb").create_table(
        TableName=table, KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}], BillingMode="PAY_PER_REQUEST",
    )  # fmt: skip
    key, item = {"id": {"S": "1"}}, {"id": {"S": "1"}, "n": {"N": "1"}}
    put = {"TableName": table, "Item": item, "ConditionExpression": "attribute_not_exists(id)"}
    assert Run(steward, "dynamodb:putItem", put).output["SdkHttpMetadata"]["HttpStatusCode"] == 200
    error, cause = Run(steward, "dynamodb:putItem", put).failure
    assert error == "DynamoDB.ConditionalCheckFailedException" and "Service: AmazonDynamoDBv2;" in cause
    update = {
        "TableName": table, "Key": key, "UpdateExpression": "SET n = n + :one", "ReturnValues": "ALL_NEW",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }  # fmt: skip
    assert Run(steward, "dynamodb:updateItem", update).output["Attributes"]["n"] == {"N": "2"}
    assert Run(steward, "dynamodb:getItem", {"TableName": table, "Key": key}).output["Item"] == item | {"n": {"N": "2"}}
    assert Run(steward, "aws-sdk:dynamodb:getItem", {"TableName": table, "Key": key}).output == {
        "Item": item | {"n": {"N": "2"}}
    }
    Run(steward, "dynamodb:deleteItem", {"TableName": table, "Key": key}).finished()
    assert "Item" not in Run(steward, "dynamodb:getItem", {"TableName": table, "Key": key}).output


def test_eventbridge_events_tell_their_origin(steward: Steward, aws: AWS) -> None:
    url, events = queue(aws), aws.client("events")
    source = f"test.{uuid.uuid4()}"
    events.put_rule(Name=source, EventPattern=json.dumps({"source": [source]}))
    events.put_targets(Rule=source, Targets=[{"Id": "q", "Arn": queue_arn(aws, url)}])
    entry = {"Source": source, "DetailType": "d", "Detail": {"a.$": "$.in"}}
    run = Run(steward, "events:putEvents", {"Entries": [entry]})
    assert run.output["FailedEntryCount"] == 0
    event = json.loads(received(aws, url))
    assert event["detail"] == {"a": 1} and event["resources"] == [run.machine, run.arn]
    error, cause = Run(steward, "events:putEvents", {"Entries": [{"DetailType": "d", "Detail": "{}"}]}).failure
    assert error == "EventBridge.FailedEntry" and json.loads(cause)["FailedEntryCount"] == 1


def test_lambda_functions(steward: Steward) -> None:
    output = Run(steward, "lambda:invoke", {"FunctionName": "echo", "Payload": {"x.$": "$.in"}}).output
    assert (output["Payload"], output["StatusCode"], output["ExecutedVersion"]) == ({"x": 1}, 200, "$LATEST")
    assert Run(steward, "arn:aws:lambda:us-east-1:123456789012:function:echo").output == {"in": 1}
    failed = ("Refused", '{"errorMessage":"no","errorType":"Refused"}')
    assert Run(steward, "lambda:invoke", {"FunctionName": "fails"}).failure == failed
    assert Run(steward, "arn:aws:lambda:us-east-1:123456789012:function:fails").failure == failed
    error, cause = Run(steward, "lambda:invoke", {"FunctionName": "none"}).failure
    assert error == "Lambda.ResourceNotFoundException"
    assert cause.startswith("Function not found: none (Service: AWSLambda; Status Code: 404; ")


# The SDK's


def test_secrets_are_shown_as_the_sdk_names_them(steward: Steward, aws: AWS) -> None:
    name = f"s-{uuid.uuid4()}"
    created = Run(steward, "aws-sdk:secretsmanager:createSecret", {"Name": name, "SecretString": {"u": "x"}}).output
    found = Run(steward, "aws-sdk:secretsmanager:getSecretValue", {"SecretId": name}).output
    assert found["Arn"] == created["Arn"] and json.loads(found["SecretString"]) == {"u": "x"}
    assert found["CreatedDate"].endswith("Z") and "SdkHttpMetadata" not in found
    error, cause = Run(steward, "aws-sdk:secretsmanager:getSecretValue", {"SecretId": "none"}).failure
    assert error == "SecretsManager.ResourceNotFoundException"
    assert "(Service: SecretsManager, Status Code: 4" in cause


def test_identities(steward: Steward, aws: AWS) -> None:
    name = f"u-{uuid.uuid4()}"
    user = Run(steward, "aws-sdk:iam:createUser", {"UserName": name}).output["User"]
    assert user["UserName"] == name and user["CreateDate"].endswith("Z")
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
    policy = {"UserName": name, "PolicyName": "deny", "PolicyDocument": document}
    assert Run(steward, "aws-sdk:iam:putUserPolicy", policy).output == {}
    assert aws.iam.get_user_policy(UserName=name, PolicyName="deny")["PolicyDocument"] == document
    assert Run(steward, "aws-sdk:sts:getCallerIdentity", {}).output["Account"] == "123456789012"
    error, _ = Run(steward, "aws-sdk:iam:getUser", {"UserName": "none"}).failure
    assert error == "Iam.NoSuchEntityException"


def test_parameters(steward: Steward, aws: AWS) -> None:
    name = f"/p/{uuid.uuid4()}"
    put = {"Name": name, "Value": {"a": 1}, "Type": "String"}
    assert Run(steward, "aws-sdk:ssm:putParameter", put).output["Version"] == 1
    found = Run(steward, "aws-sdk:ssm:getParameter", {"Name": name}).output["Parameter"]
    assert found["Value"] == '{"a":1}' and found["Arn"].endswith(name) and found["LastModifiedDate"].endswith("Z")
    error, cause = Run(steward, "aws-sdk:ssm:getParameter", {"Name": "/none"}).failure
    assert error == "Ssm.ParameterNotFoundException" and cause.endswith(" (SDK Attempt Count: 1)")


def test_logs_in_small_letters(steward: Steward, aws: AWS) -> None:
    group = f"/g/{uuid.uuid4()}"
    create = {"LogGroupName": group, "Tags": {"Team": "a"}}
    assert Run(steward, "aws-sdk:cloudwatchlogs:createLogGroup", create).output == {}
    described = Run(steward, "aws-sdk:cloudwatchlogs:describeLogGroups", {"LogGroupNamePrefix": group}).output
    assert described["LogGroups"][0]["LogGroupName"] == group
    assert isinstance(described["LogGroups"][0]["CreationTime"], int)
    tags = Run(steward, "aws-sdk:cloudwatchlogs:listTagsLogGroup", {"LogGroupName": group}).output
    assert tags == {"Tags": {"Team": "a"}}


def test_keys(steward: Steward, aws: AWS) -> None:
    key = Run(steward, "aws-sdk:kms:createKey", {"Description": "d"}).output["KeyMetadata"]
    assert key["AwsAccountId"] == "123456789012" and key["CreationDate"].endswith("Z")
    text = base64.b64encode(b"hello").decode()
    sealed = Run(steward, "aws-sdk:kms:encrypt", {"KeyId": key["KeyId"], "Plaintext": text}).output
    opened = Run(steward, "aws-sdk:kms:decrypt", {"CiphertextBlob": sealed["CiphertextBlob"]}).output
    assert opened["Plaintext"] == text


def test_queues_and_topics_and_rules(steward: Steward, aws: AWS) -> None:
    name = f"q-{uuid.uuid4()}"
    url = Run(steward, "aws-sdk:sqs:createQueue", {"QueueName": name, "Attributes": {"DelaySeconds": "0"}}).output
    sent = Run(steward, "aws-sdk:sqs:sendMessage", {"QueueUrl": url["QueueUrl"], "MessageBody": {"a": 1}}).output
    assert set(sent) == {"Md5OfMessageBody", "MessageId"} and json.loads(received(aws, url["QueueUrl"])) == {"a": 1}
    topic = Run(steward, "aws-sdk:sns:createTopic", {"Name": name}).output["TopicArn"]
    attributes = Run(steward, "aws-sdk:sns:getTopicAttributes", {"TopicArn": topic}).output["Attributes"]
    assert attributes["TopicArn"] == topic
    rule = {"Name": name, "EventPattern": {"source": ["x"]}}
    assert Run(steward, "aws-sdk:eventbridge:putRule", rule).output["RuleArn"].endswith(name)
    found = Run(steward, "aws-sdk:eventbridge:describeRule", {"Name": name}).output
    assert json.loads(found["EventPattern"]) == {"source": ["x"]}


def test_the_sdks_lambda(steward: Steward) -> None:
    output = Run(steward, "aws-sdk:lambda:invoke", {"FunctionName": "fails", "Payload": {}}).output
    assert output["FunctionError"] == "Unhandled" and json.loads(output["Payload"])["errorType"] == "Refused"


def test_objects(steward: Steward, aws: AWS) -> None:
    bucket = f"b-{uuid.uuid4()}"
    Run(steward, "aws-sdk:s3:createBucket", {"Bucket": bucket}).finished()
    Run(steward, "aws-sdk:s3:putObject", {"Bucket": bucket, "Key": "k", "Body": {"a": 1}}).finished()
    found = Run(steward, "aws-sdk:s3:getObject", {"Bucket": bucket, "Key": "k"}).output
    assert json.loads(found["Body"]) == {"a": 1} and found["LastModified"].endswith("Z")


# HTTP Tasks


def http(steward: Steward, endpoint: str, connection: str = "keyed", method: str = "GET", **more: Any) -> Run:
    parameters = {
        "ApiEndpoint": endpoint, "Method": method, "Authentication": {"ConnectionArn": CONNECTION.format(connection)},
    }  # fmt: skip
    return Run(steward, "http:invoke", parameters | more)


def test_an_http_task_asks_and_shows_the_answer(steward: Steward, servers: tuple[Server, Server]) -> None:
    url = servers[1].url
    output = http(
        steward, f"{url}/v1/things", method="POST", QueryParameters={"a": ["1", "2"]}, RequestBody={"x.$": "$.in"}
    ).output
    assert (output["StatusCode"], output["StatusText"]) == (200, "OK")
    assert output["Headers"]["x-served-by"] == ["test"]
    told = output["ResponseBody"]
    assert told["method"] == "POST" and told["path"] == "/v1/things" and told["query"] == {"a": ["1", "2"]}
    assert told["key"] == "k-123" and told["type"] == "application/json" and json.loads(told["body"]) == {"x": 1}


def test_a_form_and_a_password(steward: Steward, servers: tuple[Server, Server]) -> None:
    transform = {"RequestBodyEncoding": "URL_ENCODED", "RequestEncodingOptions": {"ArrayFormat": "REPEAT"}}
    output = http(
        steward, servers[1].url, "basic", "POST", RequestBody={"a": [1, 2], "b": "c d"}, Transform=transform
    ).output
    told = output["ResponseBody"]
    assert told["body"] == "a=1&a=2&b=c%20d" and told["type"] == "application/x-www-form-urlencoded"
    assert told["authorization"] == "Basic " + base64.b64encode(b"ali:open sesame").decode()


@pytest.mark.parametrize("status", [301, 400, 404, 429, 503])
def test_a_status_is_an_error(steward: Steward, servers: tuple[Server, Server], status: int) -> None:
    failed = http(steward, f"{servers[1].url}/status/{status}").failure
    assert failed == (f"States.Http.StatusCode.{status}", '{"message":"as you wished"}')


def test_the_secret_is_nowhere_to_be_read(steward: Steward, servers: tuple[Server, Server]) -> None:
    run = http(steward, f"{servers[1].url}/status/500")
    run.finished()
    everything = json.dumps(run.events(), default=str) + steward.log()
    assert "k-123" not in everything and "open sesame" not in everything


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "169.254.169.254"])
def test_addresses_of_this_machine_are_refused(
    tmp_path: Path, aws: AWS, servers: tuple[Server, Server], host: str
) -> None:
    daemon = Steward(tmp_path / "steward", aws.endpoint, configuration(tmp_path, allow=False))
    daemon.start(TEST_API_KEY="k-123")
    try:
        port = servers[1].url.rsplit(":", 1)[1]
        error, cause = http(daemon, f"https://{host}:{port}/").failure
        assert error == "States.Http.Socket" and "link-local" in cause
        error, cause = http(daemon, servers[1].url).failure
        assert error == "States.Runtime" and "https://" in cause
    finally:
        daemon.kill()


@pytest.mark.parametrize(
    ("http_settings", "complaint"),
    [
        ({"connections": [{"name": "a", "type": "basic", "userName": "u", "password": "p"}]}, "password is not a setting"),
        ({"connections": [{"name": "a", "type": "api-key", "header": "X"}]}, 'lacks "valueFile" or "valueEnvironment"'),
        ({"connections": [{"name": "a", "type": "magic"}]}, "must be one of api-key, basic, oauth"),
        ({"allowLocalAddresses": "yes please"}, "must be true or false"),
    ],
)
def test_settings_that_cannot_be_used_stop_the_start(
    tmp_path: Path, aws: AWS, http_settings: dict[str, Any], complaint: str
) -> None:
    daemon = Steward(tmp_path / "steward", aws.endpoint, {"http": http_settings}).start(wait=False)
    until("the daemon ends", lambda: daemon.process.ended())
    assert complaint in daemon.log()
    daemon.kill()
