"""The Step Functions cases recorded from AWS, through the wire API: the runner calls the functions,
moto (with what AWS adds) is everything else."""

from __future__ import annotations

import fnmatch
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from one_endpoint import OneEndpoint
from steward import AWS, ROOT, Steward, free_port
from test_conformance import SUITES

RUNNER = SUITES / "api" / "run_conformance.py"
ACCOUNT = "123456789012"

pytestmark = pytest.mark.skipif(not RUNNER.is_file(), reason=f"no recorded API cases in {SUITES}")


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """The endpoint of everything, and the port on which the runner shall serve Lambda."""
    folder = tmp_path_factory.mktemp("cases")
    aws = AWS(folder, like_aws=True, MOTO_ACCOUNT_ID=ACCOUNT)
    port = free_port()
    daemon = Steward(folder / "steward", aws.endpoint, {"account": ACCOUNT})
    daemon.start(AWS_ENDPOINT_URL_LAMBDA=f"http://127.0.0.1:{port}")
    endpoint = OneEndpoint(daemon.url, aws.endpoint)
    yield endpoint.url, port
    endpoint.stop()
    daemon.kill()
    aws.stop()


def explained() -> set[str]:
    """The ids, or patterns of them, in the document's table of cases that do not match."""
    text = (ROOT / "docs" / "conformance.md").read_text()
    return set(re.findall(r"`([^`\s]+/[^`\s]+)`", text))


@pytest.mark.parametrize(("tier", "floor"), [("core", 346), ("lambda", 50), ("aws", 41)])
def test_what_aws_recorded(cloud: tuple[str, int], tmp_path: Path, tier: str, floor: int) -> None:
    endpoint, port = cloud
    report = tmp_path / "report.json"
    result = subprocess.run(
        [
            sys.executable, str(RUNNER), "--endpoint", endpoint, "--cases", str(RUNNER.parent), "--tier", tier,
            "--lambdas", f"serve:{port}", "--out", str(report),
        ], capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert report.is_file(), result.stdout[-2000:] + result.stderr[-2000:]
    results = json.loads(report.read_text())["results"]
    missed = {case["id"]: case.get("diffs", case.get("abort")) for case in results if not case["full"]}
    assert len(results) - len(missed) >= floor, json.dumps(missed)[:4000]
    patterns = explained()
    unexplained = [case for case in missed if not any(fnmatch.fnmatch(case, pattern) for pattern in patterns)]
    assert unexplained == [], "a mismatch that docs/conformance.md does not explain"
