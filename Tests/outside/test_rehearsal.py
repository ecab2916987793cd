"""The clock of a rehearsal: what a file says, and that timers follow its jumps."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from conftest import settings
from steward import AWS, Steward, until
from test_enforcement import key


def now(steward: Steward) -> dt.datetime:
    """The daemon's, to the second or two, as the next slot of a five-minute schedule tells it."""
    schedules = steward.get("/api/v1/schedules")["schedules"]
    monitor = next(each for each in schedules if each["workflow"] == "budget-monitor")
    return dt.datetime.fromisoformat(monitor["next"][0]) - dt.timedelta(minutes=5)


def ahead(steward: Steward) -> dt.timedelta:
    return now(steward) - dt.datetime.now(dt.timezone.utc)


def looked_at(steward: Steward) -> dt.timedelta:
    """How far ahead the radar's own time is."""
    found = steward.get("/api/v1/radar")["checkedAt"]
    return dt.datetime.fromisoformat(found) - dt.datetime.now(dt.timezone.utc)


def test_a_jump_of_the_clock_ends_a_block(aws: AWS, make_steward, tmp_path: Path) -> None:
    user, arn = key(aws)
    clock = tmp_path / "clock"
    clock.write_text("-2d")
    steward = make_steward(options=settings(graceSeconds=0)).start(STEWARD_REHEARSAL_CLOCK=str(clock))
    assert "this is a rehearsal" in steward.log()
    assert abs(ahead(steward) + dt.timedelta(days=2)) < dt.timedelta(minutes=6)
    assert abs(looked_at(steward) + dt.timedelta(days=2)) < dt.timedelta(minutes=6)
    steward.ctl("principal", "block", arn, "--for", "1d", "--reason", "rehearsal")
    until("suspended", lambda: steward.budget(user)["status"] == "suspended")
    clock.write_text("soon")
    assert abs(ahead(steward) + dt.timedelta(days=2)) < dt.timedelta(minutes=6), "what is no time span changes nothing"
    clock.write_text("-1d")
    until("active again", lambda: steward.budget(user)["status"] == "active")


def test_a_file_that_says_no_time_span_is_refused(make_steward, tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    clock.write_text("tomorrow")
    steward = make_steward().start(wait=False, STEWARD_REHEARSAL_CLOCK=str(clock))
    until("workflowd ends", lambda: steward.process.ended())
    assert "STEWARD_REHEARSAL_CLOCK" in steward.log() and "such as 0, 36h or -90s" in steward.log()
