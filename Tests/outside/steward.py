"""Drives Steward from outside: the built programs, moto as AWS, an SMTP sink; used by the tests and by the demo.

Nothing here sleeps for a fixed time: `until` waits for a condition with a deadline.
"""

from __future__ import annotations

import email
import email.policy
import gzip
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
from aiosmtpd.controller import Controller

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("STEWARD_BUILD", ROOT / ".build" / "debug"))
REGION = "us-east-1"
BEDROCK_POLICY = "arn:aws:iam::aws:policy/AmazonBedrockLimitedAccess"
DENY_POLICY = "StewardBedrockDeny"
#: How many times longer than it should take everything is waited for: others may use the machine, and instrumented
#: programs are slow (`scripts/sanitize`).
PATIENCE = float(os.environ.get("STEWARD_PATIENCE", 2))


class NotObserved(AssertionError):
    """A condition that did not come true before its deadline."""


def until(what: str, condition: Callable[[], Any], seconds: float = 20.0, pause: float = 0.05) -> Any:
    """Waits until `condition` is true and gives its value; asks again after `pause` seconds."""
    seconds *= PATIENCE
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise NotObserved(f"not observed within {seconds:g} s: {what} (last seen: {value!r})")
        time.sleep(pause)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def aws_environment(endpoint: str) -> dict[str, str]:
    """The environment of a process that takes `endpoint` for AWS."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "STEWARD_"))}
    return inherited | {
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/nonexistent/config",
        "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent/credentials",
    }


class Process:
    """A child process with its output in a file, killed with the object."""

    def __init__(self, name: str, command: list[str], log: Path, environment: dict[str, str], cwd: Path = ROOT):
        self.name, self.log = name, log
        self._file = log.open("ab")
        self.child = subprocess.Popen(
            command, stdout=self._file, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=environment, cwd=cwd
        )

    @property
    def pid(self) -> int:
        return self.child.pid

    def ended(self) -> bool:
        return self.child.poll() is not None

    def kill(self) -> None:
        if not self.ended():
            self.child.send_signal(signal.SIGKILL)
        self.child.wait()
        self._file.close()

    def terminate(self, seconds: float = 30.0) -> int:
        """SIGTERM, and the exit code."""
        if not self.ended():
            self.child.send_signal(signal.SIGTERM)
        code = self.child.wait(timeout=seconds * PATIENCE)
        self._file.close()
        return code

    def output(self) -> str:
        return self.log.read_text(errors="replace")


class AWS:
    """moto's server, in a process of its own; `program` (`like_aws.py`, say) adds what AWS does and moto leaves out."""

    def __init__(self, directory: Path, like_aws: bool = False, program: str | None = None, **more: str):
        program = program or ("like_aws.py" if like_aws else None)
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        environment = dict(os.environ) | {
            "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
            "MOTO_RECORDER_FILEPATH": str(directory / "moto-recording"),
        } | more
        self.process = Process(
            "moto",
            [sys.executable, str(Path(__file__).with_name(program)), str(self.port)]
            if program
            else [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)],
            directory / "moto.log",
            environment,
        )
        until("moto answers", self._answers, 60)
        self.iam, self.sns, self.sqs = (self.client(name) for name in ("iam", "sns", "sqs"))

    def _answers(self) -> bool:
        if self.process.ended():
            raise NotObserved(f"moto ended: {self.process.output()[-2000:]}")
        try:
            with urllib.request.urlopen(f"{self.endpoint}/moto-api/data.json", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False

    def client(self, service: str):
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
            aws_secret_access_key="secret",
        )

    def make_key(self, name: str) -> str:
        """An IAM user as the console makes it for a Bedrock API key; gives its ARN."""
        arn = self.iam.create_user(UserName=name)["User"]["Arn"]
        self.iam.attach_user_policy(UserName=name, PolicyArn=BEDROCK_POLICY)
        return arn

    def attached(self, name: str) -> list[str]:
        pages = self.iam.get_paginator("list_attached_user_policies").paginate(UserName=name)
        return [policy["PolicyArn"] for page in pages for policy in page["AttachedPolicies"]]

    def inline(self, name: str) -> list[str]:
        return self.iam.list_user_policies(UserName=name)["PolicyNames"]

    def has_access(self, name: str) -> bool:
        return BEDROCK_POLICY in self.attached(name) and DENY_POLICY not in self.inline(name)

    def has_no_access(self, name: str) -> bool:
        return BEDROCK_POLICY not in self.attached(name) and DENY_POLICY in self.inline(name)

    def stop(self) -> None:
        self.process.kill()


class Mailbox:
    """An SMTP server on loopback that keeps what it gets."""

    def __init__(self):
        self.messages: list[email.message.EmailMessage] = []
        self._lock = threading.Lock()
        self.controller = Controller(self, hostname="127.0.0.1", port=free_port())
        self.controller.start()

    @property
    def port(self) -> int:
        return self.controller.port

    async def handle_DATA(self, server, session, envelope):  # the name is aiosmtpd's
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        with self._lock:
            self.messages.append(message)
        return "250 OK"

    def subjects(self) -> list[str]:
        with self._lock:
            return [str(message["Subject"]) for message in self.messages]

    def stop(self) -> None:
        self.controller.stop()


