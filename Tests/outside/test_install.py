"""What `make install` puts down runs by itself, outside of the repository."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from steward import AWS, BUILD, ROOT, Process, Steward, until


@pytest.fixture(scope="module")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    prefix = tmp_path_factory.mktemp("install") / "usr"
    # Without its first part: what is installed is what is tested.
    command = ["make", "-o", "release", "install", f"PREFIX={prefix}", f"BUILT={BUILD}"]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert made.returncode == 0, made.stdout + made.stderr
    return prefix


def test_an_installed_daemon_has_its_definitions(prefix: Path, aws: AWS, tmp_path: Path) -> None:
    steward = Steward(tmp_path / "steward", aws.endpoint)
    # As a link to it is called, from a folder with nothing in it.
    (tmp_path / "here").mkdir()
    (tmp_path / "workflowd").symlink_to(prefix / "bin/workflowd")
    command = [
        str(tmp_path / "workflowd"), "serve", "--data", str(steward.data), "--listen", f"127.0.0.1:{steward.port}",
        "--authentication", "off",
    ]  # fmt: skip
    steward.process = Process(
        "workflowd", command, steward.directory / "workflowd.log", steward.environment, cwd=tmp_path / "here"
    )
    until("workflowd answers on /health", steward.healthy, 60)
    machines = {machine["name"] for machine in steward.ctl("machine", "list")["stateMachines"]}
    assert {file.name.split(".")[0] for file in (ROOT / "state-machines").glob("*.asl.yaml")} <= machines
    assert steward.ctl("status")["health"] == "ok"
    assert steward.stop() == 0


def test_the_unit_runs_what_was_installed(prefix: Path) -> None:
    unit = prefix / "share/steward/workflowd.service"
    starts = [line.split("=", 1)[1] for line in unit.read_text().splitlines() if line.startswith("ExecStart=")]
    assert [start.split()[:2] for start in starts] == [[str(prefix / "bin/workflowd"), "serve"]]
    options = [word for word in starts[0].split() if word.startswith("--")]
    usage = subprocess.run([prefix / "bin/workflowd", "serve", "--help"], capture_output=True, text=True).stdout
    assert options and all(option in usage for option in options)
    if analyze := shutil.which("systemd-analyze"):
        verified = subprocess.run([analyze, "verify", str(unit)], capture_output=True, text=True)
        assert verified.returncode == 0, verified.stderr
    for shell in ("bash", "zsh", "fish"):
        assert (prefix / f"share/steward/workflowctl.{shell}").stat().st_size > 1000
