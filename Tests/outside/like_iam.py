"""moto, with what IAM does and moto leaves out: Bedrock API keys, and the simulation of policies.

`python like_iam.py PORT` serves it. The simulation evaluates what moto holds: attached and inline policies of a user or a
role, and those of a user's groups, for `bedrock:InvokeModel`; of conditions it knows `StringLike` on `aws:userid`. Every
other action it calls allowed, so that Steward finds nothing missing.
"""

from __future__ import annotations

import fnmatch
import io
import itertools
import json
import sys
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from moto.iam.models import iam_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, run_simple

ACCOUNT = "123456789012"
numbers = itertools.count(1)
# By user: id -> status.
keys: dict[str, dict[str, str]] = {}


class Refusal(Exception):
    def __init__(self, code: str, status: int, message: str):
        super().__init__(message)
        self.code, self.status = code, status


def backend() -> Any:
    return iam_backends[ACCOUNT]["aws"]


def documents(arn: str) -> list[dict[str, Any]]:
    name = arn.rsplit("/", 1)[1]
    iam = backend()
    holders = [iam.get_role(name)] if ":role/" in arn else [iam.get_user(name), *iam.get_groups_for_user(name)]
    texts = []
    for holder in holders:
        for policy in holder.managed_policies.values():
            texts += [v.document for v in policy.versions if v.version_id == policy.default_version_id]
        inline = holder.policies
        texts += list(inline.values()) if isinstance(inline, dict) else []
    return [json.loads(text) if isinstance(text, str) else text for text in texts]


def statements(document: dict[str, Any]) -> list[dict[str, Any]]:
    found = document.get("Statement", [])
    return found if isinstance(found, list) else [found]


def covers(statement: dict[str, Any], action: str, caller: str) -> bool:
    actions = statement.get("Action", [])
    actions = [actions] if isinstance(actions, str) else actions
    wanted = statement.get("Condition", {}).get("StringLike", {}).get("aws:userid")
    if wanted is not None and not any(fnmatch.fnmatchcase(caller, pattern) for pattern in wanted):
        return False
    return any(fnmatch.fnmatchcase(action.lower(), pattern.lower()) for pattern in actions)


def decide(arn: str, action: str, caller: str) -> str:
    if not action.startswith("bedrock:Invoke"):
        return "allowed"
    found = [s["Effect"] for d in documents(arn) for s in statements(d) if covers(s, action, caller)]
    return "explicitDeny" if "Deny" in found else "allowed" if "Allow" in found else "implicitDeny"


def simulate(form: dict[str, str]) -> str:
    caller = form.get("ContextEntries.member.1.ContextKeyValues.member.1", "")
    actions = [value for key, value in form.items() if key.startswith("ActionNames.member.")]
    members = "".join(
        f"<member><EvalActionName>{action}</EvalActionName>"
        f"<EvalDecision>{decide(form['PolicySourceArn'], action, caller)}</EvalDecision></member>"
        for action in actions
    )
    return f"<EvaluationResults>{members}</EvaluationResults><IsTruncated>false</IsTruncated>"


def key_xml(user: str, key: str, status: str, more: str = "") -> str:
    return (
        f"<UserName>{escape(user)}</UserName><Status>{status}</Status>"
        f"<ServiceName>bedrock.amazonaws.com</ServiceName>"
        f"<ServiceSpecificCredentialId>{key}</ServiceSpecificCredentialId>{more}"
    )


def credentials(action: str, form: dict[str, str]) -> str:
    user = form["UserName"]
    try:
        backend().get_user(user)
    except Exception as error:  # moto's own NoSuchEntity
        raise Refusal("NoSuchEntity", 404, f"no user {user}") from error
    own = keys.setdefault(user, {})
    if action == "ListServiceSpecificCredentials":
        members = "".join(f"<member>{key_xml(user, key, status)}</member>" for key, status in sorted(own.items()))
        return f"<ServiceSpecificCredentials>{members}</ServiceSpecificCredentials>"
    if action == "CreateServiceSpecificCredential":
        if len(own) >= 2:
            raise Refusal("LimitExceeded", 409, "Cannot exceed quota for ServiceSpecificCredentialsPerUser: 2")
        key = f"ACCA{next(numbers):017}"
        own[key] = "Active"
        more = (
            f"<ServiceCredentialAlias>{escape(user)}-at-{ACCOUNT}</ServiceCredentialAlias>"
            f"<ServiceCredentialSecret>ABSKsecret-of-{key}</ServiceCredentialSecret>"
        )
        return f"<ServiceSpecificCredential>{key_xml(user, key, 'Active', more)}</ServiceSpecificCredential>"
    key = form["ServiceSpecificCredentialId"]
    if key not in own:
        raise Refusal("NoSuchEntity", 404, f"no key {key}")
    if action == "UpdateServiceSpecificCredential":
        own[key] = form["Status"]
    else:
        del own[key]
    return ""


class LikeIAM:
    """A WSGI application around moto's."""

    def __init__(self, moto: Callable[..., Iterable[bytes]]):
        self.moto = moto

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        form = dict(parse_qsl(body.decode(errors="replace"))) if b"Action=" in body else {}
        action = form.get("Action", "")
        if action == "SimulatePrincipalPolicy" or "ServiceSpecificCredential" in action:
            return self.answer(action, form, start_response)
        return self.moto(
            environ | {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}, start_response
        )

    @staticmethod
    def answer(action: str, form: dict[str, str], start_response: Callable[..., Any]) -> Iterable[bytes]:
        status = "200 OK"
        try:
            result = simulate(form) if action == "SimulatePrincipalPolicy" else credentials(action, form)
            text = f"<{action}Response><{action}Result>{result}</{action}Result></{action}Response>"
        except Refusal as refusal:
            status = f"{refusal.status} Refused"
            text = (
                f"<ErrorResponse><Error><Code>{refusal.code}</Code><Message>{escape(str(refusal))}</Message></Error>"
                "</ErrorResponse>"
            )
        content = text.encode()
        start_response(status, [("Content-Type", "text/xml"), ("Content-Length", str(len(content)))])
        return [content]


class Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *arguments: Any) -> None:
        pass


def main() -> None:
    application = LikeIAM(DomainDispatcherApplication(create_backend_app))
    run_simple("127.0.0.1", int(sys.argv[1]), application, threaded=True, request_handler=Quiet)


if __name__ == "__main__":
    main()
