"""Every way of taking access and giving it back, the comparison with IAM, and provisioning: the built daemon against moto."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import settings
from faulty import FaultyAWS
from steward import AWS, BEDROCK_POLICY, DENY_POLICY, Steward, invocation, log_file, until

numbers = itertools.count(1)
ACCOUNT = "123456789012"


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AWS]:
    """moto with Bedrock API keys and a simulation of policies."""
    server = AWS(tmp_path_factory.mktemp("moto-iam"), program="like_iam.py")
    yield server
    server.stop()


SHARED_ROLE = "app-of-many"


@pytest.fixture(scope="module")
def steward(tmp_path_factory: pytest.TempPathFactory, aws: AWS) -> Iterator[Steward]:
    """One daemon for the tests that don't mind each other."""
    access = {"sharedRoles": [SHARED_ROLE], "regions": ["us-east-1", "eu-west-1"]}
    daemon = Steward(tmp_path_factory.mktemp("access"), aws.endpoint, settings(graceSeconds=0) | {"access": access})
    daemon.start()
    yield daemon
    daemon.kill()


def make_user(aws: AWS) -> tuple[str, str]:
    name = f"BedrockAPIKey-x{next(numbers)}"
    return name, aws.make_key(name)


def make_key(aws: AWS, user: str) -> str:
    answer = aws.iam.create_service_specific_credential(UserName=user, ServiceName="bedrock.amazonaws.com")
    return answer["ServiceSpecificCredential"]["ServiceSpecificCredentialId"]


def keys(aws: AWS, user: str) -> dict[str, str]:
    found = aws.iam.list_service_specific_credentials(UserName=user)["ServiceSpecificCredentials"]
    return {key["ServiceSpecificCredentialId"]: key["Status"] for key in found}


