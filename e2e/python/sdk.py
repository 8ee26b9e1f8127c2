"""The official Python SDK (polar-sdk 1.0.2): customers, members, sessions, the portal
and organizations, with every error class of the SDK for them.
Usage: python sdk.py v2026_04|v2026_10|v2027_01

Two errors of the SDK cannot happen. AmbiguousExternalCustomerID: an access token belongs
to one organization, so an external id is never ambiguous. CustomerPortalMembers...400Error:
the portal rejects an invalid body or role change with 422.
"""

import importlib
import json
import sys
import uuid

from polar.base import PolarClientError, PolarNetworkError, PolarRateLimitError, PolarServerError

from steps import (
    NewCustomer, access_token, broken_server, check_session, confirmation, equal, limited_server,
    log_in, succeeded, member_model, unreachable_server, organization_id, organization_slug, plain, refused,
    server, step, unknown_token,
)

version = sys.argv[1]
Polar = importlib.import_module(f"polar.{version}").Polar
errors = importlib.import_module(f"polar.{version}.errors")


def client(token, base_url=server):
    return Polar(token, base_url=base_url)


polar = client(access_token)
customers = polar.customers
members = customers.members
sessions = polar.customer_sessions


def missing():
    return str(uuid.uuid4())


def not_found(call, *args, detail="Not found", **kwargs):
    error = refused(errors.ResourceNotFound, 404, call, *args, **kwargs).error
    equal((error.error, error.detail), ("ResourceNotFound", detail))


def not_permitted(detail, call, *args, **kwargs):
    error = refused(errors.NotPermitted, 403, call, *args, **kwargs).error
    equal((error.error, error.detail), ("NotPermitted", detail))


def invalid(type, loc, msg, input, call, *args, **kwargs):
    """Checks that the SDK reports one validation error with its location, reason and input."""
    detail = refused(errors.HTTPValidationError, 422, call, *args, **kwargs).error.detail
    equal(len(detail), 1)
    item = detail[0]
    equal((item.type, item.loc, item.msg, item.input), (type, loc, msg, input))
    return item


def unauthorized(kind, call, *args, **kwargs):
    """Checks a 401, which the SDK does not know for this call: the body is a string."""
    error = refused(PolarClientError, 401, call, *args, **kwargs).error
    equal(json.loads(error)["error"], kind)


ANONYMOUS, INVALID = "Unauthorized", "invalid_token"


def ids(items):
    return [item.id for item in items]


# Customers.

run = missing()  # what this run makes can be told from the rest
ada, bob, team = NewCustomer(), NewCustomer("Bob"), NewCustomer("Grace Hopper")


@step("create an individual customer")
def individual():
    customer = customers.create(
        email=ada.email, name=ada.name, external_id=ada.external_id, locale="en",
        metadata={"run": run, "seats": 3, "ratio": 1.5, "vip": True},
        billing_address={"country": "FR", "city": "Paris", "postal_code": "75001", "line1": "1 rue de Rivoli"},
    )
    equal((customer.type, customer.organization_id), ("individual", organization_id))
    equal((customer.email_verified, customer.deleted_at), (False, None))
    equal(customer.metadata, {"run": run, "seats": 3, "ratio": 1.5, "vip": True})
    equal([type(customer.metadata[name]) for name in ("seats", "ratio", "vip")], [int, float, bool])
    equal((customer.billing_address.city, customer.billing_address.state), ("Paris", None))
    return customer


@step("create a team customer with an owner")
def group():
    customer = customers.create(
        type="team", name="Analytical Engines", external_id=team.external_id, metadata={"run": run},
        owner={"email": team.email, "name": team.name, "external_id": "owner"},
    )
    equal((customer.type, customer.email, customer.name), ("team", None, "Analytical Engines"))
    return customer


@step("create more customers")
def others():
    return [
        customers.create(email=f"{n}-{bob.email}", name=f"Bob {n}", metadata={"run": run}) for n in (1, 2, 3)
    ]


