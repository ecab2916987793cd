"""What Steward ought to do with budgets, said a second time, in Python: from docs/budgets.md, docs/access.md,
docs/pricing.md and docs/architecture.md alone.

Nothing of Steward's own arithmetic is used (`model_prices.py`, `model_budgets.py`). Time stands still within a step of a
case and goes on between steps.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable

from model_budgets import CENT, Budget, Person, window
from model_prices import HOUR, Charge, PriceBook, Use

# Why somebody beyond a limit keeps access; the ends of a period are told as such, which is the same thing.
NOT_EXCEEDED = "not-exceeded"
UNSURE = "fallback-prices-only"


class Model:
    """The people, the budgets, and what becomes of them."""

    def __init__(self, now: dt.datetime, people: list[Person], further: list[Budget], unsure_suspends: bool = True):
        self.now, self.people, self.further, self.unsure_suspends = now, people, further, unsure_suspends
        self.prices = PriceBook()
        self.charges: list[Charge] = []
        self.notices: Counter = Counter()
        self.causes: Counter = Counter()
        # Who was told to keep access, why, and of which budget.
        self.spared: set[tuple[int, str, str | None]] = set()
        self.may_be_spared: set[tuple[int, str, str | None]] = set()
        # When timers of blocks ring, whether or not the block is still there.
        self.timers: list[dt.datetime] = []
        # When suspensions wake up: the end of a grace, whose, and of which suspension, whether or not it still counts.
        self.waits: list[tuple[dt.datetime, int, int]] = []

    # Looking

    def who(self, person: Person) -> int:
        return self.people.index(person)

    def budgets_of(self, person: Person) -> list[Budget]:
        who = self.who(person)
        member = {"quota": False, "team": person.in_team, "pool": person.in_pool, "everyone": True}
        return [b for b in self.further if b.who == who or member[b.scope]]

    def used_up(self, person: Person) -> list[Budget]:
        """All budgets of the person that are used up in their period of now."""
        budgets = [person.own, *self.budgets_of(person)]
        return [b for b in budgets if b.reached == 3 and not b.has_ended(self.now)]

    def standing(self, person: Person) -> list[Budget]:
        """The same, of those that enforce."""
        return [b for b in self.used_up(person) if not b.observe]

    def strictest(self, person: Person) -> Budget | None:
        return min(self.used_up(person), key=Budget.rank, default=None)

    def in_force(self, hold: str | dt.datetime | None) -> bool:
        return hold is not None and (isinstance(hold, str) or self.now < hold)

    def reason_to_spare(self, person: Person) -> str | None:
        if self.in_force(person.block):
            return None
        used_up = self.used_up(person)
        if not used_up:
            return NOT_EXCEEDED
        weighing = [b for b in used_up if self.unsure_suspends or b.is_sure]
        if not weighing:
            return UNSURE
        if self.in_force(person.protection):
            return "protected"
        if all(b.observe for b in weighing):
            return "observe-only" if all(b.observe for b in used_up) else UNSURE
        return None

    def is_beyond(self, person: Person) -> bool:
        """Whether the monitor looks at somebody with access: beyond the own limit, or a spender beyond a shared one."""
        used_up = self.used_up(person)
        return bool(used_up) and (used_up[0] is person.own or person.has_spent)

    def keeping_access(self) -> set[tuple[int, str]]:
        """Who is beyond a limit, and keeps access for a reason: what `budget plan` says after the monitor ran."""
        people = [p for p in self.people if p.status == "active" and self.is_beyond(p)]
        return {(self.who(p), self.reason_to_spare(p) or "to be suspended") for p in people}

    # Time

    def advance(self, to: dt.datetime, resets: bool, refreshes: bool) -> None:
        """`resets` and `refreshes`: whether a midnight of the reset's zone and a 02:00 UTC went by."""
        self.now = to
        for person in self.people:
            # The timer of a block rings.
            if isinstance(person.block, dt.datetime) and person.block <= self.now:
                person.block = None
                # Who is protected is not suspended for a budget: only the block kept the access away.
                self.restore_if_eligible(person, override=self.in_force(person.protection))
        if resets:
            self.refresh(lifts=True)
        if refreshes:
            self.refresh(lifts=False)
        self.wake()
        self.monitor()

    def refresh(self, lifts: bool) -> None:
        for person in self.people:
            was_blocked = person.block is not None
            for name in ("block", "protection"):
                hold = getattr(person, name)
                if hold is not None and (not self.in_force(hold) or (lifts and hold == "reset")):
                    setattr(person, name, None)
            if was_blocked and person.block is None and self.in_force(person.protection):
                self.restore_if_eligible(person, override=True)
        for budget in self.further:
            budget.roll(self.now)
        for person in self.people:
            # Who is in a grace begins the new period when it ends.
            if person.status == "active" and person.own.has_ended(self.now):
                person.own.roll(self.now)
                self.announce_own(person)
            elif person.status == "suspended":
                self.restore_if_eligible(person)

    def monitor(self) -> None:
        """Whoever is beyond a budget that enforces, and has spent, is suspended; so is who is blocked and has access. Who is
        suspended, and against whom nothing stands any more, gets the access back."""
        suspended = [person for person in self.people if person.status == "suspended"]
        for person in self.people:
            if person.status != "active":
                continue
            if self.in_force(person.block) or (self.is_beyond(person) and self.reason_to_spare(person) is None):
                self.start(person)
        for person in suspended:
            self.restore_if_eligible(person)
        self.wake()

    def wake(self) -> None:
        """Graces end. One in whose place another suspension is ends without a word."""
        while over := [wait for wait in self.waits if wait[0] <= self.now]:
            self.waits.remove(over[0])
            person = self.people[over[0][1]]
            if person.status == "grace" and person.suspension == over[0][2] and not self.gives_way(person):
                self.end_grace(person)

    def gives_way(self, person: Person) -> bool:
        """What shortened a grace is gone: the grace that was announced before goes on, unless another budget leaves less."""
        if person.suspension not in person.places or self.in_force(person.block):
            return False
        cause, before, end = person.places[person.suspension]
        standing = {budget.id for budget in self.standing(person)}
        if self.reason_to_spare(person) is not None or cause in standing or end <= self.now:
            return False
        if self.now + self.strictest(person).grace < end:
            return False
        person.suspension, person.grace_until = before, end
        return True

    # Access

    def crossed(self, person: Person) -> None:
        """A limit is used up for somebody: a suspension begins, or it is said why not."""
        if not person.has_access:
            return
        if self.reason_to_spare(person) is None:
            self.start(person)
        else:
            self.spared.add(self.word_of_sparing(person))

    def word_of_sparing(self, person: Person) -> tuple[int, str, str | None]:
        cause = self.strictest(person)
        return (self.who(person), self.reason_to_spare(person), cause.id if cause else None)

    def start(self, person: Person) -> None:
        """There is one suspension at a time: another takes its place only when it leaves less time."""
        is_blocked, cause = self.in_force(person.block), self.strictest(person)
        end = self.now if is_blocked or cause is None else self.now + cause.grace
        if person.status == "grace":
            if end >= person.grace_until:
                return
            shortened_for = None if is_blocked else cause.id
            person.places[person.suspensions + 1] = (shortened_for, person.suspension, person.grace_until)
        person.suspensions += 1
        person.status, person.grace_until, person.suspension = "grace", end, person.suspensions
        self.waits.append((end, self.who(person), person.suspension))
        if not is_blocked:
            self.notices[self.who(person), "grace-started"] += 1

    def end_grace(self, person: Person) -> None:
        who = self.who(person)
        if self.reason_to_spare(person) is not None:
            self.spared.add(self.word_of_sparing(person))
            self.notices[who, "grace-ended"] += 1
            person.status = "active"
            return self.begin_period(person)
        self.notices[who, "final-warning"] += 1
        if person.gone:
            return self.close(person)
        person.status, person.since, person.leak_told = "suspended", self.now, False
        self.notices[who, "suspended"] += 1
        if not self.in_force(person.block):
            self.causes[who, self.strictest(person).id] += 1

    def restore_if_eligible(self, person: Person, override: bool = False) -> None:
        if person.status != "suspended" or self.in_force(person.block) or (self.standing(person) and not override):
            return
        if person.gone:
            return self.close(person)
        person.status = "active"
        self.notices[self.who(person), "restored"] += 1
        self.begin_period(person)

    def begin_period(self, person: Person) -> None:
        person.own.roll(self.now)
        if person.own.announced == 0:
            self.announce_own(person)

    def close(self, person: Person) -> None:
        """IAM does not know the person any more."""
        person.status, person.since = "closed", self.now
        self.notices[self.who(person), "principal-gone"] += 1

    # Announcing

    def announce_own(self, person: Person) -> None:
        own = person.own
        if own.reached > own.announced:
            own.announced = own.reached
            if own.reached == 3:
                self.crossed(person)
            else:
                self.notices[self.who(person), ("budget-warning", "budget-critical")[own.reached - 1]] += 1

    def announce_further(self, budget: Budget) -> bool:
        """Whether its limit was crossed."""
        if budget.reached <= budget.announced:
            return False
        budget.announced = budget.reached
        kind = ("budget-warning", "budget-critical", "further-budget-exceeded")[budget.reached - 1]
        self.notices[budget.who, kind] += 1
        return budget.reached == 3

    def act_on(self, person: Person, budget: Budget) -> None:
        """Each crossing of a budget beside the own one concerns a spender once; to say again what is true does no harm."""
        if not (person.has_access and person.has_spent):
            return
        if budget.crossing not in person.acted_on:
            person.acted_on.add(budget.crossing)
            self.crossed(person)
        elif self.reason_to_spare(person) is not None:
            self.may_be_spared.add(self.word_of_sparing(person))

    def act_on_members(self, budget: Budget) -> None:
        for person in self.people:
            if budget in self.budgets_of(person):
                self.act_on(person, budget)

    # What people and logs bring

    def deliver(self, uses: list[Use]) -> int:
        """Gives what was charged."""
        charges = [self.prices.charge(use, self.now - use.late * HOUR) for use in uses]
        for charge in charges:
            person = self.people[charge.use.who]
            if person.status == "closed" and charge.at > person.since:
                # Somebody is there again. What the name has spent stays, and is announced again.
                person.status, person.own.announced = "active", 0
        for charge in charges:
            person = self.people[charge.use.who]
            if person.status == "active":
                person.own.roll(self.now)
            for budget in self.budgets_of(person):
                budget.roll(self.now)
        for charge in charges:
            self.book(charge)
        touched = sorted({use.who for use in uses})
        concerned = [b for b in self.further if any(b in self.budgets_of(self.people[who]) for who in touched)]
        crossed = [budget for budget in concerned if self.announce_further(budget)]
        for who in touched:
            person = self.people[who]
            self.announce_own(person)
            further = [b for b in self.used_up(person) if b is not person.own]
            if further:
                self.act_on(person, min(further, key=Budget.rank))
        for budget in (b for b in crossed if b.scope != "quota"):
            self.act_on_members(budget)
        self.wake()
        self.monitor()
        return sum(charge.nanos for charge in charges)

    def book(self, charge: Charge) -> None:
        self.charges.append(charge)
        who, person = charge.use.who, self.people[charge.use.who]
        person.own.add(charge)
        start = window(person.own.rule, charge.at, person.own.anchor)[0]
        person.requests[start] += charge.amount("requests")
        for budget in self.budgets_of(person):
            budget.add(charge)
            # Who leaves the pool takes nothing along.
            charge.paid_by.append(budget)
        if charge.unsure and not self.notices[None, "unknown-model"]:
            self.notices[None, "unknown-model"] += 1
        if person.status == "suspended" and charge.nanos and charge.at > person.since + dt.timedelta(minutes=5):
            if not person.leak_told:
                self.notices[who, "enforcement-leak"] += 1
            person.leak_told = True

    def corrections(self, model: str, since: dt.datetime | None) -> Iterable[tuple[Charge, Charge]]:
        for charge in self.charges:
            if charge.use.model == model and (since is None or charge.at >= since):
                after = self.prices.charge(charge.use, charge.at)
                if (after.nanos, after.unsure) != (charge.nanos, charge.unsure):
                    yield charge, after

    def reprice(self, model: str, since: dt.datetime | None) -> None:
        found = list(self.corrections(model, since))
        for who in sorted({charge.use.who for charge, _ in found}):
            self.correct(self.people[who], [pair for pair in found if pair[0].use.who == who])
        self.wake()
        self.monitor()

    def correct(self, person: Person, changes: list[tuple[Charge, Charge]]) -> None:
        own = person.own
        if person.status == "active":
            own.roll(self.now)
        was_used_up = own.reached == 3
        paying = [b for b in self.further if any(b in charge.paid_by for charge, _ in changes)]
        for budget in paying:
            budget.roll(self.now)
        stood = [budget for budget in paying if budget.reached == 3]
        for charge, after in changes:
            for budget in [own, *paying]:
                if budget is own or budget in charge.paid_by:
                    budget.add(charge, -1)
                    budget.add(after)
            charge.nanos, charge.unsure = after.nanos, after.unsure
        own.rearm()
        self.announce_own(person)
        for budget in paying:
            budget.rearm()
            if self.announce_further(budget):
                self.act_on_members(budget)
            if budget in stood and budget.reached < 3:
                self.restore_members(budget)
        if was_used_up and own.reached < 3:
            self.restore_if_eligible(person)

    def limit_own(self, person: Person, cents: int | None = None, observe: bool | None = None) -> None:
        own, known = person.own, (person.own.limit, person.own.observe, person.in_pool)
        own.limit = own.limit if cents is None else cents * CENT
        own.observe = own.observe if observe is None else observe
        person.in_pool = False
        if known == (own.limit, own.observe, False):
            return
        if person.status == "active":
            own.roll(self.now)
        own.rearm()
        self.announce_own(person)
        if not own.stands_against:
            self.restore_if_eligible(person)
        self.wake()
        self.monitor()

    def limit_further(self, budget: Budget, limit: int) -> None:
        budget.roll(self.now)
        if budget.limit == limit:
            return
        stood = budget.stands_against
        budget.limit = limit
        budget.rearm()
        if self.announce_further(budget):
            self.act_on_members(budget)
        if stood and not budget.stands_against:
            self.restore_members(budget)
        self.wake()
        self.monitor()

    def restore_members(self, budget: Budget) -> None:
        for person in self.people:
            # The end of its own period is the refresh's business.
            if budget in self.budgets_of(person) and not person.own.has_ended(self.now):
                self.restore_if_eligible(person)

    def block(self, person: Person, hold: str | dt.datetime) -> None:
        person.block = hold
        if isinstance(hold, dt.datetime):
            self.timers.append(hold)
        if person.has_access:
            self.start(person)
        self.wake()

    def unblock(self, person: Person, protecting: bool) -> None:
        person.block = None
        if protecting:
            person.protection = "reset"
        self.restore_if_eligible(person, override=protecting or self.in_force(person.protection))
        self.monitor()

    def protect(self, person: Person, hold: str | dt.datetime | None) -> None:
        person.protection = hold
        self.monitor()
