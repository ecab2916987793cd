"""Faults of Steward that the model has found, and that are not mended yet: a story that comes upon one ends there.

Whoever mends one takes it out of `KNOWN`, and from then on the model insists.
"""

from __future__ import annotations

KNOWN = {
    "restored-twice": "a correction that brings somebody back under the own budget and one beside it restores twice",
    "spared-late": "a suspension in whose place another was tells that somebody is spared, when all that is long over",
    "unsure-enforcing": "who is beyond an enforcing budget only by spending that is not sure, and beyond an observing one "
    "for sure, is suspended although `prices.unsureSuspends` is false",
    "ended-period-hides": "the monitor passes over who was beyond the own limit in a period that has ended, although "
    "another budget is used up",
    "late-use-hides": "a use of somebody made anew does not open the budget when an older use comes before it in its batch",
    "left-the-pool": "a correction leaves the sum of the pool as it was when the principal has left the pool",
    # Met so often that stories go on.
    "spared-without-access": "who has no access and crosses a line is told to be spared, which closes the incident of its "
    "suspension",
}


class KnownFault(Exception):
    """The story can't go on: Steward does something else than the model says."""


def stop_at(fault: str) -> None:
    if fault in KNOWN:
        raise KnownFault(f"{fault}: {KNOWN[fault]}")
