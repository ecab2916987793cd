"""workflowctl lint over several files, and what it makes of files that are hard to judge."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from steward import BUILD, Steward

MACHINE = "StartAt: Greet\nStates:\n  Greet: {Type: Pass, End: true}\n"


def linted(steward: Steward, *arguments: str | Path) -> dict:
    return json.loads(steward.run("lint", "--format", "json", *(str(argument) for argument in arguments)).stdout)


def codes(found: dict) -> list[tuple[str, str, int]]:
    return [(Path(one["file"]).name, one["code"], one["line"]) for one in found["diagnostics"]]


@pytest.fixture
def definitions(tmp_path: Path) -> tuple[Path, Path]:
    """Folders with one state machine, m, and one workflow of it, w."""
    machines, workflows = tmp_path / "definitions" / "machines", tmp_path / "definitions" / "flows"
    machines.mkdir(parents=True)
    workflows.mkdir()
    (machines / "m.asl.yaml").write_text(MACHINE)
    (workflows / "w.yaml").write_text("name: w\nstateMachine: m\n")
    return machines, workflows


def test_the_linter_looks_at_files_among_others(steward: Steward, definitions: tuple[Path, Path]) -> None:
    machines, workflows = definitions
    assert codes(linted(steward, *definitions)) == []
    (machines / "my machine.asl.yaml").write_text(MACHINE)
    (machines / "m.asl.yml").write_text(MACHINE)
    (workflows / "gone.yaml").write_text("name: gone\nstateMachine: gone\n")
    (workflows / "a copy.yaml").write_text("name: w\nstateMachine: m\n")
    expected = [
        ("m.asl.yml", "F114", 1), ("my machine.asl.yaml", "F113", 1), ("a copy.yaml", "F114", 1), ("gone.yaml", "F111", 2),
    ]  # fmt: skip
    assert codes(linted(steward, *definitions)) == expected
    assert codes(linted(steward, machines.parent, machines, workflows / "w.yaml")) == expected[2:] + expected[:2]
    result = steward.run("lint", *map(str, definitions))
    assert result.returncode == 9 and "gone.yaml:2:15: error" in result.stdout
    sarif = json.loads(steward.run("lint", "--format", "sarif", *map(str, definitions)).stdout)["runs"][0]
    assert {rule["id"] for rule in sarif["tool"]["driver"]["rules"]} == {"F111", "F113", "F114"}
    assert "F114 (error)" in steward.run("lint", "--explain", "f114").stdout


def test_the_linter_claims_nothing_of_what_it_was_not_given(steward: Steward, definitions: tuple[Path, Path]) -> None:
    machines, workflows = definitions
    (workflows / "gone.yaml").write_text("name: gone\nstateMachine: gone\n")
    spaced = machines / "my machine.asl.yaml"
    spaced.write_text(MACHINE)
    another = machines.parent / "another"
    another.mkdir()
    (another / "m.asl.yaml").write_text(MACHINE)
    (another / "w.yaml").write_text("name: w\nstateMachine: m\n")
    # As an editor or a hook before a commit does: files, and not the folder that holds the rest.
    assert codes(linted(steward, workflows)) == []
    assert codes(linted(steward, workflows / "gone.yaml", machines / "m.asl.yaml", spaced)) == []
    # Another folder may be that of another daemon, and what is named twice is there once.
    assert codes(linted(steward, another, workflows / "w.yaml", another / "w.yaml", f"{another}/")) == []


@pytest.mark.parametrize("text, code", [
    ("name: w\nstateMachine: m\noverlap: skip\noverlap: allow_all\n", "E003"),
    ("name: w\nstatemachine: m\n", "F102 F103"), ("", "E001"), ("name: w\n", "F103"),
])  # fmt: skip
def test_a_workflow_with_faults_is_still_one(
    steward: Steward, definitions: tuple[Path, Path], text: str, code: str
) -> None:
    folder = definitions[0].parent / "workflows"
    folder.mkdir()
    (folder / "f.yaml").write_text(text)
    found = linted(steward, folder / "f.yaml")["diagnostics"]
    assert " ".join(one["code"] for one in found) == code
    assert all(one["line"] and one["column"] for one in found)


def test_a_file_that_is_missing_is_a_finding(steward: Steward, definitions: tuple[Path, Path], tmp_path: Path) -> None:
    good, missing, empty = definitions[0] / "m.asl.yaml", tmp_path / "nope.yaml", tmp_path / "empty"
    empty.mkdir()
    result = steward.run("lint", "--format", "json", str(missing), str(empty), str(good))
    found = json.loads(result.stdout)
    assert result.returncode == 1 and not found["valid"]
    assert [(Path(one["file"]).name, one["valid"]) for one in found["files"]] == [
        ("nope.yaml", False), ("empty", False), ("m.asl.yaml", True),
    ]  # fmt: skip
    assert [one["code"] for one in found["diagnostics"]] == ["F112", "F112"]
    assert "no such file" in found["diagnostics"][0]["message"]
    sarif = json.loads(steward.run("lint", "--format", "sarif", str(good), str(missing)).stdout)
    assert [one["ruleId"] for one in sarif["runs"][0]["results"]] == ["F112"]
    bad = tmp_path / "bad.asl.yaml"
    bad.write_text("StartAt: A\n")
    text = steward.run("lint", str(missing), str(bad))
    assert text.returncode == 1 and "nope.yaml" in text.stderr and "bad.asl.yaml:1:1" in text.stdout
    (tmp_path / "alone.test.yaml").write_text("scenarios: [{name: a}]\n")
    alone = steward.run("lint", "--format", "json", str(tmp_path / "alone.test.yaml"), str(good))
    assert alone.returncode == 9 and len(json.loads(alone.stdout)["files"]) == 2


def test_neither_a_pipe_nor_a_device_is_read(steward: Steward, definitions: tuple[Path, Path], tmp_path: Path) -> None:
    os.mkfifo(definitions[0] / "pipe.asl.yaml")
    (definitions[0] / "zero.asl.yaml").symlink_to("/dev/zero")
    (definitions[1] / "gone.yaml").symlink_to(tmp_path / "nonexistent")
    result = steward.run("lint", "--format", "json", *map(str, definitions))
    found = json.loads(result.stdout)["diagnostics"]
    assert result.returncode == 1
    assert [(one["code"], one["message"].split("be read: ")[1]) for one in found] == [
        ("F112", "it is a pipe"), ("F112", "it is a device"), ("F112", "it is a link to something that is not there"),
    ]  # fmt: skip
    # Whoever names one wants what comes out of it, as of `<(command)`, up to what a definition may have.
    endless = steward.run("lint", "/dev/zero")
    assert endless.returncode == 9 and "E005" in endless.stdout
    piped = subprocess.run(["bash", "-c", '"$CTL" lint <(printf "%s" "$TEXT")'], capture_output=True, timeout=60,
                           env=steward.environment | {"CTL": str(BUILD / "workflowctl"), "TEXT": MACHINE})  # fmt: skip
    assert piped.returncode == 0, piped.stderr


def test_carriage_returns_hide_no_line(steward: Steward, tmp_path: Path) -> None:
    path = tmp_path / "w.yaml"
    path.write_bytes(b"name: w\r\nstateMachine: m\r\noverlap: skipp\r\n")
    assert "    overlap: skipp\n             ^\n" in steward.run("lint", str(path)).stdout


def test_schedules_are_judged_by_the_time_of_now(steward: Steward, tmp_path: Path) -> None:
    path = tmp_path / "w.yaml"
    path.write_text("name: w\nstateMachine: m\non: {schedule: {expression: at(2020-01-01T00:00:00)}}\n")
    assert codes(linted(steward, path)) == [("w.yaml", "W902", 3)]
    assert steward.run("lint", "--strict", str(path)).returncode == 9
    assert steward.run("lint", "--strict", "--ignore", "W902", str(path)).returncode == 0
