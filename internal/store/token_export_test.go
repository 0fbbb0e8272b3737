package store

import "fmt"

// AppStatements are the texts of apps, tokens and accounts, as InboxStatements.
// Lists are of one id. The few that only insert a row are left out.
func AppStatements() map[string]string {
	return map[string]string{
		"secrets by key": secretsByKey, "secrets by corp": secretsByCorpID, "secret stands": secretStands,
		"live token": liveToken, "expired": expiredDelete, "renew": tokenRenew,
		"token stands": tokenStands, "agent view": agentView, "trusted hosts": trustedHosts, "apps of file": appsOfFile, "revocations": revocations, "advance": revocationsAdvance,
		"lock": appLock, "locked": appLocked, "agent": agentByID, "app update": appUpdate, "agent update": agentUpdate,
		"audit subject": auditSubject, "secret count": secretCount, "secret known": secretKnown, "secret end": secretEnd,
		"end of app": tokensOfAppEnd, "end of agent": tokensOfAgentEnd, "end of secret": tokensOfSecretEnd,
		"suite by key": suiteByKey, "suite ticket": suiteTicket, "suite ticket change": suiteTicketChange, "suite secrets": suiteSecrets,
		"suite stands": suiteStands, "suite of token": suiteOfToken, "suites": suitesOf, "tokens living": tokensLiving,
		"installation": installationOf, "installed": installedIn, "agent of app": agentOfApp, "agent stands": agentStands,
		"agents of provider": agentsOfProvider, "organizations of app": organizationsOfApp, "third party": thirdPartyApp, "third party agent": thirdPartyAgent,
		"api token": fmt.Sprintf(apiTokensByID, "$2"), "api tokens": apiTokensOf, "api token revoke": apiTokenRevoke,
		"link": fmt.Sprintf(linksByID, "$2"), "links over": linksOver, "links over of": fmt.Sprintf(linksOverOf, "$3, $4"), "people stand": fmt.Sprintf(peopleStand, "$2, $3"), "link use": linkUse, "link reusable": linkReusable,
		"session": fmt.Sprintf(sessionsByID, "$2"), "sessions": sessionsOf, "session replace": sessionReplace, "sessions over": sessionsOver,
		"endings": endings, "session end": sessionEnd, "sessions end": sessionsEnd, "session seen": sessionSeen, "sessions many": sessionsMany,
		"person stands": personStands, "links lost": fmt.Sprintf(linksLost, "$2"), "sessions lost": fmt.Sprintf(sessionsLost, "$2"),
		"tokens lost": fmt.Sprintf(tokensLost, "$3"),
		"keys":        keysRead, "key in use": keyInUse, "keys write": keysWrite, "token end": tokenEnd, "node leave": nodeLeave,
		"secrets sealed": secretsSealed, "tickets sealed": ticketsSealed, "secret reseal": secretReseal, "ticket reseal": ticketReseal,
	}
}
