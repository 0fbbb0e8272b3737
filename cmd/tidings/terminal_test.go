package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// mustTerminal returns a terminal, and what reads what is written to it.
func mustTerminal(t *testing.T) (screen *bufio.Reader, tty *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("this machine has no terminals: %v", err)
	}
	number, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tty.Close(); _ = master.Close() })
	return bufio.NewReader(master), tty
}

// What nobody reads as it comes is no terminal, not even /dev/null, which is a device too.
func TestWhatIsATerminal(t *testing.T) {
	t.Parallel()
	_, tty := mustTerminal(t)
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	if !terminal(tty) || terminal(null) || terminal(&bytes.Buffer{}) {
		t.Errorf("a terminal: %v, /dev/null: %v, a buffer: %v", terminal(tty), terminal(null), terminal(&bytes.Buffer{}))
	}
}
