"""Further budgets, blocks and protections, plan and apply: the commands, the daemon, moto's IAM."""

from __future__ import annotations

import json
from pathlib import Path

from conftest import settings
from steward import AWS, ROOT, Mailbox, Steward, until
from test_enforcement import ended, key, spend


def plain(message) -> str:
    """The text of a mail, however its lines were broken on the way."""
    return " ".join(message.get_body(("plain",)).get_content().split())


def suspended(steward: Steward, user: str) -> bool:
    return steward.budget(user)["status"] == "suspended"


def active(steward: Steward, user: str) -> bool:
    return steward.budget(user)["status"] == "active"


def test_a_quota_of_requests_suspends_and_a_raised_one_gives_back(aws: AWS, mailbox: Mailbox, make_steward) -> None:
    user, arn = key(aws)
    steward = make_steward(options=settings(mailbox, graceSeconds=0, limit="100.00")).start()
    quota = steward.ctl("budget", "set", arn, "--requests", "2", "--period", "day@Europe/Madrid", "--grace", "0")
    assert (quota["unit"], quota["limit"], quota["period"]["kind"]) == ("requests", 2, "day@Europe/Madrid")
    spend(steward, arn, 1000)
    assert active(steward, user)
    spend(steward, arn, 1000, "-2")
    until("suspended", lambda: suspended(steward, user))
    assert aws.has_no_access(user)
    run = ended(steward, "suspension")
    assert run and steward.ctl("run", "get", run["name"])["input"]["cause"]["text"] == "2 requests of 2 requests"
    until("a mail says which budget", lambda: any("2 requests of 2 requests" in plain(m) for m in mailbox.messages))
    assert steward.budget(user)["furtherBudgets"][0]["threshold"] == "exceeded"

    steward.ctl("budget", "set", user, "--requests", "50", "--period", "day@Europe/Madrid")
    until("active again", lambda: active(steward, user))
    assert aws.has_access(user)


def test_a_day_in_dollars_beside_the_own_budget_suspends(aws: AWS, make_steward) -> None:
    user, arn = key(aws)
    steward = make_steward(options=settings(graceSeconds=0, limit="100.00")).start()
    daily = steward.ctl("budget", "set", arn, "--beside", "--limit", "1.00", "--period", "day", "--grace", "0")
    assert (daily["unit"], daily["limit"], daily["period"]["kind"]) == ("money", "1.00", "day")
    spend(steward, arn)
    until("suspended", lambda: suspended(steward, user))
    assert steward.budget(user)["limit"] == "100.00"
    run = ended(steward, "suspension")
    assert run and steward.ctl("run", "get", run["name"])["input"]["cause"]["budgetId"] == daily["id"]
    refused = steward.run("budget", "set", user, "--beside", "--limit", "2.00", "--protected")
    assert refused.returncode != 0 and "--beside" in refused.stderr


def test_a_teams_budget_takes_access_from_those_who_spent(aws: AWS, make_steward) -> None:
    (one, first), (two, second), (other, third) = key(aws), key(aws), key(aws)
    steward = make_steward(options=settings(graceSeconds=0, limit="100.00")).start()
    for user in (one, two):
        steward.ctl("principal", "import", user, "--team", "data")
    steward.ctl("budget", "set", "team:data", "--limit", "2.00", "--period", "month", "--grace", "0")
    for arn in (first, third):
        spend(steward, arn)
    assert not steward.runs(machine="suspension")
    spend(steward, second)
    for user in (one, two):
        until(f"{user} is suspended", lambda user=user: suspended(steward, user))
    assert active(steward, other) and aws.has_access(other)
    further = steward.ctl("budget", "list", "--further")["budgets"]
    assert [(b["id"], b["spent"]) for b in further] == [("team:data#money/month", "2.40")]
    steward.ctl("budget", "remove", "team:data#money/month")
    for user in (one, two):
        until(f"{user} is active again", lambda user=user: active(steward, user))


def test_a_block_ends_to_the_second_also_over_a_crash(aws: AWS, mailbox: Mailbox, make_steward) -> None:
    user, arn = key(aws)
    steward = make_steward(options=settings(mailbox, graceSeconds=3600)).start()
    budget = steward.ctl("principal", "block", arn, "--for", "15s", "--reason", "leaked key")
    assert budget["block"]["reason"] == "leaked key"
    until("suspended", lambda: suspended(steward, user))
    assert aws.has_no_access(user)
    refused = steward.run("budget", "set", user, "--limit", "500.00")
    assert refused.returncode == 0 and suspended(steward, user), "a raised limit does not lift a block"
    assert [hold["principal"]["userName"] for hold in steward.ctl("budget", "list", "--held")["holds"]] == [user]
    steward.kill()
    steward.start()
    until("active again", lambda: active(steward, user))
    assert aws.has_access(user) and steward.budget(user)["block"] is None
    actions = [entry["action"] for entry in steward.audit() if entry["subject"].endswith(user)]
    assert {"principal.blocked", "block.ended", "access.suspended", "access.restored"} <= set(actions)
    assert any("by order" in subject for subject in mailbox.subjects())


