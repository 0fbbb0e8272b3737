package demo

func northwharf() organization {
	return organization{
		key: "northwharf", name: "Northwharf Trading (Demo)", zone: "Europe/London", people: "northwharf.csv",
		app: "Workdesk", sender: "Northwharf Notices", reader: "dkowalski", greeting: "Hello Dawid, a test notification",
		trusted: []string{"desk.example.com", "learn.example.com", "ops.example.com", "people.example.com"},
		reviews: true,
		image:   "open-day.png", voice: "stand-up.wav", file: "travel-policy.pdf",
		paper: []string{
			"Travel policy", "1. Book rail in standard class and flights in economy.", "2. Hotels: up to 140 a night, 180 in capitals.",
			"3. Meals: 45 a day, no receipts needed.", "4. Claim within ten working days of your return.",
		},
		messages: []message{
			{name: "text", to: audience{everyone: true}, about: "everyone", body: plain("text", object{
				"content": "The main entrance is closed for repairs on Thursday. Please come in through the courtyard; your badge opens the side door from 07:00.",
			})},
			{name: "image", to: audience{depts: []string{"Sales"}}, about: "Sales", body: uploaded("image", nil)},
			{
				name: "voice", to: audience{users: []string{"dkowalski", "sbrandt", "lmoreau"}},
				about: "three engineers", body: uploaded("voice", object{"duration": "2"}),
			},
			{name: "file", to: audience{depts: []string{"Engineering", "Sales"}}, about: "Engineering and Sales", body: uploaded("file", nil)},
			{name: "link", to: audience{depts: []string{"Engineering"}}, about: "Engineering", body: func(media func(string) string) object {
				return object{"msgtype": "link", "link": object{
					"messageUrl": "https://learn.example.com/courses/on-call", "picUrl": media("image"),
					"title": "New course: calm on call", "text": "Four short lessons on paging, handing over and writing up, with a practice incident at the end.",
				}}
			}},
			{
				name: "oa", to: audience{users: []string{"pnair", "dkowalski", "mfischer"}}, about: "the three people involved",
				body: func(func(string) string) object {
					return card("Expenses", "Travel expenses of Dawid Kowalski", "https://desk.example.com/expenses/5512",
						rows("Trip:", "Rotterdam, 3 days", "Rail:", "212.40", "Hotel:", "396.00", "Total:", "608.40"),
						"Waiting for approval", pending, "Dawid Kowalski")
				},
			},
			{name: "markdown", to: audience{depts: []string{"Engineering/Platform"}}, about: "Platform", body: plain("markdown", object{
				"title": "Release notes: booking service 5.2",
				"text": "### Booking service 5.2\n\n**When**: tonight, 21:00 to 21:20\n\n- Slots are held for ten minutes\n" +
					"- Late changes reach the carrier at once\n\n> Roll-back was rehearsed; Takumi is on call.\n\n[Open the change](https://ops.example.com/change/52)",
			})},
			{name: "action_card", to: audience{depts: []string{"Operations", "Engineering"}}, about: "Operations and Engineering", body: plain("action_card", object{
				"title":           "Choose your benefits for next year",
				"markdown":        "### Choose your benefits for next year\n\nThe window closes on **30 November**.\n\n- Pension: three rates\n- Bike scheme: new lender",
				"btn_orientation": "1",
				"btn_json_list": []object{
					{"title": "Choose now", "action_url": "https://people.example.com/benefits"},
					{"title": "Compare", "action_url": "https://people.example.com/benefits/compare"},
				},
			})},
		},
		lively: northwharfLively(), past: northwharfPast(),
	}
}
