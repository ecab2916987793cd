"""What a story of budgets is made of, and how its values are written."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction

from model_budgets import CENT
from model_prices import Use


@dataclass(frozen=True)
class Terms:
    cents: int
    rule: str
    observe: bool
    grace: int


@dataclass(frozen=True)
class Further:
    scope: str
    unit: str
    rule: str
    # Of the unit: cents, requests, thousands of tokens.
    limit: int
    observe: bool
    grace: int

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
class Pricing:
    """What a person says of a price: sets it, or takes back what was set; and corrects what was charged, or not."""

    model: str
    factor: Fraction
    hours_ago: int
    reprice: bool
    # Corrects only uses of so many hours; all without.
    hours_corrected: int | None


@dataclass(frozen=True)
class Trouble:
    what: str
    action: str
    times: int


@dataclass(frozen=True)
class Step:
    hours: int
    act: Act | None
    pricing: Pricing | None
    uses: list[Use]
    trouble: Trouble | None


@dataclass(frozen=True)
class House:
    """The settings: of those who have no budget of their own, and whether spending that is not sure suspends."""

    rule: str
    grace: int
    unsure_suspends: bool


def moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def iso(at: dt.datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def nanos(text: str) -> int:
    return int(Fraction(text) * 10**9)


def decimal(price: Fraction) -> str:
    return f"{float(price):.9f}".rstrip("0").rstrip(".")


def seconds(rule: str) -> str:
    """The rule as Steward writes it: short periods in seconds."""
    if rule[-1] in "hm" and rule[:-1].isdigit():
        return f"{int(rule[:-1]) * {'h': 3600, 'm': 60}[rule[-1]]}s"
    return rule
