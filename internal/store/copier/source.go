package copier

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/masterkey"
	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/postgres"
	"github.com/tidings-im/tidings/internal/store/sqlite"
)

// Source is a database as it was at one moment, whatever is written to it
// meanwhile.
type Source struct {
	engine string
	pool   *sql.DB
	conn   *sql.Conn // in a transaction that only reads
	schema store.Schema
	tables []table
	others []string
}

// Open takes a snapshot of the database at address, which must have a schema
// that this binary knows. Close lets go of it.
func Open(ctx context.Context, address string) (*Source, error) {
	schema, err := store.SchemaOf(ctx, address)
	if err != nil {
		return nil, err
	}
	if schema.Version == 0 {
		return nil, errors.New("the database is empty: nothing to copy")
	}
	s := &Source{schema: schema}
	if s.engine, s.pool, err = connect(ctx, address); err != nil {
		return nil, err
	}
	if err := s.begin(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("snapshot: %w", err), s.Close())
	}
	return s, nil
}

// connect opens an existing database to be read.
func connect(ctx context.Context, address string) (engine string, pool *sql.DB, err error) {
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		pool, err = sqlite.Look(ctx, path)
		return "sqlite", pool, err
	}
	pool, err = postgres.Look(ctx, address)
	return "postgres", pool, err
}

func (s *Source) begin(ctx context.Context) (err error) {
	if s.conn, err = s.pool.Conn(ctx); err != nil {
		return err
	}
	begin := "BEGIN"
	if s.engine == "postgres" {
		begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
	}
	if _, err := s.conn.ExecContext(ctx, begin); err != nil {
		return err
	}
	// The first question fixes the moment.
	s.tables, s.others, err = tablesOf(ctx, s.engine, s.conn)
	return err
}

// Close ends the snapshot.
func (s *Source) Close() error {
	var err error
	if s.conn != nil {
		err = s.conn.Close() // and with it the transaction
	}
	return errors.Join(err, s.pool.Close())
}

// Engine is "sqlite" or "postgres".
func (s *Source) Engine() string { return s.engine }

// Schema is the version of the schema.
func (s *Source) Schema() int64 { return s.schema.Version }

// Others names tables that are not Tidings' own and are not copied.
func (s *Source) Others() []string { return s.others }

// Nodes counts the servers and administrators connected to the database; on
// SQLite, where the data directory's lock tells, it is 0.
func (s *Source) Nodes(ctx context.Context) (int, error) { return nodes(ctx, s.engine, s.conn) }

// Keys is what the database knows of its master keys.
func (s *Source) Keys(ctx context.Context) (masterkey.Record, error) {
	return store.KeysOf(ctx, s.conn, s.has("master_key", "number"))
}

// BindKeys implements masterkey.Store and records nothing.
func (s *Source) BindKeys(ctx context.Context, decide func(masterkey.Record, time.Time) (masterkey.Record, error)) error {
	r, err := s.Keys(ctx)
	if err == nil {
		_, err = decide(r, time.Now())
	}
	return err
}

// Organization is where one organization stands.
type Organization struct {
	CorpID            string `json:"corp_id"`
	Revision          int64  `json:"revision"`
	DirectoryRevision int64  `json:"directory_revision"`
}

// Organizations says where each organization stands.
func (s *Source) Organizations(ctx context.Context) ([]Organization, error) {
	rows, err := s.conn.QueryContext(ctx, `SELECT o.corp_id, r.revision, r.directory_revision
		FROM organization o JOIN org_revision r ON r.organization = o.id ORDER BY o.id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Organization
	for rows.Next() {
		var o Organization
		if err := rows.Scan(&o.CorpID, &o.Revision, &o.DirectoryRevision); err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	return all, rows.Err()
}

// AuditHeads says where each audit log stands, the installation's first; none where
// the schema has no chains yet.
func (s *Source) AuditHeads(ctx context.Context) ([]audit.Anchor, error) {
	if !s.has("audit_head", "mac") {
		return nil, nil
	}
	rows, err := s.conn.QueryContext(ctx, `SELECT o.id, o.corp_id, COALESCE(h.n, 0), h.mac
		FROM (SELECT 0 AS id, '' AS corp_id UNION ALL SELECT id, corp_id FROM organization) o
		LEFT JOIN audit_head h ON h.organization = o.id ORDER BY o.id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []audit.Anchor
	for rows.Next() {
		var a audit.Anchor
		var mac []byte
		if err := rows.Scan(&a.Organization, &a.CorpID, &a.N, &mac); err != nil {
			return nil, err
		}
		a.Code = hex.EncodeToString(mac)
		all = append(all, a)
	}
	return all, rows.Err()
}

// Media hands over what is known of every uploaded file whose content is not in
// the database, where it travels with the tables. visit must not ask the Source
// for anything.
func (s *Source) Media(ctx context.Context, visit func(media.File) error) error {
	elsewhere := ""
	if slices.ContainsFunc(s.tables, func(t table) bool { return t.name == "media_piece" }) {
		elsewhere = `WHERE NOT EXISTS (SELECT 1 FROM media_piece p WHERE p.organization = m.organization AND p.media_id = m.id AND p.piece = 0)`
	}
	ending := "0" // where files do not end yet
	if s.has("media", "ending_at") {
		ending = "CASE WHEN ending_at IS NULL THEN 0 ELSE 1 END"
	}
	rows, err := s.conn.QueryContext(ctx, `SELECT organization, id, app_id, kind, name, content_type, size, width, height, digest, created_at,
		`+ending+` FROM media m `+elsewhere+` ORDER BY organization, id`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var f media.File
		var created, ending int64
		if err := rows.Scan(&f.Organization, &f.ID, &f.AppID, &f.Kind, &f.Name, &f.ContentType,
			&f.Size, &f.Width, &f.Height, &f.Digest, &created, &ending); err != nil {
			return err
		}
		f.CreatedAt, f.Ending = time.UnixMilli(created).UTC(), ending != 0
		if err := visit(f); err != nil {
			return err
		}
	}
	return rows.Err()
}

// has reports whether the schema, which may be an older one, has a column.
func (s *Source) has(name, columnName string) bool {
	return slices.ContainsFunc(s.tables, func(t table) bool { return t.name == name && slices.Contains(t.names(), columnName) })
}

// Digest counts and digests every table that is copied.
func (s *Source) Digest(ctx context.Context) ([]Table, error) {
	var all []Table
	for _, t := range s.tables {
		one, err := digest(ctx, s.conn, t, func(int64) {})
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}
