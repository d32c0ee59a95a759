package sluice

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

type refreshCall = grpc.BidiStreamingServer[sluicev1.RefreshDatabaseRequest, sluicev1.RefreshDatabaseResponse]

const testBlock = blockBytesMin

// present is what a server has: 12 blocks and a half behind a header that tells pages of 1024 bytes.
func present() []byte {
	var content []byte
	for len(content) < testBlock*25/2 {
		content = binary.BigEndian.AppendUint32(content, uint32(len(content)))
	}
	copy(content, "SQLite format 3\x00\x04\x00")
	return content
}

// refreshing answers as a server that has `now`; `cut` ends the n-th call after its first chunk.
func refreshing(t *testing.T, now []byte, cut func(call int) error, spoil func(*sluicev1.SnapshotChunk)) *fakeServer {
	calls := 0
	return &fakeServer{refreshDatabase: func(stream refreshCall) error {
		calls++
		first, err := stream.Recv()
		if err != nil {
			return err
		}
		if got := first.GetStart().GetBlockSizeBytes(); got != testBlock {
			t.Errorf("blocks of %d bytes", got)
		}
		var hashes []byte
		for {
			message, err := stream.Recv()
			if err == io.EOF {
				break
			} else if err != nil {
				return err
			}
			hashes = append(hashes, message.GetHashes().GetSha256Prefixes()...)
		}
		manifest := &sluicev1.SnapshotManifest{PageSizeBytes: 1024, PageCount: int64(len(now) / 1024), SizeBytes: int64(len(now))}
		stream.Send(&sluicev1.RefreshDatabaseResponse{Part: &sluicev1.RefreshDatabaseResponse_Manifest{Manifest: manifest}})
		for at := 0; at < len(now); at += testBlock {
			block := now[at:min(at+testBlock, len(now))]
			digest := sha256.Sum256(block)
			if n := at / testBlock * blockHashBytes; n+blockHashBytes <= len(hashes) && bytes.Equal(hashes[n:n+blockHashBytes], digest[:blockHashBytes]) {
				continue
			}
			chunk := &sluicev1.SnapshotChunk{Offset: int64(at), Data: bytes.Clone(block), Crc32C: crc32.Checksum(block, castagnoli)}
			if spoil != nil {
				spoil(chunk)
			}
			stream.Send(&sluicev1.RefreshDatabaseResponse{Part: &sluicev1.RefreshDatabaseResponse_Chunk{Chunk: chunk}})
			if cut != nil {
				if err := cut(calls); err != nil {
					return err
				}
			}
		}
		digest := sha256.Sum256(now)
		return stream.Send(&sluicev1.RefreshDatabaseResponse{Part: &sluicev1.RefreshDatabaseResponse_Digest{
			Digest: &sluicev1.SnapshotDigest{Sha256: digest[:]}}})
	}}
}

func wantFile(t *testing.T, path string, want []byte) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if exists(path + ".part") {
		t.Error("the part is left")
	}
}

func TestRefreshTransfersWhatDiffers(t *testing.T) {
	now := present()
	older := map[string][]byte{
		"none": nil, "the same": now, "a block changed": bytes.Clone(now),
		"longer": append(bytes.Clone(now), now...), "shorter": now[:3*testBlock+7], "empty": {},
	}
	older["a block changed"][2*testBlock] ^= 1
	atMost := map[string]int64{"the same": 2 * testBlock, "a block changed": 3 * testBlock, "longer": 2 * testBlock}
	for name, bytesBefore := range older {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "copy.db")
			if bytesBefore != nil {
				os.WriteFile(path, bytesBefore, 0o600)
			}
			var done, total int64
			transferred, err := serve(t, refreshing(t, now, nil, nil)).Database("d").Refresh(context.Background(), path,
				func(d, t int64) { done, total = d, t })
			if err != nil || done != total {
				t.Fatal(err, done, total)
			}
			wantFile(t, path, now)
			if limit, ok := atMost[name]; ok && transferred > limit {
				t.Errorf("%d bytes went over the network", transferred)
			}
		})
	}
}

func TestACutRefreshGoesOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "copy.db")
	os.WriteFile(path+".part", present()[:testBlock*3], 0o600) // Left by a process that was killed.
	cut := func(call int) error {
		if call <= 3 {
			// A connection that broke, a receiver that stood still.
			return failure([]codes.Code{codes.Unavailable, codes.Canceled}[call%2], "")
		}
		return nil
	}
	if _, err := serve(t, refreshing(t, present(), cut, nil)).Database("d").Refresh(context.Background(), path, nil); err != nil {
		t.Fatal(err)
	}
	wantFile(t, path, present())
}

func TestADamagedChunkIsAskedForAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "copy.db")
	os.WriteFile(path, present()[:testBlock], 0o600)
	spoiled := false
	spoil := func(chunk *sluicev1.SnapshotChunk) {
		if chunk.GetOffset() == 5*testBlock && !spoiled {
			spoiled = true
			chunk.Data[9] ^= 1
		}
	}
	if _, err := serve(t, refreshing(t, present(), nil, spoil)).Database("d").Refresh(context.Background(), path, nil); err != nil {
		t.Fatal(err)
	}
	wantFile(t, path, present())
}

func TestARefreshThatStaysDamagedEnds(t *testing.T) {
	for name, spoil := range map[string]func(*sluicev1.SnapshotChunk){
		"a chunk": func(chunk *sluicev1.SnapshotChunk) { chunk.Crc32C ^= uint32(chunk.GetOffset()) },
		"the whole": func(chunk *sluicev1.SnapshotChunk) {
			chunk.Data[9] ^= 1
			chunk.Crc32C = crc32.Checksum(chunk.GetData(), castagnoli)
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "copy.db")
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			fake := refreshing(t, present(), nil, spoil)
			_, err := serve(t, fake).Database("d").Refresh(ctx, path, nil)
			if !errors.Is(err, ErrDamaged) || fake.calls.Load() != damagedAttemptsMax || exists(path) {
				t.Errorf("got %v after %d calls", err, fake.calls.Load())
			}
		})
	}
}

func TestARefreshThatIsCancelledIsGoneOnWith(t *testing.T) {
	path := filepath.Join(t.TempDir(), "copy.db")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	_, err := serve(t, refreshing(t, present(), nil, nil)).Database("d").Refresh(ctx, path, func(done, _ int64) {
		if done >= 4*testBlock {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || !exists(path+".part") {
		t.Fatalf("got %v, the part is there: %v", err, exists(path+".part"))
	}
	sent, err := serve(t, refreshing(t, present(), nil, nil)).Database("d").Refresh(context.Background(), path, nil)
	if err != nil || sent > 9*testBlock {
		t.Errorf("%d bytes, %v", sent, err)
	}
	wantFile(t, path, present())
}

func TestARefusedRefreshLeavesTheCopy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "copy.db")
	os.WriteFile(path, present(), 0o600)
	server := &fakeServer{refreshDatabase: func(refreshCall) error { return failure(codes.NotFound, "NO_SUCH_DATABASE") }}
	var refused *Error
	_, err := serve(t, server).Database("d").Refresh(context.Background(), path, nil)
	if !errors.As(err, &refused) || refused.Reason != "NO_SUCH_DATABASE" {
		t.Errorf("got %v", err)
	}
	wantFile(t, path, present())
}

func TestRefreshKeepsAFileThatIsNoDatabase(t *testing.T) {
	for _, content := range []string{"precious notes, longer than a header", "short"} {
		path := filepath.Join(t.TempDir(), "notes.txt")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		database := serve(t, refreshing(t, present(), nil, nil)).Database("d")
		if _, err := database.Refresh(context.Background(), path, nil); err == nil {
			t.Error("no error")
		}
		if got, _ := os.ReadFile(path); string(got) != content {
			t.Errorf("the file holds %q", got)
		}
	}
}
