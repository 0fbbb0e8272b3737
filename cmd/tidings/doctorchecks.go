package main

import (
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/tidings-im/tidings/internal/config"
	"github.com/tidings-im/tidings/internal/masterkey"
	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/server"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/copier"
)

// examine makes every check. What one of them needs and does not find, another
// has said.
func (d *doctor) examine() {
	d.configuration()
	switch there, current := d.schema(); {
	case current:
		d.key()
		d.callbacks()
	case there:
		d.key()
	}
	if path, onSQLite := d.cfg.SQLite(); onSQLite {
		d.disk(filepath.Dir(path))
		d.fine("clock", "this machine's own; run a time service on it")
	} else {
		d.postgres()
	}
	d.certificate()
	d.temporary()
	d.openFiles()
	d.addresses()
}

func (d *doctor) configuration() {
	file := "no file"
	if d.cfg.File != "" {
		file = d.cfg.File
	}
	info, err := os.Stat(d.cfg.File)
	if err == nil && info.Mode().Perm()&0o004 != 0 && d.cfg.From["database"] == d.cfg.File && d.cfg.HasPassword() {
		d.wrong("configuration", "chmod o-r "+d.cfg.File, "%s holds the database's password, and everybody on this machine may read it", d.cfg.File)
		return
	}
	d.fine("configuration", "can be used; %s", file)
}

// schema reports whether there is an installation to look at, and whether its schema is
// this binary's.
func (d *doctor) schema() (there, current bool) {
	s, err := store.SchemaOf(d.ctx, d.cfg.Database)
	switch {
	case err != nil:
		d.wrong("schema", "check that the database runs and can be reached at this address; a newer schema needs the binary that wrote it, or a newer one", "%v", err)
	case s.Version == 0:
		d.wrong("schema", "name the right place with --config, --data or --database; a server's first start, or tidings admin org create NAME --init, makes a new installation", "there is no installation at %s", d.cfg.Where())
	case len(s.Pending) > 0:
		d.doubt("schema", "start the server of this version, which brings the schema up to date, or run: tidings migrate up", "version %d, and this binary needs %d", s.Version, s.Known)
		return true, false
	default:
		d.fine("schema", "version %d, up to date", s.Version)
		return true, true
	}
	return false, false
}

func (d *doctor) key() {
	keys, err := masterkey.Load(d.cfg.KeyFile)
	if err != nil {
		d.wrong("key", "put the key file of this database there, readable by the server's user alone, or name it with key-file", "%v", err)
		return
	}
	source, err := copier.Open(d.ctx, d.cfg.Database)
	if err == nil {
		err = errors.Join(keys.Bind(d.ctx, source), source.Close())
	}
	if err != nil {
		d.wrong("key", "use the key file that the database was written with: another node has it, or the backup of the keys", "%v", err)
		return
	}
	d.fine("key", "%s belongs to the database", d.cfg.KeyFile)
	d.rotation(keys)
}

// rotation tells of a master key whose replacing was begun and not ended.
func (d *doctor) rotation(keys *masterkey.Ring) {
	record := keys.Record()
	added := 0
	for number := range keys.Fingerprints() {
		if number > record.InUse {
			added = max(added, number)
		}
	}
	for _, number := range record.In(masterkey.PhaseAdded) {
		if number > record.InUse {
			added = max(added, number)
		}
	}
	if added > 0 {
		d.doubt("key rotation", "when every node holds it (tidings admin key list): tidings admin key rotate; or take it back with --cancel",
			"key %d was added and is not in use", added)
	}
	if old := record.In(masterkey.PhaseOld); len(old) > 0 {
		d.doubt("key rotation", "run tidings admin key rotate --drop-old, which says what remains to be done",
			"key %d is in use, and the key before is not dropped yet: %s", record.InUse, keyNumbers(old))
	}
	if left := keys.Leftover(); len(left) > 0 {
		d.doubt("key rotation", "remove it with tidings admin key rotate --drop-old, or use the key file of a node that no longer has it",
			"dropped, but still in the key file: %s", keyNumbers(left))
	}
}

// What a server on SQLite needs free before it accepts sends, and below which
// part of the disk it is time to make room.
const (
	neededFree = 36 << 20
	littleFree = 0.2
)

func (d *doctor) disk(dir string) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		d.wrong("disk", "make the directory, or name another with --data", "%s: %v", dir, err)
		return
	}
	free, all := uint64(s.Bavail)*uint64(s.Bsize), uint64(s.Blocks)*uint64(s.Bsize)
	if info, err := os.Stat(filepath.Join(dir, "reserve")); err == nil {
		free += uint64(info.Size())
	}
	const writable = 2 // W_OK
	switch err := syscall.Access(dir, writable); {
	case err != nil:
		d.wrong("disk", "give the directory to the server's user, or run this command as that user", "%s cannot be written: %v", dir, err)
	case free < neededFree:
		d.wrong("disk", "make room: no sends are accepted with less", "%s has %d MiB free, the limit is %d MiB", dir, free>>20, neededFree>>20)
	case float64(free) < littleFree*float64(all):
		d.doubt("disk", "make room before it is full", "%s has %d of %d MiB free", dir, free>>20, all>>20)
	default:
		d.fine("disk", "%s has %d of %d MiB free", dir, free>>20, all>>20)
	}
}

