"""Channels to the world outside: Slack, PagerDuty, a signed webhook and SES, played by local servers and moto."""

from __future__ import annotations

import base64
import email
import email.policy
import hashlib
import hmac
import json
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from conftest import settings
from steward import AWS, Steward, aws_environment, free_port, invocation, log_file, until

SLACK = "/services/T00000000/B00000000/slackverysecret"
ARCHIVED = "/services/T00000000/B99999999/archivedsecret"
ROUTING_KEY = "R0UT1NGKEYR0UT1NGKEYR0UT1NGKEY00"
SIGNING_SECRET = "whsec_" + base64.b64encode(b"a key of twenty-four bytes").decode()
TOKEN = "bearer-token-of-the-hook"
SECRETS = [SLACK, "slackverysecret", ARCHIVED, "archivedsecret", ROUTING_KEY, SIGNING_SECRET, SIGNING_SECRET[6:], TOKEN]


class Call(NamedTuple):
    path: str
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Web:
    """Plays Slack, PagerDuty and a webhook: each refuses what comes first, as services do on a bad day."""

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._lock = threading.Lock()
        self.archived = True
        web = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, answer, more = web.answer(self.path, dict(self.headers), body)
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *arguments: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", free_port()), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes, dict[str, str]]:
        with self._lock:
            is_first = not any(call.path == path for call in self._calls)
            if path == ARCHIVED and self.archived:
                # Some services repeat what they were sent.
                status, answer, more = 410, f"channel_is_archived: {path}".encode(), {}
            elif is_first:
                status, answer, more = 500, b"try again", {"Retry-After": "1"}
            else:
                status, answer, more = (202, b"{}", {}) if path == "/v2/enqueue" else (200, b"ok", {})
            self._calls.append(Call(path, status, {name.lower(): value for name, value in headers.items()}, body))
            return status, answer, more

    def calls(self, path: str) -> list[Call]:
        with self._lock:
            return [call for call in self._calls if call.path == path]

    def taken(self, path: str) -> list[Any]:
        return [call.json for call in self.calls(path) if call.status < 300]

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def web() -> Iterator[Web]:
    server = Web()
    yield server
    server.stop()


@pytest.fixture
def ses(tmp_path: Path) -> Iterator[AWS]:
    """A moto of its own: what it sent is told with all that it holds, which takes long where the policies of IAM are."""
    server = AWS(tmp_path, MOTO_IAM_LOAD_MANAGED_POLICIES="false")
    yield server
    server.stop()


def sent_by_ses(ses: AWS) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{ses.endpoint}/moto-api/data.json", timeout=10) as answer:
        return json.load(answer).get("ses", {}).get("RawMessage", [])


def channels(web: Web, directory: Path) -> list[dict[str, Any]]:
    def file(name: str, text: str) -> str:
        path = directory / name
        path.write_text(f"{text}\n")
        return str(path)

    spanish = {"language": "es", "timeZone": "Europe/Madrid"}
    return [
        {"name": "log", "type": "log"},
        {"name": "chat", "type": "slack", "urlFile": file("slack", f"{web.url}{SLACK}"), **spanish},
        {
            "name": "old", "type": "slack", "urlFile": file("old", f"{web.url}{ARCHIVED}"),
            "kinds": ["suspended"],
        },
        {
            "name": "pager", "type": "pagerduty", "routingKeyEnvironment": "PAGER_KEY",
            "url": f"{web.url}/v2/enqueue", "topics": ["high"],
        },
        {
            "name": "hook", "type": "webhook", "url": f"{web.url}/hook", "timeoutSeconds": 5,
            "signingSecretFile": file("signing", SIGNING_SECRET), "tokenEnvironment": "HOOK_TOKEN",
        },
        {
            "name": "ses", "type": "ses", "from": "Steward <steward@example.com>", "to": ["ana@example.com"],
            "replyTo": "finops@example.com", "topics": ["high", "operational"], **spanish,
        },
    ]  # fmt: skip


def verified(call: Call) -> dict[str, Any]:
    """The body of a call, once its signature holds: as docs/notifications.md tells receivers to check it."""
    identifier, timestamp = call.headers["webhook-id"], call.headers["webhook-timestamp"]
    key = base64.b64decode(SIGNING_SECRET.removeprefix("whsec_"))
    expected = hmac.new(key, f"{identifier}.{timestamp}.".encode() + call.body, hashlib.sha256).digest()
    version, signature = call.headers["webhook-signature"].split(",")
    assert version == "v1" and hmac.compare_digest(base64.b64decode(signature), expected)
    assert abs(time.time() - int(timestamp)) < 300
    assert call.headers["authorization"] == f"Bearer {TOKEN}" and call.headers["x-source"] == "steward"
    assert call.json["id"] == identifier
    return call.json


