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

const (
	defaultLimit = 10
	maxLimit     = 100
	// maxPage is higher than the last page of any list. The product of maxPage and maxLimit fits into 32 bits.
	maxPage = 1 << 24
	// maxSearch is the maximum length of a search text, in characters. Databases return an error for texts above their own
	// limits. Names and email addresses are shorter than maxSearch.
	maxSearch = 1000
	// maxMetadataFilter is the maximum number of metadata values in a query, whatever the server's quota. Databases return an error
	// for more values than their own limits.
	maxMetadataFilter = 100
)

// Paging selects a page of a list.
type Paging struct {
	// Page is the number of the page, from 1. Default: 1. A value above 16,777,216 is reduced to 16,777,216.
	Page int
	// Limit is the number of items on a page: 1 to 100. Default: 10.
	Limit int
	// After selects the entries that follow the entry with that id, and Page has no effect. The zero id selects no position. After is
	// nil if the parameter was not given.
	After *[16]byte
}

// Order is one sort criterion of a list.
type Order struct {
	By         string
	Descending bool
}

// String returns the order in the syntax of the query parameter: "name" or "-name".
func (o Order) String() string {
	if o.Descending {
		return "-" + o.By
	}
	return o.By
}

// Query holds the parameters of a query.
type Query struct {
	url.Values
	// record is set only during DescribeQuery.
	record *record
}

// ParseQuery parses a query string as Polar does. Unlike url.ParseQuery, it treats a semicolon and an invalid percent escape as
// literal text. url.ParseQuery drops such parameters, and a list without its filter would contain too many items.
func ParseQuery(raw string) Query {
	values := url.Values{}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		values.Add(unescape(name), unescape(value))
	}
	return Query{Values: values}
}

var loosePercent = regexp.MustCompile(`%($|[^0-9A-Fa-f]|[0-9A-Fa-f]($|[^0-9A-Fa-f]))`)

// unescape decodes percent escapes, keeps invalid ones as literal text, and replaces invalid UTF-8 by U+FFFD.
func unescape(text string) string {
	for loosePercent.MatchString(text) { // repeat, because matches cannot overlap
		text = loosePercent.ReplaceAllString(text, "%25$1")
	}
	text, _ = url.QueryUnescape(text) // cannot fail: all remaining escapes are valid
	return strings.ToValidUTF8(text, "\uFFFD")
}

// query reads query parameters and collects their validation errors.
type query struct {
	object
	values url.Values
}

func openQuery(q Query) query {
	return query{object{in: fault.Query, fields: new([]fault.Field), object: q.record.open(nil)}, q.Values}
}

// last returns the last value of a parameter: if a parameter is repeated, its last value counts. It reports false if the
// parameter was not given.
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

// text reads a text parameter. It returns nil if the parameter was not given or contains a NUL. Polar answers 500 for a NUL;
// this server answers with a validation error.
func (q query) text(name string) *string {
	q.describe(name, false, Schema{Type: "string", Nullable: true})
	v, ok := q.last(name)
	if !ok || !q.clean(v, name) {
		return nil
	}
	return &v.text
}

// search is like text, but rejects values longer than maxSearch. Use it for substring searches.
func (q query) search(name string) *string {
	q.describe(name, false, Schema{Type: "string", Nullable: true, MaxLength: maxSearch})
	text := q.text(name)
	if text != nil && utf8.RuneCountInString(*text) > maxSearch {
		q.refuse(parameter(*text), "string_too_long", fmt.Sprintf("String should have at most %d characters", maxSearch), contextInt("max_length", maxSearch), name)
		return nil
	}
	return text
}

// requiredText reads a required text parameter, which may be any text. It returns "" if the parameter is missing.
func (q query) requiredText(name string) string {
	q.describe(name, true, Schema{Type: "string"})
	v, ok := q.last(name)
	if !ok {
		q.refuse(Value{}, "missing", "Field required", nil, name)
	}
	return v.text
}

// choice reads a parameter that must be one of the allowed values. It returns nil if the parameter was not given or is invalid.
func (q query) choice(name string, allowed ...string) *string {
	q.describe(name, false, Schema{Type: "string", Nullable: true, Enum: allowed})
	v, ok := q.last(name)
	if !ok || !q.chosen(v, allowed, name) {
		return nil
	}
	return &v.text
}

// flag reads a boolean parameter. It returns nil if the parameter was not given or is invalid.
func (q query) flag(name string) *bool {
	q.describe(name, false, Schema{Type: "boolean", Nullable: true})
	v, ok := q.last(name)
	if !ok {
		return nil
	}
	b, ok := boolean(v.text)
	if !ok {
		q.refuse(v, "bool_parsing", "Input should be a valid boolean, unable to interpret input", nil, name)
		return nil
	}
	return &b
}

