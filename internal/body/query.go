package body

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/postern-go/postern/internal/fault"
)

// The limits of a list.
const (
	defaultLimit = 10
	maxLimit     = 100
	// maxPage is beyond every list, and times maxLimit within 32 bits.
	maxPage = 1 << 24
	// maxSearch is how many characters of a text are looked for: more than any name or address has. Databases bound it too,
	// and answer what is longer with a failure.
	maxSearch = 1000
	// maxMetadataFilter is how many values of metadata are asked for at once, for the same reason.
	maxMetadataFilter = 100
)

// Paging is which part of a list is asked for.
type Paging struct {
	// Page counts from 1, which is what it is when it was not given. It is at most 16,777,216, a page of no list.
	Page int
	// Limit is how many items a page has: 1 to 100, 10 when it was not given.
	Limit int
}

// Order is one criterion by which a list is sorted.
type Order struct {
	By         string
	Descending bool
}

// ParseQuery reads a query string as Polar does, which is not how url.ParseQuery does it: a semicolon is text, and so is a
// percent sign that begins no escape. Nothing is dropped, since a filter that was dropped would let through what it was to
// keep out.
func ParseQuery(raw string) url.Values {
	values := url.Values{}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		values.Add(unescape(name), unescape(value))
	}
	return values
}

var loosePercent = regexp.MustCompile(`%($|[^0-9A-Fa-f]|[0-9A-Fa-f]($|[^0-9A-Fa-f]))`)

// unescape leaves what is no escape as it is. What is not UTF-8 becomes U+FFFD.
func unescape(text string) string {
	for loosePercent.MatchString(text) { // again, because matches do not overlap
		text = loosePercent.ReplaceAllString(text, "%25$1")
	}
	text, _ = url.QueryUnescape(text) // what is left are escapes
	return strings.ToValidUTF8(text, "\uFFFD")
}

// query reads the parameters of one, and collects what is wrong with them.
type query struct {
	object
	values url.Values
}

func openQuery(values url.Values) query {
	return query{object{in: fault.Query, fields: new([]fault.Field)}, values}
}

// last is the parameter that counts when it is repeated. It reports false when there is none.
func (q query) last(name string) (Value, bool) {
	all := q.values[name]
	if len(all) == 0 {
		return Value{}, false
	}
	return parameter(all[len(all)-1]), true
}

func parameter(text string) Value {
	return Value{kind: stringKind, text: strings.ToValidUTF8(text, "\uFFFD")}
}

// text is nil for a parameter that was not given. Polar looks for one with a NUL and fails; here it is refused.
func (q query) text(name string) *string {
	v, ok := q.last(name)
	if !ok || !q.clean(v, name) {
		return nil
	}
	return &v.text
}

// search is [query.text] for what is looked for within other texts.
func (q query) search(name string) *string {
	text := q.text(name)
	if text != nil && utf8.RuneCountInString(*text) > maxSearch {
		q.refuse(parameter(*text), "string_too_long", fmt.Sprintf("String should have at most %d characters", maxSearch), contextInt("max_length", maxSearch), name)
		return nil
	}
	return text
}

// requiredText is "" for a parameter that is refused.
func (q query) requiredText(name string) string {
	if len(q.values[name]) == 0 {
		q.refuse(Value{}, "missing", "Field required", nil, name)
	}
	if text := q.text(name); text != nil {
		return *text
	}
	return ""
}

// choice is nil for a parameter that was not given or is refused.
func (q query) choice(name string, allowed ...string) *string {
	v, ok := q.last(name)
	if !ok || !q.chosen(v, allowed, name) {
		return nil
	}
	return &v.text
}

// flag is nil for a parameter that was not given or is refused.
func (q query) flag(name string) *bool {
	v, ok := q.last(name)
	if !ok {
		return nil
	}
	switch strings.ToLower(v.text) {
	case "1", "on", "t", "true", "y", "yes":
		return new(true)
	case "0", "off", "f", "false", "n", "no":
		return new(false)
	}
	q.refuse(v, "bool_parsing", "Input should be a valid boolean, unable to interpret input", nil, name)
	return nil
}

// paging reads page and limit. A limit that is too large is lowered, and nobody is told.
func (q query) paging() Paging {
	return Paging{Page: min(q.count("page", 1), maxPage), Limit: min(q.count("limit", defaultLimit), maxLimit)}
}