def test_who_is_unblocked_over_budget_needs_a_protection(aws: AWS, make_steward) -> None:
    user, arn = key(aws)
    steward = make_steward(options=settings(graceSeconds=3600)).start()
    spend(steward, arn)
    steward.ctl("principal", "block", user, "--for", "permanent", "--reason", "looked odd")
    until("suspended", lambda: suspended(steward, user))
    steward.ctl("principal", "unblock", user, "--reason", "was fine")
    assert suspended(steward, user), "the budget is exceeded all the same"
    assert steward.run("principal", "unblock", user, "--reason", "again").returncode == 5
    steward.ctl("principal", "block", user, "--for", "1d", "--reason", "looked odd")
    steward.ctl("principal", "unblock", user, "--reason", "was fine", "--protect")
    until("active again", lambda: active(steward, user))
    assert steward.budget(user)["protection"]["until"] == "reset"
    steward.ctl("schedule", "trigger", "daily-reset")
    until("the reset lifts it", lambda: steward.budget(user)["protection"] is None)


def test_the_plan_says_what_the_monitor_does_and_does_nothing(aws: AWS, make_steward, tmp_path: Path) -> None:
    (user, arn), (protected, other) = key(aws), key(aws)
    workflows = tmp_path / "workflows"
    workflows.mkdir()
    monitor = ROOT / "workflows" / "budget-monitor.yaml"
    (workflows / "budget-monitor.yaml").write_text(monitor.read_text())
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
    aws.iam.create_role(RoleName="planned", AssumeRolePolicyDocument=json.dumps(trust))
    shared = f"arn:aws:sts::{arn.split(':')[4]}:assumed-role/planned/ana"
    options = settings(graceSeconds=0) | {"access": {"sharedRoles": ["planned"]}}
    steward = make_steward(options=options, workflows=workflows).start()
    empty = steward.run("budget", "plan", "-o", "json")
    assert (empty.returncode, json.loads(empty.stdout)["actions"]) == (0, [])
    steward.ctl("principal", "protect", other, "--for", "1d", "--reason", "demo")
    for each in (arn, other, shared):
        spend(steward, each)
    before = steward.get("/api/v1/audit?limit=1000")

    result = steward.run("budget", "plan", "-o", "json")

    plan = json.loads(result.stdout)
    assert result.returncode == 10 and plan["changesAccess"] and not plan["isEmpty"] and plan["withoutPreview"] == 0
    found = {action["principal"].rsplit("/", 1)[1]: action for action in plan["actions"]}
    assert found[user]["action"] == "suspend"
    assert found[user]["iam"]["putPolicy"] == "StewardBedrockDeny"
    assert found[user]["iam"]["detach"] == ["arn:aws:iam::aws:policy/AmazonBedrockLimitedAccess"]
    assert (found[protected]["action"], found[protected]["reason"]) == ("spare", "protected")
    # Of a role that several share, only the session that has spent.
    assert found["planned"]["iam"]["detach"] == []
    denied = found["planned"]["iam"]["policyDocument"]["Statement"][0]["Condition"]["StringLike"]["aws:userid"]
    assert [caller.rsplit(":", 1)[1] for caller in denied] == ["ana"]
    assert steward.get("/api/v1/audit?limit=1000") == before
    assert active(steward, user) and aws.has_access(user) and not steward.runs(machine="suspension")
    # The store is as it was for those who come after.
    spend(steward, arn, 1000, "-later")


