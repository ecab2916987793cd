"""Who Steward is, labels on the suspended, roles that several share, and batch jobs: the built daemon against moto."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator

import boto3
import pytest
from conftest import settings
from steward import AWS, REGION, Steward, aws_environment, invocation, log_file, until
from test_access import ACCOUNT, actions, in_status, kinds, make_role, make_user, reconcile, restore, spend, suspend

numbers = itertools.count(1)
TAGS = {"StewardRestricted", "StewardRestrictionLevel", "StewardRestrictionTimestamp"}


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AWS]:
    server = AWS(tmp_path_factory.mktemp("moto-roles"), program="like_iam.py")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def own_session(aws: AWS) -> dict[str, str]:
    """Credentials of a session in Steward's own role."""
    make_role(aws, "steward-itself")
    sts = boto3.client("sts", endpoint_url=aws.endpoint, region_name=REGION,
                       aws_access_key_id="test", aws_secret_access_key="test")  # fmt: skip
    arn = f"arn:aws:iam::{ACCOUNT}:role/service/steward-itself"
    keys = sts.assume_role(RoleArn=arn, RoleSessionName="i-0123")["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
    }  # fmt: skip


def bucket_client(aws: AWS):
    return boto3.client("s3", endpoint_url=aws.endpoint, region_name=REGION,
                        aws_access_key_id="test", aws_secret_access_key="test")  # fmt: skip


@pytest.fixture(scope="module")
def steward(tmp_path_factory: pytest.TempPathFactory, aws: AWS, own_session: dict[str, str]) -> Iterator[Steward]:
    bucket_client(aws).create_bucket(Bucket="batch-output")
    options = settings(graceSeconds=0) | {
        "access": {"sharedRoles": ["shared", "anonymous"]},
        "ingest": {"sources": [{"name": "jobs", "s3": {"bucket": "batch-output", "region": REGION, "every": "1s"}}]},
    }
    daemon = Steward(tmp_path_factory.mktemp("roles"), aws.endpoint, options)
    daemon.start(**own_session)
    yield daemon
    daemon.kill()


def event(name: str, actor: str, request: dict, answer: dict | None = None, service: str = "iam") -> dict:
    """A CloudTrail record of `actor`, an ARN."""
    return {
        "eventVersion": "1.11", "userIdentity": {"type": "AssumedRole", "arn": actor, "accountId": ACCOUNT},
        "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "eventSource": f"{service}.amazonaws.com",
        "eventName": name, "awsRegion": REGION, "requestParameters": request, "responseElements": answer,
        "eventID": f"event-{time.time_ns()}", "recipientAccountId": ACCOUNT,
    }  # fmt: skip


def bring(steward: Steward, *records: dict) -> dict:
    return steward.ctl("ingest", str(log_file(steward.directory / f"trail-{next(numbers)}.jsonl", list(records))))


def tags(aws: AWS, user: str) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in aws.iam.list_user_tags(UserName=user)["Tags"]}


def test_steward_knows_who_it_is_and_is_never_suspended(aws: AWS, steward: Steward) -> None:
    own = f"arn:aws:iam::{ACCOUNT}:role/steward-itself"
    until("it knows itself", lambda: steward.get("/api/v1/status")["identity"]["arn"] == own)
    assert steward.get("/api/v1/status")["identity"]["session"] == "i-0123"
    assert own in steward.run("status").stdout
    assert own in steward.run("doctor", "--quick", "--data", str(steward.data)).stdout
    radar = steward.get("/api/v1/radar")
    assert radar["identity"]["arn"] == own
    assert "own-identity" not in {one["subject"] for one in radar["findings"]}

    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/steward-itself/i-0123"
    spend(steward, session)
    assert steward.budget(f"{ACCOUNT}/role/steward-itself")["status"] == "active"
    spared = [n for n in steward.get("/api/v1/notices?limit=1000")["notices"] if n["kind"] == "spared"]
    assert any("steward-itself" in json.dumps(notice) for notice in spared)

    # What it does itself in IAM is no tampering; the same by somebody else is.
    user = f"BedrockAPIKey-own{next(numbers)}"
    made = {"user": {"userName": user, "arn": f"arn:aws:iam::{ACCOUNT}:user/{user}", "userId": "AIDA1"}}
    stranger = f"arn:aws:iam::{ACCOUNT}:user/eve"
    tier = [{"key": "Steward:BudgetTier", "value": "low"}]
    bring(steward, event("CreateUser", session, {"userName": user, "tags": tier}, made))
    for value, actor, told in (("medium", session, False), ("high", stranger, True)):
        change = {"userName": user, "tags": [{"key": "Steward:BudgetTier", "value": value}]}
        bring(steward, event("TagUser", actor, change))
        assert ("tag-tampering" in kinds(steward)) == told


