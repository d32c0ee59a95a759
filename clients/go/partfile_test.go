package sluice

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func modeOf(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}

func TestAPartThatAnotherWritesIsLeftToIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "copy.db")
	other, err := newPartFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.WriteString("other"); err != nil {
		t.Fatal(err)
	}
	if err := download(t, path, wholeDownload(), nil); err == nil || exists(path) {
		t.Errorf("got %v", err)
	}
	if err := other.keep(); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(path); string(got) != "other" || exists(path+".part") {
		t.Errorf("the file holds %q", got)
	}
}

func TestAPartUnderAnothersNameIsNeitherKeptNorRemoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "copy.db")
	part, err := newPartFile(path)
	if err != nil {
		t.Fatal(err)
	}
	os.Remove(path + ".part")
	os.WriteFile(path+".part", []byte("other"), 0o600)
	if err := part.keep(); err == nil || exists(path) {
		t.Errorf("got %v", err)
	}
	part.discard()
	if got, _ := os.ReadFile(path + ".part"); string(got) != "other" {
		t.Errorf("the part holds %q", got)
	}
}

func TestAPrivateFileStaysPrivate(t *testing.T) {
	if !locksFiles {
		t.Skip("no modes here")
	}
	for name, get := range map[string]func(path string, progress func(done, total int64)) error{
		"download": func(path string, progress func(done, total int64)) error {
			return serve(t, downloading(wholeDownload(), nil)).Database("d").Download(context.Background(), path, progress)
		},
		"refresh": func(path string, progress func(done, total int64)) error {
			_, err := serve(t, refreshing(t, present(), nil, nil)).Database("d").Refresh(context.Background(), path, progress)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "copy.db")
			os.WriteFile(path, present()[:testBlock], 0o600)
			os.WriteFile(path+".part", nil, 0o666) // Of a version that did not know.
			if err := get(path, func(int64, int64) {
				if mode := modeOf(t, path+".part"); mode != 0o600 {
					t.Errorf("the part has the mode %o", mode)
				}
			}); err != nil {
				t.Fatal(err)
			}
			if mode := modeOf(t, path); mode != 0o600 {
				t.Errorf("the file has the mode %o", mode)
			}
		})
	}
}

func TestAFileKeepsItsModeAndANewOneGetsTheUsual(t *testing.T) {
	if !locksFiles {
		t.Skip("no modes here")
	}
	usual := filepath.Join(t.TempDir(), "usual")
	if file, err := os.OpenFile(usual, os.O_CREATE, 0o666); err != nil {
		t.Fatal(err)
	} else {
		file.Close()
	}
	path := filepath.Join(t.TempDir(), "copy.db")
	if err := download(t, path, wholeDownload(), nil); err != nil || modeOf(t, path) != modeOf(t, usual) {
		t.Error(err, modeOf(t, path))
	}
	os.Chmod(path, 0o640)
	if err := download(t, path, wholeDownload(), nil); err != nil || modeOf(t, path) != 0o640 {
		t.Error(err, modeOf(t, path))
	}
}