// What a node asks of PostgreSQL.
const (
	oldestPostgres = 15
	perNode        = 30 // connections
	clockDoubted   = time.Second
	clockWrong     = 30 * time.Second
)

func (d *doctor) postgres() {
	c, err := store.Examine(d.ctx, d.cfg.Database)
	if err != nil {
		d.wrong("postgresql", "check that it runs, that the address and the password are right, and that synchronous_commit and fsync are on", "%v", err)
		return
	}
	switch ahead := c.Ahead.Abs(); {
	case ahead > clockWrong:
		d.wrong("clock", "run a time service on both machines: quotas, tokens and links go by the clock", "the database's clock differs by %s", ahead.Round(time.Second))
	case ahead > clockDoubted:
		d.doubt("clock", "run a time service on both machines", "the database's clock differs by %s", ahead.Round(100*time.Millisecond))
	default:
		d.fine("clock", "the same as the database's")
	}
	if major := c.Version / 10_000; major < oldestPostgres {
		d.doubt("postgresql", "use version 15 or newer, which Tidings is tested with", "version %d", major)
	} else {
		d.fine("postgresql", "version %d, commits wait for the disk", major)
	}
	if left := c.MaxConnections - c.Connections; left < perNode {
		d.doubt("connections", "raise max_connections: 30 for each node, and some for yourself", "%d of %d are in use", c.Connections, c.MaxConnections)
	} else {
		d.fine("connections", "%d of %d are in use", c.Connections, c.MaxConnections)
	}
	switch {
	case !c.Autovacuum:
		d.wrong("statistics", "set autovacuum to on", "autovacuum is off: plans get worse, and files grow")
	case len(c.Unanalyzed) > 0:
		d.doubt("statistics", "run ANALYZE on them", "PostgreSQL has no statistics of %s", strings.Join(c.Unanalyzed, ", "))
	default:
		d.fine("statistics", "PostgreSQL has them of every large table")
	}
}

func (d *doctor) temporary() {
	if d.cfg.Media == config.MediaDisk {
		d.fine("temporary files", "uploads wait below %s", server.MediaDir(d.cfg.Data))
		return
	}
	if err := media.CheckDrafts(""); err != nil {
		d.wrong("temporary files", "name a directory with room in TMPDIR", "%v", err)
		return
	}
	d.fine("temporary files", "can be written in %s", os.TempDir())
}

// fewFiles is what a node is soon through with: one for each connection.
const fewFiles = 4096

func (d *doctor) openFiles() {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return // a system without the limit
	}
	if limit.Cur < fewFiles {
		d.doubt("open files", "raise LimitNOFILE of the unit, or ulimit -n: each open page takes one", "the limit of this shell is %d", limit.Cur)
		return
	}
	d.fine("open files", "the limit is %d", limit.Cur)
}

// addresses asks what is said to be the server. One that does not run is no
// fault.
func (d *doctor) addresses() {
	here := localAddress(d.cfg, d.cfg.Port())
	running := false
	switch status, err := d.ask(localClient(d.cfg), here+"/readyz"); {
	case d.cfg.Port() == 0:
		d.fine("server", "picks a free port at its start")
	case errors.Is(err, syscall.ECONNREFUSED):
		d.fine("server", "none is running at %s", d.cfg.Listen)
	case err != nil:
		d.wrong("server", "check what listens there, and read the server's log", "%s does not answer: %v", here, err)
	case status == http.StatusOK:
		running = true
		d.fine("server", "accepts sends at %s", d.cfg.Listen)
	default:
		running = true
		d.wrong("server", "read the server's log, which says why it accepts no sends", "/readyz at %s answers %d", d.cfg.Listen, status)
	}
	if d.cfg.PublicURL != "" && running {
		if status, err := d.ask(&http.Client{}, d.cfg.PublicURL+"/healthz"); err != nil || status != http.StatusOK {
			d.doubt("public-url", "check that the name leads to the proxy, that the proxy leads here, and that this machine trusts its certificate; a proxy or firewall may also refuse this machine", "%s/healthz: status %d, %v", d.cfg.PublicURL, status, err)
		} else {
			d.fine("public-url", "%s leads here", d.cfg.PublicURL)
		}
	}
	if host, _, err := net.SplitHostPort(d.cfg.OpsListen); err == nil {
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			d.doubt("ops-listen", "check that nobody else reaches it: it shows memory profiles", "%s is open to other machines", d.cfg.OpsListen)
		}
	}
}

func (d *doctor) ask(client *http.Client, address string) (status int, err error) {
	const within = 5 * time.Second
	r, err := http.NewRequestWithContext(d.ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return 0, err
	}
	client.Timeout = within
	w, err := client.Do(r)
	if err != nil {
		return 0, err
	}
	return w.StatusCode, w.Body.Close()
}
