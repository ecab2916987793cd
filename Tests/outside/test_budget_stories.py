"""Short stories with the model of budgets (`test_budget_model.py`), each for one rule that a drawn story meets rarely.

They are played when more than the usual few stories are asked for (`STEWARD_MODEL_EXAMPLES`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import pytest
from budget_checks import check
from budget_story import Story
from budget_story_parts import Act, Further, House, Pricing, Step, Terms
from model_budgets import UTC
from model_prices import UNLISTED, Use
from steward import AWS
from test_budget_model import EXAMPLES

pytestmark = pytest.mark.skipif(not EXAMPLES, reason="set STEWARD_MODEL_EXAMPLES for more than the usual few stories")

SONNET = "global.anthropic.claude-sonnet-4-6"
SHORT, LONG = 1080, 94_140
DOLLAR = Terms(100, "30d", observe=False, grace=0)
OBSERVED = Terms(20, "30d", observe=True, grace=0)
IN_GRACE = Terms(100, "30d", observe=False, grace=LONG)
CHEAPER = Pricing(SONNET, Fraction(1, 10), hours_ago=300, reprice=True, hours_corrected=None)
TEAM = Further("team", "money", "30d", 100, observe=False, grace=0)
SURE, UNSURE = House("30d", 0, unsure_suspends=True), House("30d", 0, unsure_suspends=False)


def step(hours: int, *uses: Use, act: Act | None = None, pricing: Pricing | None = None) -> Step:
    return Step(hours, act, pricing, list(uses), None)


def use(dollars: float, who: int = 0, model: str = SONNET, late: int = 0) -> Use:
    return Use(who, model, (round(dollars * 1e6 / (15 if model == UNLISTED else 3)), 0, 0, 0), late=late)


def act(what: str, amount: int = 0, who: int = 0, flag: bool = False) -> Act:
    return Act(what, who, amount, flag)


STORIES: dict[str, tuple[House, Terms, list[Further], Iterable[Step]]] = {
    "a limit raised in a grace spares": (SURE, IN_GRACE, [], [step(2, use(1.2)), step(2, act=act("limit", 300)), step(50)]),
    "a price corrected in a grace spares": (SURE, IN_GRACE, [], [step(2, use(1.2)), step(2, pricing=CHEAPER), step(50)]),
    "a protection in a grace spares": (SURE, IN_GRACE, [], [step(2, use(1.2)), step(2, act=act("protect", 40)), step(50)]),
    "a block ends a grace": (SURE, IN_GRACE, [], [step(2, use(1.2)), step(2, act=act("block")), step(50)]),
    "a shorter grace of a stricter budget takes the place of a longer one": (
        SURE, IN_GRACE,
        [Further("everyone", "requests", "month", 2, False, SHORT), Further("team", "tokens", "month", 1, True, 0)],
        [step(2, use(1.2)), step(2, use(0.1)), step(50)],
    ),
    "a longer grace does not": (
        SURE, Terms(100, "2d", False, 11_700), [Further("everyone", "requests", "30d", 2, False, LONG)],
        [step(2, use(1.2)), step(2, use(0.1)), step(50)],
    ),
    "an announced grace goes on when what shortened it is gone": (
        SURE, IN_GRACE, [Further("everyone", "requests", "60d", 2, False, 11_700)],
        [step(2, use(1.2)), step(2, use(0.1)), step(2, act=act("further", 120)), step(50)],
    ),
    "a period that ends in a grace spares": (
        SURE, Terms(100, "5h", False, LONG), [], [step(2, use(1.2)), step(5, use(0.5, late=1)), step(50)],
    ),
    "a short period goes on from its first second": (
        House("36h", 0, True), Terms(100, "450m", False, 0), [Further("pool", "money", "36h", 30, False, 0)],
        [step(2, use(0.6), use(0.2, who=2)), step(9, use(0.6), use(0.2, who=2, late=7)), step(26, use(0.6, late=7))],
    ),
    "a price withdrawn takes access again": (
        SURE, DOLLAR, [TEAM],
        [step(2, pricing=CHEAPER), step(2, use(1.2)), step(2, pricing=CHEAPER), step(2, use(0.1, late=1))],
    ),
    "who is gone is closed, and opened by who is made anew": (
        SURE, DOLLAR, [],
        [step(2, use(1.2), act=act("delete")), step(26, use(0.1, late=30), act=act("delete")), step(3, use(0.1))],
    ),
    "restored-twice": (SURE, DOLLAR, [TEAM], [step(2, use(1.2)), step(2, pricing=CHEAPER)]),
    "spared-late": (
        SURE, IN_GRACE, [],
        [step(2, use(1.2)), step(2, act=act("block")), step(2, act=act("limit", 300)), step(2, act=act("unblock")),
         step(50)],
    ),
    "unsure-enforcing": (UNSURE, OBSERVED, [TEAM], [step(2, use(0.3), use(0.9, model=UNLISTED))]),
    "ended-period-hides": (
        SURE, Terms(20, "5h", True, 0), [Further("team", "money", "30d", 25, False, 0)],
        [step(2, use(0.3), act=act("protect", 5)), step(5), step(3)],
    ),
    "late-use-hides": (
        SURE, DOLLAR, [],
        [step(2, use(1.2), act=act("delete")), step(26, act=act("delete")), step(3, use(0.1, late=30), use(0.1))],
    ),
    "spared-without-access": (
        SURE, DOLLAR, [Further("quota", "requests", "30d", 1, False, 0)], [step(2, use(0.1)), step(2, use(1.2, late=1))],
    ),
    "left-the-pool": (
        SURE, DOLLAR, [Further("pool", "money", "30d", 250, False, 0)],
        [step(2, use(0.5, who=2)), step(2, act=act("limit", 300, who=2)), step(2, pricing=CHEAPER)],
    ),
}  # fmt: skip


@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", STORIES)
def test_a_story(aws: AWS, tmp_path: Path, name: str) -> None:
    house, own, further, story = STORIES[name]
    case = Story(aws, tmp_path, dt.datetime(2027, 1, 12, 9, 7, tzinfo=UTC), house, [own, DOLLAR], further)
    try:
        case.begin()
        for each in story:
            case.go(each)
            check(case)
    finally:
        case.end()
