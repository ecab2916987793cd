"""Plays one story against the built daemon and moto, with the model (`budget_model.py`) beside it.

The daemon runs on a clock that the story sets. It stops wherever something ends while a suspension waits, so that what
happens at one instant never depends on what comes first; else it jumps, as after an outage.
"""

from __future__ import annotations

import datetime as dt
import itertools
import shutil
import time
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from budget_model import Model
from budget_story_parts import Act, Further, House, Pricing, Step, Terms, Trouble, decimal, iso, moment, nanos, seconds
from conftest import settings
from faulty import FaultyAWS
from model_budgets import CENT, UTC, Budget, Person
from model_prices import HOUR, NAMES, PRICES, Use, Word
from steward import AWS, ROOT, Steward, invocation, log_file, until

ACCOUNT = "123456789012"
DEFAULT_CENTS = 200
# The state machines and schedules of budgets; the others (reports, radar) have nothing to say here.
WORKFLOWS = ("suspension", "restoration", "budget-monitor", "daily-refresh", "daily-reset", "block-timer")
RESET_ZONE = ZoneInfo("Europe/Madrid")
MINUTE = dt.timedelta(minutes=1)
# Budgets are made so long before a story begins. Stories go on at seven minutes past an hour; periods, resets, holds and
# graces end at other minutes, so that the seconds which a step takes never matter.
BEFORE = 15 * MINUTE
numbers = itertools.count(1)


