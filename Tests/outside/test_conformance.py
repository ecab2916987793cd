"""`make conformance`: scores, floors, and what it says when something is missing."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from steward import BUILD, ROOT

SCRIPT = ROOT / "scripts" / "conformance.py"
SUITES = Path(os.environ.get("STEWARD_CONFORMANCE", ROOT.parent / "shared" / "conformance"))
needs_suites = pytest.mark.skipif(not (SUITES / "scorers").is_dir(), reason=f"no conformance suites in {SUITES}")

# Refuses every expression and takes every definition.
STUB = """#!{python}
import json, sys
if sys.argv[1] == "lint":
    print(json.dumps({{"files": [{{"file": path, "valid": True}} for path in sys.argv[4:]]}}))
else:
    for line in sys.stdin:
        print(json.dumps({{"id": json.loads(line)["id"], "error": {{"code": "X", "message": "no"}}}}), flush=True)
"""


def run(report: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), "--report", str(report)], capture_output=True, text=True, timeout=540,
        env=os.environ | {"STEWARD_BUILD": str(BUILD)} | environment,
    )  # fmt: skip


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("conformance", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["conformance"] = module
    spec.loader.exec_module(module)
    return module


def test_without_the_suites_it_says_so(tmp_path: Path) -> None:
    result = run(tmp_path / "report.json", STEWARD_CONFORMANCE=str(tmp_path / "nothing"))
    assert result.returncode == 0 and "skipped" in result.stdout and "STEWARD_CONFORMANCE" in result.stdout


@needs_suites
def test_the_floors_hold_and_every_mismatch_is_explained(tmp_path: Path) -> None:
    result = run(tmp_path / "report.json", STEWARD_CONFORMANCE=str(SUITES))
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-2000:]
    report = json.loads((tmp_path / "report.json").read_text())
    families = {score["family"].split(",")[0] for score in report["scores"]}
    assert families == {"asl-exec", "jsonata", "jsonpath", "lint", "corpus"}
    assert all(score["total"] > 0 for score in report["scores"])


@needs_suites
def test_a_bad_program_falls_below_the_floors(tmp_path: Path) -> None:
    stub = tmp_path / "workflowctl"
    stub.write_text(STUB.format(python=sys.executable))
    stub.chmod(0o755)
    result = run(tmp_path / "report.json", STEWARD_CONFORMANCE=str(SUITES), STEWARD_BUILD=str(tmp_path))
    assert result.returncode == 1
    for family in ("asl-exec, JSONPath", "jsonata, core", "jsonpath, Jayway's own", "lint, all verdicts"):
        assert f"below the floor: {family}" in result.stdout
    assert "below the floor: corpus, aws_accepted" not in result.stdout, "the stub accepts everything"


def test_a_mismatch_without_an_explanation_is_found(script: ModuleType) -> None:
    score = script.Score("family", 1, 2, 50, "", ["jsonata/nowhere#1"])
    assert not score.is_low
    assert script.undocumented([score]) == ["jsonata/nowhere#1"]
    score.failing = ["wildcards/case010#0"]
    assert script.undocumented([score]) == []


def test_the_document_has_a_row_for_every_family(script: ModuleType) -> None:
    text = script.DOCUMENT.read_text()
    scores = text.split(script.BEGIN)[1].split(script.END)[0]
    for family in ("asl-exec, JSONPath", "asl-exec, JSONata", "jsonata, core", "jsonata, aws206", "jsonpath, Jayway",
                   "jsonpath, RFC 9535", "lint, all", "lint, AWS", "corpus, aws_accepted", "corpus, sample"):  # fmt: skip
        assert f"| {family}" in scores
