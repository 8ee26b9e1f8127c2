package portal

import "strings"

// device is the device that a User-Agent header describes. A client can send any User-Agent, so the device may be wrong.
type device struct {
	// browser and system are "" if they are unknown.
	browser, system string
	phone           bool
}

// These are substrings of User-Agent headers, with the names of browsers and systems. More specific substrings come first,
// because the headers of browsers also include the names of other browsers.
var (
	browsers = [][2]string{
		{"Edg/", "Edge"}, {"EdgA/", "Edge"}, {"EdgiOS/", "Edge"}, {"OPR/", "Opera"}, {"Vivaldi/", "Vivaldi"}, {"SamsungBrowser/", "Samsung Internet"},
		{"FxiOS/", "Firefox"}, {"Firefox/", "Firefox"}, {"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Version/", "Safari"},
	}
	systems = [][2]string{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"CrOS", "ChromeOS"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"Linux", "Linux"},
	}
)

func deviceOf(userAgent string) device {
	d := device{browser: firstOf(browsers, userAgent), system: firstOf(systems, userAgent)}
	d.phone = d.system == "iPhone" || d.system == "Android" && strings.Contains(userAgent, "Mobile")
	return d
}

func firstOf(list [][2]string, text string) string {
	for _, known := range list {
		if strings.Contains(text, known[0]) {
			return known[1]
		}
	}
	return ""
}

// device returns a name such as "Firefox on Linux".
func (l *localizer) device(d device) string {
	switch {
	case d.browser != "" && d.system != "":
		return l.Text("device.both", "Browser", d.browser, "System", d.system)
	case d.browser+d.system != "":
		return d.browser + d.system
	}
	return l.Text("device.unknown")
}
