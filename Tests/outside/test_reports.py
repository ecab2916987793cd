"""Reports, forecasts, simulations and metrics, as people, scripts and Prometheus get them."""

from __future__ import annotations

import calendar
import csv
import io
import json
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from conftest import settings
from steward import AWS, ROOT, Mailbox, Steward, invocation, log_file, until

DAY = 86_400
NAMES = ("BedrockAPIKey-rep1", "BedrockAPIKey-rep2")


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, aws: AWS) -> Iterator[Steward]:
    """A daemon that observes, with three days of usage: nine calls of one principal, one of another."""
    directory = tmp_path_factory.mktemp("reports")
    steward = Steward(
        directory / "steward", aws.endpoint,
        settings(limit="1.00", period="30d", mode="observe") | {"metrics": {"principals": 5}},
    ).start()  # fmt: skip
    first, second = (f"arn:aws:iam::123456789012:user/{name}" for name in NAMES)
    now = time.time()
    # Half a dollar each: the second crosses the dollar.
    records = [
        invocation(first, f"rep-{day}-{number}", 100_000, 13_334, at=now - day * DAY - number * 60)
        for day in (2, 1, 0)
        for number in (2, 1, 0)
    ]
    records.append(invocation(second, "rep-other", 1000, 100, model="eu.amazon.nova-pro-v1:0", at=now - DAY))
    logs = directory / "logs"
    logs.mkdir()
    log_file(logs / "a.jsonl", records)
    steward.ctl("ingest", str(logs))
    yield steward
    steward.kill()


def text(steward: Steward, path: str, **headers: str) -> tuple[str, str]:
    """A GET's content type and body."""
    request = urllib.request.Request(f"{steward.url}{path}", headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


def metrics(steward: Steward) -> dict[str, float]:
    """Every sample of /metrics by its name with labels; fails on a line that is none."""
    kind, body = text(steward, "/metrics")
    assert kind == "text/plain; version=0.0.4; charset=utf-8"
    sample = re.compile(r'([a-z_:][a-z0-9_:]*)(\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*\})? (\S+)')
    found: dict[str, float] = {}
    for line in body.splitlines():
        if line.startswith("#"):
            assert re.fullmatch(r"# (HELP [a-z_]+ .+|TYPE [a-z_]+ (counter|gauge|histogram))", line), line
            continue
        match = sample.fullmatch(line)
        assert match, line
        name = match[1] + (match[2] or "")
        assert name not in found, f"twice: {name}"
        found[name] = float(match[3])
    return found


def test_usage_is_added_up_by_what_is_asked_for(scene: Steward) -> None:
    by_principal = scene.ctl("usage", "--by", "principal", "--from", "7d")
    assert [row["principal"].split("/")[-1] for row in by_principal["rows"]] == list(NAMES)
    assert by_principal["rows"][0]["requests"] == 9
    total = sum(row["costNanoDollars"] for row in by_principal["rows"])
    assert by_principal["total"]["costNanoDollars"] == total
    days = scene.ctl("usage", "--by", "day,model", "--from", "7d", "--zone", "Europe/Madrid")
    assert sum(row["costNanoDollars"] for row in days["rows"]) == total
    assert len({row["day"] for row in days["rows"]}) in (3, 4)
    one = scene.ctl("usage", "--by", "model", "--from", "7d", "--principal", NAMES[1])
    assert [row["model"] for row in one["rows"]] == ["eu.amazon.nova-pro-v1:0"]
    budget = scene.budget(NAMES[0])
    assert by_principal["rows"][0]["cost"] == budget["spent"]


def test_tables_and_csv(scene: Steward) -> None:
    table = scene.run("usage", "--by", "principal", "--from", "7d", "--compare")
    assert table.returncode == 0 and NAMES[0] in table.stdout and "Total $" in table.stdout
    rows = list(csv.DictReader(io.StringIO(scene.run("usage", "--by", "day,model", "--from", "7d", "-o", "csv").stdout)))
    assert {"day", "model", "Requests", "Cost"} <= set(rows[0])
    kind, body = text(scene, "/api/v1/usage?by=model,principal&from=7d&format=csv")
    assert kind.startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(body)))
    assert sum(int(row["requests"]) for row in rows) == 10
    nothing = scene.run("usage", "--from", "2020-01-01", "--to", "2020-01-02")
    assert nothing.returncode == 0 and "No data" in nothing.stdout
    # Every list is also a file for a spreadsheet.
    budgets = list(csv.DictReader(io.StringIO(scene.run("budget", "list", "-o", "csv").stdout)))
    assert {row["Principal"] for row in budgets} == set(NAMES)


