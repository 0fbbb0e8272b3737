package store

// AppStatements are the texts of apps, tokens and accounts, as InboxStatements.
// The few that only insert a row are left out.
func AppStatements() map[string]string {
	return map[string]string{
		"secrets by key": secretsByKey, "secrets by corp": secretsByCorpID, "secret stands": secretStands,
		"live token": liveToken, "expired": expiredDelete, "renew": tokenRenew,
		"token stands": tokenStands, "agent view": agentView, "revocations": revocations, "advance": revocationsAdvance,
		"lock": appLock, "locked": appLocked, "agent": agentByID, "app update": appUpdate, "agent update": agentUpdate,
		"secret count": secretCount, "secret known": secretKnown, "secret end": secretEnd,
		"end of app": tokensOfAppEnd, "end of agent": tokensOfAgentEnd, "end of secret": tokensOfSecretEnd,
		"api token": apiTokenByID, "api tokens": apiTokensOf, "api token revoke": apiTokenRevoke,
	}
}
