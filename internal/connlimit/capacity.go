package connlimit

// otherFiles is the number of open files that a server needs for everything else: the store, webhook deliveries, mails.
const otherFiles = 200

// Capacity returns the number of connections that the process can have if it wants the given number: fewer if the limit of open
// files is lower. 0 means no limit.
func Capacity(wanted int) int { return capacity(wanted, openFiles()) }

func capacity(wanted int, files uint64) int {
	if files == 0 || files > 1<<30 {
		return wanted
	}
	most := max(int(files)-otherFiles, int(files)/2, 1)
	if wanted == 0 {
		return most
	}
	return min(wanted, most)
}
