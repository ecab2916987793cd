"""An independent model of budgets, in a few lines of Python, against the built daemon.

Hypothesis makes up principals with limits, quotas, thresholds, protections and blocks, a shared budget, uses of models in
any order (late, repeated, failed, of unknown models), and kills the daemon between deliveries. The model predicts who ends
in which status, why, with which notices and what charge to the nano-dollar; Steward and moto's IAM have to agree.

Nothing of Steward's own arithmetic is used: prices are fractions, periods are computed with `datetime`.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from conftest import settings
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from steward import AWS, Steward, invocation, log_file, until

# Dollars for a million tokens: input, output, cache read, cache write for five minutes (AWS's price pages, 2026-11).
PRICES = {
    "global.anthropic.claude-sonnet-4-6": ("3", "15", "0.3", "3.75"),
    "eu.anthropic.claude-haiku-4-5-20251001-v1:0": ("1.1", "5.5", "0.11", "1.375"),
    "amazon.nova-micro-v1:0": ("0.035", "0.14", "0.00875", "0"),
    # Not in any price list: charged at the safe rate.
    "acme.nobody-knows-v1:0": ("15", "75", "1.5", "18.75"),
}
UNKNOWN = "acme.nobody-knows-v1:0"
numbers = itertools.count(1)


@dataclass(frozen=True)
class Use:
    who: int
    model: str
    tokens: tuple[int, int, int, int]
    failed: bool
    days_ago: int
    repeats: int

    @property
    def nanos(self) -> int:
        """Rounded once, half up."""
        if self.failed:
            return 0
        dollars = sum(Fraction(price) * count for price, count in zip(PRICES[self.model], self.tokens)) / 1_000_000
        return int(dollars * 10**9 + Fraction(1, 2))

    @property
    def requests(self) -> int:
        return 0 if self.failed else 1

    @property
    def all_tokens(self) -> int:
        return sum(self.tokens)


@dataclass(frozen=True)
class Terms:
    cents: int
    requests: int | None
    observe: bool
    protected: bool
    blocked: bool


@dataclass
class Ledger:
    """What the model knows of one principal."""

    nanos: int = 0
    today: int = 0
    status: str = "active"
    # Highest threshold announced of its own budget and of its quota.
    own: int = 0
    quota: int = 0
    notices: Counter = field(default_factory=Counter)


uses = st.builds(
    Use,
    who=st.integers(0, 2),
    model=st.sampled_from(sorted(PRICES)),
    tokens=st.tuples(
        st.integers(0, 60_000), st.integers(0, 20_000), st.integers(0, 100_000), st.integers(0, 20_000)
    ),
    failed=st.sampled_from([False, False, False, True]),
    days_ago=st.sampled_from([0, 0, 0, 1, 2]),
    repeats=st.integers(1, 2),
)  # fmt: skip
terms = st.builds(
    Terms,
    cents=st.integers(5, 120),
    requests=st.none() | st.integers(1, 4),
    observe=st.sampled_from([False, False, True]),
    protected=st.sampled_from([False, False, True]),
    blocked=st.sampled_from([False, False, False, True]),
)
batches = st.lists(st.lists(uses, min_size=1, max_size=4), min_size=1, max_size=4)


def reached(spent: int, limit: int) -> int:
    """0 normal, 1 warning from 70 %, 2 critical from 90 %, 3 exceeded."""
    return sum(spent * 1000 >= limit * line for line in (700, 900, 1000)) if spent else 0


def predict(everyone: list[Terms], delivered: list[list[Use]], cap_requests: int | None) -> tuple[list[Ledger], int]:
    """What should have happened, use by use in batches; the second figure is what the cap has counted."""
    ledgers = [Ledger() for _ in everyone]
    cap = 0
    for ledger, term in zip(ledgers, everyone):
        if term.blocked:
            ledger.status = "suspended"
    for batch in delivered:
        touched = set()
        cap_before = cap
        for use in batch:
            ledger = ledgers[use.who]
            touched.add(use.who)
            # The quota and the cap are of a calendar day, and the principal's own budget of thirty days was made today:
            # what happened before belongs to periods that are over.
            if use.days_ago == 0:
                ledger.nanos += use.nanos
                ledger.today += use.requests
                cap += use.requests
        cap_exceeded = cap_requests is not None and cap >= cap_requests
        cap_crossed = cap_exceeded and cap_before < cap_requests
        for who in sorted(touched if not cap_crossed else range(len(ledgers))):
            ledger, term = ledgers[who], everyone[who]
            own = reached(ledger.nanos, term.cents * 10_000_000)
            quota = reached(ledger.today, term.requests) if term.requests else 0
            if quota > ledger.quota:
                ledger.notices[("budget-warning", "budget-critical", "further-budget-exceeded")[quota - 1]] += 1
                ledger.quota = quota
            if own > ledger.own and own < 3:
                ledger.notices[("budget-warning", "budget-critical")[own - 1]] += 1
            ledger.own = max(own, ledger.own)
            spent = ledger.today > 0 or ledger.nanos > 0
            enforced = (own == 3 and not term.observe) or quota == 3 or (cap_exceeded and spent)
            if ledger.status == "active" and enforced and not term.protected:
                ledger.status = "suspended"
    return ledgers, cap


@hypothesis_settings(
    # A case takes seconds, so one that fails is not made smaller.
    max_examples=10, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(
    everyone=st.lists(terms, min_size=3, max_size=3),
    delivered=batches,
    cap_requests=st.none() | st.integers(2, 8),
    killed_after=st.integers(0, 3),
)
def test_steward_agrees_with_the_model(
    aws: AWS, make_steward, tmp_path: Path, everyone, delivered, cap_requests, killed_after
) -> None:
    number = next(numbers)
    options = settings(graceSeconds=0, period="30d", limit="1000.00")
    steward: Steward = make_steward(f"model-{number}", options).start()
    names = [f"BedrockAPIKey-m{number}-{index}" for index in range(3)]
    arns = [aws.make_key(name) for name in names]
    try:
        arrange(steward, arns, everyone, cap_requests)
        deliver(steward, arns, delivered, killed_after, number)
        ledgers, cap = predict(everyone, delivered, cap_requests)
        until("everything that was started has ended", lambda: settled(steward), 60)
        for ledger, name in zip(ledgers, names):
            budget = steward.budget(name)
            assert nanos(budget["spent"]) == ledger.nanos, name
            assert budget["status"] == ledger.status, (name, budget, ledger)
            access = aws.has_no_access if ledger.status == "suspended" else aws.has_access
            assert access(name), name
            told = Counter(
                notice["kind"]
                for notice in steward.get("/api/v1/notices?limit=1000")["notices"]
                if notice["principal"] == budget["principal"]["id"]
            )
            for kind in ("budget-warning", "budget-critical", "further-budget-exceeded"):
                assert told[kind] == ledger.notices[kind], (name, kind, told, ledger)
            assert told["suspended"] == (ledger.status == "suspended"), (name, told)
        if cap_requests is not None:
            shared = steward.get("/api/v1/further-budgets")["budgets"]
            assert [b["spent"] for b in shared if b["scope"] == "everyone"] == [cap]
    finally:
        steward.kill()


def arrange(steward: Steward, arns: list[str], everyone: list[Terms], cap_requests: int | None) -> None:
    for arn, term in zip(arns, everyone):
        mode = "observe" if term.observe else "enforce"
        steward.ctl("budget", "set", arn, "--limit", f"{term.cents / 100:.2f}", "--mode", mode)
        if term.requests:
            steward.ctl("budget", "set", arn, "--requests", str(term.requests), "--period", "day", "--grace", "0")
        if term.protected:
            steward.ctl("principal", "protect", arn, "--for", "permanent", "--reason", "model")
        if term.blocked:
            steward.ctl("principal", "block", arn, "--for", "permanent", "--reason", "model")
    if cap_requests is not None:
        steward.ctl("budget", "set", "everyone", "--requests", str(cap_requests), "--period", "day", "--grace", "0")
    until("blocks are carried out", lambda: settled(steward), 60)


def deliver(
    steward: Steward, arns: list[str], delivered: list[list[Use]], killed_after: int, number: int
) -> None:
    now = dt.datetime.now(dt.timezone.utc)
    for index, batch in enumerate(delivered):
        records = []
        for position, use in enumerate(batch):
            at = now - dt.timedelta(days=use.days_ago)
            record = invocation(
                arns[use.who], f"m{number}-{index}-{position}", use.tokens[0], use.tokens[1], use.model, at.timestamp()
            )
            record["input"] |= {"cacheReadInputTokenCount": use.tokens[2], "cacheWriteInputTokenCount": use.tokens[3]}
            if use.failed:
                record |= {"errorCode": "ThrottlingException"}
                del record["output"]
            records += [record] * use.repeats
        path = log_file(steward.directory / f"batch-{index}.jsonl", records)
        steward.ctl("ingest", str(path))
        if index == killed_after:
            steward.kill()
            steward.start()
            # A source that heard no answer delivers again.
            assert steward.ctl("ingest", str(path))["charged"] == 0


def settled(steward: Steward) -> bool:
    return not [run for run in steward.runs(limit=1000) if not run["stoppedAt"]] and not [
        budget for budget in steward.get("/api/v1/budgets?limit=1000")["budgets"] if budget["status"] == "grace"
    ]


def nanos(text: str) -> int:
    return int(Fraction(text) * 10**9)


@pytest.mark.parametrize(("tokens", "dollars"), [((1_000_000, 0, 0, 0), "3"), ((0, 1, 0, 0), "0.000015")])
def test_the_model_itself_counts_right(tokens, dollars) -> None:
    use = Use(0, "global.anthropic.claude-sonnet-4-6", tokens, False, 0, 1)
    assert use.nanos == Fraction(dollars) * 10**9
