package sluice

import (
	"bytes"
	"context"
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
	"testing"

	"github.com/klauspost/compress/zstd"
	"google.golang.org/grpc"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

// packedDownload is wholeDownload in frames of so many bytes.
func packedDownload(t *testing.T, block int) []*part {
	t.Helper()
	encoder, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	whole := wholeDownload()
	parts := whole[:1:1]
	parts[0].GetManifest().Compression = sluicev1.Compression_COMPRESSION_ZSTD
	parts[0].GetManifest().BlockSizeBytes = int32(block)
	for at := 0; at < len(content); at += block {
		frame := encoder.EncodeAll(content[at:min(at+block, len(content))], nil)
		parts = append(parts, &part{Part: &sluicev1.DownloadDatabaseResponse_Chunk{Chunk: &sluicev1.SnapshotChunk{
			Offset: int64(at), Data: frame, Crc32C: crc32.Checksum(frame, castagnoli)}}})
	}
	return append(parts, whole[len(whole)-1])
}

func TestPackedDownloadIsUnpacked(t *testing.T) {
	for _, block := range []int{1000, 1024, 4096, 1 << 20} {
		path := filepath.Join(t.TempDir(), "copy.db")
		parts := packedDownload(t, block)
		server := &fakeServer{downloadDatabase: func(stream grpc.ServerStreamingServer[part]) error {
			for _, part := range parts {
				if err := stream.Send(part); err != nil {
					return err
				}
			}
			return nil
		}}
		if err := serve(t, server).Database("d").Download(context.Background(), path, nil, Compressed()); err != nil {
			t.Fatal(err)
		}
		if got, _ := os.ReadFile(path); !bytes.Equal(got, content) {
			t.Errorf("blocks of %d: the file has %d bytes", block, len(got))
		}
	}
}

func TestFrameThatIsNotItsBlockIsRefused(t *testing.T) {
	changes := map[string]func([]*part){
		"frames of more":        func(p []*part) { p[0].GetManifest().BlockSizeBytes = 999 },
		"frames of less":        func(p []*part) { p[0].GetManifest().BlockSizeBytes = 1001 },
		"blocks of any size":    func(p []*part) { p[0].GetManifest().BlockSizeBytes = 1 << 30 },
		"blocks of no size":     func(p []*part) { p[0].GetManifest().BlockSizeBytes = 0 },
		"an unknown packing":    func(p []*part) { p[0].GetManifest().Compression = 99 },
		"what is no frame":      func(p []*part) { setData(p[1], []byte("no frame")) },
		"a frame that is cut":   func(p []*part) { setData(p[1], p[1].GetChunk().GetData()[:10]) },
		"a frame twice":         func(p []*part) { setData(p[1], bytes.Repeat(p[1].GetChunk().GetData(), 2)) },
		"a frame with more yet": func(p []*part) { setData(p[1], append(bytes.Clone(p[1].GetChunk().GetData()), 1, 2, 3)) },
	}
	for name, change := range changes {
		parts := packedDownload(t, 1000)
		change(parts)
		path := filepath.Join(t.TempDir(), "copy.db")
		if err := download(t, path, parts, nil); !errors.Is(err, ErrDamaged) || exists(path) || exists(path+".part") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// setData puts other bytes into a chunk, with their checksum.
func setData(message *part, data []byte) {
	message.GetChunk().Data, message.GetChunk().Crc32C = data, crc32.Checksum(data, castagnoli)
}
