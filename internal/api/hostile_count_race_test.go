//go:build race

package api_test

// spoiled is how many requests [TestMutations] sends: the race detector slows SQLite down tenfold.
const spoiled = 1000
