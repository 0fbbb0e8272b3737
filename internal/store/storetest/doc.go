// Package storetest opens real databases for tests: a new SQLite file or a new
// PostgreSQL database each, with the schema up to date.
//
// PostgreSQL needs TIDINGS_TEST_POSTGRES, the address of a server where
// databases may be created. Without it those tests are skipped, or fail when
// TIDINGS_TEST_REQUIRE is set: a skipped engine is an unsupported engine.
package storetest
