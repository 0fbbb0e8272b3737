package store

import "github.com/tidings-im/tidings/internal/store/engine"

// Pool is how many connections there are for one purpose, and how many waited.
type Pool = engine.Pool

// Pools tells of each pool of connections to the database.
func (d *DB) Pools() []Pool { return d.engine.Pools() }
