//go:build unix

package sluice

import (
	"os"
	"syscall"
)

const (
	// Whether lockFile keeps others out; where it does, files are renamed and removed while they are open and locked.
	locksFiles = true
	noFollow   = syscall.O_NOFOLLOW
)

// lockFile tells whether nobody else has the file, as far as the file system can tell.
func lockFile(file *os.File) bool {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != syscall.EWOULDBLOCK
}