def test_a_suspension_and_its_end_reach_everybody(
    aws: AWS, ses: AWS, web: Web, make_steward: Callable[..., Steward], tmp_path: Path
) -> None:
    user = "BedrockAPIKey-channels"
    arn = aws.make_key(user)
    ses.client("ses").verify_email_identity(EmailAddress="steward@example.com")
    options = settings(graceSeconds=0)
    options["notifications"]["channels"] = channels(web, tmp_path)
    steward = make_steward(options=options).start(
        PAGER_KEY=ROUTING_KEY, HOOK_TOKEN=TOKEN, AWS_ENDPOINT_URL_SESV2=ses.endpoint
    )

    steward.ctl("ingest", str(log_file(tmp_path / "a.jsonl", [invocation(arn, "channels-1", 400_000)])))
    until("suspended", lambda: steward.budget(user)["status"] == "suspended")
    until("a page", lambda: [e for e in web.taken("/v2/enqueue") if e["event_action"] == "trigger"])
    steward.ctl("budget", "set", user, "--limit", "5.00")
    until("active", lambda: steward.budget(user)["status"] == "active")

    def told(kind: str) -> bool:
        return any(call["kind"] == kind for call in web.taken("/hook"))

    until("the hook is told of it all", lambda: told("suspended") and told("restored"))
    check_slack(web, user)
    check_pager(web, user)
    check_hook(web, user)
    check_ses(ses, user)
    check_dead_letter(steward, web)
    check_no_secret(steward)


def test_a_channel_is_tried_and_muted_over_a_restart(
    aws: AWS, web: Web, make_steward: Callable[..., Steward], tmp_path: Path
) -> None:
    user = "BedrockAPIKey-muted"
    arn = aws.make_key(user)
    options = settings(graceSeconds=0)
    options["notifications"]["channels"] = [c for c in channels(web, tmp_path) if c["name"] in ("log", "hook", "pager")]
    secrets = {"PAGER_KEY": ROUTING_KEY, "HOOK_TOKEN": TOKEN}
    steward = make_steward(options=options).start(**secrets)

    refused = steward.run("notify", "test", "hook")
    assert refused.returncode == 1 and not refused.stdout
    assert "hook (webhook) did not take the test message: Webhook.500: 127.0.0.1 answered 500: try again" in refused.stderr
    assert steward.ctl("notify", "test", "hook")["taken"]
    assert verified(web.calls("/hook")[-1])["kind"] == "test"

    muted = steward.ctl("notify", "mute", "hook", "--for", "1h", "--reason", "planned work")
    steward.ctl("notify", "mute", "operational", "--for", "1h", "--reason", "planned work")
    assert muted["target"] == "channel/hook" and muted["by"].startswith("operator:")
    assert steward.stop() == 0
    steward.start(**secrets)

    def mutes(name: str) -> list[str]:
        listed = {channel["name"]: channel for channel in steward.ctl("notify", "list")["channels"]}
        return [mute["target"] for mute in listed[name]["mutes"]]

    assert mutes("hook") == ["channel/hook", "topic/operational"] and mutes("log") == ["topic/operational"]
    assert "channel/hook until" in steward.run("status").stdout
    steward.ctl("ingest", str(log_file(tmp_path / "a.jsonl", [invocation(arn, "muted-1", 400_000)])))

    def kept(channel: str) -> list[str]:
        return [item["kind"] for item in steward.ctl("notify", "outbox", "--status", "muted", "--channel", channel)["items"]]

    until("the suspension is kept back", lambda: "suspended" in kept("hook"))
    until("the page", lambda: [e for e in web.taken("/v2/enqueue") if e.get("payload", {}).get("class") == "suspended"])
    assert {call["kind"] for call in web.taken("/hook")} == {"test"}
    assert "planned work" in steward.run("notify", "outbox", "--status", "muted").stdout

    # Of a muted topic, and for a pager: what ends an incident goes out all the same.
    assert steward.ctl("notify", "unmute", "hook")["target"] == "channel/hook"
    steward.ctl("budget", "set", user, "--limit", "5.00")
    until("the restoration is kept back", lambda: "restored" in kept("pager") and "restored" in kept("hook"))
    key = f"steward/suspension/123456789012/user/{user}"
    assert [e["event_action"] for e in web.taken("/v2/enqueue") if e["dedup_key"] == key][-1] == "resolve"
    assert {call["kind"] for call in web.taken("/hook")} == {"test"}, "what was kept back is not sent later"

    steward.ctl("notify", "mute", "hook", "--for", "1s", "--reason", "a moment")
    until("it ends by itself", lambda: "channel/hook" not in mutes("hook"))
    said = [(entry["action"], entry["subject"]) for entry in steward.audit() if entry["action"].startswith("notifications.")]
    assert ("notifications.muted", "notifications/topic/operational") in said
    assert ("notifications.unmuted", "notifications/channel/hook") in said
    check_no_secrets_in(json.dumps(steward.audit()) + refused.stderr + steward.log())


