"""One endpoint for all of AWS: Step Functions goes to Steward, every other service to moto.

A client that knows a single `endpoint_url`, such as the runner of the conformance cases, sees one cloud. By hand:
`python one_endpoint.py --port 8000 --states http://127.0.0.1:8080 --others http://127.0.0.1:5000`.
"""

from __future__ import annotations

import argparse
import http.client
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# Headers that belong to one connection (RFC 9110, section 7.6.1), and what the next client writes by itself.
OF_THE_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "content-length"}
# GetActivityTask waits for a minute.
TIMEOUT = 90


class OneEndpoint:
    """Serves until `stop`."""

    def __init__(self, states: str, others: str, port: int = 0):
        self.states, self.others = (urllib.parse.urlsplit(url).netloc for url in (states, others))
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def forward(self) -> None:
                endpoint.forward(self)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_OPTIONS = forward  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self._thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def target(self, headers: http.client.HTTPMessage) -> str:
        """By `X-Amz-Target`, else by the service in the signature's scope."""
        target = headers.get("X-Amz-Target", "")
        scope = headers.get("Authorization", "")
        return self.states if target.startswith("AWSStepFunctions.") or "/states/aws4_request" in scope else self.others

    def forward(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        headers = {k: v for k, v in request.headers.items() if k.lower() not in OF_THE_CONNECTION}
        connection = http.client.HTTPConnection(self.target(request.headers), timeout=TIMEOUT)
        try:
            connection.request(request.command, request.path, body=body or None, headers=headers)
            answer = connection.getresponse()
            content = answer.read()
        except OSError as error:
            request.send_error(502, str(error))
            return
        finally:
            connection.close()
        request.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in OF_THE_CONNECTION:
                request.send_header(name, value)
        length = answer.getheader("Content-Length") if request.command == "HEAD" else str(len(content))
        request.send_header("Content-Length", length or "0")
        request.end_headers()
        request.wfile.write(content)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--states", required=True, help="the URL of workflowd")
    parser.add_argument("--others", required=True, help="the URL of moto")
    arguments = parser.parse_args()
    endpoint = OneEndpoint(arguments.states, arguments.others, arguments.port)
    print(endpoint.url, flush=True)
    try:
        threading.Event().wait()
    finally:
        endpoint.stop()


if __name__ == "__main__":
    main()
