package moving_test

import (
	"os"
	"testing"

	"github.com/tidings-im/tidings/test/harness"
)

func TestMain(m *testing.M) { os.Exit(harness.Main(m)) }