@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_a_page_from_before_a_restart_is_resolved_after_it(
    aws: AWS, web: Web, make_steward: Callable[..., Steward], tmp_path: Path, how: str
) -> None:
    user = f"BedrockAPIKey-paged-{how}"
    arn = aws.make_key(user)
    options = settings(graceSeconds=0)
    options["notifications"]["channels"] = [c for c in channels(web, tmp_path) if c["name"] == "pager"]
    steward = make_steward(options=options).start(PAGER_KEY=ROUTING_KEY)
    key = f"steward/suspension/123456789012/user/{user}"

    def told() -> list[str]:
        return [event["event_action"] for event in web.taken("/v2/enqueue") if event["dedup_key"] == key]

    steward.ctl("ingest", str(log_file(tmp_path / "a.jsonl", [invocation(arn, f"paged-{how}", 400_000)])))
    until("the page is sent, and known to be", lambda: told() and not steward.ctl("notify", "list")["channels"][0]["waiting"])
    if how == "stopped":
        assert steward.stop() == 0
    else:
        steward.kill()
    before = told()
    steward.start(PAGER_KEY=ROUTING_KEY)
    steward.ctl("budget", "set", user, "--limit", "5.00")
    until("it is resolved by the next process", lambda: told()[-1] == "resolve")
    assert before == ["trigger"] and told() == ["trigger", "resolve"]


def check_slack(web: Web, user: str) -> None:
    subject = f"Acceso a Bedrock restablecido: {user}"
    until("Slack is told", lambda: any(message["text"] == subject for message in web.taken(SLACK)))
    first, *others = web.calls(SLACK)
    assert first.status == 500
    again = [call for call in others if call.body == first.body]
    assert [call.status for call in again] == [200], "what was refused comes again, once"
    texts = [message["text"] for message in web.taken(SLACK)]
    assert f"Acceso a Bedrock suspendido: {user}" in texts
    suspended = next(m for m in web.taken(SLACK) if m["text"].startswith("Acceso a Bedrock suspendido"))
    attachment = suspended["attachments"][0]
    assert attachment["color"] == "#EC7266"
    assert "1,20\u00a0US$ de 1,00\u00a0US$ (120\u00a0%)" in json.dumps(attachment, ensure_ascii=False)
    assert "UTC+1" in json.dumps(attachment) or "UTC+2" in json.dumps(attachment)


def check_pager(web: Web, user: str) -> None:
    until("the page ends", lambda: any(e["event_action"] == "resolve" for e in web.taken("/v2/enqueue")))
    assert web.calls("/v2/enqueue")[0].status == 500
    key = f"steward/suspension/123456789012/user/{user}"

    def about_it() -> list[dict[str, Any]]:
        return [event for event in web.taken("/v2/enqueue") if event["dedup_key"] == key]

    until("resolved", lambda: [event["event_action"] for event in about_it()] == ["trigger", "resolve"])
    assert all(event["routing_key"] == ROUTING_KEY for event in about_it())
    payload = about_it()[0]["payload"]
    assert payload["severity"] == "critical" and payload["class"] == "suspended"
    assert payload["summary"].startswith(f"Bedrock access suspended: {user}")
    assert not any(e.get("payload", {}).get("class") == "grace-started" for e in web.taken("/v2/enqueue"))


def check_hook(web: Web, user: str) -> None:
    calls = web.calls("/hook")
    bodies = [verified(call) for call in calls]
    assert calls[0].status == 500
    ids = [body["id"] for body in bodies]
    assert ids.count(ids[0]) == 2, "the first was refused, and came again under the same id"
    taken = [call.json["id"] for call in calls if call.status == 200]
    assert len(taken) == len(set(taken)), "nothing that was taken comes twice"
    suspended = next(body for body in bodies if body["kind"] == "suspended")
    assert suspended["topic"] == "high" and suspended["percent"] == 120
    assert suspended["principalId"] == f"123456789012/user/{user}" and suspended["data"]["spent"] == "1.20"


def check_ses(ses: AWS, user: str) -> None:
    subject = f"Acceso a Bedrock suspendido: {user}"

    def mails() -> list[email.message.EmailMessage]:
        sent = sent_by_ses(ses)
        return [email.message_from_string(mail["raw_data"], policy=email.policy.default) for mail in sent]

    until("SES has the mail", lambda: any(mail["Subject"] == subject for mail in mails()))
    mail = next(mail for mail in mails() if mail["Subject"] == subject)
    assert mail["Reply-To"] == "finops@example.com" and mail["X-Steward-Notice"].startswith("<suspended/")
    plain = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    assert "e IAM lo confirma" in plain and "Las horas son las de Europe/Madrid." in plain
    assert "#EFE6D5" in html and "#EC7266" in html and 'lang="es"' in html and "max-width:600px" in html


