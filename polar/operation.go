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
	status     int    // of a successful response
	auth       authKind
	limit      int64 // largest response body in bytes; zero means maxResponse
	idempotent bool  // the server accepts an Idempotency-Key
}

// authKind is the kind of credential that an operation sends.
type authKind int

const (
	sessionAuth authKind = iota
	organizationAuth
	noAuth
)

// describe names the credential for error messages.
func (c authKind) describe() string {
	if c == organizationAuth {
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
