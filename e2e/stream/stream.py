"""httpx-sse follows the revocations of a running Postern through a proxy, and gets what it missed between two connections."""

import os
import sys
import traceback

import httpx
from httpx_sse import connect_sse

server, proxy = os.environ["POSTERN_URL"], os.environ["POSTERN_PROXY_URL"]
headers = {"Authorization": "Bearer " + os.environ["POSTERN_ACCESS_TOKEN"]}


def revoke(client):
    created = client.post(server + "/v1/customer-sessions/", json={"customer_id": os.environ["POSTERN_CUSTOMER_ID"]}, headers=headers)
    session = created.raise_for_status().json()["id"]
    client.delete(f"{server}/v1/customer-sessions/{session}", headers=headers).raise_for_status()
    return session


def follow():
    with httpx.Client(timeout=20) as client:
        last, missed = None, None
        for _ in range(2):
            extra = {"Last-Event-ID": last} if last else {}
            with connect_sse(client, "GET", proxy + "/v1/customer-sessions/revocations", headers=headers | extra) as source:
                events = source.iter_sse()
                started = next(events)
                assert started.event == "stream.started" and started.id and started.retry == 1000, started
                if missed:
                    event = next(events)
                    assert event.json()["customer_session_id"] == missed, event
                ended = revoke(client)
                event = next(events)
                assert event.event == "customer_session.revoked" and event.json()["customer_session_id"] == ended, event
                last = event.id
            missed = revoke(client)


try:
    follow()
except Exception:
    print("not ok httpx-sse gets revocations, and those that it missed")
    traceback.print_exc()
    sys.exit(1)
print("ok httpx-sse gets revocations, and those that it missed")
print("done")
