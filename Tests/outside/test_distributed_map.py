"""A distributed Map from a CSV in S3 to result files in S3, through the built daemon and moto."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from steward import AWS, Steward

MACHINE = """
StartAt: Each
States:
  Each:
    Type: Map
    Label: people
    ItemReader:
      Resource: arn:aws:states:::s3:getObject
      ReaderConfig: {InputType: CSV, CSVHeaderLocation: FIRST_ROW}
      Parameters: {Bucket.$: $.bucket, Key: people.csv}
    ItemProcessor:
      ProcessorConfig: {Mode: DISTRIBUTED, ExecutionType: STANDARD}
      StartAt: Greet
      States:
        Greet:
          Type: Pass
          Parameters: {greeting.$: "States.Format('Hello {}', $.name)"}
          End: true
    ResultWriter:
      Resource: arn:aws:states:::s3:putObject
      Parameters: {Bucket.$: $.bucket, Prefix: runs}
    End: true
"""


def test_a_map_reads_its_items_from_s3_and_writes_its_results_there(
    aws: AWS, tmp_path: Path, make_steward: Callable[..., Steward]
) -> None:
    s3: Any = aws.client("s3")
    s3.create_bucket(Bucket="maps")
    s3.put_object(Bucket="maps", Key="people.csv", Body='name,age\nAna,33\n"Li, Wei",\n')
    machines = tmp_path / "machines"
    machines.mkdir()
    (machines / "people.asl.yaml").write_text(MACHINE)
    workflows = tmp_path / "workflows"
    workflows.mkdir()
    steward = make_steward(state_machines=machines, workflows=workflows).start()

    done = steward.run("run", "start", "people", "--wait", "-i", '{"bucket": "maps"}', "-o", "json")
    assert done.returncode == 0, done.stderr or done.stdout

    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket="maps", Prefix="runs/")["Contents"]]
    manifest_key = next(key for key in keys if key.endswith("/manifest.json"))
    manifest = json.load(s3.get_object(Bucket="maps", Key=manifest_key)["Body"])
    assert manifest["DestinationBucket"] == "maps"
    assert ":mapRun:people/people:" in manifest["MapRunArn"]
    assert manifest["ResultFiles"]["FAILED"] == manifest["ResultFiles"]["PENDING"] == []
    (file,) = manifest["ResultFiles"]["SUCCEEDED"]
    body = s3.get_object(Bucket="maps", Key=file["Key"])["Body"].read()
    assert file["Size"] == len(body)
    assert [json.loads(result["Output"]) for result in json.loads(body)] == [
        {"greeting": "Hello Ana"},
        {"greeting": "Hello Li, Wei"},
    ]

    missing = steward.run("run", "start", "people", "--wait", "-i", '{"bucket": "no-such-maps"}', "-o", "json")
    assert "The specified bucket does not exist" in missing.stdout + missing.stderr