@pytest.mark.parametrize("told", [True, False], ids=["told", "found by its id"])
def test_a_renamed_user_stays_suspended_until_it_is_given_back(aws: AWS, steward: Steward, told: bool) -> None:
    user, arn = make_user(aws)
    suspend(steward, arn)
    name = f"{user}-renamed"
    aws.iam.update_user(UserName=user, NewUserName=name)
    renamed = f"{ACCOUNT}/user/{name}"
    if told:
        admin = f"arn:aws:sts::{ACCOUNT}:assumed-role/admin/ana"
        bring(steward, event("UpdateUser", admin, {"userName": user, "newUserName": name}))
    else:
        reconcile(steward)
    assert steward.budget(renamed)["status"] == "suspended"
    assert steward.budget(arn)["status"] == "closed"
    # The deny that came along is no orphan, and the comparison goes by the new name.
    reconcile(steward)
    assert aws.has_no_access(name) and steward.budget(renamed)["status"] == "suspended"
    assert steward.run("principal", "block", user, "--for", "1h", "--reason", "leaked").returncode != 0
    restore(steward, renamed)
    assert aws.has_access(name)


def test_without_sts_it_starts_and_says_so(tmp_path, aws: AWS) -> None:
    # moto calls an unknown key something that AWS never would.
    steward = Steward(tmp_path / "unknown", aws.endpoint, settings()).start()
    try:
        until("the failure", lambda: "is not known" in steward.log())
        identity = steward.get("/api/v1/status")["identity"]
        assert identity["arn"] is None and "user/moto" in identity["problem"]
        assert "not known" in steward.run("status").stdout
        result = steward.run("doctor", "--quick", "--json", "--data", str(steward.data))
        check = next(one for one in json.loads(result.stdout)["checks"] if one["check"] == "identity")
        assert result.returncode == 1 and check["outcome"] == "warning"
        assert "user/moto" in check["message"] and "GetCallerIdentity" in check["advice"]
        found = {one["subject"] for one in steward.ctl("radar")["findings"]}
        assert "own-identity" in found
    finally:
        steward.kill()


def test_the_suspended_are_tagged_until_they_are_back(aws: AWS, steward: Steward) -> None:
    user, arn = make_user(aws)
    aws.iam.tag_user(UserName=user, Tags=[{"Key": "Team", "Value": "search"}])
    suspend(steward, arn)
    assert set(tags(aws, user)) == TAGS | {"Team"}
    assert tags(aws, user)["StewardRestricted"] == "true" and tags(aws, user)["StewardRestrictionLevel"] == "both"
    # Nobody is told of a change of these, whoever makes it.
    before = kinds(steward)
    bring(steward, event("UntagUser", f"arn:aws:iam::{ACCOUNT}:user/eve", {"userName": user, "tagKeys": sorted(TAGS)}))
    reconcile(steward)
    assert kinds(steward).count("access-drift") == before.count("access-drift") and kinds(steward).count(
        "tag-tampering"
    ) == before.count("tag-tampering")
    restore(steward, user)
    assert tags(aws, user) == {"Team": "search"}
    assert "access.tags-refused" not in actions(steward)


