// Package review decides which text a template sends: how versions follow each other,
// who had a part in one, and which version is in use. Who may do what is decided by the
// table of rights (package policy).
//
// A Template is a row of Versions. At most its newest one is a draft, which is saved
// again and again, or in review. Once submitted a version never changes: withdrawing or
// editing begins the next one, and a draft that is discarded leaves nothing of it. Approving makes a version the live one, which is sent, and
// takes the template into use. Until then the version approved before stays live.
//
// # What to call, in which order
//
// First ask policy.Check for the right to the app whose template it is. The method takes
// the policy.Grant that comes back, and refuses a grant of another right:
//
//	policy.TemplatesRead    Templates, Template, Versions, Version, Difference, Facts, Log, Of
//	policy.TemplatesWrite   Create, Clone, Save, Discard, Submit, Withdraw, Enable, Disable, Delete
//	policy.TemplatesTest    Test
//	policy.TemplatesReview  Approve, Reject
//	policy.TemplatesList    All, for the organization
//	policy.ReviewsRead      Waiting
//
// A usual life is Create, Save, Test, Submit, then Approve or Reject by somebody else,
// then Disable or Delete. Save and Submit are told which edition of the draft
// their caller has read: if somebody has saved since, they fail with CodeTemplateChanged
// and change nothing. With edition 0 they take the draft as it is.
//
// Whoever sends asks a Library for the compiled version. It keeps compiled versions, which
// are never stale, because an approved version does not change.
//
// # Why it holds
//
// Every step is one transaction that locks the template's row, so that of two who decide
// at once one wins and the other is told who was first. Its audit entry is written in the
// same transaction. That a reviewer had no part in writing the version is asked under that
// lock. A send reads the row in its own transaction: once Disable has answered, nothing
// accepted later uses the template.
//
// People of other organizations appear as their organization, without a name.
package review