class Steward:
    """One data directory and the daemon that runs on it, one after another."""

    def __init__(
        self,
        directory: Path,
        endpoint: str,
        settings: dict[str, Any] | None = None,
        state_machines: Path | None = None,
        workflows: Path | None = None,
    ):
        self.directory = directory
        self.directory.mkdir(parents=True, exist_ok=True)
        self.data = directory / "data"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = aws_environment(endpoint)
        self.settings = directory / "steward.yaml"
        # A run of its own at every start would stand in every list; the tests that want it say so.
        settings = dict(settings or {})
        settings["access"] = {"reconcileAtStart": False} | settings.get("access", {})
        self.settings.write_text(json.dumps(settings))
        self.state_machines = state_machines or ROOT / "state-machines"
        self.workflows = workflows or ROOT / "workflows"
        self.authentication = "off"
        self.process: Process | None = None

    def command(self) -> list[str]:
        return [
            str(BUILD / "workflowd"), "serve",
            "--config", str(self.settings), "--data", str(self.data), "--listen", f"127.0.0.1:{self.port}",
            "--state-machines", str(self.state_machines), "--workflows", str(self.workflows),
            "--authentication", self.authentication,
        ]  # fmt: skip

    def start(self, wait: bool = True, **environment: str) -> "Steward":
        self.process = Process(
            "workflowd", self.command(), self.directory / "workflowd.log", self.environment | environment
        )
        if wait:
            until("workflowd answers on /health", self.healthy, 60)
        return self

    def healthy(self) -> bool:
        if self.process is None or self.process.ended():
            raise NotObserved(f"workflowd ended: {self.log()[-3000:]}")
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=2) as answer:
                return answer.status == 200
        except (OSError, urllib.error.URLError):
            return False

    def log(self) -> str:
        path = self.directory / "workflowd.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def kill(self) -> None:
        """kill -9"""
        if self.process is not None:
            self.process.kill()

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        assert self.process is not None
        return self.process.terminate()

    def run(self, *arguments: str, stdin: bytes | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
        """workflowctl, whatever its exit code."""
        result = subprocess.run(
            [str(BUILD / "workflowctl"), *arguments],
            input=stdin,
            capture_output=True,
            timeout=60 * PATIENCE,
            env=self.environment | {"STEWARD_SERVER": self.url, "NO_COLOR": "1"} | environment,
            cwd=ROOT,
        )
        return subprocess.CompletedProcess(
            result.args, result.returncode, result.stdout.decode(), result.stderr.decode()
        )

    def ctl(self, *arguments: str, stdin: bytes | None = None) -> Any:
        """workflowctl with `-o json`; fails unless it exits 0."""
        result = self.run(*arguments, "-o", "json", stdin=stdin)
        assert result.returncode == 0, f"workflowctl {' '.join(arguments)}: {result.stderr or result.stdout}"
        return json.loads(result.stdout) if result.stdout.strip() else None

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self.url}{path}", timeout=10 * PATIENCE) as answer:
            return json.load(answer)

    def request(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, Any]:
        """Any request; the status and the parsed answer, also of a 4xx or 5xx."""
        request = urllib.request.Request(f"{self.url}{path}", data=body, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=20 * PATIENCE) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def runs(self, **query: str) -> list[dict[str, Any]]:
        text = "&".join(f"{key}={value}" for key, value in query.items())
        return self.get(f"/api/v1/executions?{text}")["executions"]

    def budget(self, principal: str) -> dict[str, Any]:
        return self.get(f"/api/v1/budgets/{urllib.request.quote(principal, safe='')}")

    def audit(self) -> list[dict[str, Any]]:
        return self.get("/api/v1/audit?limit=1000")["entries"]


def invocation(
    arn: str,
    request_id: str,
    input_tokens: int = 0,
    output_tokens: int = 0,
    model: str = "global.anthropic.claude-sonnet-4-6",
    at: float | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A model invocation log record as Bedrock writes it with body delivery off."""
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() if at is None else at))
    return {
        "schemaType": "ModelInvocationLog",
        "schemaVersion": "1.0",
        "timestamp": stamp,
        "accountId": arn.split(":")[4],
        "region": REGION,
        "requestId": request_id,
        "operation": "Converse",
        "modelId": model,
        "identity": {"arn": arn},
        "input": {
            "inputContentType": "application/json",
            "inputTokenCount": input_tokens,
            "cacheReadInputTokenCount": 0,
            "cacheWriteInputTokenCount": 0,
        },
        "output": {"outputContentType": "application/json", "outputTokenCount": output_tokens},
    } | more


def log_file(path: Path, records: list[dict[str, Any]], compressed: bool = False) -> Path:
    """Writes records as JSON lines, as the S3 delivery does."""
    text = "".join(json.dumps(record) + "\n" for record in records).encode()
    path.write_bytes(gzip.compress(text) if compressed else text)
    return path
