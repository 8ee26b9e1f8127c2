//go:build unix

package connlimit

import "syscall"

// openFiles returns the maximum number of open files of this process, or 0 if it is not known.
func openFiles() uint64 {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil {
		return 0
	}
	return uint64(limit.Cur)
}
