package polar

import (
	"fmt"
	"strconv"
	"time"
)

// seconds converts a duration to whole seconds. Zero becomes an omitted field. A negative duration or a fraction of a
// second is an error.
func seconds(name string, d time.Duration) (Optional[int64], error) {
	switch {
	case d == 0:
		return Optional[int64]{}, nil
	case d < 0 || d%time.Second != 0:
		return Optional[int64]{}, fmt.Errorf("%s is %v; it must be a positive number of whole seconds", name, d)
	}
	return Set(int64(d / time.Second)), nil
}

// isoSeconds is like seconds, but returns an ISO 8601 duration, such as "PT90S".
func isoSeconds(name string, d time.Duration) (Optional[string], error) {
	whole, err := seconds(name, d)
	n, ok := whole.Get()
	if !ok || err != nil {
		return Optional[string]{}, err
	}
	return Set("PT" + strconv.FormatInt(n, 10) + "S"), nil
}
