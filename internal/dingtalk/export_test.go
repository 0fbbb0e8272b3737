package dingtalk

// Route is what a row of the table says, for tests of every route.
type Route struct {
	Path      string // with {corpId} where it has a corp id
	Methods   []string
	MaxBody   int64
	Token     bool // an access token is needed
	Multipart bool // the body is a form with a file
	BodyOnly  bool // the query is not looked at
	Wraps     bool // failures of authentication are wrapped in 88
	Modern    bool // answers as the newer wire does
	Gateway   bool // answers as the gateway does
}

// Routes returns the rows of the table.
func Routes() []Route {
	var list []Route
	for _, rt := range routes() {
		list = append(list, Route{
			Path: rt.path, Methods: rt.methods, MaxBody: rt.maxBody, Token: rt.token, Multipart: rt.body == multipartBody,
			BodyOnly: rt.bodyOnly, Wraps: rt.style == legacy, Modern: rt.style == modern, Gateway: rt.style == gateway,
		})
	}
	return list
}
