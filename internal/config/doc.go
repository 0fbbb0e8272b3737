// Package config decides what an operator may set, where it may be said, and
// what is refused.
//
// Every option has one name. It can be set as a flag (--key-file), in the
// environment (TIDINGS_KEY_FILE) or in a YAML file (key-file: …): the one that
// --config or TIDINGS_CONFIG names, else /etc/tidings/tidings.yaml if it is there. The flag wins over the environment, the
// environment over the file, the file over the default. A key in the file that
// names no option is refused, and so is every value that cannot be used:
// nothing starts half configured.
//
// The fields of Flags are the only list of options; docs/config.md is checked
// against it.
package config
