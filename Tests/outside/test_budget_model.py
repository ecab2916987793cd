"""An independent model of budgets, in Python (`budget_model.py`), against the built daemon.

Hypothesis makes up principals with budgets of every scope, unit, period and grace, and then a story in steps: time goes
by (hours to weeks, over days, months, changes of the clocks), people change limits and prices, block and protect, uses
arrive (late, repeated, failed, of unknown models) and are priced anew, users are deleted and made again, the daemon is
killed, IAM throttles or refuses, the clock is set back. After each step the model says who has access, or how long yet,
what stands on each budget to the nano-dollar and the token, who was told what, for which budget everybody was suspended,
and who was spared, and why; Steward and moto's IAM have to agree.

The daemon runs on a clock that the test sets (`STEWARD_REHEARSAL_CLOCK`). `STEWARD_MODEL_EXAMPLES=100` runs as many
cases, drawn anew each time; what failed is printed as the example that Hypothesis has found.
"""

from __future__ import annotations

import datetime as dt
import os
from fractions import Fraction
from pathlib import Path

import pytest
from budget_checks import check
from budget_story import Story
from budget_story_parts import Act, Further, House, Pricing, Step, Terms, Trouble, moment
from hypothesis import HealthCheck, Phase, given, note
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from model_budgets import UTC, window
from model_prices import PRICES, UNLISTED, PriceBook, Use, Word
from steward import AWS

EXAMPLES = int(os.environ.get("STEWARD_MODEL_EXAMPLES", "0"))

# An ordinary day, the end of a month, and the nights before Madrid's clocks and New York's change.
STARTS = [
    dt.datetime(2027, 1, 12, 9, 7, tzinfo=UTC),
    dt.datetime(2027, 1, 30, 20, 7, tzinfo=UTC),
    dt.datetime(2027, 3, 13, 14, 7, tzinfo=UTC),
    dt.datetime(2027, 3, 27, 17, 7, tzinfo=UTC),
    dt.datetime(2027, 10, 30, 16, 7, tzinfo=UTC),
]
RULES = [
    "day", "day@Europe/Madrid", "day@America/New_York", "day@Asia/Kolkata", "month", "month@Europe/Madrid", "2d", "30d",
    "5h", "36h", "450m", "360000s",
]  # fmt: skip
# None, 18 minutes, 3 h 15 min, 26 h 9 min: none of them ends in the minute of anything else.
GRACES = [0, 0, 1080, 11_700, 11_700, 94_140]
LIMITS = {"money": st.integers(20, 250), "requests": st.integers(1, 6), "tokens": st.integers(50, 500)}
rarely = st.sampled_from([False, False, False, True])
graces = st.sampled_from(GRACES)

houses = st.builds(
    House, rule=st.sampled_from(["30d", "30d", "36h"]), grace=graces, unsure_suspends=st.sampled_from([True, True, False])
)
terms = st.builds(Terms, cents=st.integers(10, 150), rule=st.sampled_from(RULES), observe=rarely, grace=graces)


@st.composite
def further_budgets(draw: st.DrawFn) -> list[Further]:
    found: dict[tuple[str, str, str], Further] = {}
    for scope in draw(st.lists(st.sampled_from(["quota", "team", "pool", "everyone"]), max_size=4)):
        unit = draw(st.sampled_from(["requests", "tokens"] if scope == "quota" else list(LIMITS)))
        rule = draw(st.sampled_from(RULES))
        found[scope, unit, rule] = Further(scope, unit, rule, draw(LIMITS[unit]), draw(rarely), draw(graces))
    return list(found.values())


