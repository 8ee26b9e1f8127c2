package portalauth

import "time"

// Event is something that has happened, for [Options.Observe].
type Event struct {
	Kind EventKind
	// Took is how long the server was asked; 0 where it was not.
	Duration time.Duration
	// Err is why, where something went wrong; it holds no token.
	Err error
}

// EventKind says what has happened. Expect kinds that are not listed here.
type EventKind string

// The kinds of events. For each call of [Verifier.Verify] there is one of the first eight.
const (
	// Remembered is a session that was let in without asking.
	EventCacheHit EventKind = "cache_hit"
	// Asked is a session that was let in after the server was asked.
	EventLookup EventKind = "lookup"
	// Shared is a session whose answer somebody else was waiting for already.
	EventSharedLookup EventKind = "shared_lookup"
	// Stale is a session that was let in because of [Options.ServeStale]; Err is why the server could not be asked.
	EventStale EventKind = "stale"
	// Malformed is a text that can be no token. The server was not asked.
	EventMalformed EventKind = "malformed"
	// RememberedInvalid is a token that the server had refused a moment ago.
	EventCachedInvalid EventKind = "cached_invalid"
	// Invalid is a token that the server has refused.
	EventInvalid EventKind = "invalid"
	// Unavailable is a token of which nothing is known, because the server could not be asked.
	EventUnavailable EventKind = "unavailable"

	// Ended is a revocation that the stream has told of: what was remembered of the sessions that it ends is forgotten.
	EventRevocation EventKind = "revocation"
	// FeedConnected is the stream of revocations that is followed now.
	EventStreamConnected EventKind = "stream_connected"
	// FeedLost is the stream of revocations that has ended, or could not be followed. It is tried again.
	EventStreamLost EventKind = "stream_lost"
	// FeedAbsent is a server without a stream of revocations, or a client without an access token for it.
	EventStreamUnavailable EventKind = "stream_unavailable"
)