// whole is how Pydantic's integers may be written: with a sign, single underscores, and a fraction of nothing.
var whole = regexp.MustCompile(`^([+-]?[0-9]+(?:_[0-9]+)*)(?:\.0+)?$`)

// maxDigits is how many characters of an integer Pydantic reads.
const maxDigits = 4300

// count reads a number of 1 or more; what no integer can hold is the largest.
func (q query) count(name string, fallback int) int {
	v, ok := q.last(name)
	if !ok {
		return fallback
	}
	text := strings.TrimFunc(v.text, unicode.IsSpace)
	match := whole.FindStringSubmatch(text)
	switch {
	case len(text) > maxDigits:
		q.refuse(v, "int_parsing_size", "Unable to parse input string as an integer, exceeded maximum size", nil, name)
		return fallback
	case match == nil:
		q.refuse(v, "int_parsing", "Input should be a valid integer, unable to parse string as an integer", nil, name)
		return fallback
	}
	n, _ := strconv.ParseInt(strings.ReplaceAll(match[1], "_", ""), 10, 32)
	if n < 1 {
		q.refuse(v, "greater_than", "Input should be greater than 0", contextInt("gt", 0), name)
		return fallback
	}
	return int(n)
}

// sequence is what Pydantic calls a list of UUIDs where one may stand alone.
const sequence = "json-or-python[json=list[uuid],python=chain[is-instance[Sequence],function-wrap[sequence_validator()]]]"

// uuids reads a filter that may be repeated; nil when it was not given. A refusal begins by saying that a list is no UUID,
// because Polar takes either.
func (q query) uuids(name string) (ids [][16]byte) {
	list, before := Value{kind: arrayKind}, len(*q.fields)
	for i, text := range q.values[name] {
		v := parameter(text)
		list.items = append(list.items, v)
		id, refusal := parseUUID(v.text)
		if refusal != nil {
			q.refuse(v, refusal.Type, refusal.Msg, refusal.Ctx, name, sequence, i)
		}
		ids = append(ids, id)
	}
	if len(*q.fields) > before {
		q.refuse(list, "uuid_type", notUUID, nil, name, "uuid")
		last := len(*q.fields) - 1
		*q.fields = slices.Insert((*q.fields)[:last], before, (*q.fields)[last])
		return nil
	}
	return ids
}

// sorting reads the criteria of a list, each of which may be turned around with a minus sign. One that is given again
// decides nothing, and is left out.
func (q query) sorting(fallback Order, by ...string) (orders []Order) {
	all := q.values["sorting"]
	if len(all) == 0 {
		return []Order{fallback}
	}
	var allowed []string
	for _, name := range by {
		allowed = append(allowed, name, "-"+name)
	}
	for i, text := range all {
		if v := parameter(text); q.chosen(v, allowed, "sorting", i) {
			name, descending := strings.CutPrefix(text, "-")
			if slices.ContainsFunc(orders, func(o Order) bool { return o.By == name }) {
				continue
			}
			orders = append(orders, Order{By: name, Descending: descending})
		}
	}
	return orders
}

var metadataName = regexp.MustCompile(`^metadata\[([^\]]+)\]`)

// metadata reads metadata[key]=value: for each key the values of which one has to match. It is nil when there is none.
func (q query) metadata() map[string][]string {
	var filter map[string][]string
	total := 0
	for _, name := range slices.Sorted(maps.Keys(q.values)) {
		match := metadataName.FindStringSubmatch(name)
		if match == nil {
			continue
		}
		for _, text := range q.values[name] {
			if !q.clean(parameter(name), name) || !q.clean(parameter(text), name) {
				continue
			}
			if filter == nil {
				filter = map[string][]string{}
			}
			filter[match[1]] = append(filter[match[1]], text)
			total++
		}
	}
	if total > maxMetadataFilter {
		q.refuse(Value{}, "too_long", fmt.Sprintf("Dictionary should have at most %d items after validation, not %d", maxMetadataFilter, total),
			fmt.Appendf(nil, `{"field_type":"Dictionary","max_length":%d,"actual_length":%d}`, maxMetadataFilter, total), "metadata")
	}
	return filter
}
