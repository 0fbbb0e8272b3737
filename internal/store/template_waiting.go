package store

import (
	"context"
	"math"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/store/engine"
	"github.com/tidings-im/tidings/internal/template"
)

const (
	// waitingRows are found, in their order and up to the limit, before anything is joined
	// to them: PostgreSQL else begins with all templates of an app, and sorts them.
	waitingRows = `t.organization, t.app_id, t.id, v.third_party, v.number, v.authors, v.submitted_at, v.submitted_by, a.name, a.app_key, o.name,
		COALESCE((SELECT MIN(g.id) FROM agent g WHERE g.app_organization = t.organization AND g.app_id = t.app_id), 0)
		FROM (SELECT v.organization, v.template_id, v.third_party, v.number, v.authors, v.submitted_at, v.submitted_by
			FROM template_version v WHERE v.state = 'in_review'`
	waitingTold = `) v
		JOIN template t ON t.organization = v.organization AND t.id = v.template_id
		JOIN app a ON a.organization = t.organization AND a.id = t.app_id
		JOIN organization o ON o.id = t.organization`
	// An area is of one organization, or of all but one.
	waitingOwn   = ` AND v.organization = $1 AND v.third_party = $2`
	waitingEvery = ` AND v.organization <> $1 AND v.third_party = $2`
	waitingAfter = ` AND (v.submitted_at, v.template_id) > ($3, $4)` + waitingOthers + ` ORDER BY v.submitted_at, v.template_id LIMIT $6`
	waitingFrom  = ` AND (v.submitted_at, v.template_id) < ($3, $4)` + waitingOthers + ` ORDER BY v.submitted_at DESC, v.template_id DESC LIMIT $6`
	// waitingOthers leaves out what somebody took part in.
	waitingOthers = ` AND NOT EXISTS (SELECT 1 FROM template_part p
		WHERE p.organization = v.organization AND p.template_id = v.template_id AND p.actor = $5)`

	sqlSelectWaitingOwnAfter    = `SELECT ` + waitingRows + waitingOwn + waitingAfter + waitingTold
	sqlSelectWaitingOwnBefore   = `SELECT ` + waitingRows + waitingOwn + waitingFrom + waitingTold
	sqlSelectWaitingEveryAfter  = `SELECT ` + waitingRows + waitingEvery + waitingAfter + waitingTold
	sqlSelectWaitingEveryBefore = `SELECT ` + waitingRows + waitingEvery + waitingFrom + waitingTold
	sqlSelectWaitingByID        = `SELECT ` + waitingRows + ` AND v.template_id = $1` + waitingTold

	sqlSelectWaitingForms = `SELECT ` + templateColumns + `, live.form FROM template_version v
		JOIN template t ON t.organization = v.organization AND t.id = v.template_id AND t.newest = v.number AND t.deleted_at IS NULL
		LEFT JOIN template_version live ON live.organization = t.organization AND live.template_id = t.id AND live.number = t.live
		WHERE v.state = 'in_review' AND v.template_id IN (%s)`

	// Counting stops at $6 of others' rows: so many are looked at, and as many more as
	// somebody took part in.
	partsOwn   = `(SELECT COUNT(*) FROM template_part p WHERE p.organization = $1` + partsUpTo
	partsEvery = `(SELECT COUNT(*) FROM template_part p WHERE p.organization <> $1` + partsUpTo
	partsUpTo  = ` AND p.actor = $5 AND p.third_party = $2 AND (p.submitted_at, p.template_id) < ($3, $4))`
	countRows  = `(SELECT COUNT(*) FROM (SELECT 1 FROM template_version v
		WHERE v.state = 'in_review' AND (v.submitted_at, v.template_id) < ($3, $4)`
	countMost = ` + CAST($6 AS BIGINT)) AS seen) - `

	sqlSelectWaitingOwnCount   = `SELECT ` + countRows + waitingOwn + ` LIMIT ` + partsOwn + countMost + partsOwn
	sqlSelectWaitingEveryCount = `SELECT ` + countRows + waitingEvery + ` LIMIT ` + partsEvery + countMost + partsEvery

	sqlDeleteParts = `DELETE FROM template_part WHERE organization = $1 AND template_id = $2`
	sqlInsertPart  = `INSERT INTO template_part (organization, template_id, actor, third_party, submitted_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (organization, template_id, actor) DO NOTHING`
)