def test_a_file_has_all_rows(tmp_path: Path, aws: AWS) -> None:
    steward = Steward(tmp_path / "steward", aws.endpoint, settings(limit="1.00", mode="observe")).start()
    try:
        who, now = "arn:aws:iam::123456789012:user/BedrockAPIKey-rows", time.time()
        log_file(tmp_path / "a.jsonl", [invocation(who, f"row-{n}", 1, 1, at=now - n * 3600) for n in range(120)])
        steward.ctl("ingest", str(tmp_path / "a.jsonl"))
        hours = ("usage", "--by", "hour", "--from", "7d")
        shown = steward.ctl(*hours)
        assert len(shown["rows"]) == 100 and shown["cut"]
        assert len(list(csv.DictReader(io.StringIO(steward.run(*hours, "-o", "csv").stdout)))) == 120
        few = steward.run(*hours, "-o", "csv", "--limit", "7")
        assert len(list(csv.DictReader(io.StringIO(few.stdout)))) == 7 and "raise --limit" in few.stderr
    finally:
        steward.kill()


def test_what_cannot_be_asked(scene: Steward) -> None:
    assert scene.run("usage", "--by", "colour").returncode == 2
    assert scene.run("usage", "--principal", "nobody").returncode == 4


def test_costs_are_analysed(scene: Steward) -> None:
    analysis = scene.ctl("usage", "--analysis", "--by", "model", "--from", "7d")
    assert {row["efficiency"] for row in analysis["rows"]} <= {"cheaper", "average", "dearer"}
    assert analysis["rows"][0]["costPerRequest"] and analysis["month"]["method"] == "linear"
    table = scene.run("usage", "--analysis", "--by", "model", "--from", "1d")
    assert "The time before: $" in table.stdout and "This month so far: " in table.stdout


def test_where_budgets_stand_and_go(scene: Steward) -> None:
    status = scene.ctl("budget", "status", NAMES[0])
    assert status["percent"] > 100 and "observes" in status["explanation"]
    forecast = status["forecast"]
    assert float(forecast["linear"]["total"]) > float(status["spent"])
    assert forecast["recent"]["reachesLimitAt"] is not None
    for command in (["status"], ["top"], ["forecast"], ["forecast", NAMES[1]], ["status", NAMES[1]]):
        shown = scene.run("budget", *command)
        assert shown.returncode == 0, shown.stderr
        assert NAMES[1] in shown.stdout
    top = scene.ctl("budget", "top", "--sort", "spent")["budgets"]
    assert top[0]["principal"]["userName"] == NAMES[0]
    assert scene.run("budget", "status", "nobody").returncode == 4


