package web

import (
	"net/http"

	"github.com/postern-go/postern/internal/fault"
)

// versions lists the versions of the API that this server supports. The first one is the default. All versions have the same
// answers.
var versions = []struct {
	name   string
	header []string
}{
	{"2026-04", []string{"2026-04"}},
	{"2026-10", []string{"2026-10"}},
	{"2027-01", []string{"2027-01"}},
}

var errNoVersion = fault.New(fault.NoRoute, "Not Found")

// negotiateVersion sets the header Polar-Version to the version that the request names, or to the default. If the version is not
// supported, negotiateVersion answers with a 404 without CORS headers, as Polar does, and reports false.
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
