package portalauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/postern-go/postern/polar"
)

// Routes that tell the holder of a session.
const (
	posternRoute = "/v1/customer-portal/forward-auth"
	polarRoute   = "/v1/customer-portal/customer-session/introspect"
)

// Check asks the server whether the verifier can work. It returns nil if the server can be reached and answers questions
// about sessions, the access token is accepted, has the scopes that the verifier needs and belongs to the accepted
// organization, and this computer's clock differs from the server's by at most one minute. Otherwise the error says what
// to do. errors.As finds the [*polar.Error] or [*ClockError] in it; it is [ErrUnavailable] if the server could not be
// reached or gave an unexpected response.
//
// Use Check when a program starts, and in its health check. Check sends up to four requests, does not retry, and does
// not use the cache. Set a deadline in ctx. Which organization an access token belongs to is not known on Polar before
// the organization has a customer.
func (v *Verifier) Check(ctx context.Context) error {
	if !v.isReady() {
		return errNoVerifier
	}
	err := v.checkSessions(ctx)
	if err == nil && v.client.HasAccessToken() {
		err = v.checkAccessToken(ctx)
	}
	switch clock := v.clock.difference().err(); {
	case err != nil && clock != nil:
		err = fmt.Errorf("%w; %w", err, clock)
	case err == nil:
		err = clock
	}
	if err != nil {
		return fmt.Errorf("portalauth: check: %w", err)
	}
	return nil
}

// checkSessions checks that the server has the route that the verifier uses, and that the route refuses a request
// without a session token. It does not send an unknown token, because servers refuse one on routes that do not exist.
func (v *Verifier) checkSessions(ctx context.Context) error {
	route := posternRoute
	if v.isPolar {
		route = polarRoute
	}
	var response polar.Response
	sent := v.options.Now()
	err := v.client.Do(ctx, http.MethodGet, route, nil, nil, polar.WithoutRetries(), polar.WithResponseInto(&response))
	v.learnTime(response, sent)
	switch {
	case errors.Is(err, polar.ErrUnauthorized):
		return nil
	case errors.Is(err, polar.ErrNotFound):
		return fmt.Errorf("%w: %w", ErrUnavailable, v.withRouteHint(err))
	case err != nil:
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return fmt.Errorf("%w: the server accepted a request without a session; check that polar.WithServerURL is a Postern server or Polar, and that no proxy answers in its place", ErrUnavailable)
}

// checkAccessToken checks the scopes and the organization of the access token, as far as the verifier needs them.
func (v *Verifier) checkAccessToken(ctx context.Context) error {
	var problems []error
	if v.needsCustomers() {
		problems = append(problems, v.checkCustomers(ctx))
	}
	if !v.isPolar {
		problems = append(problems, v.checkStream(ctx))
	}
	var err error
	for _, problem := range problems {
		switch {
		case errors.Is(problem, polar.ErrUnauthorized): // the same for every route
			return problem
		case err == nil:
			err = problem
		case problem != nil:
			err = fmt.Errorf("%w; %w", err, problem)
		}
	}
	return err
}

// needsCustomers reports whether the verifier reads customers to find the organization of a session.
func (v *Verifier) needsCustomers() bool {
	return !v.options.AnyOrganization && (v.isPolar || v.options.OrganizationID == "")
}

// checkCustomers reads a customer, whose organization is the access token's.
func (v *Verifier) checkCustomers(ctx context.Context) error {
	page, err := v.client.Customers.ListPage(ctx, polar.CustomerListParams{Page: polar.Page{Size: 1}}, polar.WithoutRetries())
	if err != nil {
		return accessTokenError(err, polar.ScopeCustomersRead, "find the organization of a session")
	}
	if len(page.Items) == 0 {
		return nil
	}
	of := page.Items[0].OrganizationID
	if v.options.OrganizationID != "" && of != v.options.OrganizationID {
		return fmt.Errorf("the client's access token belongs to the organization %s, but Options.OrganizationID is %s; set the access token of this organization", of, v.options.OrganizationID)
	}
	return nil
}

// checkStream opens the stream of revocations and waits for its first event.
func (v *Verifier) checkStream(ctx context.Context) error {
	opts := []polar.Option{polar.WithoutRetries()}
	if v.options.OrganizationID == "" {
		return v.openStream(ctx, opts)
	}
	// A Postern server refuses an access token of another organization than this option names.
	err := v.openStream(ctx, append(opts, polar.WithOrganization(v.options.OrganizationID)))
	if errors.Is(err, polar.ErrUnauthorized) && v.openStream(ctx, opts) == nil {
		return fmt.Errorf("the client's access token belongs to another organization than Options.OrganizationID, %s; set the access token of this organization, or none", v.options.OrganizationID)
	}
	return err
}

func (v *Verifier) openStream(ctx context.Context, opts []polar.Option) error {
	for _, err := range v.client.CustomerSessions.Revocations(ctx, "", opts...) {
		switch {
		case errors.Is(err, polar.ErrNotFound):
			return fmt.Errorf("there is no stream of revocations; check that the server is a current Postern server and that proxies forward the route: %w", err)
		case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
			return fmt.Errorf("%w: the stream of revocations does not start; check that proxies do not buffer it: %w", ErrUnavailable, err)
		case err != nil:
			return accessTokenError(err, polar.ScopeCustomerSessionsRead, "follow the stream of revocations")
		}
		break
	}
	return nil
}

// accessTokenError says what to do about an error of a call with the access token, which needs scope for a purpose.
func accessTokenError(err error, scope polar.Scope, purpose string) error {
	switch {
	case errors.Is(err, polar.ErrInsufficientScope):
		return fmt.Errorf("the client's access token lacks the scope %s, which is needed to %s; create an access token with it: %w", scope, purpose, err)
	case errors.Is(err, polar.ErrUnauthorized):
		return fmt.Errorf("the server does not accept the client's access token; check that it was not revoked and belongs to this server: %w", err)
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}
