package polar_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/postern-go/postern/polar"
)

func TestCollect(t *testing.T) {
	wrong := errors.New("page 2 failed")
	for _, test := range []struct {
		values []int
		err    error
	}{{nil, nil}, {[]int{1, 2}, nil}, {[]int{1, 2}, wrong}, {nil, wrong}} {
		got, err := polar.Collect(func(yield func(int, error) bool) {
			for _, v := range test.values {
				if !yield(v, nil) {
					return
				}
			}
			if test.err != nil {
				yield(0, test.err)
			}
		})
		if fmt.Sprint(got) != fmt.Sprint(test.values) || err != test.err || (got == nil) != (test.values == nil) {
			t.Errorf("%v, %v: got %v, %v", test.values, test.err, got, err)
		}
	}
}

// oneValue matches a range statement over an iterator of the client that drops the error: for x := range client.….List(…).
var oneValue = regexp.MustCompile(`for(\s+\w+\s*:?=|\s*)\s*range\s+[\w.]*\.(List\w*|Revocations|FollowRevocations)\(`)

// Programs, documents and examples of this repository never drop the error of an iterator.
func TestIteratorsAreRangedOverWithTheirError(t *testing.T) {
	for text, want := range map[string]bool{
		"for c := range client.Customers.List(ctx, p) {":         true,
		"for range s.client.CustomerSessions.Revocations(ctx) {": true,
		"for c, err := range client.Customers.List(ctx, p) {":    false,
		"for _, last = range c.CustomerSessions.Revocations(":    false,
		"for i := range list.Items {":                            false,
	} {
		if got := oneValue.MatchString(text); got != want {
			t.Errorf("%q matches: %v", text, got)
		}
	}
	var read int
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && d.Name() != "..":
			return fs.SkipDir
		}
		if ext := filepath.Ext(name); d.IsDir() || ext != ".go" && ext != ".md" || d.Name() == "collect_test.go" {
			return nil
		}
		if read++; read > 5000 {
			return errors.New("too many files")
		}
		text, err := os.ReadFile(name)
		if m := oneValue.Find(text); m != nil && strings.Contains(string(text), "polar") {
			t.Errorf("%s: %s…: take the error too: for v, err := range", name, m)
		}
		return err
	})
	if err != nil || read < 100 {
		t.Errorf("read %d files: %v", read, err)
	}
}
