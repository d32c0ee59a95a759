package sluice

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

type part = sluicev1.DownloadDatabaseResponse

var content = bytes.Repeat([]byte("page"), 1024)

// wholeDownload is the messages of a download that arrived as it was sent: manifest, two chunks, digest.
func wholeDownload() []*part {
	half := len(content) / 2
	digest := sha256.Sum256(content)
	chunk := func(offset int, data []byte) *part {
		return &part{Part: &sluicev1.DownloadDatabaseResponse_Chunk{Chunk: &sluicev1.SnapshotChunk{
			Offset: int64(offset), Data: bytes.Clone(data), Crc32C: crc32.Checksum(data, castagnoli)}}}
	}
	return []*part{
		{Part: &sluicev1.DownloadDatabaseResponse_Manifest{Manifest: &sluicev1.SnapshotManifest{
			PageSizeBytes: 1024, PageCount: 4, SizeBytes: 4096}}},
		chunk(0, content[:half]), chunk(half, content[half:]),
		{Part: &sluicev1.DownloadDatabaseResponse_Digest{Digest: &sluicev1.SnapshotDigest{Sha256: digest[:]}}},
	}
}

func downloading(parts []*part, err error) *fakeServer {
	return &fakeServer{downloadDatabase: func(stream grpc.ServerStreamingServer[part]) error {
		for _, part := range parts {
			if err := stream.Send(part); err != nil {
				return err
			}
		}
		return err
	}}
}

func download(t *testing.T, path string, parts []*part, end error) error {
	t.Helper()
	return serve(t, downloading(parts, end)).Database("d").Download(context.Background(), path, nil)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func TestDownloadMakesTheFileAndReportsProgress(t *testing.T) {
	path := filepath.Join(t.TempDir(), "copy.db")
	for _, stale := range []string{path, path + ".part"} {
		if err := os.WriteFile(stale, bytes.Repeat([]byte("old"), 9000), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var seen []int64
	err := serve(t, downloading(wholeDownload(), nil)).Database("d").Download(context.Background(), path,
		func(done, total int64) { seen = append(seen, done, total) })
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(path); !bytes.Equal(got, content) || exists(path+".part") {
		t.Errorf("the file has %d bytes, the part is there: %v", len(got), exists(path+".part"))
	}
	if want := []int64{0, 4096, 2048, 4096, 4096, 4096}; !equalInts(seen, want) {
		t.Errorf("progress was %v", seen)
	}
}

func equalInts(a, b []int64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestDownloadKeepsNothingThatDoesNotAgree(t *testing.T) {
	changes := map[string]func([]*part) []*part{
		"a flipped bit":      func(p []*part) []*part { p[1].GetChunk().Data[7] ^= 1; return p },
		"a flipped checksum": func(p []*part) []*part { p[2].GetChunk().Crc32C ^= 1; return p },
		"another digest":     func(p []*part) []*part { p[3].GetDigest().Sha256[0] ^= 1; return p },
		"a short digest":     func(p []*part) []*part { p[3].GetDigest().Sha256 = nil; return p },
		"a missing chunk":    func(p []*part) []*part { return []*part{p[0], p[1], p[3]} },
		"a first chunk gone": func(p []*part) []*part { return []*part{p[0], p[2], p[3]} },
		"chunks swapped":     func(p []*part) []*part { p[1], p[2] = p[2], p[1]; return p },
		"a chunk twice":      func(p []*part) []*part { return []*part{p[0], p[1], p[1], p[2], p[3]} },
		"no manifest":        func(p []*part) []*part { return p[1:] },
		"two manifests":      func(p []*part) []*part { return append(p[:1:1], p...) },
		"only a digest":      func(p []*part) []*part { return p[3:] },
		"two digests":        func(p []*part) []*part { return append(p, proto.Clone(p[3]).(*part)) },
		"a chunk at the end": func(p []*part) []*part { return append(p, p[2]) },
		"too small a size": func(p []*part) []*part {
			p[0].GetManifest().SizeBytes = 2048
			p[0].GetManifest().PageCount = 2
			return p
		},
		"too large a size": func(p []*part) []*part {
			p[0].GetManifest().SizeBytes = 8192
			p[0].GetManifest().PageCount = 8
			return p
		},
		"a size off pages": func(p []*part) []*part { p[0].GetManifest().SizeBytes = 4095; return p },
		"a negative size": func(p []*part) []*part {
			p[0].GetManifest().SizeBytes = -1024
			p[0].GetManifest().PageCount = -1
			return p
		},
		"an unknown message": func(p []*part) []*part { return append(p[:1:1], &part{}, p[1]) },
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "copy.db")
			os.WriteFile(path, []byte("old"), 0o600)
			if err := download(t, path, change(wholeDownload()), nil); !errors.Is(err, ErrDamaged) {
				t.Errorf("got %v", err)
			}
			if old, _ := os.ReadFile(path); string(old) != "old" || exists(path+".part") {
				t.Errorf("the file is now %q, the part is there: %v", old, exists(path+".part"))
			}
		})
	}
}

func TestACutDownloadKeepsNothing(t *testing.T) {
	for length := range 4 {
		path := filepath.Join(t.TempDir(), "copy.db")
		err := download(t, path, wholeDownload()[:length], nil)
		if !errors.Is(err, io.ErrUnexpectedEOF) || exists(path) || exists(path+".part") {
			t.Errorf("after %d messages: %v", length, err)
		}
		var known *Error
		err = download(t, path, wholeDownload()[:length], failure(codes.DataLoss, "CORRUPT"))
		if !errors.As(err, &known) || known.Reason != "CORRUPT" || exists(path) || exists(path+".part") {
			t.Errorf("after %d messages: %v", length, err)
		}
	}
}

func TestAnErrorAfterTheDigestIsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "copy.db")
	if err := download(t, path, wholeDownload(), failure(codes.Internal, "INTERNAL")); err == nil || exists(path) {
		t.Errorf("got %v", err)
	}
}

func TestDownloadRefusesAFileWithALogBesideIt(t *testing.T) {
	for _, ending := range []string{"-wal", "-journal"} {
		path := filepath.Join(t.TempDir(), "copy.db")
		os.WriteFile(path+ending, nil, 0o600)
		if err := download(t, path, wholeDownload(), nil); err == nil || exists(path) {
			t.Errorf("with %s: %v", ending, err)
		}
	}
}

func TestDownloadSaysWhenItsPlaceCannotBeWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing", "copy.db")
	if err := download(t, path, wholeDownload(), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestDownloadRefusesAFolderBeforeAnythingIsTransferred(t *testing.T) {
	path := t.TempDir()
	var seen []int64
	err := serve(t, downloading(wholeDownload(), nil)).Database("d").Download(context.Background(), path,
		func(done, _ int64) { seen = append(seen, done) })
	if err == nil || len(seen) > 0 || exists(path+".part") {
		t.Error(err, seen)
	}
}

func TestASecondDownloadToOnePathIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "copy.db")
	second := serve(t, downloading(wholeDownload(), nil)).Database("d")
	refused := false
	err := serve(t, downloading(wholeDownload(), nil)).Database("d").Download(context.Background(), path,
		func(done, _ int64) {
			if done == 2048 { // The first is halfway.
				refused = second.Download(context.Background(), path, nil) != nil
			}
		})
	if got, _ := os.ReadFile(path); err != nil || !refused || !bytes.Equal(got, content) {
		t.Errorf("the first ended with %v, the second was refused: %v, the file has %d bytes", err, refused, len(got))
	}
}
