package body

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/postern-go/postern/internal/fault"
)

// maxDepth limits the nesting of a body, because the parser is recursive. No route needs such a depth.
const maxDepth = 200

// maxValues limits the number of values in a body. A value of two bytes takes more than a hundred bytes of memory, and bodies
// are parsed before the caller is authenticated. No route needs so many values.
const maxValues = 100_000

// syntaxError has the error text of CPython's json module. The position counts characters.
type syntaxError struct {
	what string
	at   int
}

// parser parses one JSON document and reports syntax errors as CPython's json module does. Unlike CPython, it rejects NaN and
// infinities, because a JSON answer cannot contain them.
type parser struct {
	text   string
	at     int
	depth  int
	values int
}

// failure is the value of a panic that carries a syntaxError out of the recursion.
type failure struct{ *syntaxError }

// parseJSON returns fault.InvalidRequest for a syntax error, and fault.Malformed for an integer that is too long.
func parseJSON(text string) (v Value, err error) {
	p := &parser{text: text}
	defer func() {
		switch f := recover().(type) {
		case nil:
		case failure:
			v, err = Value{}, fault.Invalid(fault.Field{
				Type: "json_invalid", Name: []any{f.at}, Msg: "JSON decode error", Input: []byte(`{}`), Ctx: context("error", f.what),
			})
		case *fault.Error:
			v, err = Value{}, f
		default:
			panic(f)
		}
	}()
	p.space()
	v = p.value()
	p.space()
	if p.at < len(text) {
		p.fail("Extra data", p.at)
	}
	return v, nil
}

func (p *parser) fail(what string, at int) {
	panic(failure{&syntaxError{what, utf8.RuneCountInString(p.text[:min(at, len(p.text))])}})
}

func (p *parser) space() {
	for p.at < len(p.text) && strings.IndexByte(" \t\n\r", p.text[p.at]) >= 0 {
		p.at++
	}
}

// peek returns the next byte, or 0 at the end.
func (p *parser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *parser) value() Value {
	if p.values++; p.values > maxValues {
		p.fail("Too many values", p.at)
	}
	switch c := p.peek(); {
	case c == '{':
		return p.object()
	case c == '[':
		return p.array()
	case c == '"':
		return Value{kind: stringKind, text: p.string()}
	case c == '-' || '0' <= c && c <= '9':
		return p.number()
	}
	for word, v := range map[string]Value{"null": {kind: nullKind}, "true": {kind: boolKind, text: "true"}, "false": {kind: boolKind, text: "false"}} {
		if strings.HasPrefix(p.text[p.at:], word) {
			p.at += len(word)
			return v
		}
	}
	p.fail("Expecting value", p.at)
	return Value{}
}

func (p *parser) enter() {
	p.at++
	if p.depth++; p.depth > maxDepth {
		p.fail("Nested too deep", p.at-1)
	}
}

func (p *parser) object() Value {
	v := Value{kind: objectKind}
	p.enter()
	p.space()
	if p.peek() == '}' {
		return p.leave(v)
	}
	for {
		if p.peek() != '"' {
			p.fail("Expecting property name enclosed in double quotes", p.at)
		}
		name := p.string()
		p.space()
		if p.peek() != ':' {
			p.fail("Expecting ':' delimiter", p.at)
		}
		p.at++
		p.space()
		v.set(name, p.value())
		if p.next('}', "object") {
			return p.leave(v)
		}
	}
}

func (p *parser) array() Value {
	v := Value{kind: arrayKind}
	p.enter()
	p.space()
	if p.peek() == ']' {
		return p.leave(v)
	}
	for {
		v.items = append(v.items, p.value())
		if p.next(']', "array") {
			return p.leave(v)
		}
	}
}

// next skips a comma between two members or items. It reports true at the end of the object or array, which kind names.
func (p *parser) next(end byte, kind string) bool {
	p.space()
	switch p.peek() {
	case end:
		return true
	case ',':
		comma := p.at
		p.at++
		p.space()
		if p.peek() == end {
			p.fail("Illegal trailing comma before end of "+kind, comma)
		}
		return false
	}
	p.fail("Expecting ',' delimiter", p.at)
	return false
}

func (p *parser) leave(v Value) Value {
	p.at++
	p.depth--
	return v
}