def make_role(aws: AWS, name: str = "") -> tuple[str, str]:
    name = name or f"app-{next(numbers)}"
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
    role = aws.iam.create_role(RoleName=name, Path="/service/", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    aws.iam.attach_role_policy(RoleName=name, PolicyArn=BEDROCK_POLICY)
    return name, role["RoleId"]


def may_invoke(aws: AWS, arn: str, user_id: str | None = None) -> bool:
    context = [{"ContextKeyName": "aws:userid", "ContextKeyValues": [user_id], "ContextKeyType": "string"}]
    answer = aws.iam.simulate_principal_policy(
        PolicySourceArn=arn, ActionNames=["bedrock:InvokeModel"], ContextEntries=context if user_id else []
    )
    return answer["EvaluationResults"][0]["EvalDecision"] == "allowed"


def spend(steward: Steward, arn: str, tokens: int = 400_000) -> None:
    """By default $1.20: more than the budget of a dollar."""
    name = f"use-{next(numbers)}"
    steward.ctl("ingest", str(log_file(steward.directory / f"{name}.jsonl", [invocation(arn, name, tokens)])))


def in_status(steward: Steward, principal: str, status: str) -> None:
    until(f"{principal} is {status}", lambda: steward.budget(principal)["status"] == status)


def suspend(steward: Steward, arn: str, principal: str | None = None) -> None:
    spend(steward, arn)
    in_status(steward, principal or arn, "suspended")


def restore(steward: Steward, principal: str) -> None:
    steward.ctl("budget", "set", principal, "--limit", "50.00")
    in_status(steward, principal, "active")


def kinds(steward: Steward) -> list[str]:
    return [notice["kind"] for notice in steward.get("/api/v1/notices?limit=1000")["notices"]]


def actions(steward: Steward) -> list[str]:
    return [entry["action"] for entry in steward.audit()]


def reconcile(steward: Steward) -> None:
    result = steward.run("run", "start", "reconciliation", "--wait", "-i", "{}")
    assert result.returncode == 0, result.stderr or result.stdout


def test_roles_are_suspended_in_whole_or_by_session(aws: AWS, steward: Steward) -> None:
    (whole, whole_id), (shared, shared_id) = make_role(aws), make_role(aws, SHARED_ROLE)
    for role, role_id in ((whole, whole_id), (shared, shared_id)):
        suspend(steward, f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/ana", f"{ACCOUNT}/role/{role}")
        arn = f"arn:aws:iam::{ACCOUNT}:role/service/{role}"
        assert not may_invoke(aws, arn, f"{role_id}:ana")
        assert may_invoke(aws, arn, f"{role_id}:eve") == (role == shared)
    assert aws.iam.list_attached_role_policies(RoleName=whole)["AttachedPolicies"] == []
    assert len(aws.iam.list_attached_role_policies(RoleName=shared)["AttachedPolicies"]) == 1
    for role in (whole, shared):
        restore(steward, f"{ACCOUNT}/role/{role}")
        assert aws.iam.list_role_policies(RoleName=role)["PolicyNames"] == []
        attached = aws.iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
        assert [policy["PolicyArn"] for policy in attached] == [BEDROCK_POLICY]


def test_keys_that_were_active_are_taken_and_given_back(aws: AWS, steward: Steward) -> None:
    user, arn = make_user(aws)
    active, inactive = make_key(aws, user), make_key(aws, user)
    aws.iam.update_service_specific_credential(
        UserName=user, ServiceSpecificCredentialId=inactive, Status="Inactive"
    )
    steward.ctl("budget", "set", arn, "--enforcement", "key")
    suspend(steward, arn)
    assert keys(aws, user) == {active: "Inactive", inactive: "Inactive"}
    assert BEDROCK_POLICY in aws.attached(user) and not aws.inline(user)
    restore(steward, user)
    assert keys(aws, user) == {active: "Active", inactive: "Inactive"}


def test_what_a_group_grants_is_denied_and_told(aws: AWS, steward: Steward) -> None:
    user, arn = make_user(aws)
    group = f"engineers-{next(numbers)}"
    aws.iam.create_group(GroupName=group)
    aws.iam.attach_group_policy(GroupName=group, PolicyArn=BEDROCK_POLICY)
    aws.iam.add_user_to_group(GroupName=group, UserName=user)
    steward.ctl("budget", "set", arn, "--enforcement", "detach")
    suspend(steward, arn)
    assert not may_invoke(aws, arn) and DENY_POLICY in aws.inline(user)
    until("it is told", lambda: "grant-elsewhere" in kinds(steward))
    restore(steward, user)
    assert aws.inline(user) == [] and may_invoke(aws, arn)


def test_who_is_gone_is_closed(aws: AWS, steward: Steward) -> None:
    user, arn = make_user(aws)
    aws.iam.detach_user_policy(UserName=user, PolicyArn=BEDROCK_POLICY)
    aws.iam.delete_user(UserName=user)
    spend(steward, arn)
    in_status(steward, user, "closed")
    assert not [run for run in steward.runs(machine="suspension") if run["status"] == "FAILED"]
    assert "principal-gone" in kinds(steward) and "principal.closed" in actions(steward)


def test_a_partial_restoration_waits_until_its_loss_is_accepted(aws: AWS, steward: Steward) -> None:
    user, arn = make_user(aws)
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "bedrock:InvokeModel", "Resource": "*"}],
    }
    policy = aws.iam.create_policy(PolicyName=f"own-{user}", PolicyDocument=json.dumps(document))["Policy"]["Arn"]
    aws.iam.attach_user_policy(UserName=user, PolicyArn=policy)
    suspend(steward, arn)
    aws.iam.delete_policy(PolicyArn=policy)
    steward.ctl("budget", "set", user, "--limit", "50.00")
    in_status(steward, user, "restoration-failed")
    letter = until("a dead letter", lambda: steward.ctl("dlq", "list")["deadLetters"])[0]
    assert letter["error"] == "Steward.RestorationIncomplete"
    assert aws.attached(user) == [BEDROCK_POLICY] and DENY_POLICY in aws.inline(user)
    assert "restoration-failed" in kinds(steward)

    assert steward.run("principal", "accept-loss", user).returncode == 2
    assert steward.ctl("principal", "accept-loss", user, "--yes")["redriven"] == [letter["id"]]
    in_status(steward, user, "active")
    assert aws.attached(user) == [BEDROCK_POLICY] and aws.inline(user) == []
    assert "restoration.loss-accepted" in actions(steward)
    assert steward.run("principal", "accept-loss", user, "--yes").returncode == 5


