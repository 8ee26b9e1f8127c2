package admin

// FormPaths returns the paths of all routes that have a form, relative to /admin.
func FormPaths() (paths []string) {
	for _, r := range routes() {
		if r.post != nil {
			paths = append(paths, r.path)
		}
	}
	return paths
}
