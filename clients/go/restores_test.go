package sluice

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

var backup = bytes.Repeat([]byte("page"), 700_000)

// pieceFailure is what one piece of an upload is answered, the bytes taken or not.
type pieceFailure struct {
	err   error
	taken bool
}

// uploads is what the server keeps of them.
type uploads struct {
	t        *testing.T
	received []byte
	there    []*sluicev1.Upload
	failures []pieceFailure
	restored *sluicev1.RestoreDatabaseRequest
	// What the answers to restores are instead, one after another.
	lost []error
}

func (u *uploads) state() *sluicev1.Upload {
	return &sluicev1.Upload{Upload: "u", ReceivedBytes: int64(len(u.received))}
}

func (u *uploads) server() *fakeServer {
	return &fakeServer{
		listUploads: func(*sluicev1.ListUploadsRequest) (*sluicev1.ListUploadsResponse, error) {
			if u.there == nil {
				return nil, failure(codes.NotFound, "NO_SUCH_DATABASE")
			}
			return &sluicev1.ListUploadsResponse{Uploads: u.there}, nil
		},
		createUpload: func(r *sluicev1.CreateUploadRequest) (*sluicev1.CreateUploadResponse, error) {
			digest := sha256.Sum256(backup)
			if r.GetSizeBytes() != int64(len(backup)) || !bytes.Equal(r.GetSha256(), digest[:]) {
				u.t.Errorf("announced %d bytes", r.GetSizeBytes())
			}
			return &sluicev1.CreateUploadResponse{Upload: u.state()}, nil
		},
		writeUpload: u.write,
		getUpload: func(*sluicev1.GetUploadRequest) (*sluicev1.GetUploadResponse, error) {
			return &sluicev1.GetUploadResponse{Upload: u.state()}, nil
		},
		restoreDatabase: func(r *sluicev1.RestoreDatabaseRequest) (*sluicev1.RestoreDatabaseResponse, error) {
			u.restored = r
			if len(u.lost) > 0 {
				err := u.lost[0]
				u.lost = u.lost[1:]
				return nil, err
			}
			return &sluicev1.RestoreDatabaseResponse{Result: &sluicev1.RestoreResult{CommitToken: "new-0"}}, nil
		},
	}
}

func (u *uploads) write(r *sluicev1.WriteUploadRequest) (*sluicev1.WriteUploadResponse, error) {
	data := r.GetContent().GetData()
	if r.GetCrc32C() != crc32.Checksum(data, castagnoli) {
		u.t.Error("another checksum")
	}
	next := pieceFailure{taken: true}
	if len(u.failures) > 0 {
		next, u.failures = u.failures[0], u.failures[1:]
	}
	if next.taken {
		if r.GetOffset() > int64(len(u.received)) {
			u.t.Errorf("offset %d at %d", r.GetOffset(), len(u.received))
		}
		u.received = append(u.received[:r.GetOffset()], data...)
	}
	if next.err != nil {
		return nil, next.err
	}
	return &sluicev1.WriteUploadResponse{Upload: u.state()}, nil
}

func (u *uploads) restore(options RestoreOptions) (*sluicev1.RestoreResult, error) {
	path := filepath.Join(u.t.TempDir(), "backup.db")
	if err := os.WriteFile(path, backup, 0o600); err != nil {
		u.t.Fatal(err)
	}
	return serve(u.t, u.server()).Database("d").Restore(context.Background(), path, options)
}

func TestRestoreSendsTheFileAndReportsProgress(t *testing.T) {
	u := &uploads{t: t}
	var seen []int64
	result, err := u.restore(RestoreOptions{DiscardReplaced: true, Progress: func(done, total int64) { seen = append(seen, done) }})
	if err != nil || result.GetCommitToken() != "new-0" {
		t.Fatal(result, err)
	}
	if !bytes.Equal(u.received, backup) || !u.restored.GetOptions().GetDiscardReplaced() {
		t.Error("another file or other options arrived")
	}
	if seen[0] != 0 || seen[len(seen)-1] != int64(len(backup)) {
		t.Error(seen)
	}
}

