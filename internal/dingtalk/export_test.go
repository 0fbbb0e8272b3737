package dingtalk

import (
	"net/http"
	"reflect"
	"runtime"
	"slices"
	"strings"

	"github.com/tidings-im/tidings/internal/fault"
)

// ServedBy returns the name of the method that serves each path.
func ServedBy() map[string]string {
	by := map[string]string{}
	for _, rt := range routes() {
		name := runtime.FuncForPC(reflect.ValueOf(rt.serve).Pointer()).Name()
		by[rt.path] = name[strings.LastIndexByte(name, '.')+1:]
	}
	return by
}

// GatewayMethods returns the names of all calls that the gateway passes on.
func GatewayMethods() []string {
	w := Handler(Deps{}).(*wire)
	var all []string
	for path := range w.routes {
		rest, ok := strings.CutPrefix(path, corpconversation)
		for _, family := range []string{corpMethods, oapiMethods} {
			if ok {
				all = append(all, family+strings.ReplaceAll(rest, "/", "."))
			}
		}
	}
	slices.Sort(all)
	return all
}

// AnsweredCodes returns every errcode that the wire answers with its text, "" for one
// whose text is made of the request.
func AnsweredCodes() map[int]string {
	says := map[int]string{}
	for _, e := range errcodes {
		says[e.errcode] = ""
	}
	for _, rt := range routes() {
		for _, errcode := range rt.codes {
			says[errcode] = ""
		}
	}
	for errcode, text := range texts {
		says[errcode] = text
	}
	says[0], says[22], says[wrapper] = "ok", "Invalid method", "ding talk error"
	return says
}

// ModernCodes returns every code of the newer wire with its HTTP status.
func ModernCodes() map[string]int {
	all := map[string]int{"unknownError": http.StatusInternalServerError}
	tables := []map[fault.Code]modernCode{modernCodes}
	for _, rt := range routes() {
		tables = append(tables, rt.modern)
	}
	for _, table := range tables {
		for _, m := range table {
			all[m.code] = m.status
		}
	}
	return all
}
