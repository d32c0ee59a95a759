package sluice

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"os"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Download writes one consistent state of the database to a file, while the database is in use. The bytes go to
// path.part, which becomes path only when their number, every checksum and the SHA-256 of the whole agree with what the
// server read; until then, and after any error, path stays as it was. It refuses to replace a file with a `-wal` or a
// `-journal` beside it: SQLite would read the new file with the old one's log.
//
// progress may be nil; otherwise it is called in this goroutine with the bytes so far and in all.
//
// With [Compressed] the server packs what it sends.
//
// An error that wraps [ErrDamaged] or [io.ErrUnexpectedEOF] means the transfer failed and may be tried again.
func (d *Database) Download(ctx context.Context, path string, progress func(done, total int64), options ...DownloadOption) error {
	request := &sluicev1.DownloadDatabaseRequest{Database: d.name, MinCommitToken: d.minToken}
	for _, option := range options {
		option(request)
	}
	if err := refusePlace(path); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := d.client.snapshots.DownloadDatabase(ctx, request)
	if err != nil {
		return err
	}
	return downloadParts(path, progress, stream.Recv)
}

// DownloadOption changes how a database is sent.
type DownloadOption func(*sluicev1.DownloadDatabaseRequest)

// Compressed lets the server pack what it sends, for a network that is slower than that.
func Compressed() DownloadOption {
	return func(request *sluicev1.DownloadDatabaseRequest) { request.Compression = compression(true) }
}

func compression(wanted bool) sluicev1.Compression {
	if wanted {
		return sluicev1.Compression_COMPRESSION_ZSTD
	}
	return sluicev1.Compression_COMPRESSION_UNSPECIFIED
}

func newSnapshotCheck(to io.Writer, progress func(done, total int64)) *snapshotCheck {
	return &snapshotCheck{to: to, sha256: sha256.New(), progress: progress}
}

func cutAtEOF(err error) error {
	if err == io.EOF {
		return fmt.Errorf("sluice: the download was cut: %w", io.ErrUnexpectedEOF)
	}
	return err
}

// refusePlace tells before anything is transferred that path cannot become the download.
func refusePlace(path string) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("sluice: %s is not an ordinary file", path)
	}
	return refuseLog(path)
}

func refuseLog(path string) error {
	for _, ending := range []string{"-wal", "-journal"} {
		if _, err := os.Lstat(path + ending); err == nil {
			return fmt.Errorf("sluice: not replacing %s: %s%s is beside it, so the old file is in use or was not closed",
				path, path, ending)
		}
	}
	return nil
}

// snapshotCheck takes the messages of one DownloadDatabase in turn and writes what agrees.
type snapshotCheck struct {
	to       io.Writer
	sha256   hash.Hash
	progress func(done, total int64)
	manifest *sluicev1.SnapshotManifest
	blocks   *unpacker // nil unless the chunks are packed
	written  int64
	whole    bool
}

func (c *snapshotCheck) take(message *sluicev1.DownloadDatabaseResponse) error {
	switch part := message.GetPart().(type) {
	case *sluicev1.DownloadDatabaseResponse_Queue:
		return nil // It waits for its turn.
	case *sluicev1.DownloadDatabaseResponse_Manifest:
		return c.begin(part.Manifest)
	case *sluicev1.DownloadDatabaseResponse_Chunk:
		return c.write(part.Chunk)
	case *sluicev1.DownloadDatabaseResponse_Digest:
		return c.end(part.Digest)
	}
	return damaged("a message of a kind that this client does not know")
}

func (c *snapshotCheck) begin(manifest *sluicev1.SnapshotManifest) error {
	if c.manifest != nil {
		return damaged("a second manifest")
	}
	if manifest.GetSizeBytes() < 0 || manifest.GetPageCount() < 0 || manifest.GetPageSizeBytes() < 0 ||
		manifest.GetSizeBytes() != int64(manifest.GetPageSizeBytes())*manifest.GetPageCount() {
		return damaged("a manifest whose sizes disagree")
	}
	if manifest.GetCompression() != sluicev1.Compression_COMPRESSION_UNSPECIFIED {
		var err error
		if c.blocks, err = newUnpacker(manifest); err != nil {
			return err
		}
	}
	c.manifest = manifest
	c.report()
	return nil
}

func (c *snapshotCheck) write(chunk *sluicev1.SnapshotChunk) error {
	data := chunk.GetData()
	switch {
	case c.manifest == nil || c.whole:
		return damaged("a chunk out of order")
	case chunk.GetOffset() != c.written:
		return damaged(fmt.Sprintf("a chunk for offset %d at %d", chunk.GetOffset(), c.written))
	case crc32.Checksum(data, castagnoli) != chunk.GetCrc32C():
		return damaged(fmt.Sprintf("the checksum of the chunk at %d does not agree", c.written))
	}
	if c.blocks != nil {
		var err error
		if data, err = c.blocks.unpack(data, c.written); err != nil {
			return err
		}
	}
	if int64(len(data)) > c.manifest.GetSizeBytes()-c.written {
		return damaged("more bytes than the manifest says")
	}
	if _, err := c.to.Write(data); err != nil {
		return err
	}
	c.sha256.Write(data)
	c.written += int64(len(data))
	c.report()
	return nil
}

func (c *snapshotCheck) end(digest *sluicev1.SnapshotDigest) error {
	switch {
	case c.manifest == nil || c.whole:
		return damaged("a digest out of order")
	case c.written != c.manifest.GetSizeBytes():
		return damaged(fmt.Sprintf("%d of %d bytes", c.written, c.manifest.GetSizeBytes()))
	case !bytes.Equal(c.sha256.Sum(nil), digest.GetSha256()):
		return damaged("the SHA-256 does not agree")
	}
	c.whole = true
	return nil
}

func (c *snapshotCheck) report() {
	if c.progress != nil {
		c.progress(c.written, c.manifest.GetSizeBytes())
	}
}

func damaged(what string) error { return fmt.Errorf("%w: %s", ErrDamaged, what) }
