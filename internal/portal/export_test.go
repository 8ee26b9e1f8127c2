package portal

// FormPaths returns the paths of all routes that have a form, relative to the portal.
func FormPaths() (paths []string) {
	for path, r := range routes() {
		if r.post != nil {
			paths = append(paths, path)
		}
	}
	return paths
}
