"""An independent model of budgets, in Python (`budget_model.py`), against the built daemon.

Hypothesis makes up principals with budgets of every scope, unit and period, and then a story in steps: time goes by
(hours to weeks, over days, months, changes of the clocks), people change limits, block and protect, uses arrive (late,
repeated, failed, of unknown models), the daemon is killed, IAM throttles or refuses, the clock is set back. After each
step the model says who has access, what stands on each budget to the nano-dollar and the token, and at the end who was
told what and for which budget everybody was suspended; Steward and moto's IAM have to agree.

The daemon runs on a clock that the test sets (`STEWARD_REHEARSAL_CLOCK`). `STEWARD_MODEL_EXAMPLES=100` runs as many
cases, drawn anew each time; what failed is printed as the example that Hypothesis has found.
"""

from __future__ import annotations

import datetime as dt
import itertools
import os
import shutil
import time
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from budget_model import CENT, HOUR, PRICES, UTC, Budget, Model, Person, Use, window
from conftest import settings
from faulty import FaultyAWS
from hypothesis import HealthCheck, Phase, given, note
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from steward import AWS, ROOT, Steward, invocation, log_file, until

EXAMPLES = int(os.environ.get("STEWARD_MODEL_EXAMPLES", "0"))
ACCOUNT = "123456789012"
DEFAULT_CENTS = 200
TOLD = ("budget-warning", "budget-critical", "further-budget-exceeded", "suspended", "restored", "enforcement-leak")
# The state machines and schedules of budgets; the others (prices, reports, radar) have nothing to say here.
WORKFLOWS = ("suspension", "restoration", "budget-monitor", "daily-refresh", "daily-reset", "block-timer")
RESET_ZONE = ZoneInfo("Europe/Madrid")
numbers = itertools.count(1)

# Seven minutes past an hour: periods, resets and holds end at other minutes, so that the seconds which a step takes
# never matter. An ordinary day, the end of a month, and the nights before Madrid's clocks and New York's change.
STARTS = [
    dt.datetime(2027, 1, 12, 9, 7, tzinfo=UTC),
    dt.datetime(2027, 1, 30, 20, 7, tzinfo=UTC),
    dt.datetime(2027, 3, 13, 14, 7, tzinfo=UTC),
    dt.datetime(2027, 3, 27, 17, 7, tzinfo=UTC),
    dt.datetime(2027, 10, 30, 16, 7, tzinfo=UTC),
]


# What a story is made of


@dataclass(frozen=True)
class Terms:
    cents: int
    rule: str
    observe: bool


@dataclass(frozen=True)
class Further:
    scope: str
    unit: str
    rule: str
    # Of the unit: cents, requests, thousands of tokens.
    limit: int
    observe: bool

    def amount(self, limit: int) -> int:
        return limit * {"money": CENT, "requests": 1, "tokens": 1000}[self.unit]


@dataclass(frozen=True)
class Act:
    """What a person does."""

    what: str
    who: int
    # A new limit in cents, requests or thousands of tokens; hours that a hold lasts (0 permanent, 1 until the reset).
    amount: int
    flag: bool


@dataclass(frozen=True)
class Trouble:
    what: str
    action: str
    times: int


@dataclass(frozen=True)
class Step:
    hours: int
    act: Act | None
    uses: list[Use]
    trouble: Trouble | None


RULES = ["day", "day@Europe/Madrid", "day@America/New_York", "day@Asia/Kolkata", "month", "month@Europe/Madrid", "2d", "30d"]
LIMITS = {"money": st.integers(20, 250), "requests": st.integers(1, 6), "tokens": st.integers(50, 500)}
rarely = st.sampled_from([False, False, False, True])

terms = st.builds(Terms, cents=st.integers(10, 150), rule=st.sampled_from(RULES), observe=rarely)