func (p *parser) number() Value {
	start := p.at
	if p.peek() == '-' {
		p.at++
	}
	if p.peek() == '0' {
		p.at++
	} else if p.digits() == 0 {
		p.fail("Expecting value", start)
	}
	kind := intKind
	if mark := p.at; p.peek() == '.' {
		p.at++
		if p.digits() == 0 {
			p.at = mark // the number ends before the period
			return p.integer(p.text[start:mark])
		}
		kind = floatKind
	}
	if mark := p.at; p.peek() == 'e' || p.peek() == 'E' {
		p.at++
		if p.peek() == '+' || p.peek() == '-' {
			p.at++
		}
		if p.digits() == 0 {
			p.at = mark
		} else {
			kind = floatKind
		}
	}
	text := p.text[start:p.at]
	if kind == intKind {
		return p.integer(text)
	}
	if kind == floatKind {
		if _, err := strconv.ParseFloat(text, 64); err != nil { // too large; the number is infinite
			p.fail("Number out of range", start)
		}
	}
	return Value{kind: kind, text: text}
}

// maxIntegerDigits is the maximum number of digits of an integer, as in CPython.
const maxIntegerDigits = 4300

// errDigits is the panic value for an integer with more than maxIntegerDigits digits. CPython does not report it as a
// syntax error.
var errDigits = fault.New(fault.Malformed, "There was an error parsing the body")

func (p *parser) integer(text string) Value {
	if len(strings.TrimPrefix(text, "-")) > maxIntegerDigits {
		panic(errDigits)
	}
	if text == "-0" {
		text = "0"
	}
	return Value{kind: intKind, text: text}
}

func (p *parser) digits() (n int) {
	for '0' <= p.peek() && p.peek() <= '9' {
		p.at++
		n++
	}
	return n
}

func (p *parser) string() string {
	start := p.at
	p.at++
	plain := p.at // most strings have no escapes, and are parts of the text
	for plain < len(p.text) && p.text[plain] != '"' && p.text[plain] != '\\' && p.text[plain] >= 0x20 {
		plain++
	}
	if plain < len(p.text) && p.text[plain] == '"' {
		s := p.text[p.at:plain]
		p.at = plain + 1
		return s
	}
	b := []byte(p.text[p.at:plain])
	p.at = plain
	for {
		if p.at >= len(p.text) {
			p.fail("Unterminated string starting at", start)
		}
		switch c := p.text[p.at]; {
		case c == '"':
			p.at++
			return string(b)
		case c == '\\':
			b = p.escape(b, start)
		case c < 0x20:
			p.fail("Invalid control character at", p.at)
		default:
			b = append(b, c)
			p.at++
		}
	}
}

func (p *parser) escape(b []byte, start int) []byte {
	at := p.at
	p.at++
	if p.at >= len(p.text) {
		p.fail("Unterminated string starting at", start)
	}
	c := p.text[p.at]
	p.at++
	if c == 'u' {
		return utf8.AppendRune(b, p.escapedRune(at))
	}
	i := strings.IndexByte(`"\/bfnrt`, c)
	if i < 0 {
		p.fail(`Invalid \escape`, at)
	}
	return append(b, "\"\\/\b\f\n\r\t"[i])
}

// escapedRune parses the digits after \u. If they are the first half of a surrogate pair, it also parses the escape of the
// second half. It rejects an unpaired surrogate.
func (p *parser) escapedRune(at int) rune {
	r := p.hex4(at)
	if !utf16.IsSurrogate(r) {
		return r
	}
	if strings.HasPrefix(p.text[p.at:], `\u`) {
		p.at += 2
		if joined := utf16.DecodeRune(r, p.hex4(p.at-2)); joined != utf8.RuneError {
			return joined
		}
	}
	p.fail("Unpaired surrogate", at)
	return 0
}

func (p *parser) hex4(at int) rune {
	if p.at+4 > len(p.text) {
		p.fail(`Invalid \uXXXX escape`, at+1)
	}
	n, err := strconv.ParseUint(p.text[p.at:p.at+4], 16, 16)
	if err != nil {
		p.fail(`Invalid \uXXXX escape`, at+1)
	}
	p.at += 4
	return rune(n)
}
