package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/postern-go/postern/internal/server"
)

// doctorCommand checks a server's configuration and surroundings with the flags of serve. It changes nothing and sends no mail.
type doctorCommand struct {
	serverFlags
	printing
}

// checkTimeout bounds each check.
const checkTimeout = 15 * time.Second

// ill is the exit status if a check found an error.
const ill = exitCode(1)

func (c *doctorCommand) Run(ctx context.Context, s streams) error {
	on := setup{listening: c.listening(), config: c.configuration()}
	on.inspect = sync.OnceValues(func() (server.Inspection, error) {
		ctx, cancel := context.WithTimeout(ctx, checkTimeout)
		defer cancel()
		return server.Inspect(ctx, on.config)
	})
	d := diagnosis{OK: true}
	for _, check := range checks {
		f := examine(ctx, check, on)
		d.OK = d.OK && f.State != problem
		d.Checks = append(d.Checks, diagnosed{check.name, f.State, f.Message, orNull(f.Detail), orNull(f.Fix)})
	}
	if err := c.print(s, d); err != nil || d.OK {
		return err
	}
	return ill
}

func examine(ctx context.Context, c check, s setup) finding {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	return c.run(ctx, s)
}

// diagnosis holds the results of all checks. OK reports whether none of them is an error.
type diagnosis struct {
	OK     bool        `json:"ok"`
	Checks []diagnosed `json:"checks"`
}

type diagnosed struct {
	Check   string  `json:"check"`
	State   state   `json:"state"`
	Message string  `json:"message"`
	Detail  *string `json:"detail"`
	Fix     *string `json:"fix"`
}

func (d diagnosis) text(out io.Writer) error {
	counts := map[state]int{}
	for _, c := range d.Checks {
		counts[c.State]++
		fmt.Fprintf(out, "%-8s %-13s %s", c.State, c.Check, c.Message)
		if c.Detail != nil {
			fmt.Fprintf(out, " (%s)", *c.Detail)
		}
		fmt.Fprintln(out)
		if c.Fix != nil {
			fmt.Fprintf(out, "%22s → %s\n", "", *c.Fix)
		}
	}
	_, err := fmt.Fprintf(out, "\nerrors: %d, warnings: %d\n", counts[problem], counts[warning])
	return err
}
