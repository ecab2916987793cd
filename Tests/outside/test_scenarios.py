"""`workflowctl test`: scenario files that are wrong are refused with their place, and programs get that as JSON."""

import json
import re
from pathlib import Path

import pytest

from steward import ROOT, Steward

MACHINE = """
StartAt: Charge
States:
  Charge:
    Type: Task
    Resource: activity:charge
    Catch: [{ErrorEquals: [States.ALL], Next: Tell}]
    Next: Done
  Tell: {Type: Pass, Next: Bad}
  Bad: {Type: Fail, Error: Nope}
  Done: {Type: Succeed}
"""
# All of this once passed, though the state machine succeeds, sends no notice and never comes to Tell.
FALSE = """
scenarios:
  - name: false
    mocks: {Charge: {return: 1}}
    expect:
      status: [FAILED]
      path: Bad
      calls: {state: Tell}
      notices: {kind: suspended}
  - name: empty
    mocks: {Charge: {return: 1}}
    expect: {status: }
  - name: misspelt
    mocks: {activity:chrage: {return: 1}, Charge: [{return: 1}, {retrun: 1, return: 1}]}
    expect: {calls: [{stat: Tell, inptu: {a: 1}}], output: {$any: false}}
"""
PLACES = [(3, 11), (6, 15), (7, 13), (8, 14), (9, 16), (12, 14), (14, 13), (14, 66), (15, 23), (15, 35), (15, 67)]


@pytest.fixture
def scenarios(tmp_path: Path) -> Path:
    (tmp_path / "order.asl.yaml").write_text(MACHINE)
    path = tmp_path / "order.test.yaml"
    path.write_text(FALSE)
    return path


def test_false_expectations_are_refused_at_their_places(scenarios: Path, steward: Steward) -> None:
    result = steward.run("test", str(scenarios))
    assert result.returncode == 9 and "passed" not in result.stdout
    places = re.findall(re.escape(str(scenarios)) + r":(\d+):(\d+): error: .* \[T101\]", result.stderr)
    assert [(int(line), int(column)) for line, column in places] == PLACES, result.stderr
    assert result.stderr.count("hint:") == len(PLACES)


def test_programs_get_the_findings(scenarios: Path, steward: Steward) -> None:
    good = str(ROOT / "state-machines" / "reprice.test.yaml")
    result = steward.run("test", "--format", "json", str(scenarios), good)
    assert result.returncode == 9 and result.stderr == ""
    wrong, right = json.loads(result.stdout)
    assert (wrong["file"], wrong["valid"], wrong["scenarios"]) == (str(scenarios), False, [])
    assert [(finding["line"], finding["column"]) for finding in wrong["diagnostics"]] == PLACES
    assert all(finding["code"] == "T101" and finding["message"] and finding["hint"] for finding in wrong["diagnostics"])
    assert right["valid"] and right["diagnostics"] == [] and right["coverage"] == {"percent": 100, "missed": []}
    linted = json.loads(steward.run("lint", "--format", "json", str(scenarios)).stdout)
    assert linted["diagnostics"] == wrong["diagnostics"]


def test_a_failure_has_its_place_for_programs(scenarios: Path, steward: Steward) -> None:
    scenarios.write_text("scenarios:\n  - name: n\n    mocks: {Charge: {return: 1}}\n    expect: {status: FAILED}\n")
    result = steward.run("test", "--format", "json", str(scenarios))
    assert result.returncode == 9
    (failure,) = json.loads(result.stdout)[0]["scenarios"][0]["failures"]
    assert failure == {"what": "status", "difference": ["- FAILED", "+ SUCCEEDED"], "line": 4, "column": 14}


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("stateMachine: gone.asl.yaml\nscenarios: []", "1:15", "no such file"),
        ("stateMachine: [a]\nscenarios: []", "1:15", "'stateMachine' is the name of a file"),
        ("defaults: {}", "1:1", "has 'scenarios'"),
        ("", "1:1", "empty"),
    ],
)
def test_the_file_as_a_whole(scenarios: Path, steward: Steward, text: str, place: str, words: str) -> None:
    scenarios.write_text(text)
    result = steward.run("test", str(scenarios))
    assert result.returncode == 9
    assert f"{scenarios}:{place}: error: " in result.stderr and words in result.stderr, result.stderr


def test_a_file_that_cannot_be_read_does_not_stop_the_others(scenarios: Path, steward: Steward) -> None:
    good = str(ROOT / "state-machines" / "reprice.test.yaml")
    gone = str(scenarios.parent / "gone.test.yaml")
    text = steward.run("test", gone, good)
    assert text.returncode == 1 and "no such file" in text.stderr and "3 passed" in text.stdout
    result = steward.run("test", "--format", "json", gone, good)
    assert result.returncode == 1 and result.stderr == ""
    assert [report["valid"] for report in json.loads(result.stdout)] == [False, True]


def test_the_example_of_the_documentation_passes(tmp_path: Path, steward: Steward) -> None:
    document = (ROOT / "docs" / "testing.md").read_text()
    (example,) = re.findall(r"```yaml\n(stateMachine: .*?)```", document, re.DOTALL)
    (tmp_path / "order.asl.yaml").write_text(
        """
StartAt: Charge
States:
  Charge:
    Type: Task
    Resource: activity:charge
    TimeoutSeconds: 60
    Retry: [{ErrorEquals: [Declined], MaxAttempts: 2}]
    Catch: [{ErrorEquals: [States.ALL], Next: Tell}]
    End: true
  Tell: {Type: Task, Resource: activity:send-notice, Parameters: {kind: declined}, Next: NotCharged}
  NotCharged: {Type: Fail, Error: Declined}
"""
    )
    path = tmp_path / "example.test.yaml"
    path.write_text(example)
    result = steward.run("test", str(path))
    assert result.returncode == 0 and "1 passed" in result.stdout, result.stdout + result.stderr
