package admin

import "slices"

// FormPaths returns the paths of all routes that have a form, relative to /admin.
func FormPaths() (paths []string) {
	for _, r := range routes() {
		if r.post != nil {
			paths = append(paths, r.path)
		}
	}
	return paths
}

// Routes returns all pages and forms as methods and paths, in alphabetical order.
func Routes() (all []string) {
	for _, r := range routes() {
		if r.get != nil {
			all = append(all, "GET "+r.path)
		}
		if r.post != nil {
			all = append(all, "POST "+r.path)
		}
	}
	slices.Sort(all)
	return all
}
