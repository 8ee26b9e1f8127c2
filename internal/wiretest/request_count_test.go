//go:build !race

package wiretest_test

// mutatedRequests is the number of requests of [TestMutations]; requestsPerCaller is the number of requests of each caller of
// [TestInvariantsHoldUnderConcurrentCallers].
const (
	mutatedRequests   = 10_000
	requestsPerCaller = 400
)
