// Package review decides which text a template sends: who may write one, who
// may let it pass, and which version of it is in use.
//
// A Template is a row of Versions. At most its newest one is a draft, which is
// saved again and again, or in review. Once submitted a version never changes:
// withdrawing or editing begins the next one. Approving makes a version the
// live one, which is sent, and takes the template into use; until then the
// version approved before stays live.
//
// A version is reviewed by somebody who had no part in writing it: that of an
// internal app by a reviewer of its organization, that of a third-party app by a
// reviewer of an organization that the operator has named for it, and that is not
// the app's provider. Reviewers of all others cannot tell that there is anything.
// Across organizations people appear as their organization. Reviewers are
// appointed by the operator, who may decide on whatever they did not write.
//
// Every step is one transaction that locks the template's row, so that of two
// who decide at once one wins and the other is told; its audit entry is
// written in it. A send reads the row in its own transaction: what is disabled
// is not sent any more from the moment that is answered.
package review
