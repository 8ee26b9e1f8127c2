package main

import "syscall"

// unsynchronized is the state TIME_ERROR of adjtimex(2).
const unsynchronized = 5

// clockSynchronized reports whether the kernel knows that a time service keeps the clock right. known is false if the kernel does not
// say so, as in some containers.
func clockSynchronized() (synchronized, known bool) {
	state, err := syscall.Adjtimex(&syscall.Timex{})
	return state != unsynchronized, err == nil
}
