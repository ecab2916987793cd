#!/usr/bin/env python3
"""Writes sigv4_vectors.json to standard output: requests, and what botocore's signer makes of them.

    python3 sigv4_vectors.py > sigv4_vectors.json

Query strings are given to botocore as decoded parameters, so that the encoding expected is botocore's too.
"""
import datetime
import json
import re
import sys
import urllib.parse
from unittest import mock

import botocore
import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

TIME = datetime.datetime(2026, 11, 23, 9, 12, 21, tzinfo=datetime.timezone.utc)
TOKEN = "IQoJb3JpZ2luX2VjEXAMPLE//////////wEaCXVzLWVhc3QtMSJHMEUCIQ+token=="
FORM = [["Content-Type", "application/x-www-form-urlencoded; charset=utf-8"]]
SQS = [["Content-Type", "application/x-amz-json-1.0"], ["X-Amz-Target", "AmazonSQS.ReceiveMessage"]]
ROLE = "arn%3Aaws%3Alambda%3Aeu-west-1%3A111122223333%3Afunction%3Abudget-alert"

CASES = [
    ("form", "iam", "us-east-1", "POST", "https://iam.amazonaws.com/", FORM,
     "Action=PutUserPolicy&Version=2010-05-08&UserName=ana&PolicyName=deny&PolicyDocument=%7B%22a%22%3A1%7D"),
    ("JSON with a target", "sqs", "eu-west-1", "POST", "https://sqs.eu-west-1.amazonaws.com/", SQS,
     '{"QueueUrl":"https://sqs.eu-west-1.amazonaws.com/111122223333/q","WaitTimeSeconds":20}'),
    ("empty body", "sts", "eu-west-1", "POST", "https://sts.eu-west-1.amazonaws.com/", FORM, ""),
    ("GET of the root without a slash", "lambda", "eu-west-1", "GET", "https://lambda.eu-west-1.amazonaws.com", [], ""),
    ("sorted query", "bedrock", "eu-west-1", "GET", "https://bedrock.eu-west-1.amazonaws.com/inference-profiles?maxResults=10&type=APPLICATION", [], ""),
    ("unsorted query with names that begin alike", "execute-api", "eu-west-1", "GET", "https://x.example.com/q?b=2&a-b=1&ab=0&a=3&A=9", [], ""),
    ("query with one name many times", "execute-api", "eu-west-1", "GET", "https://x.example.com/q?a=2&a=10&a=1&a=", [], ""),
    ("query with a name alone", "s3", "eu-west-1", "GET", "https://s3.eu-west-1.amazonaws.com/bucket?acl", [], ""),
    ("query with lower-case escapes", "execute-api", "eu-west-1", "GET", "https://x.example.com/q?k=a%2fb%3ac&%7e=%c3%b1", [], ""),
    ("query with plus, slash, colon and at", "execute-api", "eu-west-1", "GET", "https://x.example.com/q?a=b+c&path=/x/:y@z&e=a=b", [], ""),
    ("query with spaces and UTF-8", "execute-api", "eu-west-1", "GET", "https://x.example.com/q?name=Ñandú y&z=日本", [], ""),
    ("query of every visible ASCII character", "execute-api", "eu-west-1", "GET",
     "https://x.example.com/q?v=" + urllib.parse.quote("".join(chr(c) for c in range(32, 127)), safe=""), [], ""),
    ("path with an encoded ARN", "lambda", "eu-west-1", "POST", f"https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/{ROLE}/invocations", [], "{}"),
    ("path with a raw ARN", "bedrock", "us-east-1", "GET",
     "https://bedrock.us-east-1.amazonaws.com/inference-profiles/arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/ab12", [], ""),
    ("path with a space", "execute-api", "eu-west-1", "GET", "https://x.example.com/a b/c", [], ""),
    ("path with UTF-8", "execute-api", "eu-west-1", "GET", "https://x.example.com/año/日本", [], ""),
    ("path with a percent sign alone", "execute-api", "eu-west-1", "GET", "https://x.example.com/100%/x", [], ""),
    ("path with dots and double slashes", "execute-api", "eu-west-1", "GET", "https://x.example.com/a/./b//c/../d/", [], ""),
    ("path that climbs above the root", "execute-api", "eu-west-1", "GET", "https://x.example.com/../../", [], ""),
    ("object with a path that stays as it is", "s3", "eu-west-1", "GET", "https://s3.eu-west-1.amazonaws.com/bucket/AWSLogs//2026/a%20b%2Bc/../x", [], ""),
    ("object with a body", "s3", "us-east-1", "PUT", "https://s3.us-east-1.amazonaws.com/bucket/key", [["Content-Type", "text/plain"]], "hello"),
    ("headers that begin alike", "execute-api", "eu-west-1", "POST", "https://x.example.com/",
     [["X-Amz-A-B", "2"], ["X-Amz-A", "1"], ["X-Amz-AB", "3"]], "x"),
    ("headers with blanks to trim and to fold", "execute-api", "eu-west-1", "POST", "https://x.example.com/",
     [["X-Amz-Meta", "  a   b\t c  "], ["X-Empty", ""], ["X-Quoted", '"a   b"']], "x"),
    ("one header twice", "execute-api", "eu-west-1", "POST", "https://x.example.com/",
     [["X-Amz-Many", "z"], ["X-Amz-Many", "a"]], "x"),
    ("headers that are not signed", "execute-api", "eu-west-1", "POST", "https://x.example.com/",
     [["User-Agent", "steward/1"], ["Expect", "100-continue"], ["X-Amzn-Trace-Id", "Root=1-5"]], "x"),
    ("port in the host", "sts", "us-east-1", "POST", "http://127.0.0.1:5010/", FORM, "Action=GetCallerIdentity&Version=2011-06-15"),
    ("the scheme's own port", "sts", "us-east-1", "POST", "https://sts.us-east-1.amazonaws.com:443/", FORM, "Action=GetCallerIdentity"),
    ("UTF-8 body", "sns", "eu-west-1", "POST", "https://sns.eu-west-1.amazonaws.com/", FORM, "Message=año €"),
    ("body of 300 KB", "dynamodb", "eu-west-1", "POST", "https://dynamodb.eu-west-1.amazonaws.com/", SQS, "x" * 300_000),
    ("DELETE", "lambda", "ap-southeast-2", "DELETE", "https://lambda.ap-southeast-2.amazonaws.com/2015-03-31/functions/f", [], ""),
]


