package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/postern-go/postern/internal/fault"
)

// Version is a version of the API.
type Version struct {
	// Name is the year and month of the version, such as "2026-10".
	Name string
	// Deprecated is when the version became or becomes deprecated. From End on, the server does not have the version. A zero time
	// means that there is no such date yet.
	Deprecated, End time.Time
}

// DefaultVersion is the version for a request that names none. It changes with a release of this server, and never with the date.
const DefaultVersion = "2026-10"

// Versions returns the versions of the API, the oldest first. Polar adds one each quarter and removes the oldest.
func Versions() []Version {
	return []Version{
		{Name: "2026-04", Deprecated: day(2026, time.October, 1), End: day(2027, time.January, 4)},
		{Name: "2026-10"},
		{Name: "2027-01"},
	}
}

func day(year int, month time.Month, d int) time.Time {
	return time.Date(year, month, d, 0, 0, 0, 0, time.UTC)
}

// CheckVersion returns an error, which lists the versions, if there is no version of that name.
func CheckVersion(name string) error {
	var names []string
	for _, v := range versions {
		names = append(names, v.Name)
	}
	if !slices.Contains(names, name) {
		return fmt.Errorf("unknown version of the API %q; the versions are %q", name, names)
	}
	return nil
}

// versions holds the versions with their headers, so that a request does not format them.
var versions = func() (list []servedVersion) {
	for _, v := range Versions() {
		served := servedVersion{Version: v, name: []string{v.Name}}
		if !v.Deprecated.IsZero() {
			served.deprecation = []string{"@" + strconv.FormatInt(v.Deprecated.Unix(), 10)}
		}
		if !v.End.IsZero() {
			served.sunset = []string{v.End.Format(http.TimeFormat)}
		}
		list = append(list, served)
	}
	return list
}()

// servedVersion is a version with the values of the headers Polar-Version, Deprecation (RFC 9745) and Sunset (RFC 8594).
type servedVersion struct {
	Version
	name, deprecation, sunset []string
}

// setHeaders sets the headers that name the version. The default version has no end, so it has no Sunset.
func (v *servedVersion) setHeaders(h http.Header, isDefault bool, now time.Time) {
	h["Polar-Version"] = v.name
	if v.deprecation != nil && !now.Before(v.Deprecated) {
		h["Deprecation"] = v.deprecation
		if v.sunset != nil && !isDefault {
			h["Sunset"] = v.sunset
		}
	}
}

var errNoVersion = fault.New(fault.NoRoute, "Not Found")

// negotiateVersion selects the version that the request names, or the default. If the server does not have the version,
// negotiateVersion answers with a 404 without CORS headers, as Polar does, and reports false.
func (s *Stack) negotiateVersion(x *Exchange, r *http.Request, now time.Time) bool {
	byDefault := s.DefaultVersion
	if byDefault == "" {
		byDefault = DefaultVersion
	}
	asked := byDefault
	if values := r.Header["Polar-Version"]; len(values) > 0 && values[0] != "" {
		asked = values[0]
	}
	for i := range versions {
		v := &versions[i]
		if v.Name != asked || v.Name != byDefault && !v.End.IsZero() && !now.Before(v.End) {
			continue
		}
		x.version = v.Name
		v.setHeaders(x.Header(), v.Name == byDefault, now)
		return true
	}
	x.Cause = errNoVersion
	s.neverCache(x)
	x.Header().Set("Content-Type", "application/json")
	x.WriteHeader(http.StatusNotFound)
	x.Write([]byte(`{"detail":"Not Found"}`))
	return false
}
