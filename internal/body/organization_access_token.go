package body

import "time"

// OrganizationAccessTokenCreate is the body of POST /v1/organization-access-tokens/.
type OrganizationAccessTokenCreate struct {
	// OrganizationID is nil if it was absent or null.
	OrganizationID *[16]byte
	Comment        string
	// ExpiresIn is nil for a token that does not expire. It can be negative. A duration above 292 years is shortened to 292
	// years.
	ExpiresIn *time.Duration
	// Scopes keeps the order of the request. An empty list is valid.
	Scopes []string
}

// ReadOrganizationAccessTokenCreate reads a new access token. Its scopes must be among the allowed ones.
func ReadOrganizationAccessTokenCreate(v Value, allowed []string) (in OrganizationAccessTokenCreate, err error) {
	o := open(v)
	in.OrganizationID = o.optionalUUID("organization_id")
	in.Comment, _ = o.text("comment", true, 0)
	in.ExpiresIn = o.duration("expires_in")
	in.Scopes = o.requiredChoices("scopes", allowed)
	return result(in, o)
}

// OrganizationAccessTokenUpdate is the body of PATCH /v1/organization-access-tokens/{id}.
type OrganizationAccessTokenUpdate struct {
	Comment Optional[string]
	Scopes  Optional[[]string]
}

// ReadOrganizationAccessTokenUpdate reads the changed fields of an access token. allowed lists the scopes that the access token
// can have.
func ReadOrganizationAccessTokenUpdate(v Value, allowed []string) (in OrganizationAccessTokenUpdate, err error) {
	o := open(v)
	in.Comment = optional(o, "comment", o.optionalText)
	in.Scopes = optional(o, "scopes", o.optionalChoices(allowed))
	return result(in, o)
}

// OrganizationAccessTokenDelete is the query of DELETE /v1/organization-access-tokens/{id}.
type OrganizationAccessTokenDelete struct {
	// EndSessions also ends the sessions that the token and the tokens below it created.
	EndSessions bool
}

// ReadOrganizationAccessTokenDelete reads the query of a request to revoke an access token.
func ReadOrganizationAccessTokenDelete(values Query) (in OrganizationAccessTokenDelete, err error) {
	q := openQuery(values)
	if end := q.flag("end_sessions"); end != nil {
		in.EndSessions = *end
	}
	return result(in, q.object)
}

// OrganizationAccessTokenRotate is the body of POST /v1/organization-access-tokens/{id}/rotate. A nil field was absent or null.
type OrganizationAccessTokenRotate struct {
	// Overlap is how long the old token stays valid. It can be negative.
	Overlap *time.Duration
	// ExpiresIn is how long the successor is valid. It can be negative.
	ExpiresIn *time.Duration
}

// ReadOrganizationAccessTokenRotate reads a request to rotate an access token.
func ReadOrganizationAccessTokenRotate(v Value) (in OrganizationAccessTokenRotate, err error) {
	o := open(v)
	in.Overlap = o.duration("overlap")
	in.ExpiresIn = o.duration("expires_in")
	return result(in, o)
}
