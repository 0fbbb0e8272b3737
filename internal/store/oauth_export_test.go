package store

import "fmt"

// OAuthStatements are the texts of signing in to programs, as AppStatements.
func OAuthStatements() map[string]string {
	return map[string]string{
		"program": sqlSelectProgram, "client": sqlSelectClient, "client stands": sqlSelectClientStands,
		"grant": sqlSelectOAuthGrant, "grants": sqlSelectOAuthGrants, "grant end": sqlDeleteOAuthGrant,
		"grants erase": sqlDeleteOAuthGrantsOfPerson, "grants lost": fmt.Sprintf(sqlDeleteOAuthGrantsOfPeople, "$2"),
		"code": sqlSelectOAuthCode, "code use": sqlUpdateOAuthCodeUsed, "code used": sqlSelectOAuthCodeUsed, "codes over": sqlDeleteOAuthCodesOver,
		"codes of consent": sqlDeleteOAuthCodesOfConsent, "codes of app": sqlDeleteOAuthCodesOfApp,
		"codes erase": sqlDeleteOAuthCodesOfPerson, "codes lost": fmt.Sprintf(sqlDeleteOAuthCodesOfPeople, "$2"),
		"token": sqlSelectOAuthToken, "token renew": sqlUpdateOAuthTokenRenewed, "token end": sqlDeleteOAuthToken,
		"tokens over": sqlDeleteOAuthTokensOver, "tokens many": sqlDeleteOAuthTokensBeyond,
		"tokens of consent": sqlDeleteOAuthTokensOfConsent, "tokens of app": sqlDeleteOAuthTokensOfApp,
		"tokens erase": sqlDeleteOAuthTokensOfPerson, "tokens lost": fmt.Sprintf(sqlDeleteOAuthTokensOfPeople, "$2"),
		"page": sqlSelectPage, "page stands": sqlSelectPageStands, "code spent": sqlDeleteOAuthCodeSpent, "operation": sqlDeleteOAuthOperation,
		"redirects": sqlSelectOAuthRedirects, "redirects end": sqlDeleteOAuthRedirects,
	}
}
