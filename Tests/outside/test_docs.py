"""Every workflowctl command in the documents is run, and every YAML example is read."""

from __future__ import annotations

import glob
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from conftest import settings
from steward import AWS, ROOT, Steward, invocation, log_file, until

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.S)


def commands() -> list[str]:
    found = set()
    for document in DOCUMENTS:
        text = document.read_text()
        for language, body in BLOCK.findall(text):
            if language == "sh":
                lines = (re.split(r"\s#", line)[0].split("|")[-1].strip() for line in body.splitlines())
                found |= {line for line in lines if line.startswith("workflowctl ")}
        found |= set(re.findall(r"`(workflowctl [a-z][^`]+)`", BLOCK.sub("", text)))
    return sorted(found)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, aws: AWS) -> Iterator[tuple[Steward, dict[str, str]]]:
    """A daemon with a principal, a failed run and its dead letter; and what the documents' examples stand for."""
    directory = tmp_path_factory.mktemp("docs")
    machines = directory / "state-machines"
    machines.mkdir()
    for file in (ROOT / "state-machines").iterdir():
        (machines / file.name).write_text(file.read_text())
    (machines / "broken.asl.yaml").write_text("StartAt: F\nStates: {F: {Type: Fail, Error: Broken}}\n")
    steward = Steward(directory / "steward", aws.endpoint, settings(), state_machines=machines).start()
    arn = aws.make_key("BedrockAPIKey-docs")
    logs = directory / "logs"
    logs.mkdir()
    log_file(logs / "a.jsonl", [invocation(arn, "docs-1", 1000, 100)])
    steward.ctl("ingest", str(logs))
    budgets = directory / "budgets.yaml"
    budgets.write_text("budgets:\n  - {everyone: true, limit: 500, period: month}\n")
    steward.ctl("budget", "set", "pool", "--limit", "500.00", "--period", "30d")
    assert steward.run("run", "start", "broken", "--wait").returncode == 6
    letters = until("a dead letter", lambda: steward.ctl("dlq", "list")["deadLetters"])
    yield (
        steward,
        {
            "AWSLogs/111122223333/BedrockModelInvocationLogs/": str(logs),
            "BedrockAPIKey-ab12": "BedrockAPIKey-docs",
            "NAME": "BedrockAPIKey-docs",
            "budgets.yaml": str(budgets),
            "/var/backups/steward.db": str(directory / "backup.db"),
            "DIR": str(steward.data),
            "7": str(letters[0]["id"]),
            "chat": "log",
            "STWDABCDEFGHIJKLMNOP": steward.ctl("key", "create", "docs")["id"],
        },
    )
    steward.kill()


def test_there_are_commands() -> None:
    assert len(commands()) >= 10


@pytest.mark.parametrize("command", commands())
def test_a_documented_command_works(scene: tuple[Steward, dict[str, str]], command: str) -> None:
    steward, meanings = scene
    words = [meanings.get(word, word) for word in shlex.split(command)[1:]]
    # A command that a sentence only names is run with what it takes at least; patterns are the shell's.
    words += {
        ("lint",): ["state-machines/suspension.asl.yaml"],
        ("test",): ["state-machines/suspension.test.yaml"],
        ("eval",): ["--language", "jsonata", "1 + 1"],
    }.get(tuple(words), [])
    words = [name for word in words for name in (sorted(glob.glob(word, root_dir=ROOT)) if "*" in word else [word])]
    words, target = (words[:-2], words[-1]) if words[-2:-1] == [">"] else (words, None)
    result = steward.run(*words, stdin=b"")
    if target:
        Path(target).write_text(result.stdout)
    # A plan that is not empty says so.
    expected = {0, 10} if "plan" in words or "--dry-run" in words else {0}
    # Nor is it known as whom the daemon acts in moto.
    expected |= {1} if "doctor" in words else set()
    assert result.returncode in expected, f"{command}: {result.stderr or result.stdout}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_yaml_examples_are_valid(document: Path, tmp_path: Path, steward: Steward) -> None:
    for language, body in BLOCK.findall(document.read_text()):
        if language != "yaml":
            continue
        example = yaml.safe_load(body)
        if "States" in example:
            path = tmp_path / "example.asl.yaml"
            path.write_text(body)
            result = steward.run("lint", str(path))
            assert result.returncode == 0, result.stdout


def settings_examples() -> list[str]:
    return [body for language, body in BLOCK.findall((ROOT / "docs/operations.md").read_text()) if language == "yaml"]


def test_there_are_examples_of_settings() -> None:
    assert len(settings_examples()) >= 2


@pytest.mark.parametrize("example", settings_examples())
def test_a_settings_example_starts_a_daemon(tmp_path: Path, aws: AWS, example: str) -> None:
    password = tmp_path / "password"
    password.write_text("secret\n")
    steward = Steward(tmp_path / "steward", aws.endpoint)
    steward.settings.write_text(example.replace("/etc/steward/smtp-password", str(password)))
    try:
        steward.start()
        assert steward.ctl("status")["health"] == "ok"
        assert "secret" not in steward.log()
    finally:
        steward.kill()
