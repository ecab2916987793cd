"""Fixtures: one moto for the session, one mailbox and one data directory a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from steward import AWS, Mailbox, Steward


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AWS]:
    server = AWS(tmp_path_factory.mktemp("moto"))
    yield server
    server.stop()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox()
    yield box
    box.stop()


def settings(mailbox: Mailbox | None = None, **budgets: Any) -> dict[str, Any]:
    """Settings with a budget of a dollar, short periods, and mail when there is a mailbox."""
    channels: list[dict[str, Any]] = [{"name": "log", "type": "log"}]
    if mailbox:
        channels.append(
            {
                "name": "mail", "type": "smtp", "host": "127.0.0.1", "port": mailbox.port, "security": "none",
                "from": "steward@example.com", "to": ["finops@example.com"],
            }
        )  # fmt: skip
    defaults = {"limit": "1.00", "graceSeconds": 1, "period": "1h"}
    return {"budgets": defaults | budgets, "notifications": {"channels": channels}}


@pytest.fixture
def make_steward(tmp_path: Path, aws: AWS) -> Iterator[Callable[..., Steward]]:
    """Makes data directories with their daemons; all of them are killed at the end."""
    made: list[Steward] = []

    def make(name: str = "steward", options: dict[str, Any] | None = None, **more: Any) -> Steward:
        steward = Steward(tmp_path / name, aws.endpoint, settings() if options is None else options, **more)
        made.append(steward)
        return steward

    yield make
    for steward in made:
        steward.kill()


@pytest.fixture
def steward(make_steward: Callable[..., Steward]) -> Steward:
    return make_steward().start()
