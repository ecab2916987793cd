"""Faults of Steward that the model has found, and that are not mended yet: a story that comes upon one ends there.

Whoever mends one takes it out of `KNOWN`, and from then on the model insists.
"""

from __future__ import annotations

KNOWN = {
    "left-the-pool": "a correction leaves the sum of the pool as it was when the principal has left the pool",
}


class KnownFault(Exception):
    """The story can't go on: Steward does something else than the model says."""


def stop_at(fault: str) -> None:
    if fault in KNOWN:
        raise KnownFault(f"{fault}: {KNOWN[fault]}")
