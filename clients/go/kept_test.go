package sluice

import (
	"context"
	"crypto/sha256"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/klauspost/compress/zstd"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

type keptStream = grpc.ServerStreamingServer[sluicev1.DownloadSnapshotResponse]

// keptSnapshot answers as a server that keeps these bytes, and notes the offsets; cuts says after how many chunks each
// call ends.
type keptSnapshot struct {
	content []byte
	cuts    []int
	packed  bool
	offsets []int64
}

func (k *keptSnapshot) send(r *sluicev1.DownloadSnapshotRequest, stream keptStream) error {
	k.offsets = append(k.offsets, r.GetOffset())
	if r.GetOffset() > int64(len(k.content)) {
		return failure(codes.InvalidArgument, "BAD_REQUEST")
	}
	left := -1
	if len(k.cuts) > 0 {
		left, k.cuts = k.cuts[0], k.cuts[1:]
	}
	manifest := &sluicev1.SnapshotManifest{PageSizeBytes: 1024, SizeBytes: int64(len(k.content))}
	begin := int(r.GetOffset())
	pack := func(data []byte) []byte { return data }
	if k.packed && r.GetCompression() == sluicev1.Compression_COMPRESSION_ZSTD {
		manifest.Compression, manifest.BlockSizeBytes = sluicev1.Compression_COMPRESSION_ZSTD, testBlock
		begin -= begin % testBlock
		encoder, err := zstd.NewWriter(nil)
		if err != nil {
			return err
		}
		pack = func(data []byte) []byte { return encoder.EncodeAll(data, nil) }
	}
	stream.Send(&sluicev1.DownloadSnapshotResponse{Part: &sluicev1.DownloadSnapshotResponse_Manifest{Manifest: manifest}})
	for at := begin; at < len(k.content); at += testBlock {
		if left--; left == -1 {
			return failure(codes.Unavailable, "DRAINING")
		}
		data := pack(k.content[at:min(at+testBlock, len(k.content))])
		stream.Send(&sluicev1.DownloadSnapshotResponse{Part: &sluicev1.DownloadSnapshotResponse_Chunk{
			Chunk: &sluicev1.SnapshotChunk{Offset: int64(at), Data: data, Crc32C: crc32.Checksum(data, castagnoli)}}})
	}
	digest := sha256.Sum256(k.content)
	return stream.Send(&sluicev1.DownloadSnapshotResponse{Part: &sluicev1.DownloadSnapshotResponse_Digest{
		Digest: &sluicev1.SnapshotDigest{Sha256: digest[:]}}})
}

func TestADownloadOfAKeptSnapshotGoesOn(t *testing.T) {
	longer := append(present(), present()...)
	for name, c := range map[string]struct {
		left    []byte
		cuts    []int
		packed  bool
		offsets []int64
	}{
		"nothing there":           {nil, nil, false, []int64{0}},
		"cut twice":               {nil, []int{3, 2}, false, []int64{0, 3 * testBlock, 5 * testBlock}},
		"left by another":         {present()[:testBlock+5], nil, false, []int64{testBlock + 5}},
		"something longer":        {longer, nil, false, []int64{int64(len(longer)), 0}},
		"something else":          {make([]byte, testBlock), nil, false, []int64{testBlock, 0}},
		"all of it there":         {present(), nil, false, []int64{int64(len(present()))}},
		"packed, cut twice":       {nil, []int{3, 2}, true, []int64{0, 3 * testBlock, 5 * testBlock}},
		"packed, left by another": {present()[:testBlock+5], nil, true, []int64{testBlock + 5}},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "copy.db")
			if c.left != nil {
				os.WriteFile(path+".part", c.left, 0o600)
			}
			kept := &keptSnapshot{content: present(), cuts: c.cuts, packed: c.packed}
			database := serve(t, &fakeServer{downloadSnapshot: kept.send}).Database("d")
			if err := database.DownloadSnapshot(context.Background(), "s", path, nil); err != nil {
				t.Fatal(err)
			}
			wantFile(t, path, present())
			if !slices.Equal(kept.offsets, c.offsets) {
				t.Errorf("asked from %v", kept.offsets)
			}
		})
	}
}
