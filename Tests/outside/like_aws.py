"""moto, with what AWS does and moto leaves out, as far as the conformance cases look at it.

`python like_aws.py PORT` serves it. What is added to moto, and where AWS says so:

- S3 encrypts every object (`x-amz-server-side-encryption: AES256`), has a checksum over the whole of every object, and
  signs its answers with `x-amz-id-2` (S3 user guide, "Default encryption", "Checking object integrity").
- EventBridge takes events whose `Detail` is a JSON object, and reports others by entry (`PutEvents`).
- Secrets Manager takes names of letters, digits and `/_+=.@!-` (`CreateSecret`).
- SNS says "Topic does not exist" of a topic that is not there (`Publish`).
"""

from __future__ import annotations

import io
import json
import re
import sys
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, run_simple

Headers = list[tuple[str, str]]
Answer = tuple[str, Headers, bytes]


class LikeAWS:
    """A WSGI application around moto's."""

    def __init__(self, moto: Callable[..., Iterable[bytes]]):
        self.moto = moto

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        scope = environ.get("HTTP_AUTHORIZATION", "")
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        if target == "AWSEvents.PutEvents":
            status, headers, content = self.put_events(environ, json.loads(body))
        elif target == "secretsmanager.CreateSecret" and not re.fullmatch(
            r"[A-Za-z0-9/_+=.@!-]+", json.loads(body).get("Name", "")
        ):
            message = (
                "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: "
                "-/_+=.@!"
            )
            status, headers, content = self.refusal("ValidationException", message)
        else:
            status, headers, content = self.ask(environ, body)
        if "/s3/aws4_request" in scope:
            headers += self.s3_headers(environ, status, headers)
        elif "/sns/aws4_request" in scope and b"Action=Publish" in body:
            content = content.replace(b"Endpoint does not exist", b"Topic does not exist")
        headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
        if environ["REQUEST_METHOD"] != "HEAD":
            headers.append(("Content-Length", str(len(content))))
        start_response(status, headers)
        return [content]

    def ask(self, environ: dict[str, Any], body: bytes) -> Answer:
        """What moto answers."""
        told: list[Any] = []
        parts = self.moto(
            environ | {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))},
            lambda status, headers, *_: told.extend([status, list(headers)]),
        )
        content = b"".join(parts)
        return told[0], told[1], content

    def put_events(self, environ: dict[str, Any], request: dict[str, Any]) -> Answer:
        def is_object(entry: dict[str, Any]) -> bool:
            try:
                return isinstance(json.loads(entry.get("Detail", "")), dict)
            except ValueError:
                return False

        entries = request.get("Entries", [])
        sound = [entry for entry in entries if is_object(entry)]
        results = iter([])
        status, headers, content = "200 OK", [("Content-Type", "application/x-amz-json-1.1")], b""
        if sound:
            status, headers, content = self.ask(environ, json.dumps(request | {"Entries": sound}).encode())
            if not status.startswith("200"):
                return status, headers, content
            results = iter(json.loads(content)["Entries"])
        malformed = {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
        merged = [next(results) if is_object(entry) else malformed for entry in entries]
        failed = sum("ErrorCode" in result for result in merged)
        return status, headers, json.dumps({"FailedEntryCount": failed, "Entries": merged}).encode()

    @staticmethod
    def refusal(code: str, message: str) -> Answer:
        headers = [("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", str(uuid.uuid4()))]
        return "400 Bad Request", headers, json.dumps({"__type": code, "message": message}).encode()

    @staticmethod
    def s3_headers(environ: dict[str, Any], status: str, headers: Headers) -> Headers:
        present = {name.lower() for name, _ in headers}
        added = {"x-amz-id-2": "bW90bw=="}
        is_object = environ["PATH_INFO"].strip("/").count("/") > 0 and environ["REQUEST_METHOD"] in ("GET", "HEAD", "PUT")
        if is_object and status.startswith("20"):
            added["x-amz-server-side-encryption"] = "AES256"
            if environ["REQUEST_METHOD"] == "PUT" or environ.get("HTTP_X_AMZ_CHECKSUM_MODE") == "ENABLED":
                added["x-amz-checksum-type"] = "FULL_OBJECT"
        return [(name, value) for name, value in added.items() if name not in present]


class Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *arguments: Any) -> None:
        pass


def main() -> None:
    application = LikeAWS(DomainDispatcherApplication(create_backend_app))
    run_simple("127.0.0.1", int(sys.argv[1]), application, threaded=True, request_handler=Quiet)


if __name__ == "__main__":
    main()
