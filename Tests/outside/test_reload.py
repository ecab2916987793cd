"""Settings that are read again while the daemon runs: what is taken, what is refused, what needs a restart."""

from __future__ import annotations

import json
import signal
import urllib.request
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from steward import Steward, free_port, invocation, log_file, until
from step_functions import make

OPTIONS: dict[str, Any] = {"budgets": {"limit": "1.00", "graceSeconds": 300}, "retention": {"executions": "90d"}}


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Callable[..., Steward]]:
    made: list[Steward] = []

    def start(options: dict[str, Any], by_file: bool = False) -> Steward:
        """`by_file`: the address stands in the file, and no flag says another."""
        steward = make(tmp_path, f"reload-{len(made)}", options)
        if by_file:
            written = json.loads(steward.settings.read_text())
            steward.settings.write_text(json.dumps(written | {"listen": f"127.0.0.1:{steward.port}"}))
            command = steward.command()
            place = command.index("--listen")
            steward.command = lambda: command[:place] + command[place + 2 :]
        made.append(steward)
        return steward.start()

    yield start
    for steward in made:
        steward.kill()


def edit(steward: Steward, **sections: Any) -> None:
    """Writes sections anew and leaves the rest of the file as it is."""
    written = json.loads(steward.settings.read_text())
    steward.settings.write_text(json.dumps(written | sections, indent=2))


def hang_up(steward: Steward) -> None:
    steward.process.child.send_signal(signal.SIGHUP)


def shown(steward: Steward) -> dict[str, Any]:
    return steward.get("/api/v1/status")["settings"]


def live(steward: Steward) -> dict[str, str]:
    return steward.get("/api/v1/settings")["live"]


def changes(steward: Steward) -> list[dict[str, Any]]:
    return [entry for entry in steward.audit() if entry["action"] == "settings.changed"]


