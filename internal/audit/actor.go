package audit

import (
	"context"
	"net/netip"
	"strings"

	"github.com/postern-go/postern/internal/token"
)

// ActorKind is the type of an actor.
type ActorKind string

// The types of actors.
const (
	// AccessToken is an organization's access token that called the API.
	AccessToken ActorKind = "access_token"
	// Operator is a person who signed in to the operator pages with an access token.
	Operator ActorKind = "operator"
	// Customer and Member are the holder of a session.
	Customer ActorKind = "customer"
	Member   ActorKind = "member"
	// Visitor is a caller that is not signed in, such as one who enters a login code.
	Visitor ActorKind = "visitor"
	// CommandLine is a person who ran a postern command on the store.
	CommandLine ActorKind = "command_line"
	// ServerItself is a background task of the server.
	ServerItself ActorKind = "server"
)

// ActorKinds lists all types of actors.
var ActorKinds = []ActorKind{AccessToken, Operator, Customer, Member, Visitor, CommandLine, ServerItself}

// Actor is who causes a change, and from where.
type Actor struct {
	Kind ActorKind
	// Key is the key of the access token, of the customer or of the member. It is 0 for the other kinds.
	Key token.Key
	// Session is the session of a customer or member, or the sign-in of an operator, and otherwise zero.
	Session token.ID
	// Name is the name of the operating system's user on the command line, and otherwise "".
	Name string
	// IP and UserAgent describe the client. They are "" if there is none.
	IP, UserAgent string
}

// The maximum lengths of texts in an entry, in bytes. Longer texts are cut.
const (
	MaxUserAgent = 256
	MaxName      = 64
)

// From returns the actor with the address and the user agent of its client. It omits an invalid address.
func (a Actor) From(ip netip.Addr, userAgent string) Actor {
	if ip.IsValid() {
		a.IP = ip.Unmap().String()
	}
	a.UserAgent = userAgent
	return a
}

// Bounded returns the actor with each text cut to its maximum length. The texts are then valid UTF-8 without zero
// bytes, because PostgreSQL refuses all others.
func (a Actor) Bounded() Actor {
	a.Name, a.UserAgent = bounded(a.Name, MaxName), bounded(a.UserAgent, MaxUserAgent)
	return a
}

func bounded(text string, limit int) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
	if len(text) > limit {
		text = strings.ToValidUTF8(text[:limit], "")
	}
	return text
}

type actorKey struct{}

// WithActor returns a context for the work of one request, or of one command, of the actor.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorFrom returns the actor of the context. Without one, it returns [ServerItself].
func ActorFrom(ctx context.Context) Actor {
	if a, ok := ctx.Value(actorKey{}).(Actor); ok {
		return a
	}
	return Actor{Kind: ServerItself}
}
