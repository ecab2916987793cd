"""Steward's main job, shown end to end: a Bedrock API key is charged, warned, suspended across a kill -9 of the daemon,
and given its access back by the refresh. AWS is moto on loopback, mail goes to a sink on loopback; nothing is left
running. Exits 0 only when every step was observed.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "Tests" / "outside"))

from steward import AWS, DENY_POLICY, Mailbox, NotObserved, Steward, invocation, log_file, until  # noqa: E402

GRACE_SECONDS = 8
PERIOD_SECONDS = 40
BOLD, PLAIN = ("\x1b[1m", "\x1b[0m") if sys.stdout.isatty() else ("", "")


class Timeline:
    """Prints what happened, with the seconds since the start."""

    def __init__(self):
        self.start = time.monotonic()

    def chapter(self, text: str) -> None:
        print(f"\n{BOLD}{text}{PLAIN}", flush=True)

    def note(self, text: str, detail: str = "") -> None:
        seconds = time.monotonic() - self.start
        print(f"  {seconds:5.1f} s  {text}" + (f"\n           {detail}" if detail else ""), flush=True)

    def observe(self, what: str, condition, seconds: float = 30.0):
        """Waits until it is so, then says it; a demo that does not see it fails."""
        value = until(what, condition, seconds)
        self.note(f"✓ {what}")
        return value


def charge(steward: Steward, timeline: Timeline, batch: int, records: list[dict], compressed: bool = False) -> dict:
    name = f"invocations-{batch}.jsonl" + (".gz" if compressed else "")
    path = log_file(steward.directory / name, records, compressed)
    report = steward.ctl("ingest", str(path))
    timeline.note(f"workflowctl ingest {name}: {report['charged']} charged, {report['duplicates']} duplicates, ${report['cost']}")
    return report


def show_access(aws: AWS, timeline: Timeline, user: str) -> None:
    timeline.note(
        f"IAM says of {user}:",
        f"attached {[arn.rsplit('/', 1)[1] for arn in aws.attached(user)]}, inline {aws.inline(user)}",
    )


def suspension_of(steward: Steward, user: str) -> dict | None:
    for run in steward.runs(machine="suspension"):
        detail = steward.get(f"/api/v1/executions/suspension:{run['name']}")
        if detail["input"]["userName"] == user:
            return detail
    return None


def tell(aws: AWS, mail: Mailbox, steward: Steward, timeline: Timeline) -> None:
    ana, ben = "BedrockAPIKey-ana", "BedrockAPIKey-ben"

    timeline.chapter("Two Bedrock API keys, each with a budget of $1.00")
    arns = {user: aws.make_key(user) for user in (ana, ben)}
    show_access(aws, timeline, ana)

    timeline.chapter("Usage comes in and is charged")
    # claude-sonnet-4-6, global profile: $3 and $15 for a million tokens in and out.
    first = [invocation(arns[ana], "req-1", 100_000, 20_000), invocation(arns[ben], "req-2", 10_000, 2_000)]
    charge(steward, timeline, 1, first)
    charge(steward, timeline, 2, [*first, invocation(arns[ana], "req-3", 25_000, 5_000)], compressed=True)
    budget = steward.budget(ana)
    timeline.note(f"{ana} has spent ${budget['spent']} of ${budget['limit']}: {budget['threshold']}")
    assert budget["threshold"] == "warning" and budget["spent"] == "0.75", budget
    timeline.observe("a warning was mailed", lambda: any("warning" in s.lower() for s in mail.subjects()))

    timeline.chapter("The budget is crossed: the suspension begins, with a grace period")
    charge(steward, timeline, 3, [invocation(arns[ana], "req-4", 50_000, 10_000)])
    timeline.observe("the suspension workflow runs", lambda: suspension_of(steward, ana))
    timeline.observe("the grace notification was mailed", lambda: any("grace" in s.lower() for s in mail.subjects()))
    timeline.observe("the ledger says: grace", lambda: steward.budget(ana)["status"] == "grace")
    run = timeline.observe(
        "the run waits, as rows, out of memory", lambda: (d := suspension_of(steward, ana)) and d["waitsUntil"] and d
    )
    timeline.note("workflowctl run why:", steward.ctl("run", "why", f"suspension:{run['name']}")["summary"])

    timeline.chapter("The daemon is killed with kill -9 in the middle of the grace wait, and started again")
    pid = steward.process.pid
    steward.kill()
    timeline.note(f"killed process {pid}")
    assert aws.has_access(ana), "access was taken during grace"
    steward.start()
    timeline.note(f"started again as process {steward.process.pid}")

    timeline.chapter("The grace period ends: final warning, backup, detach, verification, audit")
    timeline.observe("the final warning was mailed", lambda: any("final" in s.lower() for s in mail.subjects()))
    timeline.observe("IAM: the policy is detached, the deny is in place", lambda: aws.has_no_access(ana))
    timeline.observe("the ledger says: suspended", lambda: steward.budget(ana)["status"] == "suspended")
    timeline.observe(
        "the run has succeeded", lambda: (d := suspension_of(steward, ana)) and d["status"] == "SUCCEEDED"
    )
    timeline.observe(
        "the audit log says so", lambda: any(e["action"] == "access.suspended" for e in steward.audit())
    )
    show_access(aws, timeline, ana)
    history = steward.get(f"/api/v1/executions/suspension:{run['name']}/history")["events"]
    entered = [e["stateEnteredEventDetails"]["name"] for e in history if "stateEnteredEventDetails" in e]
    timeline.note("the run went through:", " → ".join(entered))
    assert entered.count("BackUpPolicies") == 1 and entered.count("SendGraceNotification") == 1, entered
    assert aws.has_access(ben), "the other key must not be touched"
    timeline.note(f"{ben} was not touched")

    timeline.chapter("The budget's period ends and the daily refresh gives everything back")
    end = steward.budget(ana)["period"]["end"]
    timeline.note(f"the period ends at {end}")
    until("the period is over", lambda: time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) > end, PERIOD_SECONDS + 5)
    steward.ctl("schedule", "trigger", "daily-refresh")
    timeline.note("workflowctl schedule trigger daily-refresh")
    timeline.observe("IAM: the policy is attached, the deny is gone", lambda: aws.has_access(ana))
    timeline.observe("the ledger says: active", lambda: steward.budget(ana)["status"] == "active")
    budget = steward.budget(ana)
    assert budget["spent"] == "0" or float(budget["spent"]) == 0, budget
    timeline.observe("the restoration was mailed", lambda: any("restored" in s.lower() for s in mail.subjects()))
    timeline.observe(
        "the audit log says so", lambda: any(e["action"] == "access.restored" for e in steward.audit())
    )
    show_access(aws, timeline, ana)

    timeline.chapter("The end")
    letters = steward.ctl("dlq", "list")["deadLetters"]
    assert not letters, letters
    timeline.note("no dead letters")
    code = steward.stop()
    assert code == 0, f"the daemon exited with {code} on SIGTERM"
    timeline.note("SIGTERM: the daemon drained and exited 0")
    assert len(set(mail.subjects())) == len(mail.subjects()), f"a mail was sent twice: {mail.subjects()}"


def main() -> int:
    directory = Path(tempfile.mkdtemp(prefix="steward-demo-"))
    timeline = Timeline()
    aws = mail = steward = None
    try:
        print("Steward demo: starting moto as AWS, a mail sink and workflowd, all on loopback", flush=True)
        aws, mail = AWS(directory), Mailbox()
        settings = {
            "budgets": {"limit": "1.00", "graceSeconds": GRACE_SECONDS, "period": f"{PERIOD_SECONDS}s"},
            "notifications": {
                "channels": [
                    {
                        "name": "mail", "type": "smtp", "host": "127.0.0.1", "port": mail.port, "security": "none",
                        "from": "steward@example.com", "to": ["finops@example.com"],
                    },
                    {"name": "log", "type": "log"},
                ]
            },
        }  # fmt: skip
        steward = Steward(directory / "steward", aws.endpoint, settings).start()
        timeline.note(f"workflowd answers on {steward.url}")
        tell(aws, mail, steward, timeline)
    except (AssertionError, NotObserved) as error:
        print(f"\nThe demo failed: {error}", file=sys.stderr)
        if steward:
            print(f"\nThe daemon's log:\n{steward.log()[-6000:]}", file=sys.stderr)
        return 1
    finally:
        for part in (steward and steward.process, aws and aws.process):
            if part:
                part.kill()
        if mail:
            mail.stop()
        shutil.rmtree(directory, ignore_errors=True)
    print(f"\nEvery step was observed ({time.monotonic() - timeline.start:.0f} s).")
    return 0


if __name__ == "__main__":
    sys.exit(main())
