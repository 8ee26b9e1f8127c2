package body

import (
	"errors"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	whatwg "github.com/nlnwa/whatwg-url/url"
)

// The reasons why a URL is invalid, as in the parser that Pydantic uses (the Rust crate url).
var (
	errEmptyURL   = errors.New("input is empty")
	errRelative   = errors.New("relative URL without a base")
	errEmptyHost  = errors.New("empty host")
	errHostName   = errors.New("invalid international domain name")
	errIPv4       = errors.New("invalid IPv4 address")
	errIPv6       = errors.New("invalid IPv6 address")
	errPort       = errors.New("invalid port number")
	errHostSymbol = errors.New("invalid domain character")
)

// parseHost splits and checks the part of a URL between the user information and the path. It returns the host in ASCII and the
// port with its colon, if there is one. special is whether the scheme is that of a web page.
func parseHost(text string, special bool) (host, port string, err error) {
	host = text
	if end := strings.IndexByte(text, ']'); strings.HasPrefix(text, "[") && end >= 0 {
		if colon := strings.IndexByte(text[end:], ':'); colon >= 0 {
			host, port = text[:end+colon], text[end+colon:]
		}
	} else if colon := portColon(text); colon >= 0 {
		host, port = text[:colon], text[colon:]
	}
	if special {
		host, err = domainHost(host)
	} else {
		host, err = opaqueHost(host)
	}
	if err == nil && !validPort(port) {
		err = errPort
	}
	return host, port, err
}

// portColon returns the index of the first colon that is not in brackets, or -1.
func portColon(text string) int {
	inside := false
	for i := range len(text) {
		switch text[i] {
		case '[':
			inside = true
		case ']':
			inside = false
		case ':':
			if !inside {
				return i
			}
		}
	}
	return -1
}

func validPort(port string) bool {
	digits := strings.TrimPrefix(port, ":")
	if digits == "" {
		return true
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	return err == nil && n <= 65535 && digits[0] != '+'
}

// domainHost converts the host of a web page: an IPv6 address in brackets, an IPv4 address in any form, or a domain.
func domainHost(text string) (string, error) {
	switch {
	case text == "":
		return "", errEmptyHost
	case strings.HasPrefix(text, "["):
		return ipv6Host(text)
	}
	decoded := decodePercent(text)
	if !utf8.ValidString(decoded) {
		return "", errHostName
	}
	ascii, ok := asciiHost(decoded)
	switch {
	case !ok || strings.ContainsFunc(ascii, func(r rune) bool { return r <= ' ' || r == '\x7f' || strings.ContainsRune("%#/:<>?@[\\]^|", r) }):
		return "", errHostName
	case ascii == "":
		return "", errEmptyHost
	case endsInNumber(ascii):
		return ipv4Host(ascii)
	}
	return ascii, nil
}

// opaqueHost checks the host of other URLs.
func opaqueHost(text string) (string, error) {
	if strings.HasPrefix(text, "[") {
		return ipv6Host(text)
	}
	if strings.ContainsAny(text, "\x00\t\n\r #/:<>?@[\\]^|") {
		return "", errHostSymbol
	}
	return text, nil
}

func ipv6Host(text string) (string, error) {
	inside, closed := strings.CutSuffix(text[1:], "]")
	ip, err := netip.ParseAddr(inside)
	if !closed || err != nil || !ip.Is6() || ip.Zone() != "" {
		return "", errIPv6
	}
	u, err := whatwg.Parse("http://" + text) // shortens the address
	if err != nil {
		return "", errIPv6
	}
	return u.Hostname(), nil
}

// endsInNumber reports whether the last label of a domain is a number, so that the domain must be an IPv4 address.
func endsInNumber(domain string) bool {
	domain = strings.TrimSuffix(domain, ".")
	last := domain[strings.LastIndexByte(domain, '.')+1:]
	if last == "" {
		return false
	}
	if strings.Trim(last, "0123456789") == "" {
		return true
	}
	_, ok := ipv4Number(last)
	return ok
}

// ipv4Host converts an IPv4 address of one to four numbers, which may be octal or hexadecimal.
func ipv4Host(domain string) (string, error) {
	parts := strings.Split(strings.TrimSuffix(domain, "."), ".")
	if len(parts) > 4 {
		return "", errIPv4
	}
	ip := uint64(0)
	for i, part := range parts {
		n, ok := ipv4Number(part)
		last := i == len(parts)-1
		if !ok || !last && n > 255 || last && n >= 1<<(8*(5-len(parts))) {
			return "", errIPv4
		}
		if last {
			ip = ip<<(8*(5-len(parts))) | n
		} else {
			ip = ip<<8 | n
		}
	}
	return netip.AddrFrom4([4]byte{byte(ip >> 24), byte(ip >> 16), byte(ip >> 8), byte(ip)}).String(), nil
}

// ipv4Number parses a decimal, octal or hexadecimal number. A prefix without digits is 0. It reports false if the text is not a
// number, and returns a large number if the number overflows.
func ipv4Number(text string) (n uint64, ok bool) {
	base, digits := 10, text
	switch {
	case text == "":
		return 0, false
	case strings.HasPrefix(text, "0x") || strings.HasPrefix(text, "0X"):
		base, digits = 16, text[2:]
	case len(text) > 1 && text[0] == '0':
		base, digits = 8, text[1:]
	}
	if digits == "" {
		return 0, true
	}
	n, err := strconv.ParseUint(digits, base, 64)
	if errors.Is(err, strconv.ErrRange) {
		return 1 << 63, true
	}
	return n, err == nil && digits[0] != '+'
}

// decodePercent decodes the valid escapes of a text.
func decodePercent(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if i+3 <= len(text) {
			if c, err := url.PathUnescape(text[i : i+3]); text[i] == '%' && err == nil {
				b.WriteString(c)
				i += 2
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return b.String()
}
