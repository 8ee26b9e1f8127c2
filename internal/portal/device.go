package portal

import "github.com/postern-go/postern/internal/session"

// device returns a name such as "Firefox on Linux".
func (l *localizer) device(d session.Device) string {
	switch {
	case d.Browser != "" && d.System != "":
		return l.Text("device.both", "Browser", d.Browser, "System", d.System)
	case d.Browser+d.System != "":
		return d.Browser + d.System
	}
	return l.Text("device.unknown")
}
