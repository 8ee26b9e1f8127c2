package directory

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/session"
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

func (p Policy) check() error {
	var fields []fault.Field
	if p.MaxLifetime != 0 && (p.MaxLifetime < session.MinLifetime || p.MaxLifetime > session.MaxLifetime) {
		input, _ := json.Marshal(int64(p.MaxLifetime / time.Second)) // a number always marshals
		fields = append(fields, refused("max_expires_in", fmt.Sprintf("Sessions last at least %d seconds and at most %d days.", session.MinLifetime/time.Second, session.MaxLifetime/(24*time.Hour)), input))
	}
	if p.MaxSessions < 0 || p.MaxSessions > MaxMaxSessions {
		input, _ := json.Marshal(p.MaxSessions)
		fields = append(fields, refused("max_sessions", fmt.Sprintf("A customer can have up to %d live sessions. 0 means no limit.", MaxMaxSessions), input))
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
