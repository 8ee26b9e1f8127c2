package billing

import (
	"regexp"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
)

// Operation is a route about objects that this server does not keep.
type Operation struct {
	Method, Path string
	Access       Access
	Input        Input
	// Without is the answer of [None].
	Without Outcome
}

// Caller is the kind of the caller that an operation accepts.
type Caller int

// The callers.
const (
	Organization Caller = iota + 1
	Session
	Anyone
)

// Access is what an operation requires of its caller.
type Access struct {
	Caller Caller
	// Scopes lists alternatives: the caller needs one of them.
	Scopes []directory.Scope
	// Managers refuses members that are neither the owner nor a billing manager.
	Managers bool
	// OfCustomer means that the path names a customer of the organization, who must exist.
	OfCustomer bool
}

func organization(scopes ...directory.Scope) Access {
	return Access{Caller: Organization, Scopes: scopes}
}

var (
	holders       = Access{Caller: Session, Scopes: []directory.Scope{directory.CustomerPortalRead, directory.CustomerPortalWrite}}
	holdersWrite  = Access{Caller: Session, Scopes: []directory.Scope{directory.CustomerPortalWrite}}
	managers      = holders.managing()
	managersWrite = holdersWrite.managing()
	anyone        = Access{Caller: Anyone}
)

func (a Access) managing() Access {
	a.Managers = true
	return a
}

func (a Access) ofCustomer() Access {
	a.OfCustomer = true
	return a
}

// Input validates the query and the body. A nil check accepts everything; without a check of the body, the body is not read.
type Input struct {
	Query body.QueryCheck
	Body  body.BodyCheck
}

func query(q body.QueryCheck) Input { return Input{Query: q} }
func takes(b body.BodyCheck) Input  { return Input{Body: b} }

var parameter = regexp.MustCompile(`\{(\w+)\}`)

// Parameters returns the names of the parameters of the path.
func (o *Operation) Parameters() (names []string) {
	for _, m := range parameter.FindAllStringSubmatch(o.Path, -1) {
		names = append(names, m[1])
	}
	return names
}

// IsID reports whether a parameter of a path must be a UUID. The other parameters are any text.
func IsID(parameter string) bool { return parameter == "id" || parameter == "seat_id" }
