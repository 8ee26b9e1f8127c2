//go:build !race

package api_test

// spoiled is how many requests [TestMutations] sends.
const spoiled = 10_000