@step("list by email, by metadata, by text, sorted")
def _():
    page = customers.list(email=ada.email)
    equal(page.items, [individual])
    equal((page.pagination.total_count, page.pagination.max_page), (1, 1))
    names = [c.name for c in customers.list(metadata={"run": run}, sorting=["-name"]).items]
    equal(names, ["Bob 3", "Bob 2", "Bob 1", "Analytical Engines", "Ada Lovelace"])
    names = [c.name for c in customers.list(query=bob.email, sorting=["name"]).items]
    equal(names, ["Bob 1", "Bob 2", "Bob 3"])


@step("list nothing")
def _():
    page = customers.list(email="nobody@example.com")
    equal((page.items, page.pagination.total_count, page.pagination.max_page), ([], 0, 0))
    equal(customers.list(organization_id=[missing()]).items, [])


@step("list page by page")
def _():
    page = customers.list(metadata={"run": run}, limit=2, page=3)
    equal((len(page.items), page.pagination.total_count, page.pagination.max_page), (1, 5, 3))
    every = customers.iter_list(metadata={"run": run}, limit=2)
    equal(sorted(ids(every)), sorted(ids([individual, group, *others])))


@step("get by id and by external id")
def _():
    equal(customers.get(individual.id), individual)
    equal(customers.get_external(ada.external_id), individual)


@step("update by id and by external id")
def _():
    customer = customers.update(individual.id, name="Countess", metadata={"run": run, "vip": False})
    equal((customer.name, customer.metadata), ("Countess", {"run": run, "vip": False}))
    assert customer.modified_at
    equal(customers.update_external(ada.external_id, name=ada.name).name, ada.name)


@step("delete by id and by external id")
def _():
    token = sessions.create(customer_id=others[0].id).token
    customers.delete(others[0].id)
    customers.update(others[1].id, external_id=bob.external_id)
    customers.delete_external(bob.external_id, anonymize=True)
    not_found(customers.get, others[0].id)
    not_found(customers.get_external, bob.external_id)
    unauthorized(INVALID, client(token).customer_portal.customer_session.introspect)


@step("customers that are not there: ResourceNotFound")
def _():
    not_found(customers.get, missing())
    not_found(customers.update, missing(), name="x")
    not_found(customers.delete, missing())
    not_found(customers.update_external, missing(), name="x")
    not_found(customers.delete_external, missing())


@step("bad customers: HTTPValidationError")
def _():
    shouted = ada.email.replace("ada", "ADA")
    invalid("value_error", ["body", "email"], "A customer with this email address already exists.",
            shouted, customers.create, email=shouted)
    invalid("organization_token", ["body", "organization_id"],
            "Setting organization_id is disallowed when using an organization token.",
            organization_id, customers.create, email="x@example.com", organization_id=organization_id)
    invalid("value_error", ["body", "external_id"], "Customer external ID cannot be updated.",
            "other", customers.update, individual.id, external_id="other")
    invalid("greater_than", ["query", "limit"], "Input should be greater than 0", "0", customers.list, limit=0)


# Sessions.


@step("create a session by customer id")
def by_id():
    session = sessions.create(customer_id=individual.id)
    check_session(session, individual)
    equal(session.return_url, None)
    return session


@step("create a session by external id, with a return URL")
def by_external_id():
    session = sessions.create(external_customer_id=ada.external_id, return_url="https://example.com")
    check_session(session, individual)
    equal(session.return_url, "https://example.com/")
    return session


@step("introspect")
def _():
    for session in (by_id, by_external_id):
        info = client(session.token).customer_portal.customer_session.introspect()
        equal((info.expires_at, info.return_url), (session.expires_at, session.return_url))
    info = polar.customer_portal.customer_session.introspect(request_access_token=by_id.token)
    equal(info.expires_at, by_id.expires_at)


@step("read the user")
def _():
    user = client(by_id.token).customer_portal.customer_session.get_authenticated_user()
    equal((user.name, user.email, user.customer_id), (ada.name, ada.email, individual.id))
    equal((user.type, user.role), ("member", "owner") if member_model else ("customer", None))
    equal(user.member_id is not None, member_model)


