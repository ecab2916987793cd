"""An HTTP proxy in front of moto that answers an IAM error for chosen actions, as often as it is told."""

from __future__ import annotations

import http.client
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ERROR = (
    '<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>{code}</Code>'
    "<Message>{message}</Message></Error><RequestId>faulty</RequestId></ErrorResponse>"
)


class FaultyAWS:
    """`fail` arms an action ("*" for all of them); `heal` disarms everything."""

    def __init__(self, endpoint: str):
        self._target = urllib.parse.urlsplit(endpoint).netloc
        self._faults: dict[str, tuple[int, str, str, float]] = {}
        self._lock = threading.Lock()
        self.refused: list[str] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.endpoint = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def fail(self, action: str, code: str, status: int = 403, message: str = "refused", times: float = float("inf")) -> None:
        with self._lock:
            self._faults[action] = (status, code, message, times)

    def heal(self) -> None:
        with self._lock:
            self._faults.clear()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def _fault(self, action: str) -> tuple[int, bytes] | None:
        with self._lock:
            name = action if action in self._faults else "*"
            status, code, message, left = self._faults.get(name, (0, "", "", 0))
            if left <= 0:
                return None
            self._faults[name] = (status, code, message, left - 1)
            self.refused.append(action)
        return status, ERROR.format(code=code, message=message).encode()

    def _handler(faulty) -> type[BaseHTTPRequestHandler]:  # noqa: N805  (`self` is the request's)
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                action = urllib.parse.parse_qs(body.decode(errors="replace")).get("Action", [""])[0]
                self.answer(*(faulty._fault(action) or self.forward(body)))

            do_GET = do_POST

            def forward(self, body: bytes) -> tuple[int, bytes]:
                connection = http.client.HTTPConnection(faulty._target, timeout=30)
                try:
                    # moto tells the services apart by the signature, and answers whatever the host is.
                    connection.request(self.command, self.path, body, dict(self.headers))
                    response = connection.getresponse()
                    return response.status, response.read()
                finally:
                    connection.close()

            def answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "text/xml")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Requests are counted, not printed."""

        return Handler
