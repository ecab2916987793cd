"""Compares Steward and moto's IAM with the model, after a step of a story."""

from __future__ import annotations

from collections import Counter

from budget_model import NOT_EXCEEDED
from budget_story import MINUTE, Story
from budget_story_parts import moment, nanos
from model_budgets import Person, window

TOLD = (
    "budget-warning", "budget-critical", "further-budget-exceeded", "grace-started", "final-warning", "suspended",
    "restored", "enforcement-leak", "principal-gone", "unknown-model",
)  # fmt: skip


def check(story: Story) -> None:
    for name, person in zip(story.names, story.model.people):
        check_person(story, name, person)
    found = story.found_further()
    for budget in story.model.further:
        each, period = found[budget.id], window(budget.rule, story.model.now, budget.anchor)
        spent = nanos(each["spent"]) if budget.unit == "money" else each["spent"]
        assert (moment(each["period"]["start"]), moment(each["period"]["end"])) == period, (each, budget)
        assert spent == budget.sums[period[0]], (each, budget)
    check_what_was_told(story)
    check_plan(story)


def check_person(story: Story, name: str, person: Person) -> None:
    budget = story.steward.budget(name)
    period = (moment(budget["period"]["start"]), moment(budget["period"]["end"]))
    assert budget["status"] == person.status, (name, budget, person)
    assert period == person.own.period, (name, budget, person)
    assert nanos(budget["spent"]) == person.own.spent, (name, budget, person)
    if person.status == "grace":
        late = moment(budget["graceUntil"]) - person.grace_until
        assert -MINUTE < late < 2 * MINUTE, (name, budget, person)
    if not person.gone:
        access = story.aws.has_access if person.has_access or person.status == "closed" else story.aws.has_no_access
        assert access(name), (name, story.aws.attached(name), story.aws.inline(name))


def check_plan(story: Story) -> None:
    """The monitor has just run: nobody is left to be suspended, and who is beyond a limit is spared for a reason."""
    plan = story.steward.get("/api/v1/budget-plan?run=monitor")
    assert not plan["changesAccess"], plan
    found = {(story.ids.index(each["principal"]), each["reason"]) for each in plan["actions"] if each["action"] == "spare"}
    assert found == story.model.keeping_access(), (found, story.model.keeping_access())


def check_what_was_told(story: Story) -> None:
    story.look_at_notices()
    model, told, causes, spared = story.model, Counter(), Counter(), set()
    for notice in story.seen.values():
        kind, data = notice["kind"], notice["data"]
        who = story.ids.index(notice["principal"]) if notice["principal"] else None
        if kind in TOLD:
            told[None if kind == "unknown-model" else who, kind] += 1
        if kind == "suspended" and data["reason"] != "blocked-by-person":
            causes[who, data["cause"]["budgetId"]] += 1
        if kind == "spared":
            # A suspension says it by its own `reason`, a crossing that starts none by `spared`.
            told[who, "grace-ended"] += "spared" not in data
            reason = data.get("spared") or data["reason"]
            reason = NOT_EXCEEDED if reason in ("period-ended", "period-changed") else reason
            spared.add((who, reason, (data.get("cause") or {}).get("budgetId")))
    told = +told
    assert told == model.notices, (told - model.notices, model.notices - told)
    assert causes == model.causes, (causes, model.causes)
    assert model.spared <= spared, (model.spared - spared)
    more = spared - model.spared - model.may_be_spared
    assert not more, more
