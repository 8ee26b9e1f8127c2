//go:build race

package wiretest_test

// mutatedRequests is the number of requests of [TestMutations]; requestsPerCaller is the number of requests of each caller of
// [TestInvariantsHoldUnderConcurrentCallers]. Both are small because the race detector slows SQLite down tenfold.
const (
	mutatedRequests   = 500
	requestsPerCaller = 100
)
