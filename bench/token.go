package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/token"
)

// checkAndHash compares the verification of a token (checksum, HMAC, comparison) with a plain HMAC-SHA256 that does not reuse its
// key schedule.
func checkAndHash() ([]result, error) {
	text := token.NewSecret()
	secrets, err := token.NewSecrets(text)
	if err != nil {
		return nil, err
	}
	minted := token.Mint(token.Customer, token.NewID(time.Now()).Key())
	hash, id := secrets.Hash(minted)
	revealed := minted.Reveal()
	var values, baselines, ratios []float64
	var allocs int64
	for range rounds {
		value := testing.Benchmark(func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if t, err := token.Check(revealed); err != nil || !secrets.Verify(t, id, hash) {
					b.Fatal("a valid token was refused")
				}
			}
		})
		baseline := testing.Benchmark(func(b *testing.B) {
			for b.Loop() {
				mac := hmac.New(sha256.New, []byte(text))
				mac.Write([]byte(revealed))
				if !hmac.Equal(mac.Sum(nil), hash[:]) {
					b.Fatal("hash mismatch")
				}
			}
		})
		allocs = value.AllocsPerOp()
		v, f := float64(value.T.Nanoseconds())/float64(value.N), float64(baseline.T.Nanoseconds())/float64(baseline.N)
		values, baselines, ratios = append(values, v), append(baselines, f), append(ratios, v/f)
	}
	return []result{
		{Name: "token.Check and hash against a new HMAC-SHA256, ns", Value: median(values), Baseline: median(baselines), Ratio: median(ratios), Target: 1, Better: "lower"},
		{Name: "token.Check and hash, allocations", Value: float64(allocs), Baseline: 0, Ratio: 0, Target: 0, Better: "lower"},
	}, nil
}
