package demo

// description is what --describe writes: everything a program needs to use
// the demo, and the whole of who is there.
type description struct {
	BaseURL       string             `json:"base_url"`
	Organizations []organizationView `json:"organizations"`
}

type organizationView struct {
	CorpID      string           `json:"corp_id"`
	Name        string           `json:"name"`
	Reviews     bool             `json:"reviews_others"` // its reviewers decide on the third-party app's templates
	Apps        []appView        `json:"apps"`
	Departments []departmentView `json:"departments"` // the root first
	Users       []userView       `json:"users"`       // every active one
}

type appView struct {
	Name      string `json:"name"`
	Kind      string `json:"kind"`
	AppKey    string `json:"app_key"`
	AppSecret string `json:"app_secret"`
	AgentID   int64  `json:"agent_id"`

	// Of a third-party app, whose key and secret are the suite's.
	SuiteTicket string            `json:"suite_ticket,omitempty"`
	Templates   map[string]string `json:"templates,omitempty"` // ids by what they show
}

type departmentView struct {
	DeptID   int64  `json:"dept_id"`
	Name     string `json:"name"`
	ParentID int64  `json:"parent_id"`
}

type userView struct {
	Userid   string   `json:"userid"`
	Name     string   `json:"name"`
	DeptIDs  []int64  `json:"dept_ids"`
	Roles    []string `json:"roles"`
	APIToken string   `json:"api_token"`

	SignInURL string `json:"sign_in_url"` // works again and again
}
