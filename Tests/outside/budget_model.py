"""What Steward ought to do with budgets, said a second time, in Python: from docs/budgets.md and docs/access.md alone.

Nothing of Steward's own arithmetic is used: prices are fractions, periods are computed with `datetime` and `zoneinfo`.
Time stands still within a step of a case and goes on between steps.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from zoneinfo import ZoneInfo

# Dollars for a million tokens: input, output, cache read, cache write for five minutes (AWS's price pages, 2026-11).
PRICES = {
    "global.anthropic.claude-sonnet-4-6": ("3", "15", "0.3", "3.75"),
    "eu.anthropic.claude-haiku-4-5-20251001-v1:0": ("1.1", "5.5", "0.11", "1.375"),
    "amazon.nova-micro-v1:0": ("0.035", "0.14", "0.00875", "0"),
    # Not in any price list: charged at the safe rate.
    "acme.nobody-knows-v1:0": ("15", "75", "1.5", "18.75"),
}
UTC = dt.timezone.utc
HOUR = dt.timedelta(hours=1)
CENT = 10**7
# From where on people are warned, where it is critical, where it is used up: in per mille of the limit.
LINES = (700, 900, 1000)


@dataclass(frozen=True)
class Use:
    who: int
    model: str
    tokens: tuple[int, int, int, int]
    failed: bool = False
    # Hours between the use and its delivery.
    late: int = 0
    repeats: int = 1

    @property
    def nanos(self) -> int:
        """Rounded once, half up."""
        if self.failed:
            return 0
        dollars = sum(Fraction(price) * count for price, count in zip(PRICES[self.model], self.tokens)) / 1_000_000
        return int(dollars * 10**9 + Fraction(1, 2))

    def amount(self, unit: str) -> int:
        return {"money": self.nanos, "tokens": 0 if self.failed else sum(self.tokens), "requests": int(not self.failed)}[
            unit
        ]


def window(rule: str, at: dt.datetime, anchor: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """The period of a rule that contains an instant; those of so many days are counted from `anchor`, a midnight."""
    kind, _, name = rule.partition("@")
    zone = ZoneInfo(name or "UTC")
    today = at.astimezone(zone).date()
    if kind == "day":
        days = (today, today + dt.timedelta(days=1))
    elif kind == "month":
        first = today.replace(day=1)
        days = (first, (first + dt.timedelta(days=31)).replace(day=1))
    else:
        length = int(kind.removesuffix("d"))
        start = today - dt.timedelta(days=(today - anchor.date()).days % length)
        days = (start, start + dt.timedelta(days=length))
    start, end = (dt.datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC) for day in days)
    return start, end


@dataclass
class Budget:
    """A principal's own, or one beside it."""

    id: str
    # Whose: "own" and "quota" of one principal, "team", "pool", "everyone".
    scope: str
    unit: str
    limit: int
    rule: str
    anchor: dt.datetime
    observe: bool = False
    who: int | None = None
    period: tuple[dt.datetime, dt.datetime] = field(init=False)
    sums: Counter = field(default_factory=Counter)
    # Of the period, how many of the lines were announced.
    announced: int = 0

    def __post_init__(self) -> None:
        self.period = window(self.rule, self.anchor, self.anchor)

    @property
    def spent(self) -> int:
        return self.sums[self.period[0]]

    @property
    def reached(self) -> int:
        """How many lines are reached; exactly on one counts. Nothing spent is never beyond a line."""
        return sum(self.spent * 1000 >= self.limit * line for line in LINES) if self.spent else 0

    @property
    def stands_against(self) -> bool:
        return self.reached == 3 and not self.observe

    def add(self, use: Use, at: dt.datetime) -> None:
        self.sums[window(self.rule, at, self.anchor)[0]] += use.amount(self.unit)

    def roll(self, now: dt.datetime) -> None:
        if self.period[1] <= now:
            self.period = window(self.rule, now, self.anchor)
            self.announced = 0

    def rank(self) -> tuple:
        """The strictest first: holds longest, then is closest to the one who spends."""
        order = {"own": 0, "quota": 0, "team": 1, "pool": 2, "everyone": 3}
        return (self.observe, -self.period[1].timestamp(), order[self.scope], self.id)


@dataclass
class Person:
    own: Budget
    in_team: bool
    in_pool: bool
    # Of the own budget's periods: uses that were billed.
    requests: Counter = field(default_factory=Counter)
    status: str = "active"
    since: dt.datetime | None = None
    leak_told: bool = False
    # "permanent", "reset" or an instant.
    block: str | dt.datetime | None = None
    protection: str | dt.datetime | None = None

    @property
    def has_spent(self) -> bool:
        return self.requests[self.own.period[0]] > 0


