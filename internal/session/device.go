package session

import "strings"

// Device is the device that a User-Agent header describes. A client can send any User-Agent, so the device may be wrong.
type Device struct {
	// Browser and System are "" if they are unknown.
	Browser, System string
	Phone           bool
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

// Device returns the device of the client.
func (c Client) Device() Device {
	userAgent := c.UserAgent
	d := Device{Browser: firstOf(browsers, userAgent), System: firstOf(systems, userAgent)}
	d.Phone = d.System == "iPhone" || d.System == "Android" && strings.Contains(userAgent, "Mobile")
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
