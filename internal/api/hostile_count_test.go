//go:build !race

package api_test

// spoiled is how many requests [TestMutations] sends, and gusts how many each caller of [TestStorm] does.
const (
	spoiled = 10_000
	gusts   = 400
)
