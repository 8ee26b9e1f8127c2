package polar

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// operation describes one route of the API. Each operation is a package variable, in the file of its resource.
type operation struct {
	name       string // used in errors: "introspect customer session"
	method     string
	path       string // starts with /v1; {name} is a placeholder for one segment
	status     int    // of a successful response; zero means every status from 200 to 299
	auth       authKind
	limit      int64 // largest response body in bytes; zero means maxResponse
	idempotent bool  // the server accepts an Idempotency-Key
	sortable   bool  // a list that can be sorted by SortCreatedAt
	repeatable bool  // a POST that has the same effect if it is sent twice
}

// authKind is the kind of credential that an operation sends.
type authKind int

const (
	sessionAuth authKind = iota
	organizationAuth
	noAuth
	anyAuth // Do: a session token, an access token or none
)

// describe names the credential for error messages.
func (c authKind) describe() string {
	switch c {
	case anyAuth:
		return "the credential that the route needs; see WithAccessToken and WithSession"
	case organizationAuth:
		return "an organization access token (polar_oat_…); see WithAccessToken"
	}
	return "the token of a customer session (" + CustomerSessionPrefix + "…) or of a member session (" + MemberSessionPrefix + "…)"
}

// wrapError adds the operation's name to an error of a call that was not sent.
func (op *operation) wrapError(err error) error { return fmt.Errorf("polar: %s: %w", op.name, err) }

// resolveURL returns the operation's URL on the server, with values for the placeholders of its path.
func (op *operation) resolveURL(server *url.URL, values []string) (*url.URL, error) {
	path := op.path
	for _, value := range values {
		// Proxies and routers would remove a segment "." or ".." and change the path.
		if value == "" || value == "." || value == ".." {
			return nil, op.wrapError(fmt.Errorf("%q is not a valid ID", value))
		}
		open, end := strings.IndexByte(path, '{'), strings.IndexByte(path, '}')
		path = path[:open] + url.PathEscape(value) + path[end+1:]
	}
	return appendPath(server, path)
}

// appendPath appends an escaped path to the path of the server's URL.
func appendPath(server *url.URL, path string) (*url.URL, error) {
	u := *server
	if !strings.Contains(path, "%") && u.RawPath == "" {
		u.Path += path
		return &u, nil
	}
	escaped := u.EscapedPath() + path
	plain, err := url.PathUnescape(escaped)
	if err != nil {
		return nil, errors.New("polar: the path cannot be escaped")
	}
	u.Path, u.RawPath = plain, escaped
	return &u, nil
}
