package body

import (
	"strconv"
	"unicode/utf8"

	"github.com/postern-go/postern/internal/fault"
)

// maxIdempotencyKey is how many bytes of an idempotency key are taken.
const maxIdempotencyKey = 255

// ReadIdempotencyKey reads the header of that name; "" when it was not sent.
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

// ReadLastEventID reads the header of that name, which a stream of events is resumed with. It reports false when it was not
// sent.
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