def test_a_session_that_begins_later_is_denied_too(aws: AWS, steward: Steward) -> None:
    role, role_id = make_role(aws, "shared")
    name = f"{ACCOUNT}/role/{role}"
    suspend(steward, f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/ana", name)

    def denied() -> set[str]:
        document = aws.iam.get_role_policy(RoleName=role, PolicyName="StewardBedrockDeny")["PolicyDocument"]
        callers = document["Statement"][0]["Condition"]["StringLike"]["aws:userid"]
        return set([callers] if isinstance(callers, str) else callers)

    assert denied() == {f"{role_id}:ana"}
    time.sleep(1.1)  # Logs tell time in whole seconds: this use is later than the suspension.
    spend(steward, f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/eve", 1000)
    until("eve is in the deny", lambda: denied() == {f"{role_id}:ana", f"{role_id}:eve"})
    until("it is written down", lambda: "access.sessions-to-deny" in actions(steward))
    assert steward.budget(name)["status"] == "suspended"
    restore(steward, name)
    assert aws.iam.list_role_policies(RoleName=role)["PolicyNames"] == []


def test_a_role_that_can_not_be_scoped_is_told_once(aws: AWS, steward: Steward) -> None:
    role, _ = make_role(aws, "anonymous")
    name = f"{ACCOUNT}/role/{role}"
    spend(steward, f"arn:aws:iam::{ACCOUNT}:role/service/{role}")
    until("it is declined", lambda: steward.budget(name)["declinedSince"])
    until("the run has ended", lambda: not steward.runs(machine="suspension", status="RUNNING"))
    shown = steward.budget(name)
    assert shown["status"] == "active" and shown["reason"] == "unscopable-role"
    assert "Declined since" in steward.run("budget", "get", name).stdout
    assert ("suspension-declined", name) in {(one["kind"], one["subject"]) for one in steward.ctl("radar")["findings"]}
    told = len(kinds(steward))
    for _ in range(2):
        assert steward.run("run", "start", "budget-monitor", "--wait").returncode == 0
    assert len(kinds(steward)) == told


def test_a_batch_job_is_charged_once_to_who_made_it(aws: AWS, steward: Steward) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:user/batcher"
    jobs = ["abc123def456", "0123456789ab"]

    def put(job: str) -> None:
        counts = {
            "totalRecordCount": 100, "processedRecordCount": 100, "successRecordCount": 98, "errorRecordCount": 2,
            "inputTokenCount": 200_000, "outputTokenCount": 20_000,
        }  # fmt: skip
        bucket = bucket_client(aws)
        bucket.put_object(Bucket="batch-output", Key=f"out/{job}/input.jsonl.out", Body=b'{"modelOutput":{}}\n')
        bucket.put_object(Bucket="batch-output", Key=f"out/{job}/manifest.json.out", Body=json.dumps(counts).encode())

    def created(job: str) -> dict:
        job_arn = f"arn:aws:bedrock:{REGION}:{ACCOUNT}:model-invocation-job/{job}"
        request = {"modelId": "global.anthropic.claude-sonnet-4-6", "jobName": job}
        return event("CreateModelInvocationJob", arn, request, {"jobArn": job_arn}, service="bedrock")

    bring(steward, created(jobs[0]))
    put(jobs[0])
    # 200,000 tokens at $3 and 20,000 at $15 a million, half of it: $0.45.
    until("the first is charged", lambda: steward.budget(arn)["spent"] == "0.45")
    # The manifest first: nobody pays, and the radar says so, until CloudTrail tells.
    put(jobs[1])
    finding = ("unattributed-batch", jobs[1])
    until("the second is seen", lambda: finding in {(f["kind"], f["subject"]) for f in steward.ctl("radar")["findings"]})
    assert steward.budget(arn)["spent"] == "0.45"
    for _ in range(2):
        bring(steward, created(jobs[1]), created(jobs[0]))
    assert steward.budget(arn)["spent"] == "0.90"
    assert finding not in {(f["kind"], f["subject"]) for f in steward.ctl("radar")["findings"]}
    assert actions(steward).count("bedrock.job-charged") == 2
    assert not [letter for letter in steward.ctl("dlq", "list")["deadLetters"] if "batch" in json.dumps(letter)]


def test_an_agentcore_runtimes_role_has_a_budget_of_its_kind(aws: AWS, steward: Steward) -> None:
    role, _ = make_role(aws, "agent-role")
    role_arn = f"arn:aws:iam::{ACCOUNT}:role/service/{role}"
    dev = f"arn:aws:iam::{ACCOUNT}:user/dev"

    def made(name: str) -> dict:
        answer = {"agentRuntimeId": name, "agentRuntimeArn": f"arn:aws:bedrock-agentcore:{REGION}:{ACCOUNT}:runtime/{name}"}
        request = {"agentRuntimeName": name, "roleArn": role_arn}
        return event("CreateAgentRuntime", dev, request, answer, service="bedrock-agentcore")

    bring(steward, made("helper-1"))
    budget = steward.budget(role_arn)
    assert budget["graceSeconds"] == 3600 and (budget["warning"], budget["critical"]) == (75, 90)
    assert budget["team"] == "agentcore" and budget["ownTerms"]
    pool = [one for one in steward.ctl("budget", "list", "--further")["budgets"] if one["scope"] == "team:agentcore"]
    assert pool[0]["limit"] == "500.00" and pool[0]["graceSeconds"] == 3600
    # More than the default budget, and no limit of its own.
    spend(steward, f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/run-1")
    assert steward.budget(role_arn)["status"] == "active"
    listed = steward.ctl("principal", "runtimes")
    assert listed["enabled"] and [(one["id"], one["limit"]) for one in listed["runtimes"]] == [("helper-1", None)]

    bring(steward, made("helper-2"))
    shared = ("shared-agent-role", f"{ACCOUNT}/role/{role}")
    assert shared in {(one["kind"], one["subject"]) for one in steward.ctl("radar")["findings"]}
    gone = event("DeleteAgentRuntime", dev, {"agentRuntimeId": "helper-2"}, {"status": "DELETING"}, "bedrock-agentcore")
    bring(steward, gone)
    assert shared not in {(one["kind"], one["subject"]) for one in steward.ctl("radar")["findings"]}

    # A limit of one agent: its role is suspended as any other.
    steward.ctl("budget", "set", role_arn, "--limit", "1.00", "--grace", "0")
    in_status(steward, role_arn, "suspended")
    assert aws.iam.list_role_policies(RoleName=role)["PolicyNames"] == ["StewardBedrockDeny"]
    assert aws.iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
    restore(steward, role_arn)


def test_what_is_turned_off_does_nothing_and_says_so(tmp_path, aws: AWS) -> None:
    off = ["agentcore", "provisioning", "costReports", "dailySummary", "radar", "reconciliation", "priceSync", "modelResolution"]
    options = settings(graceSeconds=0) | {"features": dict.fromkeys(off, False), "access": {"suspensionTags": {"enabled": False}}}
    steward = Steward(tmp_path / "off", aws.endpoint, options).start()
    try:
        assert steward.get("/api/v1/status")["off"] == sorted(off)
        assert "parts are turned off" in steward.log() and "agentcore" in steward.run("status").stdout
        schedules = {one["workflow"] for one in steward.ctl("schedule", "list")["schedules"]}
        assert "budget-monitor" in schedules
        assert not schedules & {"cost-reconciliation", "daily-summary", "bypass-radar", "reconciliation", "price-sync"}

        for command in (("create", "somebody"), ("import", f"arn:aws:iam::{ACCOUNT}:role/service/nobody")):
            result = steward.run("principal", *command)
            assert result.returncode == 5 and "provisioning is turned off" in result.stderr, result.stderr
        assert steward.ctl("principal", "list")["principals"] is not None
        assert "somebody" not in [user["UserName"] for user in aws.iam.list_users()["Users"]]

        role = {"agentRuntimeName": "x", "roleArn": f"arn:aws:iam::{ACCOUNT}:role/quiet"}
        dev = f"arn:aws:iam::{ACCOUNT}:user/dev"
        bring(steward, event("CreateAgentRuntime", dev, role, {"agentRuntimeId": "x"}, "bedrock-agentcore"))
        listed = steward.run("principal", "runtimes", "-o", "json")
        assert json.loads(listed.stdout) == {"enabled": False, "runtimes": []} and "turned off" in listed.stderr
        assert steward.get("/api/v1/ingest/sources")["counts"]["agentcore-off"] == 1

        user, arn = make_user(aws)
        suspend(steward, arn)
        assert tags(aws, user) == {}
    finally:
        steward.kill()
