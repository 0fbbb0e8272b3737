package pinyin

import "strings"

// Surnames returns the surnames of the table with the texts they are found by.
func Surnames() map[string][]string {
	all := map[string][]string{}
	for name, read := range readSurnames() {
		if len(read) == 1 {
			all[name] = strings.Split(read[0], ",")
		} else {
			all[name] = []string{strings.Join(read, "")}
		}
	}
	return all
}
