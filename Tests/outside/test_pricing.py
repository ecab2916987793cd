"""Prices from the AWS Price List and from people, ids that name no model, and corrections, on the built daemon.

moto has no Price List and no inference profiles: a small server stands in for both, with products composed after AWS's
format.
"""

from __future__ import annotations

import json
import threading
import urllib.parse
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from conftest import settings
from steward import AWS, REGION, Steward, invocation, log_file, until

MODEL = "global.anthropic.claude-sonnet-4-6"
PROFILE = f"arn:aws:bedrock:{REGION}:123456789012:application-inference-profile/abc123"


def product(usage: str, price: str, service: str = "Claude Sonnet 4.6") -> str:
    sku = f"SKU{abs(hash(usage)) % 10**6}"
    return json.dumps(
        {
            "product": {
                "productFamily": "Amazon Bedrock",
                "sku": sku,
                "attributes": {
                    "servicecode": "AmazonBedrockFoundationModels",
                    "servicename": f"{service} (Amazon Bedrock Edition)",
                    "regionCode": REGION,
                    "usagetype": f"USE1-MP:USE1_{usage}-Units",
                },
            },
            "serviceCode": "AmazonBedrockFoundationModels",
            "terms": {
                "OnDemand": {
                    f"{sku}.T": {
                        "effectiveDate": "2026-11-01T00:00:00Z",
                        "priceDimensions": {
                            f"{sku}.T.D": {
                                "unit": "Units", "beginRange": "0", "endRange": "Inf", "pricePerUnit": {"USD": price},
                            }
                        },
                    }
                }
            },
        }
    )  # fmt: skip


class Prices:
    """AWS's Price List, one product a page, and Bedrock's GetInferenceProfile."""

    def __init__(self) -> None:
        self.products: list[str] = []
        self.profiles: dict[str, list[str]] = {}
        self.asked: list[dict[str, Any]] = []
        prices = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self, status: int, body: dict[str, Any]) -> None:
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_POST(self) -> None:  # noqa: N802
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                prices.asked.append(body)
                own = prices.products if body["ServiceCode"] == "AmazonBedrockFoundationModels" else []
                page = int(body.get("NextToken") or 0)
                more = {"NextToken": str(page + 1)} if page + 1 < len(own) else {}
                self.answer(200, {"FormatVersion": "aws_v1", "PriceList": own[page : page + 1]} | more)

            def do_GET(self) -> None:  # noqa: N802
                arn = urllib.parse.unquote(self.path.removeprefix("/inference-profiles/"))
                models = prices.profiles.get(arn)
                if models is None:
                    self.answer(404, {"__type": "ResourceNotFoundException", "message": "no such profile"})
                else:
                    self.answer(200, {"models": [{"modelArn": model} for model in models], "type": "APPLICATION"})

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def prices() -> Iterator[Prices]:
    server = Prices()
    yield server
    server.stop()


@pytest.fixture
def steward(make_steward, prices: Prices) -> Steward:
    options = settings(graceSeconds=0, limit="1.00") | {"prices": {"fallback": {"input": 20}}}
    steward = make_steward(options=options)
    return steward.start(AWS_ENDPOINT_URL_PRICING=prices.url, AWS_ENDPOINT_URL_BEDROCK=prices.url)


def spend(steward: Steward, arn: str, request: str, tokens: int, model: str = MODEL) -> dict[str, Any]:
    return steward.ctl(
        "ingest", str(log_file(steward.directory / f"{request}.jsonl", [invocation(arn, request, tokens, model=model)]))
    )