def check_dead_letter(steward: Steward, web: Web) -> None:
    """A refusal for good waits for a person, says why, and not where to."""
    letters = until("a dead letter", lambda: steward.ctl("dlq", "list", "--kind", "notification")["deadLetters"])
    assert len(letters) == 1 and len(web.calls(ARCHIVED)) == 1, "a refusal for good is not tried again"
    letter = json.dumps(steward.ctl("dlq", "get", str(letters[0]["id"])))
    assert "Slack.410" in letter and "127.0.0.1 answered 410: channel_is_archived" in letter
    web.archived = False
    steward.ctl("dlq", "redrive", str(letters[0]["id"]))
    until("it is sent", lambda: web.taken(ARCHIVED))


def check_no_secret(steward: Steward) -> None:
    seen = {
        "the log": steward.log(),
        "status": json.dumps(steward.ctl("status")),
        "notices": json.dumps(steward.get("/api/v1/notices?limit=1000")),
        "dead letters": json.dumps(steward.ctl("dlq", "list", "--status", "all")),
        "the audit log": json.dumps(steward.audit()),
        "metrics": steward.run("status").stdout,
    }
    for place, text in seen.items():
        check_no_secrets_in(text, place)
    assert "a notice was not delivered; trying again" in seen["the log"]


def check_no_secrets_in(text: str, place: str = "it") -> None:
    for secret in SECRETS:
        assert secret not in text, f"{place} shows {secret}"


HOOK = {"name": "c", "type": "webhook", "url": "https://example.com/hook", "signingSecretFile": "SECRET"}
PAGER = {"name": "c", "type": "pagerduty", "routingKeyFile": "SECRET"}
FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown kind": ({"type": "log", "kinds": ["suspendd"]}, 'kinds has "suspendd", but knows only budget-warning,'),
    "an unknown topic": ({"type": "log", "topics": ["urgent"]}, 'topics has "urgent", but knows only operational,'),
    "an unknown type": ({"type": "teams"}, "must be one of log, smtp, ses, sns, slack, pagerduty, webhook"),
    "an unknown language": ({"type": "log", "language": "fr"}, 'language must be one of en, es, not "fr"'),
    "an unknown zone": ({"type": "log", "timeZone": "Madrid"}, "timeZone must be a time zone such as Europe/Madrid"),
    "a URL in the open": ({"type": "slack", "url": "https://hooks.slack.com/x"}, "url is not a setting"),
    "no secret": ({"type": "slack"}, 'lacks "urlFile" or "urlEnvironment"'),
    "a file that is not there": ({"type": "slack", "urlFile": "/nonexistent/url"}, "can't be read"),
    "a variable that is not set": ({"type": "slack", "urlEnvironment": "NOT_SET"}, "variable NOT_SET is not set"),
    "no URL in the file": ({"type": "slack", "urlFile": "SECRET"}, "holds a URL that must begin with https://"),
    "no TLS": (HOOK | {"url": "http://example.com/hook"}, "url must be a URL that begins with https://"),
    "a short secret": (HOOK | {"signingSecretFile": "SHORT"}, "must have at least 24 characters"),
    "a page about nothing": (PAGER | {"kinds": ["daily-summary"]}, "opens no incident"),
    "too long a time": (PAGER | {"timeoutSeconds": 600}, "must be a whole number from 1 to 60"),
    "mail from nobody": ({"type": "ses", "to": ["a@example.com"]}, 'lacks "from"'),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_settings_that_are_wrong_are_refused(
    aws: AWS, tmp_path: Path, fault: tuple[dict[str, Any], str]
) -> None:
    channel, message = fault
    secret, short = tmp_path / "secret", tmp_path / "short"
    secret.write_text("a secret of at least twenty-four characters\n")
    short.write_text("veryshort\n")
    paths = {"SECRET": str(secret), "SHORT": str(short)}
    channel = {"name": "c"} | {k: paths.get(v, v) if isinstance(v, str) else v for k, v in channel.items()}
    steward = Steward(tmp_path / "steward", aws.endpoint, {"notifications": {"channels": [channel]}})
    steward.settings.write_text(json.dumps({"notifications": {"channels": [channel]}}, indent=1))
    result = subprocess.run(
        steward.command(), capture_output=True, text=True, timeout=30, env=aws_environment(aws.endpoint)
    )
    said = result.stdout + result.stderr
    assert result.returncode != 0
    assert message in said, said
    assert f"{steward.settings}:" in said and "notifications.channels.0" in said
    assert "veryshort" not in said and "twenty-four characters\n" not in said.replace("must have at least 24", "")
