package harness

// Description is what a demo says about itself.
type Description struct {
	BaseURL       string         `json:"base_url"`
	Organizations []Organization `json:"organizations"`
}

// Organization is one of the demo's. Users lists every active person.
type Organization struct {
	CorpID      string        `json:"corp_id"`
	Name        string        `json:"name"`
	Apps        []Credentials `json:"apps"`
	Departments []Department  `json:"departments"` // the root first
	Users       []User        `json:"users"`
}

// Credentials are what an app needs to send.
type Credentials struct {
	Name    string `json:"name"`
	Kind    string `json:"kind"`
	Key     string `json:"app_key"`
	Secret  string `json:"app_secret"`
	AgentID int64  `json:"agent_id"`

	// Of a third-party app, whose key and secret are the suite's.
	Ticket    string            `json:"suite_ticket"`
	Templates map[string]string `json:"templates"` // ids by what they show
}

// Department is one, with its place in the tree.
type Department struct {
	ID       int64  `json:"dept_id"`
	Name     string `json:"name"`
	ParentID int64  `json:"parent_id"`
}

// User is a person, and what opens their inbox.
type User struct {
	Userid   string  `json:"userid"`
	Name     string  `json:"name"`
	DeptIDs  []int64 `json:"dept_ids"`
	APIToken string  `json:"api_token"`

	SignInURL string `json:"sign_in_url"`
}