def tokens(most: int) -> st.SearchStrategy[int]:
    """Left alone, Hypothesis likes small numbers, which cross no limit; odd ones are where rounding goes wrong."""
    return st.builds(int.__add__, st.sampled_from([0, most // 10, most // 2, most]), st.integers(0, 99))


uses = st.builds(
    Use,
    who=st.integers(0, 3),
    model=st.sampled_from(sorted(PRICES)),
    tokens=st.tuples(tokens(60_000), tokens(20_000), tokens(100_000), tokens(20_000)),
    failed=rarely,
    late=st.sampled_from([0, 0, 0, 0, 1, 7, 30, 80]),
    repeats=st.integers(1, 2),
)
acts = st.builds(
    Act,
    what=st.sampled_from(
        ["limit", "limit", "limit", "further", "further", "mode", "block", "block", "unblock", "protect", "protect",
         "unprotect", "delete"]
    ),
    who=st.integers(0, 3),
    amount=st.sampled_from([0, 1, 2, 5, 26, 40, 120, 300]),
    flag=st.booleans(),
)  # fmt: skip
prices = st.builds(
    Pricing,
    model=st.sampled_from(sorted(PRICES)),
    factor=st.sampled_from([Fraction(1, 10), Fraction(1, 2), Fraction(2), Fraction(8)]),
    hours_ago=st.sampled_from([0, 4, 30, 300]),
    reprice=st.sampled_from([True, True, False]),
    hours_corrected=st.sampled_from([None, None, 4, 30]),
)
troubles = st.builds(
    Trouble,
    what=st.sampled_from(["kill", "kill", "outage", "throttle", "fail", "deny", "set-back"]),
    action=st.sampled_from(
        ["GetUser", "ListAttachedUserPolicies", "PutUserPolicy", "DetachUserPolicy", "AttachUserPolicy", "DeleteUserPolicy"]
    ),
    times=st.integers(1, 4),
)  # fmt: skip
steps = st.builds(
    Step,
    hours=st.sampled_from([2, 2, 3, 5, 9, 9, 14, 26, 26, 50, 200, 750]),
    act=st.none() | acts | acts,
    pricing=st.none() | st.none() | prices,
    uses=st.lists(uses, max_size=4) | st.lists(uses, min_size=2, max_size=4),
    trouble=st.none() | troubles,
)  # fmt: skip


@pytest.mark.timeout(90 * EXAMPLES or 180)
@hypothesis_settings(
    # A case takes seconds, so one that fails is not made smaller.
    max_examples=EXAMPLES or 3, deadline=None, derandomize=EXAMPLES == 0, database=None, print_blob=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(
    start=st.sampled_from(STARTS),
    house=houses,
    own=st.lists(terms, min_size=2, max_size=2),
    further=further_budgets(),
    story=st.lists(steps, min_size=3, max_size=5).filter(lambda story: sum(len(step.uses) for step in story) > 5),
)
def test_steward_agrees_with_the_model(aws: AWS, tmp_path: Path, start, house, own, further, story) -> None:
    case = Story(aws, tmp_path, start, house, own, further)
    try:
        case.begin()
        for number, step in enumerate(story, 1):
            note(f"step {number}: {step}")
            case.go(step)
            check(case)
    finally:
        case.end()


# The model itself

NOON = dt.datetime(2027, 1, 12, 12, tzinfo=UTC)


@pytest.mark.parametrize(("tokens", "dollars"), [((1_000_000, 0, 0, 0), "3"), ((0, 1, 0, 0), "0.000015")])
def test_the_model_itself_counts_right(tokens, dollars) -> None:
    use = Use(0, "global.anthropic.claude-sonnet-4-6", tokens)
    assert PriceBook().charge(use, NOON).nanos == Fraction(dollars) * 10**9


def test_the_model_itself_knows_from_when_on_a_price_holds() -> None:
    sonnet = "global.anthropic.claude-sonnet-4-6"
    book = PriceBook({sonnet: Word(Fraction(1, 10), NOON), UNLISTED: Word(Fraction(1, 3), NOON)})
    use = Use(0, sonnet, (1_000_000, 0, 0, 0))
    before = NOON - dt.timedelta(seconds=1)
    assert [book.charge(use, at).nanos for at in (before, NOON)] == [3 * 10**9, 3 * 10**8]
    unlisted = Use(0, UNLISTED, (1_000_000, 0, 0, 0))
    assert [(book.charge(unlisted, at).nanos, book.charge(unlisted, at).unsure) for at in (before, NOON)] == [
        (5 * 10**9, False)
    ] * 2
    assert PriceBook().charge(unlisted, NOON).unsure


@pytest.mark.parametrize(
    ("rule", "at", "start", "end"),
    [
        ("day@Europe/Madrid", "2027-03-28T12:00Z", "2027-03-27T23:00Z", "2027-03-28T22:00Z"),
        ("day@Europe/Madrid", "2027-10-31T12:00Z", "2027-10-30T22:00Z", "2027-10-31T23:00Z"),
        ("month", "2027-02-28T23:59Z", "2027-02-01T00:00Z", "2027-03-01T00:00Z"),
        ("2d", "2027-01-11T23:59Z", "2027-01-10T00:00Z", "2027-01-12T00:00Z"),
        ("36h", "2027-01-12T12:00Z", "2027-01-12T12:00Z", "2027-01-14T00:00Z"),
        ("90m", "2027-01-12T11:59Z", "2027-01-12T10:30Z", "2027-01-12T12:00Z"),
    ],
)
def test_the_model_itself_knows_its_periods(rule, at, start, end) -> None:
    assert window(rule, moment(at), NOON) == (moment(start), moment(end))
