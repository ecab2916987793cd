"""What uses of models cost, said a second time, in Python: from AWS's price pages and docs/pricing.md alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from fractions import Fraction

HOUR = dt.timedelta(hours=1)
# Dollars for a million tokens: input, output, cache read, cache write for five minutes (AWS's price pages, 2026-11).
PRICES = {
    "global.anthropic.claude-sonnet-4-6": ("3", "15", "0.3", "3.75"),
    "eu.anthropic.claude-haiku-4-5-20251001-v1:0": ("1.1", "5.5", "0.11", "1.375"),
    "amazon.nova-micro-v1:0": ("0.035", "0.14", "0.00875", "0"),
    # Not in any price list: charged at the safe rate.
    "acme.nobody-knows-v1:0": ("15", "75", "1.5", "18.75"),
}
# As people name them who set a price: without geography.
NAMES = {name: name.removeprefix("global.").removeprefix("eu.") for name in PRICES}
UNLISTED = "acme.nobody-knows-v1:0"


@dataclass(frozen=True)
class Use:
    who: int
    model: str
    tokens: tuple[int, int, int, int]
    failed: bool = False
    # Hours between the use and its delivery.
    late: int = 0
    repeats: int = 1


@dataclass
class Charge:
    """A use in the books: what it cost, by the prices that were known when it was last looked at."""

    use: Use
    at: dt.datetime
    nanos: int
    # Charged at the safe rate, for want of a price.
    unsure: bool
    # The budgets beside the own one in whose sums it stands.
    paid_by: list = field(default_factory=list)

    def amount(self, unit: str) -> int:
        billed = not self.use.failed
        return {"money": self.nanos, "tokens": billed * sum(self.use.tokens), "requests": int(billed)}[unit]


@dataclass(frozen=True)
class Word:
    """A price that a person has set: so many times what the model costs without it, from a time on."""

    factor: Fraction
    since: dt.datetime

    def dollars(self, model: str) -> list[Fraction]:
        return [Fraction(price) * self.factor for price in PRICES[model]]


@dataclass
class PriceBook:
    # One at most for each model, so that a correction never raises some charges and lowers others.
    words: dict[str, Word | None] = field(default_factory=dict)

    def charge(self, use: Use, at: dt.datetime) -> Charge:
        """By the prices that were in force when it happened, as they are known now; rounded once, half up."""
        if use.failed:
            return Charge(use, at, 0, unsure=False)
        word = self.words.get(use.model)
        # What was used before the only price that there is, is charged by it, too.
        if word is not None and (word.since <= at or use.model == UNLISTED):
            prices = word.dollars(use.model)
        else:
            word, prices = None, [Fraction(price) for price in PRICES[use.model]]
        dollars = sum(price * count for price, count in zip(prices, use.tokens)) / 1_000_000
        return Charge(use, at, int(dollars * 10**9 + Fraction(1, 2)), unsure=word is None and use.model == UNLISTED)
