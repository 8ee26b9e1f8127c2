package body

import (
	"strconv"
	"unicode/utf8"

	"github.com/postern-go/postern/internal/fault"
)

// maxIdempotencyKey is the maximum length of an idempotency key, in bytes.
const maxIdempotencyKey = 255

// ReadIdempotencyKey reads the Idempotency-Key header. It returns "" if the request has none.
func ReadIdempotencyKey(values []string) (string, error) {
	if len(values) == 0 {
		return "", nil
	}
	key := values[0]
	if key == "" || len(key) > maxIdempotencyKey || !utf8.ValidString(key) {
		return "", fault.Invalid(fault.Field{
			Type: "value_error", Name: []any{"idempotency-key"}, In: fault.Header, Input: parameter(key).json(), Ctx: []byte(`{"error":{}}`),
			Msg: "Value error, An idempotency key has 1 to 255 characters.",
		})
	}
	return key, nil
}

// ReadLastEventID reads the Last-Event-ID header, with which a client resumes an event stream. It reports false if the request
// has none.
func ReadLastEventID(values []string) (id int64, given bool, err error) {
	if len(values) == 0 || values[0] == "" {
		return 0, false, nil
	}
	id, err = strconv.ParseInt(values[0], 10, 64)
	if err != nil || id < 0 {
		return 0, false, fault.Invalid(fault.Field{
			Type: "int_parsing", Name: []any{"last-event-id"}, In: fault.Header, Input: parameter(values[0]).json(),
			Msg: "Input should be a valid integer, unable to parse string as an integer",
		})
	}
	return id, true, nil
}