def test_a_restoration_without_room_waits_for_a_person(aws: AWS, tmp_path: Path) -> None:
    user, arn = make_user(aws)
    faulty = FaultyAWS(aws.endpoint)
    steward = Steward(tmp_path / "steward", faulty.endpoint, settings(graceSeconds=0))
    try:
        steward.start()
        suspend(steward, arn)
        faulty.fail("AttachUserPolicy", "LimitExceeded", 409, "Cannot exceed quota for PoliciesPerUser: 10")
        steward.ctl("budget", "set", user, "--limit", "50.00")
        in_status(steward, user, "restoration-failed")
        (letter,) = until("a dead letter", lambda: steward.ctl("dlq", "list")["deadLetters"])
        assert letter["error"] == "Steward.RestorationIncomplete"
        for part in (BEDROCK_POLICY, "PoliciesPerUser: 10", "Detach a policy", "redrive"):
            assert part in letter["cause"], letter["cause"]
        assert "restoration-failed" in kinds(steward)
        assert aws.attached(user) == [] and DENY_POLICY in aws.inline(user)
        # It is not asked over and over.
        assert faulty.refused == ["AttachUserPolicy"]
        faulty.heal()
        steward.ctl("dlq", "redrive", str(letter["id"]))
        in_status(steward, user, "active")
        assert aws.attached(user) == [BEDROCK_POLICY] and aws.inline(user) == []
    finally:
        steward.kill()
        faulty.stop()


def test_a_key_that_is_made_while_suspended_is_found(aws: AWS, make_steward) -> None:
    user, arn = make_user(aws)
    first = make_key(aws, user)
    steward = make_steward(options=settings(graceSeconds=0)).start()
    steward.ctl("budget", "set", arn, "--enforcement", "key")
    suspend(steward, arn)
    second = make_key(aws, user)
    reconcile(steward)
    (told,) = [
        notice["data"]["faults"]
        for notice in steward.get("/api/v1/notices")["notices"]
        if notice["kind"] == "access-drift" and notice["principal"] == f"{ACCOUNT}/user/{user}"
    ]
    assert told == [f"the key {second} was made since the backup"]
    assert DENY_POLICY in aws.inline(user) and keys(aws, user) == {first: "Inactive", second: "Active"}
    assert "access.repaired" in actions(steward)
    restore(steward, user)
    assert aws.inline(user) == [] and keys(aws, user) == {first: "Active", second: "Active"}


def test_the_comparison_with_iam_repairs_in_both_directions(aws: AWS, make_steward) -> None:
    (undone, undone_arn), (orphan, orphan_arn) = make_user(aws), make_user(aws)
    steward = make_steward(options=settings(graceSeconds=0)).start()
    suspend(steward, undone_arn)
    spend(steward, orphan_arn, 1000)
    # Terraform puts back what it knows, and removes what it does not.
    deny = aws.iam.get_user_policy(UserName=undone, PolicyName=DENY_POLICY)["PolicyDocument"]
    aws.iam.attach_user_policy(UserName=undone, PolicyArn=BEDROCK_POLICY)
    aws.iam.delete_user_policy(UserName=undone, PolicyName=DENY_POLICY)
    aws.iam.put_user_policy(UserName=orphan, PolicyName=DENY_POLICY, PolicyDocument=json.dumps(deny))
    reconcile(steward)
    assert aws.has_no_access(undone) and aws.has_access(orphan)
    assert steward.budget(undone)["status"] == "suspended"
    assert {"access.drift", "access.repaired", "access.orphan-removed"} <= set(actions(steward))
    assert kinds(steward).count("access-drift") >= 2
    before = len(actions(steward))
    reconcile(steward)
    # The denies of other tests' principals are unknown here, and reported each time.
    assert [entry for entry in actions(steward)[: len(actions(steward)) - before] if entry != "access.drift"] == []


