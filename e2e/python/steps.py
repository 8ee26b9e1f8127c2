"""Settings, reporting and assertions for the scenario of the Python SDK. steps.mjs and
report.mjs are the same for TypeScript."""

import datetime
import json
import os
import re
import sys
import traceback
import urllib.error
import urllib.parse
import urllib.request
import uuid


def setting(name):
    value = os.environ.get(name)
    assert value, f'{name} is not set: run the scenarios with "go test" in e2e'
    return value


server = setting("POSTERN_URL")
public_url = setting("POSTERN_PUBLIC_URL")
access_token = setting("POSTERN_ACCESS_TOKEN")
organization_id = setting("POSTERN_ORGANIZATION_ID")
organization_slug = setting("POSTERN_ORGANIZATION_SLUG")
member_model = setting("POSTERN_MEMBER_MODEL") == "true"
limited_server = setting("POSTERN_LIMITED_URL")  # one request a minute
broken_server = setting("POSTERN_BROKEN_URL")  # cannot reach its database
unreachable_server = "http://127.0.0.1:9"  # the discard port (RFC 863), on which no server listens

# A token with a valid format and checksum, but without a session.
unknown_token = "polar_cst_" + "a" * 37 + "2sN54l"


def step(name):
    """Runs the decorated function at once as a step, and replaces it by its result.
    The first failure ends the scenario."""

    def run(function):
        try:
            result = function()
        except BaseException:
            print(f"not ok {name}")
            traceback.print_exc()
            sys.exit(1)
        print(f"ok {name}")
        return result

    return run


def equal(actual, expected):
    assert actual == expected, f"{actual!r} is not {expected!r}"


def refused(error_class, status, call, *args, **kwargs):
    """Returns the error of a call that must fail with exactly error_class."""
    try:
        result = call(*args, **kwargs)
    except Exception as error:
        assert type(error) is error_class, f"not a {error_class.__name__}: {error!r}"
        equal(getattr(error, "status_code", None), status)
        return error
    raise AssertionError(f"the call succeeded: {result!r}")


def plain(method, path, body=None, token=None):
    """Sends a request without the SDK. Returns the status and the body."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(server + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            status, text = response.status, response.read()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read()
    return status, json.loads(text) if text else None


def succeeded(answer):
    status, body = answer
    assert 200 <= status < 300, answer
    return body


def read_mail(address):
    """Waits for the next mail to an address and returns its text."""
    url = setting("POSTERN_MAILBOX_URL") + "?to=" + urllib.parse.quote(address)
    with urllib.request.urlopen(url, timeout=60) as response:
        return response.read().decode()


def log_in(email):
    """Logs in with a code, for which no SDK has calls. Returns the session token."""
    path = "/v1/customer-portal/customer-session"
    requested = plain("POST", f"{path}/request", {"email": email, "organization_id": organization_id})
    equal(requested, (202, None))
    code = re.search(r"^ +([A-Z0-9]{6,32})\s*$", read_mail(email), re.MULTILINE)[1]
    token = succeeded(plain("POST", f"{path}/authenticate", {"code": code}))["token"]
    check_token(token)
    equal(plain("POST", f"{path}/authenticate", {"code": code}), (401, {
        "error": "CustomerSessionCodeInvalidOrExpired",
        "detail": "This customer session code is invalid or has expired.",
    }))
    return token


def confirmation(address):
    """Returns the token from the mail that confirms a new address."""
    return re.search(r"[?&]token=(polar_cev_\w+)", read_mail(address))[1]


class NewCustomer:
    """The data of a new customer."""

    def __init__(self, name="Ada Lovelace"):
        unique = uuid.uuid4()
        self.name, self.email, self.external_id = name, f"ada-{unique}@example.com", f"user-{unique}"


def check_token(token):
    prefix = "polar_mst_" if member_model else "polar_cst_"
    assert re.fullmatch(prefix + "[0-9A-Za-z]{43}", token), token


def check_session(session, customer):
    """Checks that a session lives for an hour and that its link contains the token."""
    check_token(session.token)
    equal(session.customer_id, customer.id)
    equal(session.customer.id, customer.id)
    equal(session.modified_at, None)
    expires = datetime.datetime.fromisoformat(session.expires_at)
    minutes = (expires - datetime.datetime.now(datetime.UTC)).total_seconds() / 60
    assert 59 < minutes < 61, f"expires in {minutes} minutes"
    link, _, query = session.customer_portal_url.partition("?")
    equal(link, f"{public_url}/{organization_slug}/portal")
    equal(urllib.parse.parse_qs(query)["customer_session_token"], [session.token])