def test_other_budgets_are_played(scene: Steward, tmp_path: Path) -> None:
    before = scene.budget(NAMES[0])
    file = tmp_path / "budgets.yaml"
    file.write_text(
        f"budgets:\n  - {{principal: {NAMES[0]}, limit: 1.00, period: 30d, grace: 0s, mode: enforce}}\n"
        "  - {everyone: true, requests: 5, period: day, mode: observe}\n"
    )
    played = scene.ctl("budget", "simulate", "-f", str(file), "--replay", "7d")
    own = played["budgets"][0]
    # Two of nine calls fill the dollar.
    assert [crossing["threshold"] for crossing in own["crossings"]][-1] == "exceeded"
    assert own["savedRequests"] == 7 and len(own["suspensions"]) == 1
    assert played["spent"]["requests"] + own["savedRequests"] == played["recorded"]["requests"] == 10
    assert played["budgets"][1]["suspensions"] == []
    shown = scene.run("budget", "simulate", "-f", str(file), "--replay", "7d").stdout
    assert "would have been suspended from" in shown and "saved $" in shown
    assert scene.budget(NAMES[0]) == before
    file.write_text("budgets:\n  - {principal: x, limit: 1, grace: 8d}\n")
    refused = scene.run("budget", "simulate", "-f", str(file))
    assert refused.returncode == 9 and f"{file}:2:" in refused.stderr


def test_metrics_go_on_over_a_restart(scene: Steward) -> None:
    first = metrics(scene)
    assert first['steward_ingest_records_total{outcome="recorded"}'] == 10
    assert first['steward_budgets{status="active"}'] == 2
    assert first['steward_budgets_beyond_threshold{threshold="exceeded"}'] == 1
    assert first['steward_notices_total{kind="spared"}'] >= 1
    assert first["steward_healthy"] == 1
    assert any(name.startswith("steward_principal_spent_dollars{") for name in first)
    assert "steward_bill_billed_dollars" not in first
    scene.kill()
    scene.start()
    second = metrics(scene)
    kept = [name for name in first if re.match(r"steward_(usage|ingest_records|audit|notices|suspensions)\w*_total", name)]
    assert len(kept) > 20
    for name in kept:
        assert second[name] >= first[name], name


def test_costs_are_counted_by_team_purpose_and_tier(make_steward: Callable[..., Steward], tmp_path: Path) -> None:
    steward = make_steward("tags", settings(mode="observe")).start()
    terms = ("--team", "search", "--purpose", "research", "--tier", "medium")
    arn = steward.ctl("principal", "create", "costs-bot", *terms)["arn"]
    other = arn.replace("costs-bot", "BedrockAPIKey-untagged")

    def use(name: str, *records: dict) -> None:
        log_file(tmp_path / f"{name}.jsonl", list(records))
        steward.ctl("ingest", str(tmp_path / f"{name}.jsonl"))

    use("one", invocation(arn, "tag-1", 100_000), invocation(other, "tag-2", 100_000), invocation(arn, "tag-3", 100_000))
    steward.ctl("principal", "tag", "costs-bot", "--purpose", "production", "--team", "ads")
    use("two", invocation(arn, "tag-4", 100_000))
    # Delivered again: charged to nobody again.
    use("two", invocation(arn, "tag-4", 100_000))

    def counted(tag: str, value: str) -> tuple[float, float, float]:
        found = metrics(steward)
        return tuple(found[f'steward_{tag}_{what}_total{{{tag}="{value}"}}'] for what in ("cost_dollars", "requests", "tokens"))

    def check() -> None:
        assert counted("team", "search") == counted("purpose", "research") == (0.60, 2, 200_000)
        assert counted("team", "ads") == counted("purpose", "production") == (0.30, 1, 100_000)
        assert counted("tier", "medium") == (0.90, 3, 300_000)
        assert counted("team", "") == counted("purpose", "") == counted("tier", "") == (0.30, 1, 100_000)

    check()
    steward.kill()
    steward.start()
    check()
    # A report is by the same tags; who is told by name has those of now.
    rows = steward.ctl("usage", "--by", "team,purpose,tier", "--from", "1d")["rows"]
    assert [(row["team"], row["purpose"], row["tier"], row["cost"]) for row in rows] == [
        ("search", "research", "medium", "0.60"), (None, None, None, "0.30"), ("ads", "production", "medium", "0.30"),
    ]  # fmt: skip
    members = steward.ctl("usage", "--by", "team,principal", "--team", "ads", "--from", "1d")
    assert [(row["team"], row["cost"]) for row in members["rows"]] == [("ads", "0.90")]
    assert members["total"]["cost"] == "0.90"
    assert "production" in steward.run("usage", "--by", "purpose", "--from", "1d").stdout


