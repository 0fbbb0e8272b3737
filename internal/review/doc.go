// Package review decides which text a template sends: how versions follow each
// other, who had a part in one, and which version is in use. Who may do what is the
// table of rights' decision (package policy).
//
// A Template is a row of Versions. At most its newest one is a draft, which is
// saved again and again, or in review. Once submitted a version never changes:
// withdrawing or editing begins the next one. Approving makes a version the
// live one, which is sent, and takes the template into use; until then the
// version approved before stays live.
//
// To use it: ask policy.Check for the right to the app whose template it is, and
// call the method with the policy.Grant that comes back. Reading takes
// policy.TemplatesRead, writing policy.TemplatesWrite, Test policy.TemplatesTest,
// Approve and Reject policy.TemplatesReview, Waiting policy.ReviewsRead. A usual
// life is Create, Save, Submit, then Approve or Reject, then Disable or Delete.
//
// A version is reviewed by somebody who had no part in writing it; that is asked
// under the template's lock. People of other organizations appear as their
// organization.
//
// Every step is one transaction that locks the template's row, so that of two
// who decide at once one wins and the other is told; its audit entry is
// written in it. A send reads the row in its own transaction: what is disabled
// is not sent any more from the moment that is answered.
package review
