package webhook

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// The example is from the libraries of the Standard Webhooks project.
func TestSignature(t *testing.T) {
	s := StoredSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	const want = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
	if got := s.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", []byte(`{"test": 2432232314}`)); got != want {
		t.Errorf("the signature is %s, wanted %s", got, want)
	}
	now := time.Unix(1614265330, 0)
	e := Endpoint{Secret: NewSecret(), OldSecret: s, OldUntil: now.Add(time.Second)}
	if both := e.signatures("msg_p5jXN8AQM9LWM0D4loKWxJek", now, []byte(`{"test": 2432232314}`)); strings.Count(both, "v1,") != 2 || !strings.HasSuffix(both, " "+want) {
		t.Errorf("while the old secret is valid: %s", both)
	}
	if one := e.signatures("m", now.Add(time.Second), nil); strings.Count(one, "v1,") != 1 {
		t.Errorf("afterwards: %s", one)
	}
	if printed := fmt.Sprintf("%v %+v %#v %s", e, e, e, e.Secret); strings.Contains(printed, e.Secret.Reveal()) || strings.Contains(printed, "MfKQ9r8G") {
		t.Errorf("a secret was printed: %s", printed)
	}
}

func TestWaitDoubles(t *testing.T) {
	for attempts, want := range []time.Duration{5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600} {
		want *= time.Second
		if got := wait(attempts + 1); got > want || got < want*9/10 {
			t.Errorf("after attempt %d: %s, wanted up to %s", attempts+1, got, want)
		}
	}
	if got := wait(1000); got > time.Hour {
		t.Errorf("after attempt 1000: %s", got)
	}
}

func TestAttemptResult(t *testing.T) {
	at := time.Unix(1_800_000_000, 0)
	d := Dispatch{Seq: 1, FirstAt: at}
	if a := d.result(at, 204, ""); a.State != Succeeded {
		t.Errorf("%+v", a)
	}
	if a := d.result(at.Add(giveUpAfter-time.Minute), 500, "status"); a.State != Pending {
		t.Errorf("before three days: %+v", a)
	}
	if a := d.result(at.Add(giveUpAfter), 0, "timeout"); a.State != Failed || a.Gone {
		t.Errorf("after three days: %+v", a)
	}
	if a := d.result(at, 410, "status"); a.State != Failed || !a.Gone {
		t.Errorf("gone: %+v", a)
	}
}