class Model:
    """The people, the budgets, and what becomes of them."""

    def __init__(self, now: dt.datetime, people: list[Person], further: list[Budget]):
        self.now, self.people, self.further = now, people, further
        self.notices: Counter = Counter()
        self.causes: Counter = Counter()
        # When timers of blocks ring, whether or not the block is still there.
        self.timers: list[dt.datetime] = []

    # Looking

    def budgets_of(self, person: Person) -> list[Budget]:
        who = self.people.index(person)
        member = {"quota": False, "team": person.in_team, "pool": person.in_pool, "everyone": True}
        return [b for b in self.further if b.who == who or member[b.scope]]

    def standing(self, person: Person) -> list[Budget]:
        """Budgets beside the own one that are used up in their period of now and enforce."""
        return [b for b in self.budgets_of(person) if b.period[1] > self.now and b.stands_against]

    def in_force(self, hold: str | dt.datetime | None) -> bool:
        return hold is not None and (isinstance(hold, str) or self.now < hold)

    # Time

    def advance(self, hours: float, resets: bool, refreshes: bool) -> None:
        """`resets` and `refreshes`: whether a midnight of the reset's zone and a 02:00 UTC went by."""
        self.now += hours * HOUR
        for person in self.people:
            # The timer of a block rings.
            if isinstance(person.block, dt.datetime) and person.block <= self.now:
                person.block = None
                self.restore_if_eligible(person)
        if resets:
            self.refresh(lifts=True)
        if refreshes:
            self.refresh(lifts=False)
        self.monitor()

    def refresh(self, lifts: bool) -> None:
        for person in self.people:
            for name in ("block", "protection"):
                hold = getattr(person, name)
                if hold is not None and (not self.in_force(hold) or (lifts and hold == "reset")):
                    setattr(person, name, None)
        for budget in self.further:
            budget.roll(self.now)
        for person in self.people:
            if person.status == "active" and person.own.period[1] <= self.now:
                person.own.roll(self.now)
                self.announce_own(person)
            elif person.status == "suspended":
                self.restore_if_eligible(person)

    def monitor(self) -> None:
        """Whoever is beyond a budget that enforces, and has spent, has no access any more."""
        for person in self.people:
            if person.status != "active" or self.in_force(person.protection):
                continue
            own = person.own.stands_against and person.own.period[1] > self.now
            if own or (self.standing(person) and person.has_spent):
                self.suspend(person)

    # Access

    def suspend(self, person: Person) -> None:
        who = self.people.index(person)
        person.status, person.since, person.leak_told = "suspended", self.now, False
        self.notices[who, "suspended"] += 1
        if not self.in_force(person.block):
            own = [person.own] if person.own.reached == 3 and person.own.period[1] > self.now else []
            self.causes[who, min(own + self.standing(person), key=Budget.rank).id] += 1

    def restore_if_eligible(self, person: Person, override: bool = False) -> None:
        if person.status != "suspended" or self.in_force(person.block):
            return
        own = person.own.stands_against and person.own.period[1] > self.now
        if (own or self.standing(person)) and not override:
            return
        person.status = "active"
        self.notices[self.people.index(person), "restored"] += 1
        person.own.roll(self.now)
        if person.own.announced == 0:
            self.announce_own(person)

    # Announcing

    def announce_own(self, person: Person) -> None:
        if person.own.reached > person.own.announced:
            person.own.announced = person.own.reached
            if person.own.reached < 3:
                kind = ("budget-warning", "budget-critical")[person.own.reached - 1]
                self.notices[self.people.index(person), kind] += 1

    def announce_further(self, budget: Budget) -> None:
        if budget.reached > budget.announced:
            budget.announced = budget.reached
            kind = ("budget-warning", "budget-critical", "further-budget-exceeded")[budget.reached - 1]
            self.notices[budget.who, kind] += 1

    # What people and logs bring

    def deliver(self, uses: list[Use]) -> None:
        for use in uses:
            person = self.people[use.who]
            if person.status == "active":
                person.own.roll(self.now)
            for budget in self.budgets_of(person):
                budget.roll(self.now)
        for use in uses:
            person, at = self.people[use.who], self.now - use.late * HOUR
            person.own.add(use, at)
            person.requests[window(person.own.rule, at, person.own.anchor)[0]] += use.amount("requests")
            for budget in self.budgets_of(person):
                budget.add(use, at)
            if person.status == "suspended" and use.nanos and at > person.since + dt.timedelta(minutes=5):
                if not person.leak_told:
                    self.notices[use.who, "enforcement-leak"] += 1
                person.leak_told = True
        touched = sorted({use.who for use in uses})
        for budget in self.further:
            if any(budget in self.budgets_of(self.people[who]) for who in touched):
                self.announce_further(budget)
        for who in touched:
            self.announce_own(self.people[who])
        self.monitor()

    def limit_own(self, person: Person, cents: int | None = None, observe: bool | None = None) -> None:
        own, known = person.own, (person.own.limit, person.own.observe, person.in_pool)
        own.limit = own.limit if cents is None else cents * CENT
        own.observe = own.observe if observe is None else observe
        person.in_pool = False
        if known == (own.limit, own.observe, False):
            return
        if person.status == "active":
            own.roll(self.now)
        own.announced = min(own.announced, own.reached)
        self.announce_own(person)
        if not own.stands_against:
            self.restore_if_eligible(person)
        self.monitor()

    def limit_further(self, budget: Budget, limit: int) -> None:
        budget.roll(self.now)
        if budget.limit == limit:
            return
        stood = budget.reached == 3
        budget.limit = limit
        budget.announced = min(budget.announced, budget.reached)
        self.announce_further(budget)
        if stood and budget.reached < 3:
            for person in self.people:
                # The end of its own period is the refresh's business.
                if budget in self.budgets_of(person) and person.own.period[1] > self.now:
                    self.restore_if_eligible(person)
        self.monitor()

    def block(self, person: Person, hold: str | dt.datetime) -> None:
        person.block = hold
        if isinstance(hold, dt.datetime):
            self.timers.append(hold)
        if person.status == "active":
            self.suspend(person)

    def unblock(self, person: Person, protecting: bool) -> None:
        person.block = None
        if protecting:
            person.protection = "reset"
        self.restore_if_eligible(person, override=protecting)
        self.monitor()

    def protect(self, person: Person, hold: str | dt.datetime) -> None:
        person.protection = hold

    def unprotect(self, person: Person) -> None:
        person.protection = None
        self.monitor()
