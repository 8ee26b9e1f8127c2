package body_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/fault"
)

// TestSyntaxErrors expects the positions and texts of CPython's json module.
func TestSyntaxErrors(t *testing.T) {
	for _, tt := range []struct {
		text, want string
		at         int
	}{
		{`{`, "Expecting property name enclosed in double quotes", 1},
		{`{a`, "Expecting property name enclosed in double quotes", 1},
		{`{"a"`, "Expecting ':' delimiter", 4},
		{`{"a":`, "Expecting value", 5},
		{`{"a":1`, "Expecting ',' delimiter", 6},
		{`{"é":1 "b"`, "Expecting ',' delimiter", 7},
		{`[1 2]`, "Expecting ',' delimiter", 3},
		{`"abc`, "Unterminated string starting at", 0},
		{"\"a\nb\"", "Invalid control character at", 2},
		{`"\x"`, `Invalid \escape`, 1},
		{`"\u12"`, `Invalid \uXXXX escape`, 2},
		{`{} {}`, "Extra data", 3},
		{`01`, "Extra data", 1},
		{`-`, "Expecting value", 0},
		{`   `, "Expecting value", 3},
		{`nul`, "Expecting value", 0},
		{`{"a":1,}`, "Illegal trailing comma before end of object", 6},
		{`{"a":[1 , ]}`, "Illegal trailing comma before end of array", 8},
		{`[1,,2]`, "Expecting value", 3},
		{`{"a":1,,}`, "Expecting property name enclosed in double quotes", 7},
		{"[1,", "Expecting value", 3},
		{`{"a":"\udc00"}`, "Unpaired surrogate", 6},
		{"{\"a\":\"\xED\xA0\x80\"}", "Unpaired surrogate", 6}, // the bytes of U+D800
	} {
		_, err := body.Parse("application/json", []byte(tt.text))
		f, ok := errors.AsType[*fault.Error](err)
		if !ok || len(f.Fields) != 1 {
			t.Errorf("%q: %v", tt.text, err)
			continue
		}
		got, at := string(f.Fields[0].Ctx), f.Fields[0].Name[0]
		want, _ := json.Marshal(map[string]string{"error": tt.want})
		if got != string(want) || at != tt.at {
			t.Errorf("%q: %s at %v, want %s at %d", tt.text, got, at, want, tt.at)
		}
	}
}