def test_differences_may_only_be_reported(aws: AWS, make_steward) -> None:
    user, arn = make_user(aws)
    steward = make_steward(options=settings(graceSeconds=0) | {"access": {"reconcile": "report"}}).start()
    suspend(steward, arn)
    aws.iam.delete_user_policy(UserName=user, PolicyName=DENY_POLICY)
    reconcile(steward)
    assert aws.inline(user) == [] and "access-drift" in kinds(steward)
    assert "access.repaired" not in actions(steward)


def test_the_daemon_compares_when_it_starts(aws: AWS, make_steward) -> None:
    user, arn = make_user(aws)
    steward = make_steward(options=settings(graceSeconds=0) | {"access": {"reconcileAtStart": True}}).start()
    suspend(steward, arn)
    assert steward.stop() == 0
    aws.iam.delete_user_policy(UserName=user, PolicyName=DENY_POLICY)
    steward.start()
    until("the deny is back", lambda: DENY_POLICY in aws.inline(user))


def test_principals_are_made_and_deleted(aws: AWS, steward: Steward) -> None:
    terms = ("--team", "search", "--purpose", "tests", "--tier", "medium")
    made = steward.ctl("principal", "create", "search-bot", *terms)
    assert made["created"] and made["budget"]["limit"] == "5.00"
    tags = {tag["Key"]: tag["Value"] for tag in aws.iam.list_user_tags(UserName="search-bot")["Tags"]}
    assert tags == {
        "Steward:Provisioned": "true", "Steward:Team": "search", "Steward:Purpose": "tests",
        "Steward:BudgetTier": "medium", "CostAllocation:Team": "search", "CostAllocation:Purpose": "tests",
    }  # fmt: skip
    assert aws.attached("search-bot") == [BEDROCK_POLICY]
    # What was cut off half way is completed when it is asked for again.
    aws.iam.detach_user_policy(UserName="search-bot", PolicyArn=BEDROCK_POLICY)
    assert not steward.ctl("principal", "create", "search-bot", *terms)["created"]
    assert aws.attached("search-bot") == [BEDROCK_POLICY]
    # Without terms, its limit stays.
    assert steward.ctl("principal", "create", "search-bot")["budget"]["limit"] == "5.00"

    key = steward.ctl("principal", "create-key", "search-bot", "--days", "30")
    assert key["secret"].startswith("ABSK") and keys(aws, "search-bot") == {key["keyId"]: "Active"}
    everything = json.dumps(steward.audit()) + steward.log() + (steward.data / "steward.db").read_bytes().decode("latin1")
    assert key["keyId"] in everything and key["secret"] not in everything
    shown = steward.ctl("principal", "get", "search-bot")
    assert shown["keys"] == [{"id": key["keyId"], "status": "Active"}] and shown["budget"]["limit"] == "5.00"

    steward.ctl("principal", "tag", "search-bot", "CostCenter=4711", "--remove", "Steward:Purpose")
    assert steward.ctl("principal", "get", "search-bot")["tags"]["CostCenter"] == "4711"
    listed = steward.ctl("principal", "list", "--team", "search")["principals"]
    assert [one["name"] for one in listed] == ["search-bot"]
    assert steward.ctl("principal", "list", "--team", "nobody")["principals"] == []

    assert steward.run("principal", "delete", "search-bot").returncode == 2
    assert steward.ctl("principal", "delete", "search-bot", "--yes")["deleted"]
    assert "search-bot" not in [user["UserName"] for user in aws.iam.list_users()["Users"]]
    assert steward.budget("search-bot")["status"] == "closed"
    done = [entry["action"] for entry in steward.audit() if entry["subject"] == "search-bot"]
    assert done.count("principal.create.requested") == 3 and done.count("principal.delete.done") == 1


def test_a_deletion_closes_nobody_of_the_name_elsewhere(aws: AWS, make_steward) -> None:
    steward = make_steward().start()
    elsewhere = "arn:aws:iam::999988887777:user/namesake"
    arn = steward.ctl("principal", "create", "namesake")["arn"]
    steward.ctl("budget", "set", elsewhere, "--limit", "3.00")
    assert steward.ctl("principal", "delete", "namesake", "--yes")["deleted"]
    assert steward.budget(arn)["status"] == "closed"
    assert steward.budget(elsewhere)["status"] == "active"


