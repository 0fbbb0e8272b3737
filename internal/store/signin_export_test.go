package store

import "fmt"

// SignInStatements are the texts of signing in with accounts of elsewhere, as
// AppStatements.
func SignInStatements() map[string]string {
	return map[string]string{
		"sources": sqlSelectSources, "source": sqlSelectSource, "source lock": sqlLockSource, "source name": sqlSelectSourceByName,
		"source usable": sqlSelectSourceUsable, "source change": sqlUpdateSource, "counts": sqlSelectSourceCounts,
		"sessions of source": sqlDeleteSessionsOfSource, "sessions of identity": sqlDeleteSessionsOfIdentity,
		"linked": sqlSelectLinkedPerson, "by userid": fmt.Sprintf(sqlSelectFoundByUserid, "$3"), "by job number": fmt.Sprintf(sqlSelectFoundByJobNumber, "$3"),
		"by mail": fmt.Sprintf(sqlSelectFoundByEmail, "$3"), "by mobile": fmt.Sprintf(sqlSelectFoundByMobile, "$3"),
		"person": sqlSelectPersonToLink, "person lock": sqlLockPersonThere,
		"done over": sqlDeleteSignInsDone, "identity used": sqlUpdateIdentityUsed,
		"waiting ref": sqlSelectWaitingRef, "waiting end": sqlDeleteWaiting, "waiting over": sqlDeleteWaitingOver,
		"waiting": sqlSelectWaiting, "waiting by ref": sqlSelectWaitingByRef,
		"identities": sqlSelectIdentitiesOfPerson, "identity end": sqlDeleteIdentity,
		"identities erase": sqlDeleteIdentitiesOfPerson, "identities lost": fmt.Sprintf(sqlDeleteIdentitiesOfPeople, "$2"),
		"sealed": sqlSelectSealedSources, "reseal": sqlUpdateSealedSource,
	}
}
