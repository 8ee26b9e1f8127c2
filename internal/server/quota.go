package server

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/postern-go/postern/internal/directory"
)

// Quotas limits how many objects of each kind one organization or customer can have. The zero value has the limits of
// [directory.DefaultLimits], or in strict mode those of [directory.PolarLimits].
type Quotas struct {
	// given are the limits that the text of ParseQuotas names.
	given map[string]int
	polar bool
}

// ParseQuotas parses "" (the zero value), "off", or limits by name:
//
//	members=1000,endpoints=10,access-tokens=1000,metadata-filters=10
//
// A limit is "off" or 1 to 1,000,000,000. Quotas that the text omits keep the limits of the zero value.
func ParseQuotas(text string) (Quotas, error) {
	q := Quotas{given: map[string]int{}}
	if text == "" {
		return q, nil
	}
	if text == "off" {
		for name := range quotaFields {
			q.given[name] = 0
		}
		return q, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		n, err := strconv.ParseUint(value, 10, 32)
		_, seen := q.given[name]
		if quotaFields[name] == nil || seen || value != "off" && (err != nil || n == 0 || n > maxQuota) {
			return Quotas{}, fmt.Errorf("invalid quota %q: use off, or limits for %s, such as members=1000,endpoints=off",
				part, strings.Join(slices.Sorted(maps.Keys(quotaFields)), ", "))
		}
		q.given[name] = int(n)
	}
	return q, nil
}

const maxQuota = 1_000_000_000

// UnmarshalText calls [ParseQuotas]. Command-line flags use it.
func (q *Quotas) UnmarshalText(text []byte) (err error) {
	*q, err = ParseQuotas(string(text))
	return err
}

var quotaFields = map[string]func(l *directory.Limits) *int{
	"members":          func(l *directory.Limits) *int { return &l.Members },
	"endpoints":        func(l *directory.Limits) *int { return &l.Endpoints },
	"metadata-filters": func(l *directory.Limits) *int { return &l.MetadataFilters },
	"sessions":         func(l *directory.Limits) *int { return &l.Sessions },
	"access-tokens":    func(l *directory.Limits) *int { return &l.AccessTokens },
}

func (q Quotas) limits() directory.Limits {
	l := directory.DefaultLimits()
	if q.polar {
		l = directory.PolarLimits()
	}
	for name, n := range q.given {
		*quotaFields[name](&l) = n
	}
	return l
}