@st.composite
def further_budgets(draw: st.DrawFn) -> list[Further]:
    found: dict[tuple[str, str, str], Further] = {}
    for scope in draw(st.lists(st.sampled_from(["quota", "team", "pool", "everyone"]), max_size=4)):
        unit = draw(st.sampled_from(["requests", "tokens"] if scope == "quota" else list(LIMITS)))
        rule = draw(st.sampled_from(RULES))
        found[scope, unit, rule] = Further(scope, unit, rule, draw(LIMITS[unit]), draw(rarely))
    return list(found.values())


uses = st.builds(
    Use,
    who=st.integers(0, 3),
    model=st.sampled_from(sorted(PRICES)),
    tokens=st.tuples(
        st.integers(0, 60_000), st.integers(0, 20_000), st.integers(0, 100_000), st.integers(0, 20_000)
    ),
    failed=rarely,
    late=st.sampled_from([0, 0, 0, 0, 1, 7, 30, 80]),
    repeats=st.integers(1, 2),
)  # fmt: skip
acts = st.builds(
    Act,
    what=st.sampled_from(
        ["limit", "limit", "further", "further", "mode", "block", "block", "unblock", "protect", "unprotect"]
    ),
    who=st.integers(0, 3),
    amount=st.sampled_from([0, 1, 2, 5, 26, 40, 120, 300]),
    flag=st.booleans(),
)  # fmt: skip
troubles = st.builds(
    Trouble,
    what=st.sampled_from(["kill", "kill", "throttle", "fail", "deny", "set-back"]),
    action=st.sampled_from(
        ["GetUser", "ListAttachedUserPolicies", "PutUserPolicy", "DetachUserPolicy", "AttachUserPolicy", "DeleteUserPolicy"]
    ),
    times=st.integers(1, 4),
)  # fmt: skip
steps = st.builds(
    Step,
    hours=st.sampled_from([2, 3, 5, 9, 9, 14, 26, 26, 50, 200, 750]),
    act=st.none() | acts,
    uses=st.lists(uses, max_size=4),
    trouble=st.none() | troubles,
)  # fmt: skip


