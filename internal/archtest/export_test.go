package archtest

import "strings"

// Used returns a tree, as path → text, that needs every permission in the
// table, and nothing else: one file for each.
func Used() map[string]string {
	tree := map[string]string{}
	put := func(path, text string) { tree[path] = text }
	for from, rooms := range arrows {
		for _, to := range rooms {
			if to != "*" {
				put("internal/"+from+"/arrow-"+to+".go", imports(Module+"/internal/"+to))
			}
		}
	}
	for _, fence := range fences {
		for _, room := range fence.rooms {
			put("internal/"+room+"/fence-"+strings.ReplaceAll(fence.path, "/", "-")+".go", imports(fence.path+"/some"))
		}
	}
	for dir := range largePackages {
		put(dir+"/large.go", "package x\n"+strings.Repeat("\n", hardPackage))
	}
	return tree
}

func imports(path string) string { return "package x\n\nimport _ \"" + path + "\"\n" }