func (s *templateStore) Waiting(ctx context.Context, of review.Area, from review.Place, back bool, limit int) ([]review.Waiting, error) {
	query := sqlSelectWaitingEveryAfter
	switch {
	case of.Organization != 0 && back:
		query = sqlSelectWaitingOwnBefore
	case of.Organization != 0:
		query = sqlSelectWaitingOwnAfter
	case back:
		query = sqlSelectWaitingEveryBefore
	}
	return s.waiting(ctx, query, append(areaArgs(of, from, back), limit)...)
}

// areaArgs are the arguments of an area, up to a place or from it on.
func areaArgs(of review.Area, at review.Place, upTo bool) []any {
	organization := of.Organization
	if organization == 0 {
		organization = of.Except
	}
	ms := int64(-1)
	switch {
	case !at.At.IsZero():
		ms = at.At.UnixMilli()
	case upTo:
		ms = math.MaxInt64
	}
	return []any{organization, flag(of.ThirdParty), ms, at.ID, stored(of.Without)}
}

func (s *templateStore) WaitingByID(ctx context.Context, id string) (w review.Waiting, found bool, err error) {
	list, err := s.waiting(ctx, sqlSelectWaitingByID, id)
	if len(list) == 0 {
		return w, false, err
	}
	return list[0], true, nil
}

func (s *templateStore) waiting(ctx context.Context, query string, args ...any) ([]review.Waiting, error) {
	list, err := readRows(ctx, s.db.read(), query, func(w *review.Waiting) []any {
		t, v := &w.Template, &w.Template.Newest
		return []any{
			&t.Organization, &t.AppID, &t.ID, &t.ThirdParty, &v.Number, asActors(&v.Authors), (*millis)(&v.SubmittedAt), asText(&v.SubmittedBy),
			&w.App, &w.AppKey, &w.Provider, &w.AgentID,
		}
	}, args...)
	return list, s.db.toFault(err)
}

func (s *templateStore) EachWaiting(ctx context.Context, ids []string, each func(t review.Template, live *template.Form)) error {
	var t review.Template
	var live template.Form
	into := append(templateInto(&t, asJSON(&t.Newest.Form)), asJSON(&live))
	err := readEachIn(ctx, s.db.read(), sqlSelectWaitingForms, nil, ids, into, func() error {
		each(t, &live)
		return nil
	})
	return s.db.toFault(err)
}

func (s *templateStore) CountWaiting(ctx context.Context, of review.Area, before review.Place, most int) (n int, err error) {
	query := sqlSelectWaitingEveryCount
	if of.Organization != 0 {
		query = sqlSelectWaitingOwnCount
	}
	_, err = readRow(ctx, s.db.read(), query, []any{&n}, append(areaArgs(of, before, true), most)...)
	return n, s.db.toFault(err)
}

// putParts writes who took part in a template's newest version while that waits.
func putParts(ctx context.Context, tx engine.Querier, before, t *review.Template) error {
	if before.Newest.State == review.InReview {
		if _, err := tx.ExecContext(ctx, sqlDeleteParts, t.Organization, t.ID); err != nil {
			return err
		}
	}
	v := &t.Newest
	if v.State != review.InReview {
		return nil
	}
	for _, p := range append([]audit.Actor{v.SubmittedBy}, v.Authors...) {
		_, err := tx.ExecContext(ctx, sqlInsertPart, t.Organization, t.ID, stored(p), flag(t.ThirdParty), v.SubmittedAt.UnixMilli())
		if err != nil {
			return err
		}
	}
	return nil
}