@step("session for an unknown customer: HTTPValidationError")
def _():
    absent = missing()
    message = "Customer does not exist."
    invalid("value_error", ["body", "customer_id"], message, absent, sessions.create, customer_id=absent)
    invalid("value_error", ["body", "external_customer_id"], message, "nobody",
            sessions.create, external_customer_id="nobody")
    detail = refused(errors.HTTPValidationError, 422, sessions.create, customer_id="nope").error.detail
    assert any(item.type == "uuid_parsing" and item.ctx is not None for item in detail), detail


# Members. The SDK lists them with a route that Postern does not have. The test uses
# GET /v1/members/ instead.


def listed(query):
    return succeeded(plain("GET", f"/v1/members/?{query}", token=access_token))["items"]


if member_model:

    @step("list the members of a customer")
    def owner():
        items = listed(f"customer_id={group.id}")
        equal([(m["email"], m["role"]) for m in items], [(team.email, "owner")])
        equal(listed(f"customer_id={group.id}&role=member"), [])
        return members.get(group.id, items[0]["id"])

    @step("create and get a member")
    def carol():
        member = members.create(
            group.id, email=f"carol-{team.email}", name="Carol", external_id="carol", role="billing_manager",
        )
        equal((member.customer_id, member.role), (group.id, "billing_manager"))
        equal(members.get(group.id, member.id), member)
        equal(members.get_external(team.external_id, "carol"), member)
        return member

    @step("create a member by external id")
    def dave():
        member = members.create_external(team.external_id, email=f"dave-{team.email}", external_id="dave")
        equal(member.role, "member")
        items = listed(f"external_customer_id={team.external_id}&sorting=created_at")
        equal([m["id"] for m in items], [owner.id, carol.id, member.id])
        return member

    @step("update a member by id and by external id")
    def _():
        equal(members.update(group.id, dave.id, name="Dave").name, "Dave")
        equal(members.update_external(team.external_id, "dave", role="billing_manager").role, "billing_manager")

    @step("create a session by member")
    def _():
        for which in ({"member_id": dave.id}, {"external_member_id": "dave"}):
            session = sessions.create(customer_id=group.id, **which)
            user = client(session.token).customer_portal.customer_session.get_authenticated_user()
            equal((user.type, user.name, user.email, user.customer_id, user.member_id, user.role),
                  ("member", "Dave", dave.email, group.id, dave.id, "billing_manager"))
        invalid("value_error", ["body", "member_id"], "member_id is required for team customers.", None,
                sessions.create, customer_id=group.id)

    @step("transfer the ownership")
    def _():
        equal(members.update(group.id, carol.id, role="owner").role, "owner")
        assert members.get(group.id, owner.id).role != "owner"

    @step("delete a member by id and by external id")
    def _():
        members.delete(group.id, owner.id)
        not_found(members.get, group.id, owner.id, detail="Member not found")
        token = sessions.create(customer_id=group.id, member_id=dave.id).token
        members.delete_external(team.external_id, "dave")
        not_found(members.delete_external, team.external_id, "dave", detail="Member not found")
        unauthorized(INVALID, client(token).customer_portal.customer_session.introspect)

    @step("members that are refused: ResourceNotFound, NotPermitted, HTTPValidationError")
    def _():
        not_found(members.create, missing(), email=bob.email, detail="Customer not found")
        not_permitted(
            "Individual customers can only have one member (the owner). "
            "Upgrade to a team customer to add more members.",
            members.create, individual.id, email=bob.email)
        invalid("value_error", ["body"], "Cannot delete the only owner. Transfer ownership first.", carol.id,
                members.delete, group.id, carol.id)

    # The portal of a team. Its errors have a class for each call and status; the SDK
    # drops the body.
    portal = client(sessions.create(customer_id=group.id, member_id=carol.id).token).customer_portal.members

    @step("portal: add, list and update a member")
    def erin():
        added = portal.add_member(email=f"erin-{team.email}", name="Erin")
        equal(added.role, "member")
        equal(portal.add_member(email=f"erin-{team.email}").id, added.id)
        equal(ids(portal.list_members().items), [carol.id, added.id])
        equal(ids(portal.iter_list_members(limit=1)), [carol.id, added.id])
        updated = portal.update_member(added.id, name="Erin E.", role="billing_manager")
        equal((updated.name, updated.role), ("Erin E.", "billing_manager"))
        return updated

    @step("portal: what a plain member may not: ...403Error")
    def _():
        portal.update_member(erin.id, role="member")
        token = sessions.create(customer_id=group.id, member_id=erin.id).token
        member = client(token).customer_portal.members
        for error_class, call, args, body in (
            (errors.CustomerPortalMembersListMembers403Error, member.list_members, (), {}),
            (errors.CustomerPortalMembersAddMember403Error, member.add_member, (), {"email": bob.email}),
            (errors.CustomerPortalMembersUpdateMember403Error, member.update_member, (carol.id,), {"name": "x"}),
            (errors.CustomerPortalMembersRemoveMember403Error, member.remove_member, (carol.id,), {}),
        ):
            equal(refused(error_class, 403, call, *args, **body).error, None)

    @step("portal: members that are not there: ...404Error")
    def _():
        refused(errors.CustomerPortalMembersUpdateMember404Error, 404, portal.update_member, missing(), name="x")
        refused(errors.CustomerPortalMembersRemoveMember404Error, 404, portal.remove_member, missing())

    @step("portal: a member cannot change its own role: HTTPValidationError")
    def _():
        error = refused(errors.HTTPValidationError, 422, portal.update_member, carol.id, role="member").error
        equal(error.detail[0].loc, ["path", "id"])

    @step("portal: remove a member")
    def _():
        portal.remove_member(erin.id)
        equal(ids(portal.list_members().items), [carol.id])