class Story:
    def __init__(
        self, aws: AWS, directory: Path, start: dt.datetime, house: House, own: list[Terms], further: list[Further]
    ):
        self.number, self.aws, self.start, self.house = next(numbers), aws, start, house
        directory = directory / f"story-{self.number}"
        workflows = directory / "workflows"
        workflows.mkdir(parents=True)
        for name in WORKFLOWS:
            shutil.copy(ROOT / "workflows" / f"{name}.yaml", workflows)
        self.faulty = FaultyAWS(aws.endpoint)
        options = settings(graceSeconds=house.grace, period=house.rule, limit=f"{DEFAULT_CENTS / 100:.2f}")
        options["prices"] = {"unsureSuspends": house.unsure_suspends}
        self.steward = Steward(directory, self.faulty.endpoint, options, workflows=workflows)
        self.clock = directory / "clock"
        self.names = [f"BedrockAPIKey-s{self.number}-{index}" for index in range(4)]
        self.arns = [aws.make_key(name) for name in self.names]
        self.ids = [f"{ACCOUNT}/user/{name}" for name in self.names]
        self.terms, self.further = own, further
        self.batches = 0
        # Numbers of the prices that people have set.
        self.words: dict[str, str] = {}
        self.running: Counter = Counter()
        self.seen: dict[str, dict[str, Any]] = {}
        people, budgets = [self.person(index) for index in range(4)], [self.budget(each) for each in further]
        self.model = Model(start - BEFORE, people, budgets, house.unsure_suspends)

    # The model's people: two with terms of their own, in the team; two of the pool, one of them in the team.

    def person(self, index: int) -> Person:
        own = self.terms[index] if index < 2 else Terms(DEFAULT_CENTS, self.house.rule, False, self.house.grace)
        budget = Budget(
            f"principal:{self.ids[index]}", "own", "money", own.cents * CENT, own.rule, self.start - BEFORE, own.observe,
            grace=dt.timedelta(seconds=own.grace),
        )  # fmt: skip
        return Person(budget, in_team=index != 2, in_pool=index >= 2)

    def budget(self, each: Further) -> Budget:
        scope = {"quota": f"principal:{self.ids[0]}", "team": "team:data"}.get(each.scope, each.scope)
        return Budget(
            f"{scope}#{each.unit}/{seconds(each.rule)}", each.scope, each.unit, each.amount(each.limit), each.rule,
            self.start - BEFORE, each.observe, 0 if each.scope == "quota" else None, dt.timedelta(seconds=each.grace),
        )  # fmt: skip

    # Time

    def set_clock(self, now: dt.datetime) -> None:
        ahead = round((now.timestamp() - time.time()) * 1000)
        text = f"{'-' if ahead < 0 else ''}{abs(ahead)}ms"
        # Whoever reads it meanwhile keeps what it had.
        self.clock.write_text(text)

    def begin(self) -> None:
        self.set_clock(self.model.now)
        self.start_daemon()
        for index, (arn, own) in enumerate(zip(self.arns, self.terms)):
            mode = "observe" if own.observe else "enforce"
            terms = ["--limit", f"{own.cents / 100:.2f}", "--period", own.rule, "--mode", mode, "--grace", str(own.grace)]
            self.steward.ctl("budget", "set", arn, *terms)
            self.count_from(self.model.people[index].own, self.steward.budget(self.names[index]))
        # Those of the pool are found by a use, which costs nothing here.
        self.ingest([Use(who, min(PRICES), (1, 1, 0, 0), failed=True) for who in (2, 3)])
        for who in (0, 1, 3):
            self.steward.ctl("principal", "tag", self.names[who], "Steward:Team=data")
        for each, budget in zip(self.further, self.model.further):
            self.set_further(each, each.limit)
            self.count_from(budget, self.found_further()[budget.id])
        self.settle()
        self.advance(self.start)

    def count_from(self, budget: Budget, found: dict[str, Any]) -> None:
        """A short period begins in the second in which the budget was made, which only Steward knows exactly."""
        began = moment(found["period"]["start"])
        if seconds(budget.rule) != budget.rule or budget.rule.endswith("s"):
            assert budget.anchor <= began <= budget.anchor + 3 * MINUTE and not began.microsecond, (found, budget)
            budget.count_from(began)

    def start_daemon(self) -> None:
        self.steward.start(STEWARD_REHEARSAL_CLOCK=str(self.clock))

    def schedules_between(self, before: dt.datetime, now: dt.datetime) -> dict[str, dt.datetime]:
        """The last midnight of the reset and 02:00 UTC that went by."""
        day = now.astimezone(RESET_ZONE).date()
        midnight = dt.datetime(day.year, day.month, day.day, tzinfo=RESET_ZONE).astimezone(UTC)
        two = now.replace(hour=2, minute=0)
        due = {"daily-reset": midnight, "daily-refresh": two if two <= now else two - 24 * HOUR}
        return {name: at for name, at in due.items() if at > before}

    def next_stop(self, until_then: dt.datetime) -> dt.datetime:
        """A minute or two after the next thing that ends, while a suspension waits."""
        now, ends = self.model.now, [wait[0] + 2 * MINUTE for wait in self.model.waits]
        if not ends:
            return until_then
        holds = [hold for person in self.model.people for hold in (person.block, person.protection)]
        ends += [hold + MINUTE for hold in holds if isinstance(hold, dt.datetime)]
        ends += [end + MINUTE for end in self.model.timers]
        for days in (0, 1):
            ends += [at + MINUTE for at in self.schedules_between(now - HOUR, now + days * 24 * HOUR).values()]
        return min([until_then, *(end for end in ends if end > now)])

    def advance(self, to: dt.datetime, outage: bool = False) -> None:
        while (before := self.model.now) < to:
            now = self.next_stop(to)
            if outage:
                self.steward.kill()
            self.set_clock(now)
            if outage:
                self.start_daemon()
                outage = False
            due = self.schedules_between(before, now)
            self.model.advance(now, resets="daily-reset" in due, refreshes="daily-refresh" in due)
            until("the schedules have fired", lambda: all(self.has_fired(*each) for each in due.items()), 60)
            self.settle()
            self.monitor()
            self.look_at_notices()

    def has_fired(self, workflow: str, at: dt.datetime) -> bool:
        schedules = self.steward.get("/api/v1/schedules")["schedules"]
        last = next(each["last"] for each in schedules if each["workflow"] == workflow)
        return any(moment(fire["nominal"]) == at for fire in last)

    def monitor(self) -> None:
        self.steward.request("POST", "/api/v1/schedules/budget-monitor/trigger")
        until("only the suspensions wait that the model says", self.waits_as_told, 60)

    def look_at_notices(self) -> None:
        """Often: notices age out in a month, and some steps are longer."""
        notices = self.steward.get("/api/v1/notices?limit=1000")["notices"]
        self.seen |= {notice["id"]: notice for notice in notices}

    def settle(self) -> None:
        until("everything that was started has ended, or waits", self.is_settled, 90)

    def is_settled(self) -> bool:
        # The timer of a block that is still to come waits for it, and a suspension for the end of its grace; one that the
        # model knows of may be left to the monitor.
        timers = len([end for end in self.model.timers if end > self.model.now])
        self.running = Counter(run["stateMachine"] for run in self.steward.runs(limit=1000) if not run["stoppedAt"])
        statuses = {budget["status"] for budget in self.steward.get("/api/v1/budgets?limit=1000")["budgets"]}
        waiting = {"block-timer": timers, "suspension": min(self.running["suspension"], len(self.model.waits))}
        return self.running == Counter(waiting) and "restoring" not in statuses

    def waits_as_told(self) -> bool:
        return self.is_settled() and self.running["suspension"] == len(self.model.waits)

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
        terms = ["--period", each.rule, "--grace", str(each.grace), "--mode", mode]
        self.steward.ctl("budget", "set", scope, *amount, *terms)

    def found_further(self) -> dict[str, dict[str, Any]]:
        return {each["id"]: each for each in self.steward.get("/api/v1/further-budgets")["budgets"]}

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
        charged = self.model.deliver(batch)
        report = self.steward.ctl(*arguments)
        assert Fraction(report["costNanoDollars"]) == charged, "the charge, to the nano-dollar"
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
            model.protect(person, None)
            self.steward.ctl("principal", "unprotect", name, "--reason", "story")
        elif act.what == "delete":
            self.delete(act.who)
        self.settle()
        self.monitor()

    def hold(self, amount: int) -> tuple[str | dt.datetime, str]:
        if amount < 2:
            return (("permanent", "permanent"), ("reset", "reset"))[amount]
        # Half hours end between two steps.
        return self.model.now + dt.timedelta(minutes=60 * amount + 30), f"{60 * amount + 30}m"

    def delete(self, who: int) -> None:
        """Somebody deletes a user; when Steward has found that out, somebody makes it anew."""
        person, name, iam = self.model.people[who], self.names[who], self.aws.iam
        if not person.gone:
            for policy in self.aws.attached(name):
                iam.detach_user_policy(UserName=name, PolicyArn=policy)
            for policy in self.aws.inline(name):
                iam.delete_user_policy(UserName=name, PolicyName=policy)
            iam.delete_user(UserName=name)
            person.gone = True
        elif person.status == "closed":
            self.aws.make_key(name)
            person.gone = False

    def say_price(self, pricing: Pricing) -> None:
        model, name = self.model, pricing.model
        if name in self.words:
            model.prices.words[name] = None
            self.steward.ctl("price", "withdraw", self.words.pop(name))
        else:
            word = Word(pricing.factor, model.now - pricing.hours_ago * HOUR - 30 * MINUTE)
            model.prices.words[name] = word
            flags = zip(("--in", "--out", "--cache-read", "--cache-write-5m"), word.dollars(name))
            rates = [text for flag, price in flags for text in (flag, decimal(price))]
            row = self.steward.ctl(
                "price", "set", NAMES[name], *rates, "--from", iso(word.since), "--reason", "story"
            )  # fmt: skip
            self.words[name] = str(row["number"])
        if pricing.reprice:
            hours = pricing.hours_corrected
            self.reprice(name, None if hours is None else model.now - hours * HOUR - 30 * MINUTE)

    def reprice(self, name: str, since: dt.datetime | None) -> None:
        asked = ["price", "reprice", "--model", NAMES[name], *(["--from", iso(since)] if since else [])]
        before, after = Counter(), Counter()
        for old, new in self.model.corrections(name, since):
            before[self.ids[old.use.who]] += old.nanos
            after[self.ids[old.use.who]] += new.nanos
        expected = {who: (before[who], after[who]) for who in before if before[who] != after[who]}
        lines = self.steward.ctl(*asked, "--dry-run")["principals"]
        found = {line["principal"]: (nanos(line["before"]), nanos(line["after"])) for line in lines}
        found = {who: sums for who, sums in found.items() if sums[0] != sums[1]}
        assert found == expected, (found, expected)
        self.model.reprice(name, since)
        self.steward.ctl(*asked)
        self.settle()
        assert self.steward.ctl(*asked)["changed"] == 0, "the same again corrects nothing"
        self.monitor()

    def go(self, step: Step) -> None:
        trouble = step.trouble.what if step.trouble else ""
        if trouble in ("throttle", "fail"):
            self.arm(step.trouble)
        self.advance(self.model.now + step.hours * HOUR, outage=trouble == "outage")
        if trouble in ("throttle", "fail", "deny"):
            self.arm(step.trouble)
        if step.act:
            self.act(step.act)
        if step.pricing:
            self.say_price(step.pricing)
        if step.uses:
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
            self.set_clock(self.model.now + 6 * MINUTE)
            until("what IAM refused is done", lambda: not self.waits_for_redrive() and self.is_settled(), 90)
        if trouble == "set-back":
            self.set_clock(self.model.now - 4 * MINUTE)
        self.monitor()
        self.faulty.heal()

    def arm(self, trouble: Trouble) -> None:
        code, status, times = {
            "throttle": ("Throttling", 400, trouble.times), "fail": ("ServiceFailure", 500, trouble.times),
            "deny": ("AccessDenied", 403, float("inf")),
        }[trouble.what]  # fmt: skip
        self.faulty.fail(trouble.action, code, status, times=times)

    def end(self) -> None:
        self.steward.kill()
        self.faulty.stop()
