"""Distributed Maps on the built daemon: items from moto's S3, results to it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from steward import AWS, Steward, until

PASS = "{StartAt: P, ProcessorConfig: {Mode: DISTRIBUTED, ExecutionType: STANDARD}, States: {P: {Type: Pass, End: true}}}"


@pytest.fixture(scope="module")
def s3(aws: AWS):
    client = aws.client("s3")
    client.create_bucket(Bucket="map-in")
    client.create_bucket(Bucket="map-out")
    return client


def run(make_steward, tmp_path: Path, fields: str, resource: str = "getObject", arguments: str = "{Bucket: map-in, Key.$: $.key}",
        config: str = "", given: dict | None = None) -> dict:
    """The execution of one Map, once it has ended."""
    machines, workflows = tmp_path / "machines", tmp_path / "workflows"
    machines.mkdir()
    workflows.mkdir()
    (machines / "each.asl.yaml").write_text(
        f"""
StartAt: Each
States:
  Each:
    Type: Map
    Label: each
    ItemReader:
      Resource: arn:aws:states:::s3:{resource}
      Parameters: {arguments}
      {config and 'ReaderConfig: ' + config}
    ItemProcessor: {PASS}
    {fields}
    End: true
""")  # fmt: skip
    steward: Steward = make_steward(state_machines=machines, workflows=workflows).start()
    steward.ctl("run", "start", "each", "--name", "one", "--input", json.dumps(given or {}))
    until("the run ends", lambda: any(run["stoppedAt"] for run in steward.runs(machine="each")))
    return steward.ctl("run", "get", "one")


def test_json_lines_are_batched(s3, make_steward, tmp_path: Path) -> None:
    s3.put_object(Bucket="map-in", Key="lines.jsonl", Body=b'{"n":1}\n{"n":2}\n\n{"n":3}\n')
    result = run(make_steward, tmp_path, "ItemBatcher: {MaxItemsPerBatch: 2}", config="{InputType: JSONL}", given={"key": "lines.jsonl"})
    assert result["status"] == "SUCCEEDED", result
    assert result["output"] == [{"Items": [{"n": 1}, {"n": 2}]}, {"Items": [{"n": 3}]}]


def test_csv_is_read_up_to_the_limit(s3, make_steward, tmp_path: Path) -> None:
    s3.put_object(Bucket="map-in", Key="rows.csv", Body=b"a,b\n1,2\n3\n5,6\n")
    result = run(make_steward, tmp_path, "", config="{InputType: CSV, CSVHeaderLocation: FIRST_ROW, MaxItems: 2}", given={"key": "rows.csv"})
    assert result["output"] == [{"a": "1", "b": "2"}, {"a": "3", "b": ""}]


def test_an_inventory_leads_to_its_files(s3, make_steward, tmp_path: Path) -> None:
    s3.put_object(Bucket="map-in", Key="inv/data.csv.gz", Body=gzip.compress(b'"b","one"\n"b","two"\n'))
    manifest = {"destinationBucket": "arn:aws:s3:::map-in", "fileFormat": "CSV", "fileSchema": "Bucket, Key", "files": [{"key": "inv/data.csv.gz"}]}
    s3.put_object(Bucket="map-in", Key="inv/manifest.json", Body=json.dumps(manifest).encode())
    result = run(make_steward, tmp_path, "", config="{InputType: MANIFEST}", given={"key": "inv/manifest.json"})
    assert result["output"] == [{"Bucket": "b", "Key": "one"}, {"Bucket": "b", "Key": "two"}]


def test_what_a_prefix_lists_is_items_over_all_pages(s3, make_steward, tmp_path: Path) -> None:
    for number in range(5):
        s3.put_object(Bucket="map-in", Key=f"list/{number}", Body=b"x" * number)
    result = run(make_steward, tmp_path, "ItemSelector: {k.$: $$.Map.Item.Value.Key, s.$: $$.Map.Item.Value.Size}",
                 resource="listObjectsV2", arguments="{Bucket: map-in, Prefix: list/, MaxKeys: 2}")  # fmt: skip
    assert result["output"] == [{"k": f"list/{number}", "s": number} for number in range(5)]


def test_results_are_written_with_a_manifest(s3, make_steward, tmp_path: Path) -> None:
    s3.put_object(Bucket="map-in", Key="two.json", Body=b"[10, 20]")
    writer = "ResultWriter: {Resource: 'arn:aws:states:::s3:putObject', Parameters: {Bucket: map-out, Prefix: runs}}"
    result = run(make_steward, tmp_path, writer, config="{InputType: JSON}", given={"key": "two.json"})
    details = result["output"]["ResultWriterDetails"]
    manifest = json.loads(s3.get_object(Bucket=details["Bucket"], Key=details["Key"])["Body"].read())
    assert manifest["MapRunArn"] == result["output"]["MapRunArn"] and ":mapRun:each/each:" in manifest["MapRunArn"]
    (file,) = manifest["ResultFiles"]["SUCCEEDED"]
    written = json.loads(s3.get_object(Bucket="map-out", Key=file["Key"])["Body"].read())
    assert [(entry["Input"], entry["Output"], entry["Status"]) for entry in written] == [
        ("10", "10", "SUCCEEDED"), ("20", "20", "SUCCEEDED"),
    ]  # fmt: skip


@pytest.mark.parametrize(("key", "words"), [("absent.json", "specified key does not exist"), ("broken.json", "no JSON at column 3")])
def test_what_cannot_be_read_fails_the_map_run(s3, make_steward, tmp_path: Path, key: str, words: str) -> None:
    s3.put_object(Bucket="map-in", Key="broken.json", Body=b"[1")
    result = run(make_steward, tmp_path, "", config="{InputType: JSON}", given={"key": key})
    assert (result["status"], result["error"]) == ("FAILED", "States.ItemReaderFailed")
    assert words in result["cause"]
