"""Creates a session with the generated client and introspects it."""

import os
from datetime import UTC, datetime

from postern_client import AuthenticatedClient
from postern_client.api.customer_sessions import customer_portalcustomer_sessionintrospect as introspect
from postern_client.api.customer_sessions import customer_sessionscreate as create
from postern_client.models import (
    CustomerCustomerSession,
    CustomerIndividual,
    CustomerSession,
    CustomerSessionCustomerExternalIDCreate,
    ValidationProblem,
)

url = os.environ["POSTERN_URL"]
server = AuthenticatedClient(base_url=url, token=os.environ["POSTERN_ACCESS_TOKEN"])

session = create.sync(client=server, body=CustomerSessionCustomerExternalIDCreate(external_customer_id="ada"))
assert isinstance(session, CustomerSession), session
assert isinstance(session.customer, CustomerIndividual) and session.customer.email == "ada@example.com", session.customer
print("ok create")

introspected = introspect.sync(client=AuthenticatedClient(base_url=url, token=session.token))
assert isinstance(introspected, CustomerCustomerSession), introspected
assert introspected.expires_at > datetime.now(UTC), introspected
print("ok introspect")

refused = create.sync(client=server, body=CustomerSessionCustomerExternalIDCreate(external_customer_id="nobody"))
assert isinstance(refused, ValidationProblem), refused
print("ok refuse")
print("done")
