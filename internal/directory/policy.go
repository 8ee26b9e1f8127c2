package directory

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/postern-go/postern/internal/fault"
)

// Policy says what an organization's sessions may be, and what ends them. The zero Policy is good.
type Policy struct {
	// MaxLifetime bounds what an issuer may ask for; 0 stands for 30 days.
	MaxLifetime time.Duration
	// MaxSessions is how many live sessions a customer may have, its members' included; the oldest ones end for newer ones. 0
	// is no limit.
	MaxSessions int
	// KeepOnEmailChange, KeepOnRoleDowngrade and KeepOnBlock let sessions live on when the email address of their holder
	// changes, when its role is taken from it, and when the organization is blocked. Of a holder who is deleted, none lives on.
	KeepOnEmailChange, KeepOnRoleDowngrade, KeepOnBlock bool
}

// DefaultMaxLifetime is how long a session may last where the policy does not say.
const DefaultMaxLifetime = 30 * 24 * time.Hour

// Longest is how long a session may last.
func (p Policy) Longest() time.Duration {
	if p.MaxLifetime == 0 {
		return DefaultMaxLifetime
	}
	return p.MaxLifetime
}

// The bounds of a policy.
const (
	minMaxLifetime = time.Minute
	maxMaxLifetime = 366 * 24 * time.Hour
	maxMaxSessions = 1000
)

func (p Policy) check() error {
	var fields []fault.Field
	if p.MaxLifetime != 0 && (p.MaxLifetime < minMaxLifetime || p.MaxLifetime > maxMaxLifetime) {
		input, _ := json.Marshal(int64(p.MaxLifetime / time.Second)) // a number always marshals
		fields = append(fields, refused("max_expires_in", "Sessions may last for a minute at least, and for 366 days at most.", input))
	}
	if p.MaxSessions < 0 || p.MaxSessions > maxMaxSessions {
		input, _ := json.Marshal(p.MaxSessions)
		fields = append(fields, refused("max_sessions", "A customer may have up to 1000 live sessions; 0 is no limit.", input))
	}
	if fields != nil {
		return fault.Rule(fields...)
	}
	return nil
}

// CheckLifetime refuses what an issuer asks for a session when it is longer than any may last; nil asks for nothing.
func (p Policy) CheckLifetime(asked *time.Duration) error {
	if asked == nil || *asked <= p.Longest() {
		return nil
	}
	input, _ := json.Marshal(int(*asked / time.Second)) // a number always marshals
	return fault.Rule(refused("expires_in", fmt.Sprintf("Sessions of this organization last %d seconds at most.", p.Longest()/time.Second), input))
}
