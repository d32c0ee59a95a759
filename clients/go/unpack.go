package sluice

import (
	"fmt"

	"github.com/klauspost/compress/zstd"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

// blockBytesMax bounds a server's blocks: a larger one would be memory for nothing.
const blockBytesMax = 8 << 20

// unpacker makes bytes of the frames of one download, and takes no more memory than one block, whatever a frame says.
type unpacker struct {
	manifest *sluicev1.SnapshotManifest
	decoder  *zstd.Decoder
	block    []byte
}

func newUnpacker(manifest *sluicev1.SnapshotManifest) (*unpacker, error) {
	size := manifest.GetBlockSizeBytes()
	if manifest.GetCompression() != sluicev1.Compression_COMPRESSION_ZSTD || size <= 0 || size > blockBytesMax {
		return nil, damaged("a manifest that is packed in a way that this client does not know")
	}
	// No goroutines, and nothing to close, as long as only DecodeAll is used.
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecodeAllCapLimit(true),
		zstd.WithDecoderMaxMemory(blockBytesMax))
	if err != nil {
		return nil, err
	}
	return &unpacker{manifest: manifest, decoder: decoder, block: make([]byte, size)}, nil
}

// unpack gives the block at an offset of the database; the bytes are good until the next call.
func (u *unpacker) unpack(frame []byte, offset int64) ([]byte, error) {
	size := min(int64(len(u.block)), u.manifest.GetSizeBytes()-offset)
	data, err := u.decoder.DecodeAll(frame, u.block[:0:size])
	if err != nil || int64(len(data)) != size {
		return nil, damaged(fmt.Sprintf("the chunk at %d is not a block of %d bytes", offset, size))
	}
	return data, nil
}