def test_apply_shows_the_difference_and_makes_it_so(aws: AWS, make_steward, tmp_path: Path) -> None:
    user, arn = key(aws)
    steward = make_steward(options=settings(graceSeconds=0)).start()
    spend(steward, arn, 1000)
    file = tmp_path / "budgets.yaml"
    file.write_text(
        "budgets:\n"
        f"  - {{principal: {user}, limit: 25, warning: 60, critical: 80}}\n"
        f"  - {{principal: {user}, requests: 350, period: day}}\n"
        "  - {team: data, limit: 500, period: month}\n"
        "  - {everyone: true, tokens: 9000000, period: day}\n"
    )
    dry = steward.run("budget", "apply", "-f", str(file), "--dry-run", "-o", "json")
    assert dry.returncode == 10
    assert [each["change"] for each in json.loads(dry.stdout)["budgets"]] == ["change", "create", "create", "create"]
    assert steward.budget(user)["limit"] == "1.00" and not steward.ctl("budget", "list", "--further")["budgets"]

    # As the file says it, which has per cent.
    table = steward.run("budget", "apply", "-f", str(file), "--dry-run").stdout
    assert "warning 70 % -> 60 %, critical 90 % -> 80 %" in table and "PerMille" not in table, table

    steward.ctl("budget", "apply", "-f", str(file))

    budget = steward.budget(user)
    assert (budget["limit"], budget["warning"], budget["critical"]) == ("25.00", 60, 80)
    assert len(steward.ctl("budget", "list", "--further")["budgets"]) == 3
    again = steward.run("budget", "apply", "-f", str(file), "--dry-run", "-o", "json")
    assert again.returncode == 0

    # Terms that are the default's are its own once somebody has said them.
    other, arn = key(aws)
    spend(steward, arn, 1000)
    file.write_text(f"budgets:\n  - {{principal: {other}, limit: 1}}\n")
    assert "as its own" in steward.run("budget", "apply", "-f", str(file)).stdout
    assert "unchanged" in steward.run("budget", "apply", "-f", str(file)).stdout

    file.write_text("budgets:\n  - {everyone: true, tokens: 1000, period: day}\n")
    pruned = steward.ctl("budget", "apply", "-f", str(file), "--prune")["budgets"]
    assert sorted(each["change"] for each in pruned) == ["change", "remove", "remove"]
    assert [b["limit"] for b in steward.ctl("budget", "list", "--further")["budgets"]] == [1000]


def test_what_is_exported_is_applied_without_a_change(aws: AWS, make_steward, tmp_path: Path) -> None:
    steward = make_steward(options=settings(graceSeconds=0)).start()
    nothing = steward.run("budget", "export")
    assert nothing.returncode == 0 and nothing.stdout.strip() == "budgets: []"
    (own, arn), (other, other_arn) = key(aws), key(aws)
    spend(steward, arn, 1000)
    spend(steward, other_arn, 1000)
    steward.ctl("budget", "set", own, "--limit", "25.5", "--warning", "60", "--critical", "80", "--grace", "90")
    steward.ctl("budget", "set", other, "--requests", "350", "--period", "day@Europe/Madrid")
    steward.ctl("budget", "set", other, "--limit", "3.00", "--period", "day", "--beside")
    steward.ctl("budget", "set", "team:año: 2026", "--limit", "500", "--period", "30d")
    steward.ctl("budget", "set", "everyone", "--tokens", "9000000", "--period", "6h")

    tenths = tmp_path / "tenths.yaml"
    tenths.write_text(f"budgets:\n  - {{principal: {own}, limit: 25.5, critical: 92.5}}\n")
    steward.ctl("budget", "apply", "-f", str(tenths))
    assert steward.budget(own)["critical"] == 92.5

    exported = steward.run("budget", "export")
    assert exported.returncode == 0 and "critical: 92.5," in exported.stdout
    # Who spends by the default budget has no line of its own, and what has no form in a file is said.
    assert f"{own}\", limit: \"25.50\"" in exported.stdout and f"{other}\", limit" not in exported.stdout
    assert f"{other}#money/day" in exported.stderr
    file = tmp_path / "budgets.yaml"
    file.write_text(exported.stdout)
    again = steward.run("budget", "apply", "-f", str(file), "--dry-run", "--prune", "-o", "json")
    assert again.returncode == 0, again.stdout + again.stderr
    assert [each["change"] for each in json.loads(again.stdout)["budgets"]] == ["unchanged"] * 4

    # Nor is it removed by a file that cannot name it.
    file.write_text("budgets:\n  - {pool: true, limit: 500}\n")
    pruned = steward.ctl("budget", "apply", "-f", str(file), "--prune")["budgets"]
    assert sorted(each["change"] for each in pruned) == ["create", "remove", "remove", "remove"]
    assert sorted(b["id"] for b in steward.ctl("budget", "list", "--further")["budgets"]) == sorted(
        ["pool#money/month", next(line for line in exported.stderr.split() if line.endswith("#money/day."))[:-1]])


def test_a_file_that_can_not_be_changes_nothing(steward: Steward, tmp_path: Path) -> None:
    file = tmp_path / "budgets.yaml"
    file.write_text("budgets:\n  - {everyone: true, limit: 5}\n  - {principal: nobody, limit: 5}\n")
    unknown = steward.run("budget", "apply", "-f", str(file))
    assert unknown.returncode == 1 and "line 3" in unknown.stderr and "nobody" in unknown.stderr
    file.write_text("budgets:\n  - {everyone: true, limit: 5, periood: day}\n")
    misspelt = steward.run("budget", "apply", "-f", str(file))
    assert misspelt.returncode == 9 and "periood" in misspelt.stderr and ":2:" in misspelt.stderr
    assert not steward.ctl("budget", "list", "--further")["budgets"]