def test_the_price_list_is_read_and_a_wild_price_waits_for_a_person(aws: AWS, steward: Steward, prices: Prices) -> None:
    arn = aws.make_key("BedrockAPIKey-p1")
    prices.products = [
        product("InputTokenCount_Global", "3.5"), product("OutputTokenCount_Global", "15"),
        product("InputTokenCount", "33"), product("OutputTokenCount", "165"),
        product("input_tokens_batch", "1.5"), product("InputTokenCount", "1", service="Claude Nobody 9"),
    ]  # fmt: skip
    result = steward.ctl("price", "sync")
    assert (result["added"], result["quarantined"], result["excluded"]) == (1, 1, 1)
    assert [one["product"] for one in result["unmapped"]] == ["Claude Nobody 9 (USE1-MP:USE1_InputTokenCount-Units)"]
    assert {ask["ServiceCode"] for ask in prices.asked} == {"AmazonBedrock", "AmazonBedrockFoundationModels"}
    assert all(ask["Filters"][0]["Value"] == REGION for ask in prices.asked)

    until("the new price is in force", lambda: steward.ctl("price", "show", MODEL)["rates"]["input"] == "3.5")
    assert spend(steward, arn, "p1-1", 100_000)["cost"] == "0.35"
    # The regional price is ten times too high: what was documented stays.
    regional = "anthropic.claude-sonnet-4-6"
    assert steward.ctl("price", "show", regional)["rates"]["input"] == "3.3"
    (waiting,) = steward.ctl("price", "list", "--status", "quarantined")["prices"]
    assert waiting["model"] == regional and "factor" in waiting["problem"]
    assert any(notice["kind"] == "price-quarantined" for notice in steward.get("/api/v1/notices")["notices"])

    again = steward.ctl("price", "sync")
    assert (again["added"], again["confirmed"], again["held"], again["quarantined"]) == (0, 1, 1, 0)
    steward.ctl("price", "accept", str(waiting["number"]))
    assert steward.ctl("price", "show", regional)["rates"]["input"] == "33"
    steward.ctl("price", "withdraw", str(waiting["number"]))
    assert steward.ctl("price", "show", regional)["rates"]["input"] == "3.3"


def test_a_price_that_the_list_goes_back_to_counts_again(steward: Steward, prices: Prices) -> None:
    def say(price: str) -> dict[str, Any]:
        prices.products = [product("InputTokenCount_Global", price), product("OutputTokenCount_Global", "15")]
        return steward.ctl("price", "sync")

    assert (say("3.5")["added"], say("4")["added"]) == (1, 1)
    until("the second price is in force", lambda: steward.ctl("price", "show", MODEL)["rates"]["input"] == "4")
    back = say("3.5")
    assert (back["confirmed"], back["superseded"]) == (1, 1)
    until("the first price is in force", lambda: steward.ctl("price", "show", MODEL)["rates"]["input"] == "3.5")
    (gone,) = steward.ctl("price", "list", "--status", "superseded")["prices"]
    assert gone["model"] == "anthropic.claude-sonnet-4-6"
    assert "price.superseded" in [entry["action"] for entry in steward.audit()]


def test_a_sync_that_fails_leaves_the_prices(steward: Steward, prices: Prices) -> None:
    # An empty list is no list.
    run = steward.ctl("run", "start", "price-sync", "--input", "{}")
    until(
        "the error is seen",
        lambda: "Pricing.NothingListed" in json.dumps(steward.ctl("run", "history", f"price-sync:{run['name']}")),
    )
    assert steward.ctl("price", "show", MODEL)["row"]["origin"] == "static"


