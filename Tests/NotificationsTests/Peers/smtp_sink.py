"""A mail server for tests: takes mail as it is told to, and keeps what it got.

Usage: smtp_sink.py SETTINGS, where SETTINGS is a JSON object:
  directory     where each mail is left as N.json: from, to, tls, user, data (base64)
  certificate   with `key`: offers STARTTLS
  implicitTLS   true: TLS from the first byte
  users         {"name": "password"}: offers AUTH and requires it
  replies       {"MAIL": "451 ...", "RCPT a@example.com": "550 ...", "DATA": "554 ..."}: refusals
  silent        a command of the list above that is never answered
Prints its port once it listens, and ends when its standard input does.
"""

import asyncio
import base64
import json
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Sink:
    def __init__(self, settings):
        self.settings = settings
        self.count = 0

    async def answer(self, command):
        if self.settings.get("silent") == command:
            await asyncio.sleep(3600)
        return self.settings.get("replies", {}).get(command)

    async def handle_MAIL(self, server, session, envelope, address, options):
        refusal = await self.answer("MAIL")
        if refusal:
            return refusal
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        refusal = await self.answer("RCPT " + address)
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        refusal = await self.answer("DATA")
        if refusal:
            return refusal
        self.count += 1
        path = os.path.join(self.settings["directory"], f"{self.count}.json")
        with open(path + ".part", "w") as file:
            json.dump(
                {
                    "from": envelope.mail_from,
                    "to": envelope.rcpt_tos,
                    "tls": session.ssl is not None or bool(self.settings.get("implicitTLS")),
                    "user": session.auth_data,
                    "data": base64.b64encode(envelope.content).decode(),
                },
                file,
            )
        os.rename(path + ".part", path)
        return "250 kept"


def authenticator(users):
    def check(server, session, envelope, mechanism, data):
        name, password = data.login.decode(), data.password.decode()
        if users.get(name) == password:
            return AuthResult(success=True, auth_data=name)
        # Without handled=False the server would expect us to have answered, and the client would wait for ever.
        return AuthResult(success=False, handled=False)

    return check


async def main():
    settings = json.loads(sys.argv[1])
    context = None
    if "certificate" in settings:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(settings["certificate"], settings["key"])
    implicit = bool(settings.get("implicitTLS"))
    users = settings.get("users")
    sink = Sink(settings)

    def connection():
        return SMTP(
            sink,
            hostname="sink.example.com",
            tls_context=None if implicit else context,
            require_starttls=False,
            authenticator=authenticator(users) if users else None,
            auth_required=bool(users),
            auth_require_tls=not implicit and context is not None,
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(connection, "127.0.0.1", 0, ssl=context if implicit else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    os._exit(0)


asyncio.run(main())
