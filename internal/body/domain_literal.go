package body

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// ipv4Problem returns the reason why a text of digits and periods is not an IPv4 address, or "". The texts are those of Python's
// ipaddress.
func ipv4Problem(text string) string {
	octets := strings.Split(text, ".")
	if len(octets) != 4 {
		return fmt.Sprintf("Expected 4 octets in '%s'", text)
	}
	for _, octet := range octets {
		switch n, _ := strconv.Atoi(octet); {
		case octet == "":
			return fmt.Sprintf("Empty octet not permitted in '%s'", text)
		case len(octet) > 3:
			return fmt.Sprintf("At most 3 characters permitted in '%s' in '%s'", octet, text)
		case octet != "0" && octet[0] == '0':
			return fmt.Sprintf("Leading zeros are not permitted in '%s' in '%s'", octet, text)
		case n > 255:
			return fmt.Sprintf("Octet %d (> 255) not permitted in '%s'", n, text)
		}
	}
	return ""
}

// ipv6Problem returns the reason why a text is not an IPv6 address. The texts are those of Python's ipaddress.
func ipv6Problem(text string) string {
	const groups = 8
	parts := strings.Split(text, ":")
	switch doubles := strings.Count(":"+strings.Join(parts[min(1, len(parts)-1):max(1, len(parts)-1)], ":")+":", "::"); {
	case text == "":
		return "Address cannot be empty"
	case strings.Contains(text, "/"):
		return fmt.Sprintf("Unexpected '/' in '%s'", text)
	case len(parts) < 3:
		return fmt.Sprintf("At least 3 parts expected in '%s'", text)
	case len(parts) > groups+1:
		return fmt.Sprintf("At most %d colons permitted in '%s'", groups, text)
	case doubles > 1:
		return fmt.Sprintf("At most one '::' permitted in '%s'", text)
	case doubles == 0 && len(parts) != groups:
		return fmt.Sprintf("Exactly %d parts expected without '::' in '%s'", groups, text)
	}
	for _, part := range parts {
		if strings.Contains(part, ".") {
			return fmt.Sprintf("%s in '%s'", ipv4Problem(part), text)
		}
		if strings.Trim(part, "0123456789abcdefABCDEF") != "" {
			return fmt.Sprintf("Only hex digits permitted in '%s' in '%s'", part, text)
		}
		if len(part) > 4 {
			return fmt.Sprintf("At most 4 characters permitted in '%s' in '%s'", part, text)
		}
	}
	if _, err := netip.ParseAddr(text); err != nil && strings.HasPrefix(text, ":") {
		return fmt.Sprintf("Leading ':' only permitted as part of '::' in '%s'", text)
	}
	return fmt.Sprintf("Trailing ':' only permitted as part of '::' in '%s'", text)
}