def test_a_profile_is_resolved_and_what_it_was_charged_is_corrected(aws: AWS, steward: Steward, prices: Prices) -> None:
    arn = aws.make_key("BedrockAPIKey-p2")
    prices.profiles[PROFILE] = [
        f"arn:aws:bedrock:{region}::foundation-model/anthropic.claude-sonnet-4-6" for region in (REGION, "us-west-2")
    ]
    # 10,000 tokens at the safe rate of $20; as us.claude-sonnet-4-6 at $3.30.
    assert spend(steward, arn, "p2-1", 10_000, PROFILE)["cost"] == "0.20"
    until("corrected", lambda: steward.budget("BedrockAPIKey-p2")["spent"] == "0.033")
    (name,) = steward.ctl("price", "list", "--names")["names"]
    assert (name["name"], name["model"]) == (PROFILE, "us.anthropic.claude-sonnet-4-6")
    until("in force", lambda: steward.ctl("price", "show", PROFILE)["chargedAs"] == "anthropic.claude-sonnet-4-6")
    assert spend(steward, arn, "p2-2", 10_000, PROFILE)["cost"] == "0.033"

    gone = PROFILE.replace("abc123", "gone")
    spend(steward, arn, "p2-3", 100, gone)
    until(
        "asked in vain",
        lambda: any("NotFound" in (one["problem"] or "") for one in steward.ctl("price", "list", "--unknown")["unknown"]),
    )
    steward.ctl("price", "name", gone, MODEL)
    assert steward.ctl("price", "list", "--unknown")["unknown"] == []


def test_a_correction_restores_and_survives_a_crash(aws: AWS, steward: Steward, prices: Prices) -> None:
    user = "BedrockAPIKey-p3"
    arn = aws.make_key(user)
    model = "acme.ultra-v1:0"
    # $1.20 and $0.20 at the safe rate: beyond the budget of a dollar.
    spend(steward, arn, "p3-1", 60_000, model)
    spend(steward, arn, "p3-2", 10_000, model)
    until("suspended", lambda: steward.budget(user)["status"] == "suspended" and aws.has_no_access(user))
    assert [one["name"] for one in steward.ctl("price", "list", "--unknown")["unknown"]] == [model]

    steward.ctl("price", "set", "acme.ultra-v1", "--in", "2", "--out", "8", "--from", "1d", "--reason", "its page")
    look = steward.run("price", "reprice", "--from", "1d", "--dry-run").stdout
    assert "1.40" in look and "0.14" in look and "-1.26" in look
    assert steward.budget(user)["spent"] == "1.40"

    steward.kill()
    steward.start(AWS_ENDPOINT_URL_PRICING=prices.url, AWS_ENDPOINT_URL_BEDROCK=prices.url)
    done = steward.ctl("price", "reprice", "--from", "1d")
    assert (done["changed"], done["before"], done["after"]) == (2, "1.40", "0.14")
    until("restored", lambda: steward.budget(user)["status"] == "active" and aws.has_access(user))
    assert steward.budget(user)["spent"] == "0.14"
    again = steward.ctl("price", "reprice")
    assert (again["looked"], again["changed"]) == (2, 0)
    corrections = [entry for entry in steward.audit() if entry["action"] == "usage.repriced"]
    assert len(corrections) == 1 and corrections[0]["detail"]["after"] == "0.14"


def test_one_implausible_call_is_told(aws: AWS, make_steward) -> None:
    arn = aws.make_key("BedrockAPIKey-p4")
    options = settings() | {"prices": {"implausibleCost": "0.50", "unsureSuspends": False}}
    steward = make_steward(options=options).start()
    spend(steward, arn, "p4-1", 400_000)
    assert steward.budget("BedrockAPIKey-p4")["spent"] == "1.20"
    kinds = {notice["kind"] for notice in steward.get("/api/v1/notices")["notices"]}
    assert {"implausible-cost", "spared"} <= kinds
    assert steward.budget("BedrockAPIKey-p4")["status"] == "active" and not steward.runs(machine="suspension")


@pytest.mark.parametrize(
    "bad", [
        {"fallback": {"input": 0}}, {"implausibleCost": "-1"}, {"maximumFactor": 1}, {"maximumAge": "soon"}, {"x": 1},
        {"unknownCacheWrites": "2h"},
    ]
)  # fmt: skip
def test_bad_settings_are_refused(make_steward, bad: dict[str, Any]) -> None:
    steward = make_steward(options={"prices": bad}).start(wait=False)
    assert steward.process is not None and steward.process.child.wait(timeout=30) == 2
    assert "prices" in steward.log()
