package web

import (
	"net/http"

	"github.com/postern-go/postern/internal/fault"
)

// The versions of the API that this server speaks. The first one is what a caller gets who names none. Customer
// sessions look the same in all of them.
var versions = []struct {
	name   string
	header []string
}{
	{"2026-04", []string{"2026-04"}},
	{"2026-10", []string{"2026-10"}},
	{"2027-01", []string{"2027-01"}},
}

var errNoVersion = fault.New(fault.NoRoute, "Not Found")

// negotiateVersion answers with the version that the caller asked for. Any that is not known here gets a bare 404 and
// false: not even the headers of CORS, because nothing of this API is there.
func negotiateVersion(x *Exchange, r *http.Request) bool {
	asked := ""
	if values := r.Header["Polar-Version"]; len(values) > 0 {
		asked = values[0]
	}
	for i := range versions {
		if v := &versions[i]; asked == v.name || asked == "" {
			x.Header()["Polar-Version"] = v.header
			return true
		}
	}
	x.Cause = errNoVersion
	x.Header().Set("Content-Type", "application/json")
	x.WriteHeader(http.StatusNotFound)
	x.Write([]byte(`{"detail":"Not Found"}`))
	return false
}