def test_metrics_need_a_key_unless_they_are_open(make_steward: Callable[..., Steward], tmp_path: Path) -> None:
    steward = make_steward("closed")
    steward.start()
    tokens = {role: steward.ctl("key", "create", role, "--role", role, "--kind", "bearer") for role in ("viewer", "ingest")}
    steward.stop()
    steward.authentication = "required"
    steward.start()

    def status(token: str | None) -> int:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        request = urllib.request.Request(f"{steward.url}/metrics", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    assert [status(None), status(tokens["ingest"]["token"]), status(tokens["viewer"]["token"])] == [401, 403, 200]
    steward.stop()
    steward.settings.write_text(json.dumps(settings() | {"metrics": {"open": True}}))
    steward.start()
    assert status(None) == 200
    # Nothing else is open.
    assert steward.request("GET", "/api/v1/usage")[0] == 401
    steward.stop()
    refused = subprocess.run(
        [*steward.command(), "--listen", "0.0.0.0:0", "--behind-tls-proxy"], capture_output=True, text=True, timeout=30,
        env=steward.environment,
    )  # fmt: skip
    assert refused.returncode != 0 and "metrics.open" in refused.stderr + refused.stdout


# Alerts on what an installation may lack without a fault: ended executions, shared budgets, uses.
QUIET_WHEN_FRESH = {"StewardExecutionSlow", "StewardSharedBudgetExceeded", "StewardDailyCost", "StewardSpendingFast"}


def alert_rules() -> list[dict]:
    rules = yaml.safe_load((ROOT / "docs/alerts.yaml").read_text())
    return [rule for group in rules["groups"] for rule in group["rules"]]


def labels_of(sample: str) -> dict[str, str]:
    return dict(re.findall(r'([a-z_]+)="((?:[^"\\]|\\.)*)"', sample.partition("{")[2]))


def without_samples(expression: str, samples: dict[str, float]) -> set[str]:
    """Selectors of a rule's expression, such as `name{label="x"}`: those of which no sample has name and labels."""

    def selects(name: str, matchers: list[tuple[str, str, str]], sample: str) -> bool:
        labels = labels_of(sample)
        return sample.partition("{")[0] == name and all(
            (re.fullmatch(text, labels.get(label, "")) is not None) if kind == "=~" else labels.get(label) == text
            for label, kind, text in matchers
        )

    lacking = set()
    for selector in re.finditer(r"(steward_\w+)(?:\{([^}]*)\})?", expression):
        matchers = re.findall(r'(\w+)(=~|=)"([^"]*)"', selector[2] or "")
        if not any(selects(selector[1], matchers, sample) for sample in samples):
            lacking.add(selector[0])
    return lacking


def test_alert_rules_name_metrics_that_there_are(scene: Steward) -> None:
    _, body = text(scene, "/metrics")
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", body, re.M))
    known = set(kinds)
    for name, kind in kinds.items():
        if kind == "histogram":
            known |= {f"{name}_bucket", f"{name}_sum", f"{name}_count"}
    alerts = alert_rules()
    assert len(alerts) >= 20 and len({rule["alert"] for rule in alerts}) == len(alerts)
    for rule in alerts:
        named = set(re.findall(r"steward_\w+", rule["expr"]))
        assert named and named <= known, f"{rule['alert']}: {named - known}"
        assert rule["labels"]["severity"] in {"high", "budget", "operational"}
        # A counter is looked at through its increase, a gauge is not.
        for name in named:
            counted = kinds.get(name, "histogram") != "gauge"
            assert counted == bool(re.search(rf"(?:increase|rate)\({name}\b", rule["expr"])), f"{rule['alert']}: {name}"
    if promtool := shutil.which("promtool"):
        subprocess.run([promtool, "check", "rules", ROOT / "docs/alerts.yaml"], check=True)


def test_every_alert_has_samples_to_look_at(scene: Steward) -> None:
    scene.ctl("budget", "set", "everyone", "--limit", "1000000.00", "--period", "30d", "--mode", "observe")
    try:
        # An execution that has ended: there is no bill of that day.
        scene.ctl("run", "start", "cost-reconciliation", "--input", json.dumps({"date": "2026-01-01"}), "--wait")
        samples = metrics(scene)
    finally:
        scene.run("budget", "remove", "everyone#money/30d")
    for rule in alert_rules():
        assert not without_samples(rule["expr"], samples), f"{rule['alert']}: {without_samples(rule['expr'], samples)}"
        names = set(re.findall(r"steward_\w+", rule["expr"]))
        labels = {label for sample in samples if sample.partition("{")[0] in names for label in labels_of(sample)}
        told = set(re.findall(r"\$labels\.(\w+)", str(rule["annotations"])))
        grouped = {label for by in re.findall(r"\bby \(([^)]*)\)", rule["expr"]) for label in re.findall(r"\w+", by)}
        assert told | grouped <= labels, f"{rule['alert']}: {(told | grouped) - labels}"


def test_what_waits_by_design_is_not_slow() -> None:
    waiting = {
        path.name.removesuffix(".asl.yaml")
        for path in (ROOT / "state-machines").glob("*.asl.yaml")
        if any(
            state["Type"] == "Wait" and "TimestampPath" in state
            for state in yaml.safe_load(path.read_text())["States"].values()
        )
    }
    # A suspension waits for its grace: the rule's comment says what to do where that is long. A comparison asked for by a
    # change waits a minute at most.
    assert waiting == {"block-timer", "reconciliation", "suspension"}
    (slow,) = [rule["expr"] for rule in alert_rules() if rule["alert"] == "StewardExecutionSlow"]
    assert slow.count('state_machine!="block-timer"') == 2


def test_alerts_that_matter_on_a_fresh_install_can_fire_there(make_steward: Callable[..., Steward]) -> None:
    samples = metrics(make_steward("fresh").start())
    silent = set()
    for rule in alert_rules():
        # Where no sample is, only `absent` gives one.
        if any(f"absent({selector})" not in rule["expr"] for selector in without_samples(rule["expr"], samples)):
            silent.add(rule["alert"])
    assert silent <= QUIET_WHEN_FRESH
    guarded = {rule["alert"] for rule in alert_rules() if "absent(" in rule["expr"]}
    assert guarded == {"StewardIngestStale", "StewardNobodySpends"}


def test_a_day_is_summarised_by_mail(make_steward: Callable[..., Steward], mailbox: Mailbox, tmp_path: Path) -> None:
    steward = make_steward("summary", settings(mailbox, mode="observe", limit="100.00", period="30d"))
    steward.start()
    arn = "arn:aws:iam::123456789012:user/BedrockAPIKey-day"
    midnight = time.time() // DAY * DAY
    log_file(tmp_path / "a.jsonl", [invocation(arn, "day-1", 100_000, 0, at=midnight - 3600)])
    steward.ctl("ingest", str(tmp_path / "a.jsonl"))
    for count in (1, 2):
        steward.ctl("schedule", "trigger", "daily-summary")

        def ended() -> bool:
            runs = steward.runs(machine="daily-summary")
            return len(runs) == count and all(run["status"] == "SUCCEEDED" for run in runs)

        until("the run ends", ended)
    day = time.strftime("%Y-%m-%d", time.gmtime(midnight - 3600))
    until("the mail comes", lambda: mailbox.subjects())
    # The same day is told once.
    assert mailbox.subjects() == [f"Bedrock spending on {day}: $0.30"]
    body = mailbox.messages[0].get_body(("plain",)).get_content()
    assert "BedrockAPIKey-day ($0.30)" in body


def test_days_that_an_outage_hid_are_summarised_each(make_steward: Callable[..., Steward], tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    clock.write_text("-3d")
    steward = make_steward("outage", settings(mode="observe"))
    steward.start(STEWARD_REHEARSAL_CLOCK=str(clock)).stop()
    clock.write_text("0")
    steward.start(STEWARD_REHEARSAL_CLOCK=str(clock))

    def told() -> list[str]:
        notices = steward.get("/api/v1/notices")["notices"]
        return sorted(notice["id"] for notice in notices if notice["kind"] == "daily-summary")

    until("three days are told", lambda: len(told()) == 3)
    days = [time.strftime("%Y-%m-%d", time.gmtime(time.time() - days * DAY)) for days in (3, 2, 1)]
    assert told() == [f"daily-summary/{day}/UTC" for day in days]


def test_days_that_an_outage_hid_are_compared_with_the_bill_each(
    make_steward: Callable[..., Steward], tmp_path: Path
) -> None:
    clock = tmp_path / "clock"
    clock.write_text("-3d")
    steward = make_steward("bills", settings(mode="observe"))
    steward.start(STEWARD_REHEARSAL_CLOCK=str(clock)).stop()
    clock.write_text("0")
    steward.start(STEWARD_REHEARSAL_CLOCK=str(clock))

    def ended() -> list[str]:
        runs = steward.runs(machine="cost-reconciliation")
        return [run["name"] for run in runs if run["status"] == "SUCCEEDED"]

    until("three slots are made up for", lambda: len(ended()) == 3, seconds=60)
    # cost-reconciliation-20261120T070000Z is about the 18th.
    slots = {time.strptime(name[-16:], "%Y%m%dT%H%M%SZ") for name in ended()}
    expected = {time.strftime("%Y-%m-%d", time.gmtime(calendar.timegm(slot) - 2 * DAY)) for slot in slots}
    found = {steward.ctl("run", "get", f"cost-reconciliation:{name}")["output"]["date"] for name in ended()}
    assert len(slots) == 3 and found == expected


def test_the_bill_is_compared_with_the_ledger(scene: Steward, aws: AWS) -> None:
    def billed(amount: str) -> None:
        groups = [
            {"Keys": [name], "Metrics": {"UnblendedCost": {"Amount": part, "Unit": "USD"}}}
            for name, part in (
                ("Amazon Simple Storage Service", "77.1"),
                ("Claude Sonnet 4.6 (Amazon Bedrock Edition)", amount),
            )
        ]
        results = {"results": [{"ResultsByTime": [{"Groups": groups}], "DimensionValueAttributes": []}]}
        request = urllib.request.Request(
            f"{aws.endpoint}/moto-api/static/ce/cost-and-usage-results", json.dumps(results).encode(),
            {"Content-Type": "application/json"},
        )  # fmt: skip
        urllib.request.urlopen(request, timeout=10).close()

    def compare(day: str) -> dict:
        run = scene.ctl("run", "start", "cost-reconciliation", "--input", json.dumps({"date": day}), "--wait")
        return json.loads(run["output"]) if isinstance(run["output"], str) else run["output"]

    day = scene.ctl("usage", "--by", "day", "--from", "7d")["rows"][0]
    assert compare("2026-01-01") == {
        "compared": False, "date": "2026-01-01", "reason": "Cost Explorer has no costs of that day",
    }  # fmt: skip
    billed("123.4567891234")
    found = compare(day["day"])
    assert found["drift"] and found["charged"] == day["cost"] and found["billed"] == "123.456789123"
    after = metrics(scene)
    assert after["steward_bill_billed_dollars"] == 123.456789123
    assert after["steward_bill_charged_dollars"] == float(day["cost"])
    assert after["steward_bill_differences_total"] == 1
    notices = scene.get("/api/v1/notices")["notices"]
    assert [n["id"] for n in notices if n["kind"] == "cost-drift"] == [f"cost-drift/{day['day']}"]