def test_whom_others_made_is_imported_and_not_deleted(aws: AWS, steward: Steward) -> None:
    user, arn = make_user(aws)
    role, _ = make_role(aws)
    assert steward.run("principal", "create", user).returncode == 5
    assert aws.iam.list_user_tags(UserName=user)["Tags"] == []
    assert steward.ctl("principal", "import", user, "--limit", "7.00")["budget"]["limit"] == "7.00"
    role_arn = f"arn:aws:iam::{ACCOUNT}:role/service/{role}"
    assert steward.ctl("principal", "import", role_arn, "--team", "data")["tags"]["Steward:Team"] == "data"
    assert steward.run("principal", "delete", user, "--yes").returncode == 5
    assert steward.run("principal", "get", "nobody-at-all").returncode == 4


def test_who_is_suspended_gets_nothing_by_the_way(aws: AWS, steward: Steward) -> None:
    arn = steward.ctl("principal", "create", "spender", "--tier", "low")["arn"]
    suspend(steward, arn)
    for command in (("create", "spender"), ("create-key", "spender")):
        result = steward.run("principal", *command)
        assert result.returncode == 5 and "suspended" in result.stderr
    group = f"team-{next(numbers)}"
    aws.iam.create_group(GroupName=group)
    for command in (
        ("policy", "attach", BEDROCK_POLICY, "--user", "spender"),
        ("team", "members", group, "--add", "spender"),
    ):
        result = steward.run(*command)
        assert result.returncode == 5 and "suspended" in result.stderr
    assert aws.iam.get_group(GroupName=group)["Users"] == []
    aws.iam.delete_group(GroupName=group)
    assert aws.attached("spender") == [] and keys(aws, "spender") == {}


def test_teams_and_policies(aws: AWS, steward: Steward) -> None:
    user, _ = make_user(aws)
    team = f"team-{next(numbers)}"
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "bedrock:*", "Resource": "*"}]}
    arn = steward.ctl("policy", "create", team, "-f", json.dumps(document))["arn"]
    for _ in range(2):
        assert steward.ctl("team", "create", team, "--policy", arn)["policies"] == [arn]
    assert steward.ctl("team", "members", team, "--add", user)["members"] == [user]
    assert steward.ctl("policy", "get", arn)["teams"] == [team]
    assert steward.ctl("policy", "get", arn)["grantsBedrock"]
    assert arn in [policy["arn"] for policy in steward.ctl("policy", "list")["policies"]]
    steward.ctl("policy", "attach", arn, "--user", user)
    assert arn in aws.attached(user)
    for _ in range(2):
        steward.ctl("policy", "detach", arn, "--user", user)
    assert team in [one["name"] for one in steward.ctl("team", "list")["teams"]]
    for _ in range(2):
        assert steward.ctl("team", "delete", team, "--yes")["deleted"]
    assert steward.ctl("policy", "delete", arn, "--yes")["deleted"]


def test_the_radar_shows_ways_around_the_budgets(aws: AWS, steward: Steward) -> None:
    _, arn = make_user(aws)
    name = f"use-{next(numbers)}"
    odd = invocation(arn, name, 1000, model="acme.unheard-of-v1:0")
    steward.ctl("ingest", str(log_file(steward.directory / "odd.jsonl", [odd])))
    found = {(one["kind"], one["subject"]) for one in steward.ctl("radar")["findings"]}
    assert {("logging-off", "us-east-1"), ("logging-off", "eu-west-1")} <= found
    assert ("unpriced-model", "acme.unheard-of-v1:0") in found
    assert any(kind == "no-own-budget" for kind, _ in found)
    assert steward.run("radar", "--strict").returncode == 9
    for _ in range(2):
        assert steward.run("run", "start", "bypass-radar", "--wait").returncode == 0
    assert kinds(steward).count("bypass") == 1
