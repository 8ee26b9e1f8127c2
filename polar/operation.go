package polar

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// operation is what is the same in all calls of one kind. A file a resource, a variable an operation.
type operation struct {
	name       string // for errors: "introspect customer session"
	method     string
	path       string // begins with /v1; {name} stands for one segment
	status     int    // of success
	auth       authKind
	limit      int64 // of the answer, in bytes; 0 stands for maxAnswer
	idempotent bool  // whether the server knows an Idempotency-Key there
}

// credential is what an operation takes as one.
type authKind int

const (
	sessionAuth authKind = iota
	organizationAuth
	noAuth
)

// wants names the credential, for people.
func (c authKind) describe() string {
	if c == organizationAuth {
		return "an access token of an organization (polar_oat_…), see WithAccessToken"
	}
	return "the token of a customer session (" + CustomerSessionPrefix + "…) or of a member session (" + MemberSessionPrefix + "…)"
}

// wrong is an error before anything was sent.
func (op *operation) wrapError(err error) error { return fmt.Errorf("polar: %s: %w", op.name, err) }

// locate is where the operation is served, with values for what its path leaves open, in their order.
func (op *operation) resolveURL(server *url.URL, values []string) (*url.URL, error) {
	path := op.path
	for _, value := range values {
		// A segment of dots would be another path to whoever tidies paths up on the way.
		if value == "" || value == "." || value == ".." {
			return nil, op.wrapError(fmt.Errorf("%q is no id", value))
		}
		open, end := strings.IndexByte(path, '{'), strings.IndexByte(path, '}')
		path = path[:open] + url.PathEscape(value) + path[end+1:]
	}
	return appendPath(server, path)
}

// endpoint puts an escaped path behind the server's.
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
