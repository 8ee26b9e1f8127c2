package portalauth

import "time"

// Event describes the result of a verification or a change of the stream of revocations, for [Options.Observe].
type Event struct {
	Kind EventKind
	// Duration is the time that the lookup took. It is zero if there was no lookup.
	Duration time.Duration
	// Err is the cause of a failure, and nil otherwise. It never contains a token.
	Err error
}

// EventKind is the kind of an [Event]. Later versions may add kinds.
type EventKind string

// Kinds of events. Each call of [Verifier.Verify] causes one of the first eight.
const (
	// EventCacheHit means that a session was accepted from the cache.
	EventCacheHit EventKind = "cache_hit"
	// EventLookup means that a session was accepted after the server was asked.
	EventLookup EventKind = "lookup"
	// EventSharedLookup means that a session was accepted with the result of a concurrent call's lookup.
	EventSharedLookup EventKind = "shared_lookup"
	// EventStale means that a session was accepted because of [Options.ServeStale]. Err is the failure of the lookup.
	EventStale EventKind = "stale"
	// EventMalformed means that a text was refused because it is not a session token. The server was not asked.
	EventMalformed EventKind = "malformed"
	// EventCachedInvalid means that a token was refused because the server had refused it before or its session was
	// revoked.
	EventCachedInvalid EventKind = "cached_invalid"
	// EventInvalid means that the server refused a token.
	EventInvalid EventKind = "invalid"
	// EventUnavailable means that a session could not be checked. Err is the reason.
	EventUnavailable EventKind = "unavailable"

	// EventRevocation means that the stream reported a revocation. The affected entries of the cache are no longer
	// used.
	EventRevocation EventKind = "revocation"
	// EventStreamConnected means that the stream of revocations is connected.
	EventStreamConnected EventKind = "stream_connected"
	// EventStreamLost means that the stream of revocations has ended or could not be opened. The verifier reconnects.
	EventStreamLost EventKind = "stream_lost"
	// EventStreamUnavailable means that the server has no stream of revocations, or that the client has no access token
	// for it.
	EventStreamUnavailable EventKind = "stream_unavailable"

	// EventClockDifference means that the clock differs from the server's by more than one minute. Err is a [*ClockError].
	// Every lookup causes it until a clock is set.
	EventClockDifference EventKind = "clock_difference"
)
