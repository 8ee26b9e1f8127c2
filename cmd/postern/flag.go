package main

import (
	"fmt"
	"log/slog"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// level is the value of --log-level.
type level slog.Level

// UnmarshalText reads the name of a level in any case.
func (l *level) UnmarshalText(text []byte) error {
	switch strings.ToLower(string(text)) {
	case "debug", "info", "warn", "error":
		return (*slog.Level)(l).UnmarshalText(text)
	}
	return fmt.Errorf("invalid log level %q: use debug, info, warn or error", text)
}

// values are the readers of flags with a Go type that kong also reads, but with errors that do not say what to write.
func values() []kong.Option {
	return []kong.Option{
		kong.TypeMapper(reflect.TypeFor[time.Duration](), reader("duration", parseDuration)),
		kong.TypeMapper(reflect.TypeFor[time.Time](), reader("time", parseTime)),
		kong.TypeMapper(reflect.TypeFor[int](), reader("number", parseNumber)),
	}
}

// reader returns a mapper for flags of the type T.
func reader[T any](kind string, parse func(text string) (T, error)) kong.MapperFunc {
	return func(c *kong.DecodeContext, target reflect.Value) error {
		var text string
		if err := c.Scan.PopValueInto(kind, &text); err != nil {
			return err
		}
		value, err := parse(text)
		if err == nil {
			target.Set(reflect.ValueOf(value).Convert(target.Type()))
		}
		return err
	}
}

func parseDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err == nil {
		return d, nil
	}
	number := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ")
	n, failed := strconv.Atoi(number)
	switch unit := strings.TrimSpace(text[len(number):]); {
	case failed == nil && (unit == "d" || strings.HasPrefix(unit, "day")):
		return 0, fmt.Errorf("invalid duration %q: the longest unit is hours (h); write %dh", text, 24*n)
	case failed == nil && unit == "":
		return 0, fmt.Errorf("invalid duration %q: the unit is missing; write %ss, %sm or %sh for seconds, minutes or hours", text, text, text, text)
	}
	return 0, fmt.Errorf("invalid duration %q: write hours (h), minutes (m) and seconds (s), such as 720h or 1h30m", text)
}

func parseTime(text string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, fmt.Errorf("invalid time %q: write date, time and time zone, such as 2026-10-01T00:00:00Z", text)
	}
	return t, nil
}

func parseNumber(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("invalid number %q: write digits only, such as 500", text)
	}
	return n, nil
}

// Flags with an environment variable say where a store or a server is and how a server runs. All flags of the commands in
// configured have one, and the flags in shared of every command. No other flag has one, so that a variable that is set for one
// command never changes or deletes anything through another.
var (
	configured = []string{"dev", "serve", "doctor", "healthcheck"}
	shared     = []string{"data", "database-url", "server", "json"}
)

// variables gives flags their environment variables: POSTERN_PUBLIC_URL for --public-url. An empty variable is like none, so that a
// file of settings can list variables without a value.
func variables() []kong.Option {
	for _, variable := range os.Environ() {
		if name, value, _ := strings.Cut(variable, "="); value == "" && strings.HasPrefix(name, "POSTERN_") {
			os.Unsetenv(name)
		}
	}
	return []kong.Option{kong.DefaultEnvars("POSTERN"), kong.PostBuild(func(k *kong.Kong) error {
		for _, command := range commandsBelow(k.Model.Node) {
			for _, flag := range command.Flags {
				if !slices.Contains(configured, commandPath(command)) && !slices.Contains(shared, flag.Name) {
					flag.Envs, flag.Tag.Envs = nil, nil
				}
			}
		}
		return nil
	})}
}
