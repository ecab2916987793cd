"""Periods and budgets, said a second time, in Python: from docs/budgets.md alone, with `datetime` and `zoneinfo`."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from model_prices import Charge

UTC = dt.timezone.utc
CENT = 10**7
# From where on people are warned, where it is critical, where it is used up: in per mille of the limit.
LINES = (700, 900, 1000)
SECONDS = {"h": 3600, "m": 60, "s": 1}


def window(rule: str, at: dt.datetime, anchor: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """The period of a rule that contains an instant.

    Those of so many days are counted from the midnight of `anchor`'s day, in UTC; those of hours, minutes and seconds
    from `anchor` itself, the second in which a budget was made, or in which the first use happened.
    """
    kind, _, name = rule.partition("@")
    if kind[-1] in SECONDS and kind[:-1].isdigit():
        length = int(kind[:-1]) * dt.timedelta(seconds=SECONDS[kind[-1]])
        start = anchor + (at - anchor) // length * length
        return start, start + length
    zone = ZoneInfo(name or "UTC")
    today = at.astimezone(zone).date()
    if kind == "day":
        days = (today, today + dt.timedelta(days=1))
    elif kind == "month":
        first = today.replace(day=1)
        days = (first, (first + dt.timedelta(days=31)).replace(day=1))
    else:
        length = int(kind.removesuffix("d"))
        start = today - dt.timedelta(days=(today - anchor.astimezone(UTC).date()).days % length)
        days = (start, start + dt.timedelta(days=length))
    start, end = (dt.datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC) for day in days)
    return start, end


@dataclass(eq=False)
class Budget:
    """A principal's own, or one beside it."""

    id: str
    # Whose: "own" and "quota" of one principal, "team", "pool", "everyone".
    scope: str
    unit: str
    limit: int
    rule: str
    # When it was made, or first used.
    anchor: dt.datetime
    observe: bool = False
    who: int | None = None
    # Between crossing the limit and suspension.
    grace: dt.timedelta = dt.timedelta()
    period: tuple[dt.datetime, dt.datetime] = field(init=False)
    sums: Counter = field(default_factory=Counter)
    # The part of the sums that was charged at the safe rate.
    unsure: Counter = field(default_factory=Counter)
    # Of the period, how many of the lines were announced, and how often fewer are than were.
    announced: int = 0
    armings: int = 0

    def __post_init__(self) -> None:
        self.count_from(self.anchor)

    def count_from(self, anchor: dt.datetime) -> None:
        self.anchor = anchor
        self.period = window(self.rule, anchor, anchor)

    @property
    def spent(self) -> int:
        return self.sums[self.period[0]]

    def lines(self, spent: int) -> int:
        """How many lines are reached; exactly on one counts. Nothing spent is never beyond a line."""
        return sum(spent * 1000 >= self.limit * line for line in LINES) if spent else 0

    @property
    def reached(self) -> int:
        return self.lines(self.spent)

    @property
    def is_sure(self) -> bool:
        """Whether it is used up even without what was charged at the safe rate."""
        return self.lines(self.spent - self.unsure[self.period[0]]) == 3

    @property
    def stands_against(self) -> bool:
        return self.reached == 3 and not self.observe

    @property
    def crossing(self) -> tuple:
        """The same as long as it goes on to be used up."""
        return (self.id, self.period[0], self.armings)

    def add(self, charge: Charge, sign: int = 1) -> None:
        start = window(self.rule, charge.at, self.anchor)[0]
        self.sums[start] += sign * charge.amount(self.unit)
        if charge.unsure and self.unit == "money":
            self.unsure[start] += sign * charge.nanos

    def has_ended(self, now: dt.datetime) -> bool:
        return self.period[1] <= now

    def roll(self, now: dt.datetime) -> None:
        if self.has_ended(now):
            self.period = window(self.rule, now, self.anchor)
            self.announced = self.armings = 0

    def rearm(self) -> None:
        """Lines that are no longer reached may be announced again."""
        if self.reached < self.announced:
            self.announced = self.reached
            self.armings += 1

    def rank(self) -> tuple:
        """The strictest first: holds longest, then is closest to the one who spends."""
        order = {"own": 0, "quota": 0, "team": 1, "pool": 2, "everyone": 3}
        return (self.observe, -self.period[1].timestamp(), order[self.scope], self.id)


@dataclass(eq=False)
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
    # Deleted in IAM, whether or not Steward has found out.
    gone: bool = False
    # The suspension that is at work: when its grace ends, and which of all it is.
    grace_until: dt.datetime | None = None
    suspension: int = 0
    suspensions: int = 0
    # Of suspensions that took the place of another: for which budget (none for a block), and which other, with the end of
    # its grace.
    places: dict[int, tuple[str | None, int, dt.datetime]] = field(default_factory=dict)
    # Crossings of budgets beside the own one that were acted upon.
    acted_on: set[tuple] = field(default_factory=set)

    @property
    def has_spent(self) -> bool:
        return self.requests[self.own.period[0]] > 0

    @property
    def has_access(self) -> bool:
        return self.status in ("active", "grace")
