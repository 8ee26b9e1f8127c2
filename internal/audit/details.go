package audit

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// Details describe a change further. They hold names of fields and values of fixed lists, but neither free text nor secrets.
type Details struct {
	// Changed lists the fields that changed, without their values.
	Changed []string `json:"changed,omitempty"`
	// Scopes are the scopes of an access token after the change.
	Scopes []string `json:"scopes,omitempty"`
	// From and Role are the roles of a member before and after the change.
	From string `json:"from,omitempty"`
	Role string `json:"role,omitempty"`
	// Reason is why sessions ended, or why an attempt was refused.
	Reason string `json:"reason,omitempty"`
	// SessionsEnded is true if the change also ended sessions.
	SessionsEnded bool `json:"sessions_ended,omitempty"`
	// Anonymized is true if personal data was erased.
	Anonymized bool `json:"anonymized,omitempty"`
	// Sessions and AccessTokens are the numbers of ended sessions and revoked access tokens of a change that ends many.
	Sessions     int `json:"sessions,omitempty"`
	AccessTokens int `json:"access_tokens,omitempty"`
	// Omitted is the number of refused attempts since the previous entry that have no entry of their own. See [Attempts].
	Omitted int `json:"omitted,omitempty"`
	// Truncated is true if the details were too long.
	Truncated bool `json:"truncated,omitempty"`
}

// MaxDetails is the maximum length of the JSON text of details, in bytes.
const MaxDetails = 2048

// Text returns the details as a JSON object of at most MaxDetails bytes. Longer lists of fields and scopes are cut, and
// Truncated is then set.
func (d Details) Text() string {
	text := encode(d)
	if len(text) <= MaxDetails {
		return text
	}
	d.Changed, d.Scopes = cut(d.Changed), cut(d.Scopes)
	d.From, d.Role, d.Reason = bounded(d.From, MaxName), bounded(d.Role, MaxName), bounded(d.Reason, MaxName)
	d.Truncated = true
	return encode(d)
}

// ReadDetails parses the text of stored details. It returns an error if the text is not the JSON of details.
func ReadDetails(text string) (d Details, err error) {
	err = json.Unmarshal([]byte(text), &d)
	return d, err
}

// cut returns at most 8 short elements.
func cut(list []string) []string {
	list = slices.Clone(list[:min(8, len(list))])
	for i := range list {
		list[i] = bounded(list[i], MaxName)
	}
	return list
}

func encode(d Details) string {
	b, err := json.Marshal(d)
	if err != nil { // the fields are strings, numbers and booleans
		return "{}"
	}
	return string(b)
}

// ChangedFields returns the names of the fields in which two values of a struct type differ, as snake_case, without the fields in
// skip.
func ChangedFields[T any](was, now T, skip ...string) []string {
	return changedFields("", reflect.ValueOf(was), reflect.ValueOf(now), skip)
}

func changedFields(prefix string, was, now reflect.Value, skip []string) (names []string) {
	for i, field := range reflect.VisibleFields(was.Type()) {
		if len(field.Index) > 1 || !field.IsExported() || slices.Contains(skip, field.Name) {
			continue
		}
		if !reflect.DeepEqual(was.Field(i).Interface(), now.Field(i).Interface()) {
			names = append(names, prefix+snake(field.Name))
		}
	}
	return names
}

// snake converts a Go name to snake_case: ReturnURL becomes return_url.
func snake(name string) string {
	var b strings.Builder
	letters := []rune(name)
	for i, r := range letters {
		if i > 0 && unicode.IsUpper(r) && (unicode.IsLower(letters[i-1]) || i+1 < len(letters) && unicode.IsLower(letters[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
