package storetest

import "testing"

func accessTokens(t *testing.T, b Backend) {}
func loginCodes(t *testing.T, b Backend)   {}
func emailUpdates(t *testing.T, b Backend) {}
func contention(t *testing.T, b Backend)   {}
func sweep(t *testing.T, b Backend)        {}
