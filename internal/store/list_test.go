package store

import (
	"math"
	"testing"

	"github.com/postern-go/postern/internal/directory"
)

// A page is checked without the total, because the total can be old.
func TestSkippedRows(t *testing.T) {
	for page, want := range map[directory.Page]int{
		{Number: 1, Limit: 10}: 0, {Number: 3, Limit: 10}: 20, {Number: 1, Limit: math.MaxInt}: 0, {Number: math.MaxInt, Limit: 1}: math.MaxInt - 1,
	} {
		if got, ok := skipped(page); !ok || got != want {
			t.Errorf("%+v: %d, %t, want %d", page, got, ok, want)
		}
	}
	for _, page := range []directory.Page{
		{Number: math.MaxInt, Limit: 10}, {Number: math.MaxInt, Limit: math.MaxInt}, {Number: 1<<62 + 1, Limit: 4}, {Number: 1<<60 + 1, Limit: 16},
		{Number: 0, Limit: 10}, {Number: -1, Limit: 10}, {Number: math.MinInt, Limit: 2}, {Number: 1, Limit: 0}, {Number: 1, Limit: -1},
	} {
		if got, ok := skipped(page); ok {
			t.Errorf("%+v: %d", page, got)
		}
	}
}
