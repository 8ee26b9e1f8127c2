package directory

import (
	"fmt"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/session"
)

// Policy limits an organization's sessions and determines which events end sessions. The zero Policy is valid.
type Policy struct {
	// MaxLifetime is the maximum lifetime of a session. 0 means [DefaultMaxLifetime].
	MaxLifetime time.Duration
	// MaxSessions is the maximum number of live sessions of a customer and its members. A new session ends the oldest one. 0
	// means no limit.
	MaxSessions int
	// If one of these fields is set, the event in its name does not end sessions: a change of the holder's email address, a
	// role with fewer permissions, or blocking the organization. Deleting a holder always ends its sessions.
	KeepOnEmailChange, KeepOnRoleDowngrade, KeepOnBlock bool
}

// DefaultMaxLifetime is the maximum lifetime of a session if the policy sets none.
const DefaultMaxLifetime = 30 * 24 * time.Hour

// Longest returns the maximum lifetime of a session.
func (p Policy) Longest() time.Duration {
	if p.MaxLifetime == 0 {
		return DefaultMaxLifetime
	}
	return p.MaxLifetime
}

func (p Policy) check() error {
	var fields []fault.Field
	if p.MaxLifetime != 0 && (p.MaxLifetime < session.MinLifetime || p.MaxLifetime > session.MaxLifetime) {
		fields = append(fields, refused("max_expires_in", fmt.Sprintf("Sessions last at least %d seconds and at most %d days.", session.MinLifetime/time.Second, session.MaxLifetime/(24*time.Hour)), int64(p.MaxLifetime/time.Second)))
	}
	if p.MaxSessions < 0 || p.MaxSessions > MaxMaxSessions {
		fields = append(fields, refused("max_sessions", fmt.Sprintf("A customer can have up to %d live sessions. 0 means no limit.", MaxMaxSessions), p.MaxSessions))
	}
	return broken(fields)
}

// CheckLifetime returns fault.RuleViolated if a requested lifetime exceeds the maximum. A nil lifetime is valid.
func (p Policy) CheckLifetime(requested *time.Duration) error {
	if requested == nil || *requested <= p.Longest() {
		return nil
	}
	return fault.Rule(refused("expires_in", fmt.Sprintf("Sessions of this organization last %d seconds at most.", p.Longest()/time.Second), int64(*requested/time.Second)))
}
