// Package review decides which text a template sends: who may write one, who
// may let it pass, and which version of it is in use.
//
// A Template is a row of Versions. At most its newest one is a draft, which is
// saved again and again, or in review. Once submitted a version never changes:
// withdrawing or editing begins the next one. Approving makes a version the
// live one, which is sent, and takes the template into use; until then the
// version approved before stays live.
//
// A version is reviewed by somebody who had no part in writing it. Those of
// a third-party app by a reviewer of another organization than the app's
// provider, those of an internal app by a reviewer of its own. Reviewers are
// appointed by the operator.
//
// Every step is one transaction that locks the template's row, so that of two
// who decide at once one wins and the other is told; its audit entry is
// written in it. A send reads the row in its own transaction: what is disabled
// is not sent any more from the moment that is answered.
package review
