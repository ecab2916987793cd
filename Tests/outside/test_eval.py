"""workflowctl eval: an answer for every line, at once, whatever the line is; and results for people."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from steward import BUILD

PASS = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": 1, "End": True}}}


class Lines:
    """`eval --stdin`, asked one line at a time: a test hangs when an answer is not flushed."""

    def __init__(self, language: str) -> None:
        command = [str(BUILD / "workflowctl"), "eval", "--language", language, "--stdin"]
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def ask(self, request: dict[str, Any] | bytes) -> dict[str, Any]:
        line = request if isinstance(request, bytes) else json.dumps(request).encode()
        self.child.stdin.write(line + b"\n")
        self.child.stdin.flush()
        return json.loads(self.child.stdout.readline())

    def end(self) -> int:
        self.child.stdin.close()
        return self.child.wait(20)


@pytest.fixture(params=["jsonata", "jsonpath", "asl"])
def any_language(request: pytest.FixtureRequest) -> Iterator[Lines]:
    lines = Lines(request.param)
    yield lines
    lines.child.kill()
    lines.child.wait()


@pytest.fixture
def jsonata() -> Iterator[Lines]:
    lines = Lines("jsonata")
    yield lines
    lines.child.kill()
    lines.child.wait()


@pytest.fixture
def asl() -> Iterator[Lines]:
    lines = Lines("asl")
    yield lines
    lines.child.kill()
    lines.child.wait()


def ctl(*words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([str(BUILD / "workflowctl"), "eval", *words], input=stdin, capture_output=True, timeout=60)


@pytest.mark.parametrize(
    ("line", "answers_to"),
    [
        (b"garbage", None),
        (b"\xff\xfe\x00", None),
        (b"[1, 2]", None),
        (b"17", None),
        (b'{"id": "t", "expr": "1"', "t"),
        (b'{"id": 5, "data": ' + b"[" * 100_000, 5),
        (b'{"id": "big", "expr": "' + b"x" * (17 << 20) + b'"}', "big"),
        (b'{"id": "none"}', "none"),
        (b'{"id": "number", "expr": 5, "definition": 5}', "number"),
        (b'{"id": "limit", "expr": "$", "definition": {}, "timelimit": "soon"}', "limit"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_line_that_is_no_request_gets_an_error(any_language: Lines, line: bytes, answers_to: Any) -> None:
    answer = any_language.ask(line)
    assert answer["id"] == answers_to
    assert answer["error"]["code"] in ("InvalidRequest", "RequestTooLarge") and answer["error"]["message"]
    good = {"id": "after", "expr": "$", "data": 1, "definition": PASS}
    answer = any_language.ask(good)
    assert (answer["id"], answer.get("result", answer.get("output"))) == ("after", 1)
    assert any_language.end() == 0


def test_blank_lines_are_no_requests_and_the_last_line_needs_no_end(tmp_path: Path) -> None:
    result = ctl("--language", "jsonata", "--stdin", stdin=b'\n  \n{"id": 1, "expr": "1"}\n\r\n{"id": 2, "expr": "2"}')
    assert [json.loads(line)["result"] for line in result.stdout.splitlines()] == [1, 2]


def test_jsonata_answers(jsonata: Lines) -> None:
    assert jsonata.ask({"id": 1, "expr": "a + $b", "data": {"a": 1}, "bindings": {"b": 2}}) == {"id": 1, "result": 3}
    assert jsonata.ask({"id": 2, "expr": "a", "data": {}}) == {"id": 2, "undefined": True}
    assert jsonata.ask({"id": 3, "expr": "null"}) == {"id": 3, "result": None}
    syntax = jsonata.ask({"id": 4, "expr": "1 +"})["error"]
    assert syntax["code"] == "S0207" and syntax["message"] and syntax["position"]
    assert jsonata.ask({"id": 5, "expr": '"a" + 1'})["error"]["code"] == "T2001"


@pytest.mark.parametrize(
    "more",
    [
        {"expr": "($f := function($n) {$f($n)}; $f(1))", "timelimit": 200},
        {"expr": "($f := function($n) {$f($n) + 1}; $f(1))", "depth": 50},
        {"expr": "$match('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', /(a+)+$/)", "timelimit": 200},
        {"expr": "($f := function($n) {$f($n) + 1}; $f(1))"},
    ],
    ids=lambda more: str(more)[:60],
)
def test_hostile_expressions_end(jsonata: Lines, more: dict[str, Any]) -> None:
    assert jsonata.ask({"id": 1} | more)["error"]["code"] == "U1001"
    assert jsonata.ask({"id": 2, "expr": "1"})["result"] == 1


def test_jsonpath_answers() -> None:
    lines = Lines("jsonpath")
    data = {"a": [{"b": 1}, {"b": 2}]}
    assert lines.ask({"id": 1, "expr": "$.a[1].b", "data": data}) == {"id": 1, "result": 2}
    assert lines.ask({"id": 2, "expr": "$.a[*].b", "data": data}) == {"id": 2, "result": [1, 2]}
    assert lines.ask({"id": 3, "expr": "$.a[*].c", "data": data}) == {"id": 3, "result": []}
    assert lines.ask({"id": 4, "expr": "$.c", "data": data})["error"]["code"] == "PathNotFound"
    assert lines.ask({"id": 5, "expr": "$.a[", "data": data})["error"]["code"] == "InvalidPath"
    assert lines.ask({"id": 6, "expr": "$x.y", "bindings": {"x": {"y": 7}}})["result"] == 7
    call = {"id": 7, "expr": "States.Format('{}!', $.a[0].b)", "data": data}
    assert lines.ask(call)["result"] == "1!"
    assert lines.ask({"id": 8, "expr": "States.Nothing()"})["error"]["code"] == "InvalidPath"
    assert lines.end() == 0


def test_state_machines_run_in_virtual_time(asl: Lines) -> None:
    wait = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 86400, "End": True}}}
    assert asl.ask({"id": 1, "definition": wait, "input": {"x": 1}}) == {
        "id": 1, "status": "SUCCEEDED", "output": {"x": 1},
    }  # fmt: skip
    assert asl.ask({"id": 2, "definition": "StartAt: S\nStates: {S: {Type: Succeed}}"})["output"] == {}
    fail = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E", "Cause": "c"}}}
    assert asl.ask({"id": 3, "definition": fail}) == {"id": 3, "status": "FAILED", "error": "E", "cause": "c"}
    assert asl.ask({"id": 4, "definition": wait | {"TimeoutSeconds": 5}}) == {
        "id": 4, "status": "TIMED_OUT", "error": "States.Timeout",
    }  # fmt: skip
    invalid = asl.ask({"id": 5, "definition": {"StartAt": "X", "States": {"A": {"Type": "Pass", "End": True}}}})
    assert invalid["status"] == "INVALID" and {"code", "severity", "message", "pointer"} <= set(invalid["diagnostics"][0])
    task = {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "activity:x", "End": True}}}
    assert asl.ask({"id": 6, "definition": task})["status"] == "STUCK"


def test_a_state_machine_that_takes_too_long_is_given_up(asl: Lines) -> None:
    slow = {
        "QueryLanguage": "JSONata",
        "StartAt": "A",
        "States": {
            "A": {"Type": "Pass", "Output": "{% $sum([1..1000000]) %}", "Next": "B"},
            "B": {"Type": "Choice", "Choices": [{"Condition": "{% $states.input = 0 %}", "Next": "C"}], "Default": "A"},
            "C": {"Type": "Succeed"},
        },
    }
    assert asl.ask({"id": 1, "definition": slow, "timelimit": 100})["error"]["code"] == "TimeLimit"
    assert asl.ask({"id": 2, "definition": PASS})["output"] == 1


@pytest.mark.parametrize(
    ("words", "code", "out", "error"),
    [
        (["--language", "jsonata", "$sum(n)", "--data", '{"n": [1, 2]}'], 0, "3\n", ""),
        (["--language", "jsonata", "{% $a & 'b' %}", "--bindings", '{"a": "x"}'], 0, '"xb"\n', ""),
        (["--language", "jsonata", "a", "--data", "{}"], 0, "", "undefined\n"),
        (["--language", "jsonata", "1 +"], 1, "", "S0207"),
        (["--language", "jsonata", "a", "--data", "{"], 2, "", "invalid JSON"),
        (["--language", "jsonata", "a", "--data", "/nonexistent"], 1, "", "no such file"),
        (["--language", "jsonpath", "$.a", "--data", '{"a": [1]}'], 0, "[\n  1\n]\n", ""),
        (["--language", "jsonpath", "$.b", "--data", '{"a": [1]}'], 1, "", "leads nowhere"),
        (["--language", "jsonata"], 2, "", "Give an expression"),
        (["--language", "jsonata", "1", "--stdin"], 2, "", "--stdin"),
        (["--language", "sql", "1"], 2, "", "sql"),
        (["--language", "asl", "/nonexistent"], 1, "", "no such file"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_results_for_people(words: list[str], code: int, out: str, error: str) -> None:
    result = ctl(*words)
    assert (result.returncode, result.stdout.decode()) == (code, out)
    assert error in result.stderr.decode() and bool(error) == bool(result.stderr)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("StartAt: P\nStates: {P: {Type: Pass, End: true}}\n", 0),
        ("StartAt: F\nStates: {F: {Type: Fail, Error: Boom, Cause: it broke}}\n", 6),
        ("TimeoutSeconds: 1\nStartAt: W\nStates: {W: {Type: Wait, Seconds: 9, End: true}}\n", 7),
        ("StartAt: X\nStates: {P: {Type: Pass, End: true}}\n", 9),
    ],
)
def test_a_state_machine_from_a_file(tmp_path: Path, text: str, code: int) -> None:
    path = tmp_path / "m.asl.yaml"
    path.write_text(text)
    result = ctl("--language", "asl", str(path), "--data", "-", stdin=b'{"x": 1}')
    assert result.returncode == code
    assert json.loads(result.stdout) == {"x": 1} if code == 0 else not result.stdout and result.stderr
