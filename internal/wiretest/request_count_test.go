//go:build !race

package wiretest_test

// spoiled is how many requests [TestMutations] sends, and gusts how many each caller of [TestInvariantsHoldUnderConcurrentCallers] does.
const (
	mutatedRequests   = 10_000
	requestsPerCaller = 400
)
