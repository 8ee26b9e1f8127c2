package api

import (
	"testing"

	"github.com/postern-go/postern/internal/leak"
	"github.com/postern-go/postern/internal/openapi"
)

// What is served is what is documented, and the other way round. The document leaves out what this server does not keep.
func TestRoutesMatchTheDocument(t *testing.T) {
	type place struct{ method, path string }
	documented := map[place]bool{}
	for _, op := range openapi.Operations() {
		documented[place{op.Method, op.Path}] = true
	}
	served, elsewhere := map[place]bool{}, map[place]bool{}
	for _, r := range (&api{}).billingRows() {
		elsewhere[place{r.method, r.path}] = r.contract.billing
	}
	for _, r := range (&api{Deps: Deps{GitHub: new(leak.GitHub)}}).routes() {
		p := place{r.Method, r.Path}
		if served[p] {
			t.Errorf("%s %s is in the table twice", r.Method, r.Path)
		}
		if !Serves(r.Path) {
			t.Errorf("Serves reports false for %s", r.Path)
		}
		if served[p] = true; r.Method == "HEAD" && documented[place{"GET", r.Path}] {
			continue // a HEAD says what its GET does
		}
		if documented[p] == elsewhere[p] {
			t.Errorf("%s %s is served, and not documented, or documented although this server does not keep it", r.Method, r.Path)
		}
	}
	for p := range documented {
		if !served[p] {
			t.Errorf("%s %s is documented, and not served", p.method, p.path)
		}
	}
}
