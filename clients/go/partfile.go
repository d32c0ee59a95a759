package sluice

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// partFile is a file that is being made, under the name path.part. Whoever holds its lock writes it, renames it and removes
// it; nobody else does.
type partFile struct {
	*os.File
	path string
	// It held something before.
	found bool
}

// newPartFile makes an empty part. One that is left there is removed, unless another is writing it.
func newPartFile(path string) (*partFile, error) {
	// Its lock is held until there is another file under its name, so that of two who find it one goes on.
	stale, err := lockPart(path, os.O_RDWR)
	if err == nil {
		defer stale.Close()
		if !locksFiles {
			stale.Close() // Windows removes and renames no open file.
		}
		err = os.Remove(stale.Name())
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	file, err := lockPart(path, os.O_RDWR|os.O_CREATE|os.O_EXCL)
	if errors.Is(err, fs.ErrExist) {
		err = writtenByAnother(path)
	}
	return file, err
}

// resumePartFile opens what was left, or makes an empty part.
func resumePartFile(path string) (*partFile, error) {
	file, err := lockPart(path, os.O_RDWR|os.O_CREATE)
	if err == nil {
		file.found = file.size() > 0
	}
	return file, err
}

func lockPart(path string, flags int) (*partFile, error) {
	mode := fs.FileMode(0o666)
	if _, err := os.Stat(path); err == nil {
		// What is to be replaced may be closed to others; keep gives the part its mode.
		mode = 0o600
	}
	opened, err := os.OpenFile(path+".part", flags|noFollow, mode)
	if err != nil {
		return nil, err
	}
	file := &partFile{File: opened, path: path}
	if !lockFile(opened) || !file.isOurs() {
		opened.Close()
		return nil, writtenByAnother(path)
	}
	if mode == 0o600 {
		// One that was left may be open to more. Where modes are not kept, nothing can be done.
		_ = file.Chmod(mode)
	}
	return file, nil
}

func writtenByAnother(path string) error {
	return fmt.Errorf("sluice: %s.part is being written by another", path)
}

// copyOlder begins an empty part with the bytes of path, if there are any.
func (f *partFile) copyOlder() error {
	if f.size() > 0 {
		return nil
	}
	older, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer older.Close()
	_, err = io.Copy(f.File, older)
	return err
}

func (f *partFile) size() int64 {
	info, err := f.Stat()
	if err != nil {
		return 0
	}
	return info.Size()
}

// keep makes the part the file, durably, with the mode of the file that it replaces.
func (f *partFile) keep() error {
	if err := refuseLog(f.path); err != nil {
		return err
	}
	if info, err := os.Stat(f.path); err == nil {
		_ = f.Chmod(info.Mode().Perm()) // If it fails, the file is open to its owner alone.
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if !f.isOurs() {
		return fmt.Errorf("sluice: another took %s", f.Name())
	}
	if !locksFiles {
		f.Close()
	}
	if err := os.Rename(f.Name(), f.path); err != nil {
		return err
	}
	f.Close()
	return syncFolder(filepath.Dir(f.path))
}

// discard removes the part; after keep it does nothing.
func (f *partFile) discard() {
	ours := f.isOurs()
	if !locksFiles {
		f.Close()
	}
	if ours {
		os.Remove(f.Name())
	}
	f.Close()
}

// isOurs tells whether the part's name still stands for this file, which is open.
func (f *partFile) isOurs() bool {
	here, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Lstat(f.Name())
	return err == nil && os.SameFile(here, there)
}

// syncFolder makes a rename durable. Windows cannot, and needs not.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}