def metric(steward: Steward, name: str) -> int:
    with urllib.request.urlopen(f"{steward.url}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(name + " ")))


def use(steward: Steward, name: str, request: str, model: str = "global.anthropic.claude-sonnet-4-6") -> dict[str, Any]:
    """Ingests one use of a principal and gives its budget."""
    record = invocation(f"arn:aws:iam::123456789012:user/{name}", request, 1000, 0, model=model)
    steward.ctl("ingest", str(log_file(steward.directory / f"{request}.jsonl", [record])))
    return steward.budget(name)


def test_a_signal_brings_changed_defaults_to_those_who_come_after_it(daemon: Callable[..., Steward]) -> None:
    steward = daemon(OPTIONS)
    before = use(steward, "before", "r-1")
    assert (before["limit"], before["graceSeconds"]) == ("1.00", 300)

    edit(steward, budgets={"limit": 5, "graceSeconds": 60, "mode": "observe"}, retention={"executions": "30d"})
    hang_up(steward)
    until("the new default is in force", lambda: live(steward)["budgets.limit"] == "5.00")

    after = use(steward, "after", "r-2")
    assert (after["limit"], after["graceSeconds"], after["mode"]) == ("5.00", 60, "observe")
    assert use(steward, "before", "r-3")["limit"] == "1.00", "who has a budget keeps it"
    assert steward.ctl("retention", "show")["keeps"]["executions"] == "30d"
    (entry,) = changes(steward)
    assert entry["actor"] == "workflowd:sighup" and entry["subject"] == "settings"
    assert entry["detail"]["changed"] == [
        {"setting": "budgets.limit", "from": "1.00", "to": "5.00"},
        {"setting": "budgets.graceSeconds", "from": "300", "to": "60"},
        {"setting": "budgets.mode", "from": "enforce", "to": "observe"},
        {"setting": "retention.executions", "from": "90d", "to": "30d"},
    ]
    assert steward.ctl("audit", "verify")


def test_what_is_unknown_is_charged_at_the_new_safe_rate(daemon: Callable[..., Steward]) -> None:
    steward = daemon({"prices": {"fallback": {"input": 15}}})
    first = Decimal(use(steward, "ana", "r-1", model="acme.unheard-of")["spent"])
    edit(steward, prices={"fallback": {"input": 45}})
    assert [c["setting"] for c in steward.ctl("settings", "reload")["changed"]] == ["prices.fallback.input"]
    second = Decimal(use(steward, "ana", "r-2", model="acme.unheard-of")["spent"]) - first
    assert first > 0 and second == first * 3


@pytest.mark.parametrize(
    ("text", "place", "word"),
    [
        ("budgets:\n  graceSeconds: 60\n  limit: much\n", ":3:3", "budgets.limit must be dollars"),
        ("budgets:\n  breakGlass: [nobody]\n", ":2:3", "budgets.breakGlass names"),
        ("logLevel: loud\n", ":1:1", "no log level"),
        ("budgets: {limit: 5\n", ":", "error"),
        ("budgets: {lim: 5}\n", ":1:", "did you mean limit"),
    ],
    ids=["amount", "nobody", "level", "no YAML", "unknown"],
)
def test_a_file_that_cannot_be_taken_changes_nothing(
    daemon: Callable[..., Steward], text: str, place: str, word: str
) -> None:
    steward = daemon(OPTIONS)
    good = steward.settings.read_text()
    steward.settings.write_text(text)
    hang_up(steward)
    problem = until("the problem is shown", lambda: shown(steward)["problem"])
    assert f"{steward.settings}{place}" in problem and word in problem
    # One entry of the log is one line.
    assert problem.replace("\n", "\\n") in steward.log() and "those from before stay in force" in steward.log()
    assert live(steward)["budgets.limit"] == "1.00" and live(steward)["budgets.graceSeconds"] == "300"
    assert changes(steward) == [] and metric(steward, "steward_settings_valid") == 0
    assert steward.ctl("status")["health"] == "ok" and "refused: " in steward.run("status").stdout
    refused = steward.run("settings", "reload")
    assert refused.returncode == 1 and word in refused.stderr and not refused.stdout

    steward.settings.write_text(good)
    hang_up(steward)
    until("the problem is gone", lambda: shown(steward)["problem"] is None)
    assert changes(steward) == [] and metric(steward, "steward_settings_valid") == 1


def test_what_is_read_at_the_start_only_needs_a_restart(daemon: Callable[..., Steward]) -> None:
    steward = daemon(OPTIONS, by_file=True)
    old, new = steward.port, free_port()
    edit(steward, listen=f"127.0.0.1:{new}", limits={"requests": 100}, budgets={"limit": "2.00"})
    hang_up(steward)
    until("they are named", lambda: shown(steward)["afterRestart"] == ["limits.requests", "listen"])
    assert "it holds after a restart" in steward.log()
    assert metric(steward, "steward_settings_after_restart") == 2
    # The old address answers, and what could be taken was.
    assert steward.port == old and live(steward)["budgets.limit"] == "2.00"
    assert [c["setting"] for (entry,) in [changes(steward)] for c in entry["detail"]["changed"]] == ["budgets.limit"]
    result = steward.run("settings", "reload")
    assert result.returncode == 0 and "limits.requests, listen" in result.stderr
    assert steward.stop() == 0
    steward.port, steward.url = new, f"http://127.0.0.1:{new}"
    steward.start()
    assert shown(steward)["afterRestart"] == []


def test_a_flag_is_stronger_than_a_changed_file(daemon: Callable[..., Steward]) -> None:
    steward = daemon(OPTIONS)
    edit(steward, listen="127.0.0.1:1", data="/nonexistent")
    answer = steward.ctl("settings", "reload")
    assert answer == {"changed": [], "afterRestart": []}
    assert changes(steward) == []


def test_what_is_logged_changes_and_the_caller_is_named(daemon: Callable[..., Steward]) -> None:
    steward = daemon(OPTIONS | {"logLevel": "error"})
    assert "workflowd is ready" not in steward.log()
    edit(steward, logLevel="info")
    answer = steward.ctl("settings", "reload")
    assert answer["changed"] == [{"setting": "logLevel", "from": "error", "to": "info"}]
    until("it is logged", lambda: "a setting has changed" in steward.log())
    (entry,) = changes(steward)
    assert entry["actor"].startswith("operator:")
    table = steward.run("settings", "show").stdout
    assert "logLevel" in table and str(steward.settings) in table


def test_a_daemon_without_changes_says_so(daemon: Callable[..., Steward]) -> None:
    steward = daemon(OPTIONS)
    hang_up(steward)
    until("it is logged", lambda: "nothing has changed" in steward.log())
    assert shown(steward)["problem"] is None and changes(steward) == []
