package api

import "time"

func init() { heartbeat, patience = 50*time.Millisecond, 2*time.Second }
