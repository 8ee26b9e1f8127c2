package api

import "time"

func init() { heartbeat, patience = 50*time.Millisecond, time.Second }
