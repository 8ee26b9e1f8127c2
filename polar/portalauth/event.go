package portalauth

import "time"

// Event is something that has happened, for [Options.Observe].
type Event struct {
	Kind EventKind
	// Took is how long the server was asked; 0 where it was not.
	Took time.Duration
	// Err is why, where something went wrong; it holds no token.
	Err error
}

// EventKind says what has happened. Expect kinds that are not listed here.
type EventKind string

// The kinds of events. For each call of [Verifier.Verify] there is one of the first eight.
const (
	// Remembered is a session that was let in without asking.
	Remembered EventKind = "remembered"
	// Asked is a session that was let in after the server was asked.
	Asked EventKind = "asked"
	// Shared is a session whose answer somebody else was waiting for already.
	Shared EventKind = "shared"
	// Stale is a session that was let in because of [Options.ServeStale]; Err is why the server could not be asked.
	Stale EventKind = "stale"
	// Malformed is a text that can be no token. The server was not asked.
	Malformed EventKind = "malformed"
	// RememberedInvalid is a token that the server had refused a moment ago.
	RememberedInvalid EventKind = "remembered_invalid"
	// Invalid is a token that the server has refused.
	Invalid EventKind = "invalid"
	// Unavailable is a token of which nothing is known, because the server could not be asked.
	Unavailable EventKind = "unavailable"

	// Ended is a revocation that the stream has told of: what was remembered of the sessions that it ends is forgotten.
	Ended EventKind = "ended"
	// FeedConnected is the stream of revocations that is followed now.
	FeedConnected EventKind = "feed_connected"
	// FeedLost is the stream of revocations that has ended, or could not be followed. It is tried again.
	FeedLost EventKind = "feed_lost"
	// FeedAbsent is a server without a stream of revocations, or a client without an access token for it.
	FeedAbsent EventKind = "feed_absent"
)
