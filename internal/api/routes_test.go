package api

import (
	"testing"

	"github.com/postern-go/postern/internal/openapi"
)

// What is served is what is documented, and the other way round.
func TestTheTableIsTheDocument(t *testing.T) {
	type place struct{ method, path string }
	documented := map[place]bool{}
	for _, op := range openapi.Operations() {
		documented[place{op.Method, op.Path}] = true
	}
	served := map[place]bool{}
	for _, r := range new(api).routes() {
		p := place{r.Method, r.Path}
		if served[p] {
			t.Errorf("%s %s is in the table twice", r.Method, r.Path)
		}
		if served[p] = true; !documented[p] {
			t.Errorf("%s %s is served, and not documented", r.Method, r.Path)
		}
	}
	for p := range documented {
		if !served[p] {
			t.Errorf("%s %s is documented, and not served", p.method, p.path)
		}
	}
}