class Story:
    """One case: the daemon on a clock of its own, with a model beside it."""

    def __init__(self, aws: AWS, directory: Path, start: dt.datetime, own: list[Terms], further: list[Further]):
        self.number, self.aws, self.start = next(numbers), aws, start
        directory = directory / f"story-{self.number}"
        workflows = directory / "workflows"
        workflows.mkdir(parents=True)
        for name in WORKFLOWS:
            shutil.copy(ROOT / "workflows" / f"{name}.yaml", workflows)
        self.faulty = FaultyAWS(aws.endpoint)
        options = settings(graceSeconds=0, period="30d", limit=f"{DEFAULT_CENTS / 100:.2f}")
        self.steward = Steward(directory, self.faulty.endpoint, options, workflows=workflows)
        self.clock = directory / "clock"
        self.names = [f"BedrockAPIKey-s{self.number}-{index}" for index in range(4)]
        self.arns = [aws.make_key(name) for name in self.names]
        self.ids = [f"{ACCOUNT}/user/{name}" for name in self.names]
        self.terms, self.further = own, further
        self.batches = 0
        self.seen: dict[str, dict[str, Any]] = {}
        self.model = Model(start, [self.person(index) for index in range(4)], [self.budget(each) for each in further])

    # The model's people: two with terms of their own, in the team; two of the pool, one of them in the team.

    def person(self, index: int) -> Person:
        midnight = self.start.replace(hour=0, minute=0)
        own = self.terms[index] if index < 2 else Terms(DEFAULT_CENTS, "30d", False)
        budget = Budget(f"principal:{self.ids[index]}", "own", "money", own.cents * CENT, own.rule, midnight, own.observe)
        # A day's period begins on the clocks of its zone, whatever UTC's midnight is there.
        budget.period = window(own.rule, self.start, midnight)
        return Person(budget, in_team=index != 2, in_pool=index >= 2)

    def budget(self, each: Further) -> Budget:
        scope = {"quota": f"principal:{self.ids[0]}", "team": "team:data"}.get(each.scope, each.scope)
        midnight = self.start.replace(hour=0, minute=0)
        budget = Budget(
            f"{scope}#{each.unit}/{each.rule}", each.scope, each.unit, each.amount(each.limit), each.rule, midnight,
            each.observe, 0 if each.scope == "quota" else None,
        )  # fmt: skip
        budget.period = window(each.rule, self.start, midnight)
        return budget

    # Time

    def set_clock(self, now: dt.datetime) -> None:
        ahead = round((now.timestamp() - time.time()) * 1000)
        text = f"{'-' if ahead < 0 else ''}{abs(ahead)}ms"
        # Whoever reads it meanwhile keeps what it had.
        self.clock.write_text(text)

    def begin(self) -> None:
        self.set_clock(self.start)
        self.start_daemon()
        for index, (arn, own) in enumerate(zip(self.arns, self.terms)):
            mode = "observe" if own.observe else "enforce"
            limit = f"{own.cents / 100:.2f}"
            self.steward.ctl("budget", "set", arn, "--limit", limit, "--period", own.rule, "--mode", mode)
        # Those of the pool are found by a use, which costs nothing here.
        self.ingest([Use(who, min(PRICES), (1, 1, 0, 0), failed=True) for who in (2, 3)])
        for who in (0, 1, 3):
            self.steward.ctl("principal", "tag", self.names[who], "Steward:Team=data")
        for each in self.further:
            self.set_further(each, each.limit)

    def start_daemon(self) -> None:
        self.steward.start(STEWARD_REHEARSAL_CLOCK=str(self.clock))

    def advance(self, hours: int) -> None:
        before, now = self.model.now, self.model.now + hours * HOUR
        self.set_clock(now)
        day = now.astimezone(RESET_ZONE).date()
        midnight = dt.datetime(day.year, day.month, day.day, tzinfo=RESET_ZONE).astimezone(UTC)
        two = now.replace(hour=2, minute=0)
        two = two if two <= now else two - 24 * HOUR
        due = {"daily-reset": midnight, "daily-refresh": two}
        due = {name: at for name, at in due.items() if at > before}
        self.model.advance(hours, resets="daily-reset" in due, refreshes="daily-refresh" in due)
        until("the schedules have fired", lambda: all(self.has_fired(name, at) for name, at in due.items()), 60)
        self.settle()
        self.monitor()

    def has_fired(self, workflow: str, at: dt.datetime) -> bool:
        schedules = self.steward.get("/api/v1/schedules")["schedules"]
        last = next(each["last"] for each in schedules if each["workflow"] == workflow)
        return any(moment(fire["nominal"]) == at for fire in last)

    def monitor(self) -> None:
        self.steward.request("POST", "/api/v1/schedules/budget-monitor/trigger")
        self.settle()

    def settle(self) -> None:
        until("everything that was started has ended", self.is_settled, 90)

    def is_settled(self) -> bool:
        # The timer of a block that is still to come waits for it.
        waiting = len([end for end in self.model.timers if end > self.model.now])
        running = [run for run in self.steward.runs(limit=1000) if not run["stoppedAt"]]
        timers = [run for run in running if run["stateMachine"] == "block-timer"]
        statuses = {budget["status"] for budget in self.steward.get("/api/v1/budgets?limit=1000")["budgets"]}
        return len(running) == len(timers) == waiting and not statuses & {"grace", "restoring"}

    def waits_for_redrive(self) -> bool:
        return any(letter["nextRedrive"] for letter in self.steward.get("/api/v1/dead-letters")["deadLetters"])

    # What people and logs bring

    def set_further(self, each: Further, limit: int) -> None:
        scope = {"quota": self.arns[0], "team": "team:data"}.get(each.scope, each.scope)
        amount = {
            "money": ("--limit", f"{limit / 100:.2f}"), "requests": ("--requests", str(limit)),
            "tokens": ("--tokens", str(limit * 1000)),
        }[each.unit]  # fmt: skip
        mode = "observe" if each.observe else "enforce"
        self.steward.ctl("budget", "set", scope, *amount, "--period", each.rule, "--grace", "0", "--mode", mode)

    def ingest(self, batch: list[Use]) -> list[str]:
        self.batches += 1
        records: list[dict[str, Any]] = []
        for position, use in enumerate(batch):
            at = self.model.now - use.late * HOUR
            record = invocation(
                self.arns[use.who], f"s{self.number}-{self.batches}-{position}", use.tokens[0], use.tokens[1], use.model,
                at.timestamp(),
            )  # fmt: skip
            record["input"] |= {"cacheReadInputTokenCount": use.tokens[2], "cacheWriteInputTokenCount": use.tokens[3]}
            if use.failed:
                record |= {"errorCode": "ThrottlingException"}
                del record["output"]
            records += [record] * use.repeats
        arguments = ["ingest", str(log_file(self.steward.directory / f"batch-{self.batches}.jsonl", records))]
        report = self.steward.ctl(*arguments)
        assert Fraction(report["costNanoDollars"]) == sum(use.nanos for use in batch), "the charge, to the nano-dollar"
        return arguments

    def act(self, act: Act) -> None:
        model, person, name = self.model, self.model.people[act.who], self.names[act.who]
        hold, span = self.hold(act.amount)
        if act.what == "limit" and act.amount > 2:
            model.limit_own(person, cents=act.amount)
            self.steward.ctl("budget", "set", name, "--limit", f"{act.amount / 100:.2f}")
        elif act.what == "mode":
            model.limit_own(person, observe=act.flag)
            self.steward.ctl("budget", "set", name, "--mode", "observe" if act.flag else "enforce")
        elif act.what == "further" and self.further and act.amount:
            index = act.who % len(self.further)
            model.limit_further(model.further[index], self.further[index].amount(act.amount))
            self.set_further(self.further[index], act.amount)
        elif act.what == "block":
            model.block(person, hold)
            self.steward.ctl("principal", "block", name, "--for", span, "--reason", "story")
        elif act.what == "unblock" and person.block is not None:
            model.unblock(person, protecting=act.flag)
            more = ["--protect"] if act.flag else []
            self.steward.ctl("principal", "unblock", name, "--reason", "story", *more)
        elif act.what == "protect":
            model.protect(person, hold)
            self.steward.ctl("principal", "protect", name, "--for", span, "--reason", "story")
        elif act.what == "unprotect" and person.protection is not None:
            model.unprotect(person)
            self.steward.ctl("principal", "unprotect", name, "--reason", "story")
        self.settle()
        self.monitor()

    def hold(self, amount: int) -> tuple[str | dt.datetime, str]:
        if amount < 2:
            return (("permanent", "permanent"), ("reset", "reset"))[amount]
        # Half hours end between two steps.
        return self.model.now + dt.timedelta(minutes=60 * amount + 30), f"{60 * amount + 30}m"

    def go(self, step: Step) -> None:
        self.advance(step.hours)
        trouble = step.trouble.what if step.trouble else ""
        if trouble in ("throttle", "fail", "deny"):
            code, status, times = {
                "throttle": ("Throttling", 400, step.trouble.times), "fail": ("ServiceFailure", 500, step.trouble.times),
                "deny": ("AccessDenied", 403, float("inf")),
            }[trouble]  # fmt: skip
            self.faulty.fail(step.trouble.action, code, status, times=times)
        if step.act:
            self.act(step.act)
        if step.uses:
            self.model.deliver(step.uses)
            arguments = self.ingest(step.uses)
            if trouble == "kill":
                self.steward.kill()
                self.start_daemon()
                # A source that heard no answer delivers again.
                assert self.steward.ctl(*arguments)["charged"] == 0
        self.settle()
        if trouble == "deny":
            self.faulty.heal()
            # What has failed is redriven by itself after five minutes.
            self.set_clock(self.model.now + dt.timedelta(minutes=6))
            until("what IAM refused is done", lambda: not self.waits_for_redrive() and self.is_settled(), 90)
        if trouble == "set-back":
            self.set_clock(self.model.now - dt.timedelta(minutes=4))
        self.monitor()
        self.faulty.heal()

    # Who is right

    def check(self) -> None:
        model, steward = self.model, self.steward
        for name, person in zip(self.names, model.people):
            budget = steward.budget(name)
            period = (moment(budget["period"]["start"]), moment(budget["period"]["end"]))
            assert period == person.own.period, (name, budget, person)
            assert nanos(budget["spent"]) == person.own.spent, (name, budget, person)
            assert budget["status"] == person.status, (name, budget, person)
            access = self.aws.has_no_access if person.status == "suspended" else self.aws.has_access
            assert access(name), (name, self.aws.attached(name), self.aws.inline(name))
        found = {each["id"]: each for each in steward.get("/api/v1/further-budgets")["budgets"]}
        for budget in model.further:
            each, period = found[budget.id], window(budget.rule, model.now, budget.anchor)
            spent = nanos(each["spent"]) if budget.unit == "money" else each["spent"]
            assert (moment(each["period"]["start"]), moment(each["period"]["end"])) == period, (each, budget)
            assert spent == budget.sums[period[0]], (each, budget)
        told, causes = self.told()
        assert told == model.notices, (told - model.notices, model.notices - told)
        assert causes == model.causes, (causes, model.causes)

    def told(self) -> tuple[Counter, Counter]:
        # Notices age out in a month, and some stories are longer.
        notices = self.steward.get("/api/v1/notices?limit=1000")["notices"]
        self.seen |= {notice["id"]: notice for notice in notices}
        told, causes = Counter(), Counter()
        for notice in self.seen.values():
            who = self.ids.index(notice["principal"]) if notice["principal"] else None
            if notice["kind"] in TOLD:
                told[who, notice["kind"]] += 1
            if notice["kind"] == "suspended" and notice["data"]["reason"] != "blocked-by-person":
                causes[who, notice["data"]["cause"]["budgetId"]] += 1
        return told, causes

    def end(self) -> None:
        self.steward.kill()
        self.faulty.stop()


def moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def nanos(text: str) -> int:
    return int(Fraction(text) * 10**9)


@pytest.mark.timeout(60 * EXAMPLES or 180)
@hypothesis_settings(
    # A case takes seconds, so one that fails is not made smaller.
    max_examples=EXAMPLES or 5, deadline=None, derandomize=EXAMPLES == 0, database=None, print_blob=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(
    start=st.sampled_from(STARTS),
    own=st.lists(terms, min_size=2, max_size=2),
    further=further_budgets(),
    story=st.lists(steps, min_size=3, max_size=5),
)
def test_steward_agrees_with_the_model(aws: AWS, tmp_path: Path, start, own, further, story) -> None:
    case = Story(aws, tmp_path, start, own, further)
    try:
        case.begin()
        case.settle()
        for number, step in enumerate(story, 1):
            note(f"step {number}: {step}")
            case.go(step)
            case.check()
    finally:
        case.end()


# The model itself


@pytest.mark.parametrize(("tokens", "dollars"), [((1_000_000, 0, 0, 0), "3"), ((0, 1, 0, 0), "0.000015")])
def test_the_model_itself_counts_right(tokens, dollars) -> None:
    use = Use(0, "global.anthropic.claude-sonnet-4-6", tokens)
    assert use.nanos == Fraction(dollars) * 10**9


@pytest.mark.parametrize(
    ("rule", "at", "start", "end"),
    [
        ("day@Europe/Madrid", "2027-03-28T12:00Z", "2027-03-27T23:00Z", "2027-03-28T22:00Z"),
        ("day@Europe/Madrid", "2027-10-31T12:00Z", "2027-10-30T22:00Z", "2027-10-31T23:00Z"),
        ("month", "2027-02-28T23:59Z", "2027-02-01T00:00Z", "2027-03-01T00:00Z"),
        ("2d", "2027-01-11T23:59Z", "2027-01-10T00:00Z", "2027-01-12T00:00Z"),
    ],
)
def test_the_model_itself_knows_its_periods(rule, at, start, end) -> None:
    anchor = dt.datetime(2027, 1, 12, tzinfo=UTC)
    assert window(rule, moment(at), anchor) == (moment(start), moment(end))