def wire_path(path):
    """What a URL may not hold is encoded; what is encoded stays."""
    keep = "/!$&'()*+,;=:@"
    return re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", "".join(c if c == "%" else urllib.parse.quote(c, safe=keep) for c in path))


def parameters(query):
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    return [(urllib.parse.unquote(name), urllib.parse.unquote(value)) for name, _, value in pairs]


def signed(case, token):
    name, service, region, method, url, headers, body = case
    split = urllib.parse.urlsplit(url)
    path = wire_path(split.path) or "/"
    request = AWSRequest(
        method=method, url=f"{split.scheme}://{split.netloc}{path}", data=body.encode(), params=parameters(split.query))
    for header, value in headers:
        request.headers.add_header(header, value)
    kind = botocore.auth.S3SigV4Auth if service == "s3" else botocore.auth.SigV4Auth
    signer = kind(Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token), service, region)
    with mock.patch.object(botocore.auth, "get_current_datetime", lambda *_, **__: TIME.replace(tzinfo=None)):
        signer.add_auth(request)
        query = signer.canonical_query_string(request)
    host = split.netloc.removesuffix(":443")
    return {
        "name": name + (", with a session token" if token else ""),
        "service": service, "region": region, "method": method, "url": url, "headers": headers,
        # A long body of one character is written as that character and how often it comes.
        "body": body[:1] if len(body) > 10_000 else body, "bodyRepeats": len(body) if len(body) > 10_000 else 1,
        "sessionToken": token,
        "signedURL": f"{split.scheme}://{host}{path}" + (f"?{query}" if split.query else ""),
        "authorization": request.headers["Authorization"],
    }


def main():
    plain = [signed(case, None) for case in CASES]
    with_token = [signed(case, TOKEN) for case in CASES if case[0] in ("form", "JSON with a target", "path with an encoded ARN", "object with a body")]
    document = {
        "provenance": {
            "what": "AWS Signature Version 4 by an independent implementation",
            "generator": "Tests/AWSClientTests/Vectors/sigv4_vectors.py",
            "against": f"botocore {botocore.__version__}, botocore.auth.SigV4Auth and S3SigV4Auth",
        },
        "time": TIME.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "accessKeyID": "AKIDEXAMPLE",
        "secretAccessKey": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        "cases": plain + with_token,
    }
    json.dump(document, sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
