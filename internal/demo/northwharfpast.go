package demo

import "time"

// northwharfPast is what people of Northwharf were sent. The service desk's app may
// send each person six messages a day, the expenses' does not reach the
// Operations, and somebody named once has left, so that some people are held back
// as anywhere.
func northwharfPast() past {
	const hr, it, expenses = "people", "it", "expenses"
	const engineering, sales, operations = "Engineering", "Sales", "Operations"
	const platform, applications, accounts, care = engineering + "/Platform", engineering + "/Applications", sales + "/Key Accounts", sales + "/Customer Care"
	const people, finance, warehouse = operations + "/People", operations + "/Finance", operations + "/Warehouse"
	return past{
		apps: []pastApp{
			{role: hr, name: "People Desk", description: "Leave, starters, training and benefits", composer: "twalsh"},
			{role: it, name: "Service Desk", description: "Changes, incidents and accounts", daily: 6},
			{role: expenses, name: "Expenses", description: "Claims, advances and budgets", depts: []string{"Management", engineering, sales, finance}},
		},
		sends: []pastSend{
			told(0, 920, newsRole, toAll(), 92, markdown("All-hands tomorrow at 15:00", "### All-hands tomorrow at 15:00\n\nRoom Harbour, or the usual call.\n\n- Results of last month\n- Moving the reports\n- Your questions\n\n[Send a question](https://desk.example.com/all-hands)"), byHand("mokafor")),
			told(0, 1140, expenses, toUsers("dkowalski", "pnair", "egreene"), 95, form("Expenses", "Train tickets of Dawid Kowalski", "https://desk.example.com/expenses/5431", "Waiting for approval", pending, "Dawid Kowalski", "Claim:", "5431", "Trip:", "Leeds, 1 day", "Total:", "118.60"), becomes(4*time.Hour, "Approved", agreed, "")),
			told(1, 845, it, toDepts(engineering), 84, markdown("Planned change: certificates", "### Planned change: certificates\n\n**When**: tonight, 20:00 to 20:20\n\n- Open connections reconnect once\n- Takumi is on call\n\n[Open the change](https://ops.example.com/change/41)")),
			told(1, 1405, hr, toUsers("twalsh", "mfischer", "fahmed"), 68, plainText("Interview today at 15:30, room Quay: product designer. The portfolio is in the candidate's folder.")),
			told(2, 1015, hr, toDepts(sales), 57, plainText("Please confirm last month's time sheets today. What is not confirmed by 18:00 goes to payroll as it stands.")),
			told(2, 1630, hr, toAll(), 63, plainText("Please confirm last month's time sheets today. What is not confirmed by 18:00 goes to payroll as it stands.")),
			told(2, 1310, it, toUsers("sbrandt", "lmoreau", "pwhite"), 95, plainText("Your write access to booking-service ends this week. Please renew it on the access page if you still need it.")),
			told(3, 955, newsRole, toDepts(sales), 71, uploaded("image", nil), byHand("mokafor")),
			filled(3, 1125, toDepts(warehouse), 76, "markdown", map[string]string{"order": "NW-88127", "carrier": "Tideway Freight", "arrival": "Friday before noon", "parcel_url": "TF5120773"}),
			told(3, 1730, it, toDepts(engineering), 54, plainText("The staging environment is down from 19:00 for about an hour while we add storage.")),
			told(4, 910, hr, toUsers("jreid", "agarcia", "pnair"), 95, form("Time off", "Time off for Jamie Reid", "https://desk.example.com/leave/911", "Waiting for approval", pending, "Jamie Reid", "Days:", "3", "Reason:", "Family visit"), becomes(85*time.Minute, "Approved", agreed, "")),
			told(4, 1220, hr, toDepts(applications, care), 79, linkTo("https://learn.example.com/courses/plain-writing", "New course: plain writing", "Five short lessons on saying what happened, what it means and what to do next.")),
			told(4, 1545, expenses, toDepts(sales, warehouse), 46, plainText("The travel budget of this quarter is 82 % spent. Please ask Emily before you book anything above 200.")),
			told(5, 850, newsRole, toAll(), 89, plainText("Fire drill today at 11:00. Take the nearest stairs and meet on the quay; the lifts stay off until everybody is counted."), byHand("mokafor")),
			told(5, 1435, hr, toDepts(operations, sales), 61, button("Winter party: who brings what", "### Winter party\n\nPut yourself down for a dish, a song or an hour at the bar.\n\n> Partners are welcome", "Sign up", "https://people.example.com/winter-party"), byHand("twalsh")),
			told(6, 1005, it, toUsers("ttanaka", "dkowalski", "sbrandt"), 95, form("Incident", "Bookings are slow to confirm", "https://ops.example.com/incident/77", "Being worked on", pending, "Service Desk", "Severity:", "2", "Affected:", "about 4 % of bookings", "On call:", "Takumi Tanaka"), becomes(65*time.Minute, "Resolved", agreed, "")),
			told(6, 1620, newsRole, toUsers("dkowalski", "lmoreau", "ttanaka"), 66, uploaded("voice", object{"duration": "2"})),
			told(7, 930, hr, toAll(), 94, markdown("Payslips are ready", "### Payslips are ready\n\nQuestions go to Emily Greene within three working days.\n\n[Open yours](https://people.example.com/payslips)")),
			told(7, 1320, expenses, toUsers("bmensah", "rdoyle", "egreene"), 95, form("Expenses", "Client dinner of Ben Mensah", "https://desk.example.com/expenses/5460", "Waiting for Finance", pending, "Ben Mensah", "Claim:", "5460", "Total:", "264.00", "Guests:", "4"), becomes(5*time.Hour, "Sent back", refused, "")),
			told(7, 1705, it, toDepts(platform), 90, markdown("On-call handover", "### On-call handover\n\n- Open: nightly backup takes twice as long since Tuesday\n- Done: certificates replaced\n- Next week: Luc")),
			told(8, 1010, newsRole, toDepts(sales, operations), 33, plainText("The groups for the open day are in the shared folder. Please confirm your numbers for lunch today."), recalled(22*time.Minute, "mokafor"), byHand("mokafor")),
			told(8, 1045, newsRole, toDepts(sales, operations), 82, plainText("Correction: the groups for the open day are those of 10:30. Please confirm your numbers for lunch today."), byHand("mokafor")),
			filled(8, 1500, toUsers("dnovak", "jbaker"), 95, "action_card_single", map[string]string{"order": "NW-88140", "window": "15:30 to 17:00", "address": "Gate 2", "delivery_url": "D-7718"}),
			told(9, 905, hr, toUsers("pnair", "dkowalski", "mfischer"), 95, form("Time off", "Time off for Sofie Brandt", "https://desk.example.com/leave/918", "Waiting for approval", pending, "Sofie Brandt", "Days:", "1", "Reason:", "Moving house"), becomes(40*time.Minute, "Approved", agreed, "mokafor")),
			told(9, 1400, it, toAll(), 51, markdown("Invoices that are none", "### Invoices that are none\n\nSomebody sends bills in our suppliers' names. Please remember:\n\n1. Changed bank details are confirmed by phone\n2. Nobody here asks for a password\n3. Report what looks odd\n\n[Three-minute test](https://learn.example.com/security/invoices)")),
			told(10, 900, hr, toDepts(engineering, operations), 74, button("How are we doing?", "### How are we doing?\n\n18 questions, six minutes, no names.\n\nThe results come at the next all-hands.", "Start", "https://people.example.com/survey"), byHand("twalsh")),
			told(10, 1115, it, toDepts(platform), 81, plainText("Two libraries of booking-service need an update. Luc has the ticket for this sprint.")),
			told(10, 1625, expenses, toDepts(finance), 95, plainText("The month closes tomorrow at 18:00. Please clear what waits for Finance today.")),
			told(11, 1040, newsRole, toDepts(engineering), 73, linkTo("https://desk.example.com/news/goals", "Goals of the quarter", "What each team has promised, who answers for it, and when we look back.")),
			told(11, 1510, hr, toUsers("clindqvist", "rdoyle", "spatel"), 95, form("Travel", "Trip of Clara Lindqvist", "https://desk.example.com/trips/302", "Waiting for approval", pending, "Clara Lindqvist", "To:", "Gothenburg", "Days:", "3", "Reason:", "Yearly review"), becomes(2*time.Hour, "Approved", agreed, "")),
			told(12, 312, it, toDepts(platform), 85, plainText("Alert: booking-03 disk use is 91 %, the threshold is 85 %.")),
			told(12, 317, it, toDepts(platform), 85, plainText("Alert: booking-03 disk use is 93 %, the log clean-up has not run.")),
			told(12, 321, it, toDepts(platform), 85, plainText("Alert: booking-03 writes take 480 ms, the threshold is 200 ms.")),
			told(12, 326, it, toDepts(platform), 85, plainText("Alert: booking-03 disk use is 96 %, the duty phone was called.")),
			told(12, 334, it, toDepts(platform), 85, plainText("Alert: booking-03 is out of the load balancer.")),
			told(12, 339, it, toDepts(platform), 85, plainText("Cleared: booking-03 disk use is 58 %.")),
			told(12, 352, it, toDepts(engineering), 85, plainText("Cleared: booking-03 is back, all readings are normal.")),
			told(12, 1030, hr, toDepts(care), 78, plainText("Next week's phone rota is out. Swaps need both of you to agree by 17:00 today.")),
			told(13, 935, expenses, toDepts(engineering, sales), 60, markdown("New rates for travel", "### New rates for travel\n\nFrom next month:\n\n| | now | then |\n|---|---|---|\n| Hotel, capitals | 165 | 180 |\n| Hotel, elsewhere | 130 | 140 |\n\n[The whole policy](https://desk.example.com/policy/travel)"), byHand("mokafor")),
			filled(13, 1430, toUsers("mfischer", "twalsh"), 95, "action_card_buttons", map[string]string{"name": "Jia", "start": "Monday 9:00", "place": "Front desk, third floor", "guide": "Dawid Kowalski", "person_url": "0025"}, byHand("mokafor")),
			told(14, 1100, it, toDepts(engineering, operations), 43, plainText("The wireless network on floor 3 changes over at 12:30 and is back by 12:50. Please move calls to a cable or to floor 2.")),
			told(14, 1555, hr, toDepts(engineering, operations), 80, markdown("New on the book shelf", "### New on the book shelf\n\n24 new ones this month, a third of them novels. Three weeks each, once renewable.\n\n[The list](https://people.example.com/books)"), byHand("twalsh")),
			told(15, 940, newsRole, toDepts(warehouse, accounts), 77, plainText("Stocktaking today: nothing moves in or out from 17:00 until about 21:00. Urgent orders please before 15:00.")),
			told(15, 1350, hr, toUsers("pnair", "dkowalski", "mfischer"), 95, form("Probation", "Luc Moreau: end of probation", "https://people.example.com/probation/61", "Waiting for review", pending, "People", "Role:", "Engineer", "Mentor:", "Dawid Kowalski"), becomes(6*time.Hour, "Passed", agreed, "")),
			told(16, 1020, it, toUsers("jreid", "fahmed", "agarcia"), 70, plainText("Your new laptops are at the desk on floor 3. Please bring the old ones back this week, emptied.")),
			told(16, 1540, hr, toDepts(sales, warehouse), 37, plainText("The check-ups move to tomorrow, 9:00 to 11:00."), recalled(16*time.Minute, "")),
			told(17, 855, newsRole, toAll(), 87, plainText("It is eight degrees colder today and the heating is on. If your desk stays cold, tell Gabriela."), byHand("mokafor")),
			told(17, 1415, expenses, toUsers("ttanaka", "pnair", "spatel"), 95, form("Advance", "Advance for Takumi Tanaka", "https://desk.example.com/advances/88", "Waiting for approval", pending, "Takumi Tanaka", "Amount:", "900.00", "For:", "Conference stand"), becomes(150*time.Minute, "Approved", agreed, "")),
			told(18, 925, hr, toDepts(engineering), 67, button("Your own review", "### Your own review\n\nFive working days, three things that mattered most, with numbers or links.", "Write it", "https://people.example.com/review/self")),
			told(18, 1710, it, toDepts(platform, applications), 72, markdown("Released: booking service 5.1", "### Released: booking service 5.1\n\n- Everywhere since 16:40\n- Errors: 0.02 %\n- No roll-back\n\n[Readings](https://ops.example.com/release/51)")),
			told(19, 915, hr, toDepts(engineering, operations), 70, plainText("People are in room Quay from Monday to Wednesday for letters and signatures. Please book a time first."), byHand("twalsh")),
			told(19, 1600, newsRole, toDepts(sales, people), 58, linkTo("https://desk.example.com/news/open-day", "The open day in pictures", "Forty customers came and left sixty ideas. Photos and notes are here.")),
		},
	}
}
