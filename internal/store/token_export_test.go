package store

import "fmt"

// AppStatements are the texts of apps, tokens and accounts, as InboxStatements.
// Lists are of one id. The few that only insert a row are left out.
func AppStatements() map[string]string {
	return map[string]string{
		"secrets by key": sqlSelectSecretsByKey, "secrets by corp": sqlSelectSecretsByCorpID, "secret stands": sqlSelectSecretStands,
		"live token": sqlSelectLiveToken, "expired": sqlDeleteExpiredTokens, "renew": sqlUpdateTokenRenewed,
		"token stands": sqlSelectTokenStands, "agent view": sqlSelectAgentView, "agent acts": sqlSelectActing, "trusted hosts": sqlSelectTrustedHosts, "apps of file": sqlSelectAppsOfFile, "icons elsewhere": sqlSelectIconsElsewhere, "revocations": sqlSelectRevocations, "advance": sqlUpdateRevocations,
		"internal apps": sqlSelectInternalApps, "composers": sqlSelectComposers, "secrets of apps": sqlSelectSecretsOfApps, "secrets of app": sqlSelectSecretsOfApp, "secret used": sqlUpdateSecretUsed, "organization known": sqlSelectOrganizationKnown,
		"api token known": sqlSelectAPITokenKnown,
		"lock":            sqlLockApp, "locked": sqlLockAppToChange, "agent": sqlSelectAgentByID, "app update": sqlUpdateApp, "agent update": sqlUpdateAgent,
		"audit subject": sqlSelectAuditSubject, "secret count": sqlSelectSecretCount, "secret known": sqlSelectSecretKnown, "secret end": sqlUpdateSecretEnded,
		"end of app": sqlUpdateTokensOfAppEnded, "end of agent": sqlUpdateTokensOfAgentEnded, "end of secret": sqlUpdateTokensOfSecretEnded,
		"suite by key": sqlSelectSuiteByKey, "app by key": sqlSelectAppByKey, "app by id": sqlSelectAppByID, "suite ticket": sqlSelectTicket, "suite ticket change": sqlUpdateTicket, "suite secrets": sqlSelectSuiteSecrets,
		"suite stands": sqlSelectSuiteStands, "suite of token": sqlSelectSuiteOfToken, "suites": sqlSelectSuites, "tokens living": sqlSelectLivingTokenCount,
		"installation": sqlSelectInstallation, "installed": sqlSelectInstalled, "agent of app": sqlSelectAgentOfApp, "agent stands": sqlSelectAgentStands,
		"agents of provider": sqlSelectAgentsOfProvider, "any agent": sqlSelectAnyAgentOfApp, "organizations of app": sqlSelectOrganizationsOfApp, "third party": sqlSelectThirdPartyApp, "third party agent": sqlSelectThirdPartyAgent,
		"api token": fmt.Sprintf(sqlSelectAPITokensByID, "$2"), "api tokens": sqlSelectAPITokensOfPerson, "api token revoke": sqlUpdateAPITokenRevoked,
		"link": fmt.Sprintf(sqlSelectLinksByID, "$2"), "links over": fmt.Sprintf(sqlDeleteLinksOver, "$3, $4"), "people stand": fmt.Sprintf(sqlLockPeople, "$2, $3"), "link use": sqlUpdateLinkUsed, "link reusable": sqlSelectLinkReusable,
		"session": fmt.Sprintf(sqlSelectSessionsByID, "$2"), "sessions": sqlSelectSessionsOfPerson, "session replace": sqlDeleteSessionReplaced, "sessions over": sqlDeleteSessionsOver,
		"endings": sqlSelectEndings, "session end": sqlDeleteSession, "sessions end": sqlDeleteSessionsOfPerson, "session seen": sqlUpdateSessionSeen, "sessions many": sqlDeleteSessionsBeyond,
		"person stands": sqlLockPerson, "links lost": fmt.Sprintf(sqlDeleteLinksOfPeople, "$2"), "sessions lost": fmt.Sprintf(sqlDeleteSessionsOfPeople, "$2"),
		"tokens lost": fmt.Sprintf(sqlUpdateAPITokensOfPeople, "$3"),
		"keys":        sqlSelectKeys, "key in use": sqlSelectKeyInUse, "keys write": sqlUpdateKeys, "token end": sqlUpdateTokenEnded, "node leave": sqlDeleteNode, "node follow": sqlUpdateNodeFollowed, "last mark": sqlSelectLastMark,
		"secrets sealed": sqlSelectSealedSecrets, "tickets sealed": sqlSelectSealedTickets, "secret reseal": sqlUpdateSealedSecret, "ticket reseal": sqlUpdateSealedTicket,
	}
}