// The encoding of a body is detected as in CPython.
func TestEncodings(t *testing.T) {
	ids := []byte(`{"customer_id":1}`)
	wide := func(mark []byte, size, at int) []byte {
		b := slices.Clone(mark)
		for _, c := range ids {
			unit := make([]byte, size)
			unit[at] = c
			b = append(b, unit...)
		}
		return b
	}
	for name, raw := range map[string][]byte{
		"UTF-8": ids, "UTF-8 with a mark": append([]byte("\ufeff"), ids...),
		"UTF-16LE": wide(nil, 2, 0), "UTF-16BE": wide(nil, 2, 1), "UTF-16LE with a mark": wide([]byte{0xFF, 0xFE}, 2, 0), "UTF-16BE with a mark": wide([]byte{0xFE, 0xFF}, 2, 1),
		"UTF-32LE": wide(nil, 4, 0), "UTF-32BE": wide(nil, 4, 3), "UTF-32LE with a mark": wide([]byte{0xFF, 0xFE, 0, 0}, 4, 0), "UTF-32BE with a mark": wide([]byte{0, 0, 0xFE, 0xFF}, 4, 3),
	} {
		v, err := body.Parse("application/json", raw)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		_, err = body.ReadCustomerSessionCreate(v)
		if f, ok := errors.AsType[*fault.Error](err); !ok || f.Fields[0].Type != "uuid_type" {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, raw := range map[string]string{
		"half a unit of UTF-16": "\xFF\xFE{\x00}", "half a unit of UTF-32": "\xFF\xFE\x00\x00{\x00", "no character": "\xFF\xFE\x00\x00\xFF\xFF\xFF\xFF", "neither": "{\xFF}",
		"4,301 digits": "[" + strings.Repeat("9", 4301) + "]", "a negative number of 4,301 digits": "-" + strings.Repeat("9", 4301),
	} {
		if _, err := body.Parse("application/json", []byte(raw)); !fault.Is(err, fault.Malformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, raw := range []string{strings.Repeat("9", 4300), "-" + strings.Repeat("9", 4300), "-0"} {
		if _, err := body.Parse("application/json", []byte(raw)); err != nil {
			t.Errorf("%.10s…: %v", raw, err)
		}
	}
}

func TestPathUUID(t *testing.T) {
	const id = "1dbfc517-0bbf-4301-9ba8-555ca42b9737"
	for text, want := range map[string]string{
		id:                                     "",
		strings.ToUpper(id):                    "",
		strings.ReplaceAll(id, "-", ""):        "",
		"{" + id + "}":                         "",
		"urn:uuid:" + id:                       "",
		"nope":                                 "invalid character: found `n` at 1",
		"{}":                                   "invalid group count: expected 5, found 1",
		"{":                                    "invalid character: found `{` at 1",
		"123":                                  "invalid length: expected length 32 for simple format, found 3",
		"":                                     "invalid length: expected length 32 for simple format, found 0",
		"{" + id[:35] + "}":                    "invalid group length in group 4: expected 12, found ",
		"1dbfc517-0bbf-4301-9ba8":              "invalid group count: expected 5, found 4",
		"1dbfc51-70bbf-4301-9ba8-555ca42b9737": "invalid group length in group 0: expected 8, found 7",
		"1dbfc517-0bbf-1301-9ba8-555ca42b9737": "UUID version 4 expected",
	} {
		_, err := body.PathUUID("id", text)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestReturnURLs(t *testing.T) {
	for given, want := range map[string]string{
		"https://example.com":                    "https://example.com/",
		"HTTPS://EXÄMPLE.com/a b?q=ä#f":          "https://xn--exmple-cua.com/a%20b?q=%C3%A4#f",
		"http://localhost:80/x":                  "http://localhost/x",
		"https://u:p@example.com:8443/":          "https://u:p@example.com:8443/",
		"https://example.com/a/../b/./c":         "https://example.com/b/c",
		"ftp://example.com":                      "!url_scheme",
		"javascript:alert(1)":                    "!url_scheme",
		"/account":                               "!url_parsing",
		"":                                       "!url_parsing",
		"https://":                               "!url_parsing",
		"https://e/" + strings.Repeat("a", 2083): "!url_too_long",
	} {
		text, _ := json.Marshal(map[string]string{"external_customer_id": "x", "return_url": given})
		v, err := body.Parse("application/json", text)
		if err != nil {
			t.Fatal(err)
		}
		in, err := body.ReadCustomerSessionCreate(v)
		if kind, refused := strings.CutPrefix(want, "!"); refused {
			if f, ok := errors.AsType[*fault.Error](err); !ok || f.Fields[0].Type != kind {
				t.Errorf("%q: %v, want %s", given, err, kind)
			}
		} else if err != nil || in.ReturnURL != want {
			t.Errorf("%q: %q, %v, want %q", given, in.ReturnURL, err, want)
		}
	}
}

func TestEmails(t *testing.T) {
	for given, want := range map[string]string{
		"ada@example.com":         "ada@example.com",
		"Ada@EXAMPLE.com":         "Ada@example.com",
		"Foo <foo@x.com>":         "foo@x.com",
		" ada@example.com ":       "ada@example.com",
		"ada":                     "!An email address must have an @-sign.",
		"@example.com":            "!There must be something before the @-sign.",
		"ada@":                    "!There must be something after the @-sign.",
		"ada@example":             "!The part after the @-sign is not valid. It should have a period.",
		"ada@localhost":           "!The part after the @-sign is not valid. It should have a period.",
		"ada@app.localhost":       "!The part after the @-sign is a special-use or reserved name that cannot be used with email.",
		"a..b@example.com":        "!An email address cannot have two periods in a row.",
		"a\r\nBcc: x@example.com": "!The email address contains invalid characters before the @-sign: ':', SPACE, U+000A, U+000D.",
	} {
		text, _ := json.Marshal(map[string]string{"email": given})
		v, err := body.Parse("application/json", text)
		if err != nil {
			t.Fatal(err)
		}
		in, err := body.ReadCustomerCreate(v)
		if why, refused := strings.CutPrefix(want, "!"); refused {
			if err == nil || !strings.Contains(err.Error(), "value is not a valid email address: "+why) {
				t.Errorf("%q: %v, want %s", given, err, why)
			}
		} else if err != nil || *in.Email != want {
			t.Errorf("%q: %v, want %q", given, err, want)
		}
	}
}

// FuzzParse checks that encoding/json accepts everything that Parse accepts, and that validation errors repeat the input.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{`{"email":"a@b.co","metadata":{"a":1.0,"b":[]}}`, `{"a":{"a":1},"a":2}`, `[1,-0.5e3,"\ud83d\ude00"]`, "\ufeff{}", `{"type":"team","owner":{}}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := body.Parse("application/json", []byte(text))
		if err != nil {
			if !fault.Is(err, fault.InvalidRequest) && !fault.Is(err, fault.Malformed) {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		if strings.Contains(text, "\x00") {
			return // UTF-16 or UTF-32, which encoding/json does not read
		}
		var std any
		if err := json.Unmarshal([]byte(strings.TrimPrefix(text, "\ufeff")), &std); text != "" && err != nil {
			t.Errorf("encoding/json refuses %q: %v", text, err)
		}
		in, err := body.ReadCustomerCreate(v)
		if err == nil && in.Type == "" || err != nil && !fault.Is(err, fault.InvalidRequest) {
			t.Errorf("%q: %+v, %v", text, in, err)
		}
		if _, err := body.ReadCustomerSessionCreate(v); err != nil && !fault.Is(err, fault.InvalidRequest) {
			t.Errorf("%q: %v", text, err)
		}
		if f, ok := errors.AsType[*fault.Error](err); ok {
			for _, field := range f.Fields {
				var a any
				if field.Input != nil && json.Unmarshal(field.Input, &a) != nil {
					t.Errorf("%q: the input %s is not JSON", text, field.Input)
				}
				if len(field.Name) == 0 && field.Type == "union_tag_invalid" && !reflect.DeepEqual(a, std) {
					t.Errorf("%q came back as %s", text, field.Input)
				}
			}
		}
	})
}
