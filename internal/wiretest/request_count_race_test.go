//go:build race

package wiretest_test

// spoiled is how many requests [TestMutations] sends, and gusts how many each caller of [TestInvariantsHoldUnderConcurrentCallers] does: the race detector
// slows SQLite down tenfold.
const (
	spoiled = 500
	gusts   = 100
)