else:

    @step("an organization without members: NotPermitted")
    def _():
        not_permitted("Member management is not enabled for this organization",
                      members.create, group.id, email=bob.email)


@step("portal: members with a token of the wrong kind: ...401Error")
def _():
    wrong = polar.customer_portal.members
    refused(errors.CustomerPortalMembersListMembers401Error, 401, wrong.list_members)
    refused(errors.CustomerPortalMembersAddMember401Error, 401, wrong.add_member, email=bob.email)
    refused(errors.CustomerPortalMembersUpdateMember401Error, 401, wrong.update_member, missing(), name="x")
    refused(errors.CustomerPortalMembersRemoveMember401Error, 401, wrong.remove_member, missing())


# The portal of a customer who has logged in with a code.


@step("log in by code")
def entered():
    return log_in(ada.email)


me = client(entered).customer_portal.customers


@step("portal: read and update oneself")
def _():
    self = me.get()
    equal((self.id, self.email_verified, self.oauth_accounts), (individual.id, True, {}))
    equal(me.update(billing_name="Ada & Co.").billing_name, "Ada & Co.")
    equal(customers.get(individual.id).billing_name, "Ada & Co.")


@step("portal: a bad update: HTTPValidationError")
def _():
    invalid("missing", ["body", "billing_address"], "Customer billing address cannot be reset to null once set.",
            None, me.update, billing_address=None)


@step("portal: change the email address")
def _():
    email = f"new-{ada.email}"
    # The route needs no session, but the SDK always sends one. Any live session works.
    unverified = client(access_token).customer_portal.customers
    equal(me.request_email_update(email=email), None)
    token = confirmation(email)
    unverified.check_email_update(token=token)
    session = unverified.verify_email_update(token=token)
    self = client(session.token).customer_portal.customers.get()
    equal((self.email, self.email_verified), (email, True))
    unauthorized(INVALID, me.get)  # whoever reads the old address is out
    refused(errors.CustomerPortalCustomersCheckEmailUpdate401Error, 401, unverified.check_email_update, token=token)
    refused(errors.CustomerPortalCustomersVerifyEmailUpdate401Error, 401, unverified.verify_email_update, token=token)
    refused(errors.CustomerPortalCustomersVerifyEmailUpdate422Error, 422, unverified.verify_email_update)


