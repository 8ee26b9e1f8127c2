package api

import "time"

func init() { heartbeat, writeTimeout = 50*time.Millisecond, time.Second }
