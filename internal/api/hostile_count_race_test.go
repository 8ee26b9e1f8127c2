//go:build race

package api_test

// spoiled is how many requests [TestMutations] sends, and gusts how many each caller of [TestStorm] does: the race detector
// slows SQLite down tenfold.
const (
	spoiled = 500
	gusts   = 100
)