# Organizations.


@step("list and get organizations")
def _():
    page = polar.organizations.list(slug=organization_slug)
    equal((ids(page.items), page.pagination.total_count), ([organization_id], 1))
    equal(polar.organizations.get(organization_id), page.items[0])
    equal(polar.organizations.list(slug="another").items, [])
    data = polar.customer_portal.organizations.get(organization_slug)
    equal((data.organization.id, data.products), (organization_id, []))


# The SDK refuses endpoints with types of events that it does not know, which all of Postern's are.
@step("list webhook endpoints and deliveries")
def _():
    equal(polar.webhooks.list_webhook_endpoints().items, [])
    equal(polar.webhooks.list_webhook_deliveries().items, [])


@step("export customers")
def _():
    text = customers.export()
    assert text.startswith("ID,External ID,"), text


@step("organizations that are not there: ResourceNotFound")
def _():
    not_found(polar.organizations.get, missing())
    error = refused(errors.ResourceNotFound, 404, polar.customer_portal.organizations.get, "another").error
    equal(error.error, "ResourceNotFound")


# Errors that every call can return.


# What Postern does not keep.


@step("the state of a customer")
def _():
    for state in (customers.get_state(individual.id), customers.get_state_external(individual.external_id)):
        equal((state.id, state.active_subscriptions, state.granted_benefits, state.active_meters), (individual.id, [], [], []))
    not_found(customers.get_state, missing())


@step("empty lists of what Postern does not keep")
def _():
    holder = customers.create(email=f"holder-{ada.email}")
    portal = client(sessions.create(customer_id=holder.id).token).customer_portal
    for service in (
        polar.subscriptions, polar.orders, polar.products, polar.benefit_grants, polar.license_keys, polar.checkouts, polar.meters,
        polar.customer_meters, polar.events, portal.orders, portal.subscriptions, portal.benefit_grants, portal.license_keys,
        portal.customer_meters, portal.downloadables, portal.wallets,
    ):
        page = service.list()
        equal((page.items, page.pagination.total_count), ([], 0))
    equal(portal.customers.list_payment_methods().items, [])


@step("single objects that Postern does not keep")
def _():
    for service in (polar.subscriptions, polar.orders, polar.products, polar.license_keys):
        not_found(service.get, missing())


@step("an unknown token, or one of the wrong kind: 401")
def _():
    unauthorized(INVALID, client(unknown_token).customers.list)
    unauthorized(ANONYMOUS, client(entered_anew := log_in(f"new-{ada.email}")).customers.list)
    unauthorized(ANONYMOUS, client(entered_anew).customer_sessions.create, customer_id=individual.id)
    unauthorized(ANONYMOUS, polar.customer_portal.customers.get)


@step("an access token without the scope: 403")
def _():
    body = {"comment": "narrow", "scopes": ["customers:read"]}
    narrow = client(succeeded(plain("POST", "/v1/organization-access-tokens/", body, access_token))["token"])
    narrow.customers.list()
    error = refused(PolarClientError, 403, narrow.customers.create, email=bob.email)
    equal(json.loads(error.error)["error"], "insufficient_scope")


@step("too many requests: PolarRateLimitError")
def _():
    limited = client(unknown_token, limited_server).customers
    try:
        limited.list()  # uses up the rate limit
    except PolarClientError:
        pass
    error = refused(PolarRateLimitError, 429, limited.list)
    assert error.retry_after > 0, error.retry_after


@step("a server without its database: PolarServerError")
def _():
    error = refused(PolarServerError, 503, client(access_token, broken_server).customers.list)
    assert "ServiceUnavailable" in error.message, error.message


@step("no server: PolarNetworkError")
def _():
    refused(PolarNetworkError, None, client(unknown_token, unreachable_server).customers.list)


print("done")
