package portal

import "slices"

// FormPaths returns the paths of all routes that have a form, relative to the portal.
func FormPaths() (paths []string) {
	for path, r := range routes() { // other pages than those on the host of an application
		if r.post != nil {
			paths = append(paths, path)
		}
	}
	return paths
}

// Routes returns all pages and forms as methods and paths, in alphabetical order.
func Routes() (all []string) {
	for path, r := range routes() {
		if r.get != nil {
			all = append(all, "GET "+path)
		}
		if r.post != nil {
			all = append(all, "POST "+path)
		}
	}
	for _, r := range applicationRoutes() {
		all = append(all, "GET "+r.path)
		if r.post != nil {
			all = append(all, "POST "+r.path)
		}
	}
	slices.Sort(all)
	return all
}