func TestRestoreGoesOnAfterACut(t *testing.T) {
	u := &uploads{t: t, failures: []pieceFailure{
		{failure(codes.Unavailable, "DRAINING"), false}, {failure(codes.Unavailable, ""), true}, {failure(codes.DataLoss, "CORRUPT"), false},
	}}
	if _, err := u.restore(RestoreOptions{}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(u.received, backup) {
		t.Error("another file arrived")
	}
}

func TestRestoreGoesOnWithWhatWasSentBefore(t *testing.T) {
	digest := sha256.Sum256(backup)
	size := int64(len(backup))
	u := &uploads{t: t, received: bytes.Clone(backup[:1<<20]), there: []*sluicev1.Upload{
		{Upload: "other", SizeBytes: size, Sha256: []byte("other")},
		{Upload: "u", SizeBytes: size, Sha256: digest[:], ReceivedBytes: 1 << 20},
	}}
	if _, err := u.restore(RestoreOptions{}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(u.received, backup) {
		t.Error("another file arrived")
	}
}

func TestRestoreEndsWithAFullDisk(t *testing.T) {
	u := &uploads{t: t, failures: []pieceFailure{{failure(codes.ResourceExhausted, "DISK_FULL"), false}}}
	_, err := u.restore(RestoreOptions{})
	var full *Error
	if !errors.As(err, &full) || full.Reason != "DISK_FULL" || u.restored != nil {
		t.Error(err)
	}
}

func TestRestoreRefusesAFileWhoseLogIsBesideIt(t *testing.T) {
	for ending, content := range map[string]string{"-wal": "frames", "-journal": ""} {
		path := filepath.Join(t.TempDir(), "live.db")
		os.WriteFile(path, backup, 0o600)
		os.WriteFile(path+ending, []byte(content), 0o600)
		u := &uploads{t: t}
		_, err := serve(t, u.server()).Database("d").Restore(context.Background(), path, RestoreOptions{})
		if err == nil || !strings.Contains(err.Error(), "VACUUM INTO") || len(u.received) > 0 {
			t.Errorf("with %s: %v", ending, err)
		}
	}
}

func TestRestoreTakesAFileWhoseLogIsEmpty(t *testing.T) {
	path := filepath.Join(t.TempDir(), "closed.db")
	os.WriteFile(path, backup, 0o600)
	os.WriteFile(path+"-wal", nil, 0o600)
	if _, err := serve(t, (&uploads{t: t}).server()).Database("d").Restore(context.Background(), path, RestoreOptions{}); err != nil {
		t.Error(err)
	}
}

func TestAPieceThatTakesTooLongIsSentAgain(t *testing.T) {
	u := &uploads{t: t, failures: []pieceFailure{{failure(codes.DeadlineExceeded, ""), false}, {failure(codes.DeadlineExceeded, ""), true}}}
	if _, err := u.restore(RestoreOptions{}); err != nil || !bytes.Equal(u.received, backup) {
		t.Errorf("%d bytes arrived, %v", len(u.received), err)
	}
}

func TestARestoreWhoseAnswerIsLostIsAskedForAgain(t *testing.T) {
	// gRPC itself asks twice.
	u := &uploads{t: t, lost: []error{status.Error(codes.Unavailable, "connection reset"),
		status.Error(codes.Unavailable, "connection refused"), failure(codes.Unavailable, "DRAINING")}}
	result, err := u.restore(RestoreOptions{})
	if err != nil || result.GetCommitToken() != "new-0" || u.restored.GetUpload() != "u" {
		t.Error(result, err)
	}
}

func TestARestoreThatCannotHaveTheDatabaseEnds(t *testing.T) {
	u := &uploads{t: t}
	for range 9 {
		u.lost = append(u.lost, failure(codes.Unavailable, "OVERLOADED"))
	}
	if _, err := u.restore(RestoreOptions{}); err == nil || len(u.lost) != 7 {
		t.Errorf("got %v with %d left", err, len(u.lost))
	}
}
