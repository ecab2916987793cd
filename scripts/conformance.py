"""Runs the public conformance suites against the built `workflowctl`, and prints one table.

The suites are not part of the project: `STEWARD_CONFORMANCE` names their folder (default ../shared/conformance). Without
them there is nothing to do, and this says so. Writes bench-data/conformance.json; with --write-docs also the table in
docs/conformance.md. Ends with 1 when a score is below its floor, or when a case does not match and docs/conformance.md
does not say why.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SUITES = Path(os.environ.get("STEWARD_CONFORMANCE", ROOT.parent / "shared" / "conformance")).resolve()
BUILD = Path(os.environ.get("STEWARD_BUILD", ROOT / ".build" / "debug"))
DOCUMENT = ROOT / "docs" / "conformance.md"
REPORT = ROOT / "bench-data" / "conformance.json"
BEGIN, END = "<!-- scores: written by make conformance -->", "<!-- scores: end -->"


@dataclass
class Score:
    family: str
    passed: int
    total: int
    #: Per cent that may not be fallen short of.
    floor: float
    #: What the suites' README says of others, measured on the open and the sealed cases together.
    peers: str
    failing: list[str] = field(default_factory=list)

    @property
    def percent(self) -> float:
        return 100.0 * self.passed / max(1, self.total)

    @property
    def is_low(self) -> bool:
        return self.total == 0 or self.percent < self.floor


def run(scorer: str, *arguments: str) -> str:
    command = [sys.executable, str(SUITES / "scorers" / scorer), *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"{scorer} failed: {result.stderr.strip()}")
    return result.stdout


def workflowctl(*words: str) -> str:
    return shlex.join([str(BUILD / "workflowctl"), *words])


def state_machines() -> Iterator[Score]:
    sys.path.insert(0, str(SUITES / "scorers"))
    from score_exec import judge  # noqa: PLC0415 - it comes with the suites

    cases = [json.loads(line) for line in (SUITES / "asl-exec/cases.jsonl").read_text().splitlines()]
    with tempfile.NamedTemporaryFile("r", suffix=".jsonl") as answers:
        command = workflowctl("eval", "--language", "asl", "--stdin")
        run("score_exec.py", str(SUITES / "asl-exec/cases.jsonl"), "--cmd", command, "--save", answers.name)
        given = {answer["id"]: answer for answer in map(json.loads, answers)}
    peers = {"JSONPath": "moto 5.2.1: 629 of 645 (lenient)", "JSONata": "moto 5.2.1: 11 of 110 (lenient)"}
    for language, others in peers.items():
        own = [case for case in cases if case["query_language"] == language]
        failing = [case["id"] for case in own if not judge(case, given.get(case["id"], {}))[1]]
        yield Score(f"asl-exec, {language}, with causes", len(own) - len(failing), len(own), 100, others, failing)


def jsonata() -> Iterator[Score]:
    peers = {
        "core": "jsonata-js 2.2.2: 100 %; jsonata-python 0.7.1: 96.4 % (1,620 cases)",
        "aws206": "",
    }
    for target, others in peers.items():
        answer = json.loads(
            run(
                "score_jsonata.py", str(SUITES / "jsonata/cases.jsonl"), "--target", target, "--json",
                "--cmd", workflowctl("eval", "--language", "jsonata", "--stdin"),
            )
        )  # fmt: skip
        floor = 100 if target == "core" else 99.7
        failing = [case.removesuffix(" (code)") for case in answer["failures"]]
        yield Score(f"jsonata, {target}, with codes", answer["strict"], answer["cases"], floor, others, failing)


def jsonpath() -> Iterator[Score]:
    peers = "python-jsonpath 2.2.2 / jsonpath-ng 1.16 / Jayway 2.0.0: 79 / 76 / 67 %"
    for name, file, more, floor, others in [
        ("Jayway's own", "jayway_cases.jsonl", [], 100, peers),
        ("RFC 9535, class plain", "cases.jsonl", ["--class", "plain"], 92.6, ""),
    ]:
        command = workflowctl("eval", "--language", "jsonpath", "--stdin")
        answer = json.loads(
            run("score_jsonpath.py", str(SUITES / "jsonpath" / file), *more, "--json", "--cmd", command)
        )
        yield Score(f"jsonpath, {name}", answer["ok"], answer["cases"], floor, others, answer["failures"])


def lint() -> Iterator[Score]:
    peers = "balanced: moto 76.8, asl-validator 64.5, cfn-lint 63.8, AWS's schema 60.1 %"
    for name, more in [("", []), (", as YAML", ["--as-yaml"])]:
        text = run(
            "score_lint.py", str(SUITES / "asl-validation/cases.jsonl"), *more, "--failures",
            "--cmd", workflowctl("lint", "--format", "json"),
        )  # fmt: skip
        tallies = {line[:28].strip(): json.loads(line[28:]) for line in text.splitlines() if "{" in line[28:30]}
        wrong = re.findall(r"^(?:FP|FN) (\w+) (\S+) \|", text, re.M)
        for verdicts, key, floor, others in [
            ("all verdicts", "all", 99.4, peers), ("AWS's verdicts", "trust=aws", 100, ""),
        ]:  # fmt: skip
            tally = tallies[key]
            failing = [case for trust, case in wrong if key == "all" or trust == "aws"]
            label = f"lint, {verdicts}{name}" + (f", balanced {tally['balanced']:.1f} %" if others else "")
            yield Score(label, tally["TP"] + tally["TN"], tally["n"], floor, others, failing)


def corpus() -> Iterator[Score]:
    peers = {
        "aws_accepted": "of 422: AWS's schema 420, moto 419, cfn-lint 410, asl-validator 407",
        "sample": "of 206: AWS's schema 204, asl-validator 187, cfn-lint 175, moto 156",
    }
    text = run(
        "score_lint.py", "--corpus", str(SUITES / "asl-corpus"), "--failures",
        "--cmd", workflowctl("lint", "--format", "json"),
    )  # fmt: skip
    tiers = json.loads(text.splitlines()[0])["by_tier"]
    index = {entry["file"]: entry for entry in map(json.loads, open(SUITES / "asl-corpus/index.jsonl"))}
    rejected = [line.split(" ", 1)[0] for line in text.splitlines()[1:]]
    for tier, others in peers.items():
        counts = [value.split("/") for name, value in tiers.items() if name in (tier, f"{tier} (suspect)")]
        passed, total = (sum(int(count[place]) for count in counts) for place in (0, 1))
        failing = [file for file in rejected if index[file]["tier"] == tier]
        yield Score(f"corpus, {tier}", passed, total, 100 if tier == "aws_accepted" else 98, others, failing)


def undocumented(scores: list[Score]) -> list[str]:
    """Cases that do not match and that the document does not explain."""
    text = DOCUMENT.read_text()
    return sorted({case for score in scores for case in score.failing if f"`{case}`" not in text})


def table(scores: list[Score]) -> str:
    lines = ["| suite | matches | | floor | others |", "| --- | --- | --- | --- | --- |"]
    lines += [
        f"| {score.family} | {score.passed} of {score.total} | {score.percent:.2f} % | {score.floor:g} % | {score.peers} |"
        for score in scores
    ]
    return "\n".join(lines)


def write_document(scores: list[Score], date: str) -> None:
    text = DOCUMENT.read_text()
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    DOCUMENT.write_text(f"{head}{BEGIN}\n\nMeasured on {date}.\n\n{table(scores)}\n\n{END}{tail}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write-docs", action="store_true", help="write the table into docs/conformance.md")
    parser.add_argument("--report", type=Path, default=REPORT, help="where the JSON goes (default bench-data/conformance.json)")
    options = parser.parse_args()
    if not (SUITES / "scorers").is_dir():
        print(f"conformance: skipped, there are no suites in {SUITES}; set STEWARD_CONFORMANCE")
        return 0
    scores: list[Score] = []
    for family in (state_machines, jsonata, jsonpath, lint, corpus):
        for score in family():
            scores.append(score)
            print(f"{score.passed:>4} of {score.total:<4} {score.percent:6.2f} %  {score.family}", flush=True)
    date = datetime.date.today().isoformat()
    options.report.parent.mkdir(exist_ok=True)
    options.report.write_text(json.dumps({"date": date, "scores": [asdict(score) for score in scores]}, indent=1) + "\n")
    print(f"\n{table(scores)}\n")
    if options.write_docs:
        write_document(scores, date)
    low = [score for score in scores if score.is_low]
    for score in low:
        print(f"below the floor: {score.family}: {score.percent:.2f} % < {score.floor:g} %: {' '.join(score.failing[:10])}")
    unexplained = undocumented(scores)
    for case in unexplained:
        print(f"does not match, and docs/conformance.md does not say why: {case}")
    return 1 if low or unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
