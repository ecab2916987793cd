#!/usr/bin/env python3
"""Writes Sources/AWSTasks/Integrations/SDKServices+Table.swift from the service models of the installed botocore.

What Step Functions shows of a service follows from its API model: which members are instants, bytes, maps or documents,
which names the AWS SDK for Java spells otherwise, and which errors have an exception of their own. Run it by hand, with
`.venv/bin/python scripts/aws_names.py`, when a service has new operations; the result is checked in.
"""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from pathlib import Path

import botocore.session

TARGET = Path(__file__).resolve().parents[1] / "Sources/AWSTasks/Integrations/SDKServices+Table.swift"

# The name in aws-sdk:NAME, the SDK's name, AWSClient's name, botocore's name.
SERVICES = [
    ("athena", "Athena", "athena", "athena"),
    ("cloudtrail", "CloudTrail", "cloudtrail", "cloudtrail"),
    ("cloudwatch", "CloudWatch", "monitoring", "cloudwatch"),
    ("cloudwatchlogs", "CloudWatchLogs", "logs", "logs"),
    ("codebuild", "CodeBuild", "codebuild", "codebuild"),
    ("costexplorer", "CostExplorer", "ce", "ce"),
    ("dynamodb", "DynamoDb", "dynamodb", "dynamodb"),
    ("ecs", "Ecs", "ecs", "ecs"),
    ("eventbridge", "EventBridge", "events", "events"),
    ("firehose", "Firehose", "firehose", "firehose"),
    ("glue", "Glue", "glue", "glue"),
    ("iam", "Iam", "iam", "iam"),
    ("kinesis", "Kinesis", "kinesis", "kinesis"),
    ("kms", "Kms", "kms", "kms"),
    ("lambda", "Lambda", "lambda", "lambda"),
    ("pricing", "Pricing", "pricing", "pricing"),
    ("resourcegroupstaggingapi", "ResourceGroupsTaggingApi", "tagging", "resourcegroupstaggingapi"),
    ("s3", "S3", "s3", "s3"),
    ("secretsmanager", "SecretsManager", "secretsmanager", "secretsmanager"),
    ("sns", "Sns", "sns", "sns"),
    ("sqs", "Sqs", "sqs", "sqs"),
    ("ssm", "Ssm", "ssm", "ssm"),
    ("sts", "Sts", "sts", "sts"),
]

# Texts in which a service takes a document: Step Functions writes the JSON of what stands there.
DOCUMENTS = {
    "cloudwatch": "DashboardBody",
    "cloudwatchlogs": "message policyDocument",
    "eventbridge": "Detail EventPattern Input",
    "iam": "AssumeRolePolicyDocument PolicyDocument",
    "kms": "Policy",
    "secretsmanager": "ResourcePolicy SecretString",
    "sns": "Message",
    "sqs": "MessageBody",
    "ssm": "Content Value",
}


# Bytes into which Step Functions writes the JSON of what stands there, and which it shows as text. All others are left in
# base64, as the services' JSON has them.
CONTENTS = {"firehose": "Data", "kinesis": "Data"}


def sdk_name(name: str) -> str:
    """The name of a member in the SDK for Java, with a capital: acronyms at its beginning are words (`DbInstance…`)."""
    end = 1
    while end < len(name) and name[end].isupper() and not (end + 1 < len(name) and name[end + 1].islower()):
        end += 1
    return name[0].upper() + name[1:end].lower() + name[end:]


def map_levels(shape) -> int:
    """How many levels below a member have keys that are data."""
    if shape.type_name == "list":
        return map_levels(shape.member)
    return 1 + map_levels(shape.value) if shape.type_name == "map" else 0


def structures(model):
    """Every structure that an operation's input or output reaches, errors left out."""
    seen, pending = set(), []
    for name in model.operation_names:
        operation = model.operation_model(name)
        pending += [shape for shape in (operation.input_shape, operation.output_shape) if shape]
    while pending:
        shape = pending.pop()
        if shape.name in seen:
            continue
        seen.add(shape.name)
        if shape.type_name == "structure":
            yield shape
            pending += shape.members.values()
        elif shape.type_name == "list":
            pending.append(shape.member)
        elif shape.type_name == "map":
            pending.append(shape.value)


def facts(name: str, botocore_name: str) -> dict[str, object]:
    model = botocore.session.get_session().get_service_model(botocore_name)
    kinds: dict[str, set[str]] = {}
    levels: dict[str, set[int]] = {}
    for shape in structures(model):
        for member, content in shape.members.items():
            inner = content
            while inner.type_name == "list":
                inner = inner.member
            kinds.setdefault(member, set()).add(inner.type_name)
            levels.setdefault(member, set()).add(map_levels(content))
    only = lambda kind: sorted(member for member, found in kinds.items() if found == {kind})  # noqa: E731
    is_lower = sum(member[0].islower() for member in kinds) * 2 > len(kinds)
    renamed = []
    for member in sorted(kinds):
        regular = member[0].lower() + member[1:] if is_lower else member[0].upper() + member[1:]
        if member != regular or sdk_name(member) != member[0].upper() + member[1:]:
            # Where both spellings exist, requests mean the regular one.
            renamed.append(member + "!" if sdk_name(member) in kinds else member)
    # A name that is a map here and a structure there is read as the structure: its names are the ones to translate.
    maps = [
        member if max(found) == 1 else f"{member}:{max(found)}"
        for member, found in sorted(levels.items())
        if max(found) > 0 and "structure" not in kinds[member]
    ]
    errors = set()
    for shape_name in model.shape_names:
        shape = model.shape_for(shape_name)
        if shape.metadata.get("exception"):
            code = shape.metadata.get("error", {}).get("code", shape_name)
            errors.add(re.sub("Exception$", "", code.split(".")[-1]))
            errors.add(re.sub("Exception$", "", shape_name))
    return {
        "isLowerCamel": is_lower,
        "renamed": renamed,
        "instants": only("timestamp"),
        "contents": CONTENTS.get(name, "").split(),
        "maps": maps,
        "documents": DOCUMENTS.get(name, "").split(),
        "errors": sorted(errors),
    }


def literal(names: list[str]) -> str:
    text = " ".join(names)
    if len(text) < 80:
        return f'"{text}"'
    lines = textwrap.wrap(text, 101, break_long_words=False, break_on_hyphens=False)
    return '"""\n' + " \\\n".join(" " * 16 + line for line in lines) + '\n                """'


def entry(name: str, title: str, client: str, botocore_name: str) -> str:
    found = facts(name, botocore_name)
    fields = [f'            name: "{name}", title: "{title}", client: "{client}"']
    if found["isLowerCamel"]:
        fields.append("            isLowerCamel: true")
    for field in ("renamed", "instants", "contents", "maps", "documents", "errors"):
        if found[field]:
            fields.append(f"            {field}: {literal(found[field])}")
    return "        SDKService(\n" + ",\n".join(fields) + ")"


def main() -> None:
    entries = ",\n".join(entry(*service) for service in SERVICES)
    TARGET.write_text(
        "// Written by scripts/aws_names.py from the services' API models. Change that, not this.\n\n"
        "extension SDKService {\n"
        "    static let all: [SDKService] = [\n" + entries + ",\n    ]\n}\n"
    )
    subprocess.run(["swift", "format", "--in-place", str(TARGET)], check=True, cwd=TARGET.parents[3])


if __name__ == "__main__":
    sys.exit(main())