// boolean returns the boolean that a text means in Pydantic.
func boolean(text string) (b, ok bool) {
	switch strings.ToLower(text) {
	case "1", "on", "t", "true", "y", "yes":
		return true, true
	case "0", "off", "f", "false", "n", "no":
		return false, true
	}
	return false, false
}

// paging reads the parameters page and limit, and after. Values of page and limit above the maximum are lowered to it without an
// error, as on Polar.
func (q query) paging() Paging {
	p := Paging{Page: min(q.count("page", 1), maxPage), Limit: min(q.count("limit", defaultLimit), maxLimit)}
	q.describe("after", false, Schema{AnyOf: []Schema{{Type: "string", Format: "uuid"}, {Type: "string", Enum: []string{""}}, {Type: "null"}}})
	v, given := q.last("after")
	if !given {
		return p
	}
	var id [16]byte
	if v.text != "" {
		var refusal *fault.Field
		if id, refusal = parseUUID(v.text); refusal != nil {
			q.refuse(v, refusal.Type, refusal.Msg, refusal.Ctx, "after")
		}
	}
	p.After = &id
	return p
}

// sortedPaging checks the paging of a sorted list. It refuses the parameter after unless the list is sorted by creation time, because
// the position of an entry in another order can change while the caller reads the list.
func (q query) sortedPaging(p Paging, orders []Order) {
	if p.After != nil && len(orders) > 0 && orders[0].By != "created_at" {
		v, _ := q.last("after")
		q.refuse(v, "value_error", "Value error, after requires the order created_at or -created_at.", []byte(`{"error":{}}`), "after")
	}
}

// whole matches the integers that Pydantic accepts. They can have a sign, single underscores between digits, and a fraction of
// zeros.
var whole = regexp.MustCompile(`^([+-]?[0-9]+(?:_[0-9]+)*)(?:\.0+)?$`)

// maxDigits is the maximum length of an integer that Pydantic parses, in characters.
const maxDigits = 4300

// count reads an integer of at least 1. It returns fallback if the parameter is absent or invalid. It reduces larger values to
// the largest 32-bit integer.
func (q query) count(name string, fallback int) int {
	q.describe(name, false, Schema{Type: "integer", Minimum: new(1), Default: fallback})
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

// sequence is Pydantic's name for one alternative of a parameter that accepts one UUID or a list: the list.
const sequence = "json-or-python[json=list[uuid],python=chain[is-instance[Sequence],function-wrap[sequence_validator()]]]"

// uuids reads a UUID parameter that can be repeated. It returns nil if the parameter was not given or one of its values is
// invalid. Polar's schema is a union of a UUID and a list, so the first validation error states that the list is not a UUID.
func (q query) uuids(name string) (ids [][16]byte) {
	id := Schema{Type: "string", Format: "uuid"}
	q.describe(name, false, Schema{AnyOf: []Schema{id, {Type: "array", Items: &id}, {Type: "null"}}})
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

// sorting reads the sort criteria of a list. A minus sign in front of a name means descending order. Repeated criteria are
// ignored, since they cannot change the order.
func (q query) sorting(fallback Order, by ...string) (orders []Order) {
	var allowed []string
	for _, name := range by {
		allowed = append(allowed, name, "-"+name)
	}
	q.describe("sorting", false, Schema{
		Type: "array", Nullable: true, Items: &Schema{Type: "string", Enum: allowed}, Default: []string{fallback.String()},
	})
	all := q.values["sorting"]
	if len(all) == 0 {
		return []Order{fallback}
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

// metadata reads parameters of the form metadata[key]=value. For each key, it returns the accepted values. It returns nil if
// the query has no such parameters.
func (q query) metadata() map[string][]string {
	q.describe("metadata", false, Schema{Component: "MetadataQuery"})
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
		*q.fields = append(*q.fields, tooManyFilters(maxMetadataFilter, total))
	}
	return filter
}

func tooManyFilters(limit, n int) fault.Field {
	return fault.Field{
		Type: "too_long", In: fault.Query, Name: []any{"metadata"}, Input: []byte("null"),
		Msg: fmt.Sprintf("Dictionary should have at most %d items after validation, not %d", limit, n),
		Ctx: fmt.Appendf(nil, `{"field_type":"Dictionary","max_length":%d,"actual_length":%d}`, limit, n),
	}
}
