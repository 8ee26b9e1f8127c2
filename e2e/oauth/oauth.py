"""Authlib finds a running Postern by its metadata, and introspects and revokes a
customer session there."""

import json
import os
import sys
import traceback
import urllib.request

from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata, get_well_known_url

server = os.environ["POSTERN_URL"]
secret = os.environ["POSTERN_ACCESS_TOKEN"]
customer = os.environ["POSTERN_CUSTOMER_ID"]


def fetch(url, body=None):
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, data=body and json.dumps(body).encode(), headers=headers)
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def discover():
    metadata = AuthorizationServerMetadata(fetch(get_well_known_url(server, external=True)))
    for field in ("introspection_endpoint", "revocation_endpoint", "response_types_supported"):
        assert metadata.get(field) is not None, field
    return metadata


def introspect_and_revoke(method):
    metadata = discover()
    client = OAuth2Session("any", secret, token_endpoint_auth_method=method, revocation_endpoint_auth_method=method)
    token = fetch(server + "/v1/customer-sessions/", {"customer_id": customer})["token"]

    def introspect():
        return client.introspect_token(metadata["introspection_endpoint"], token=token).json()

    live = introspect()
    assert live["active"] and live["iss"] == metadata["issuer"] and live["customer_id"] == customer, live
    assert client.revoke_token(metadata["revocation_endpoint"], token=token).status_code == 200
    assert introspect() == {"active": False}


for name in ("client_secret_basic", "client_secret_post"):
    try:
        introspect_and_revoke(name)
    except Exception:
        print(f"not ok Authlib introspects and revokes ({name})")
        traceback.print_exc()
        sys.exit(1)
    print(f"ok Authlib introspects and revokes ({name})")
print("done")
