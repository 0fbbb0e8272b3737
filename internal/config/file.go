package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"go.yaml.in/yaml/v3"
)

// readFile returns the options said in the YAML file at path.
func readFile(path string) (map[string]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("config file: %w", err)
	}
	defer f.Close()
	said, err := parseFile(f)
	if err != nil {
		return nil, fmt.Errorf("config file %s: %w", path, err)
	}
	return said, nil
}

// parseFile reads one YAML mapping of option names to plain values. It names
// the key and the line of what it refuses, never a value: values may be secret.
func parseFile(r io.Reader) (map[string]string, error) {
	var document yaml.Node
	decoder := yaml.NewDecoder(r)
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		return nil, nil // an empty file says nothing
	} else if err != nil {
		return nil, errors.New("is not YAML") // the parser's own text quotes the file
	}
	if decoder.Decode(new(yaml.Node)) != io.EOF { //nolint:errorlint // io.Reader's own contract: bare EOF
		return nil, errors.New("holds more than one document")
	}
	root := document.Content[0]
	if root.Kind != yaml.MappingNode {
		return nil, errors.New("must be a mapping of option names to values")
	}
	said := map[string]string{}
	for i := 0; i < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		if err := checkKey(key, value); err != nil {
			return nil, err
		}
		if _, again := said[key.Value]; again {
			return nil, fmt.Errorf("line %d: %q is there twice", key.Line, key.Value)
		}
		said[key.Value] = value.Value
	}
	return said, nil
}

func checkKey(key, value *yaml.Node) error {
	known := slices.ContainsFunc(Options(), func(o Option) bool { return o.Name == key.Value })
	switch {
	case !known:
		return fmt.Errorf("line %d: unknown option %q", key.Line, key.Value)
	case key.Value == "config":
		return fmt.Errorf("line %d: %q cannot be set in the file itself", key.Line, key.Value)
	case value.Kind != yaml.ScalarNode || value.Tag == "!!null":
		return fmt.Errorf("line %d: %q needs one plain value", key.Line, key.Value)
	}
	return nil
}
