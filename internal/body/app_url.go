package body

import (
	"net/url"
	"slices"

	"github.com/postern-go/postern/internal/directory"
)

// TakeAppURL takes an address that opens an app, such as myapp://account, out of a body. It returns the body without the member,
// and the address as it is written. If the member is not such an address, or allowed returns false for it, TakeAppURL returns the
// whole body and "". Readers then refuse the address as Polar does, because it is not an http or https URL.
func TakeAppURL(v Value, name string, allowed func(u *url.URL) bool) (rest Value, address string) {
	i := v.find(name)
	if i < 0 || v.items[i].kind != stringKind || len(v.items[i].text) > directory.MaxURL {
		return v, ""
	}
	u, err := url.Parse(v.items[i].text)
	if err != nil || !directory.IsAppAddress(u) || !allowed(u) {
		return v, ""
	}
	address, rest = v.items[i].text, v
	rest.items = slices.Clone(v.items)
	rest.items[i] = Value{kind: nullKind}
	return rest, address
}
