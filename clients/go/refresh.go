package sluice

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

// databaseMagic begins every database file.
const databaseMagic = "SQLite format 3\x00"

const (
	blockHashBytes = 16
	hashesEach     = 2048
	// Two pages: one would double the hashes, four the bytes that come with a changed page.
	blockPages    = 2
	blockBytesMin = 8 << 10
)

// Refresh makes an older copy at path the present state of the database, transferring only what differs, and returns how
// many bytes that was. Without a copy, or with an empty one, it is a whole download; a file that is no SQLite database is
// refused.
//
// It works in path.part and renames as [Database.Download] does. A connection that breaks is taken up again, up to five
// times in a row without a further byte, and bytes that arrive damaged are asked for once more; after that, after ctx
// ended, and after the process was killed, path.part stays and the next Refresh goes on with it. Older bytes need not be
// trusted: the result is checked as a whole.
func (d *Database) Refresh(ctx context.Context, path string, progress func(done, total int64)) (int64, error) {
	if err := refusePlace(path); err != nil {
		return 0, err
	}
	if err := refuseOther(path); err != nil {
		return 0, err
	}
	file, err := resumePartFile(path)
	if err != nil {
		return 0, err
	}
	if err := file.copyOlder(); err != nil {
		file.discard()
		return 0, err
	}
	r := refresher{database: d, file: file, progress: progress}
	if err := file.fill(ctx, r.attempt, func() int64 { return r.transferred }); err != nil {
		return 0, err
	}
	return r.transferred + r.hashesSent, nil
}

// fill makes attempts at the content of a part until it is whole, and keeps it then. After a failure the part stays, to be
// gone on with, if anything has come; but a disk that is full is not to stay full.
func (f *partFile) fill(ctx context.Context, attempt func(context.Context) error, reached func() int64) error {
	err := goOn(ctx, func() error { return attempt(ctx) }, downloadVerdict, reached)
	if err == nil {
		err = f.keep()
	}
	var local *fs.PathError
	if err != nil && !errors.As(err, &local) && (f.found || reached() > 0) && f.size() > 0 {
		f.Close()
	} else {
		f.discard()
	}
	return err
}

func downloadVerdict(err error) verdict {
	if errors.Is(err, ErrDamaged) {
		return spoilt
	}
	return cutIf(streamWasCut(err))
}

// refuseOther keeps what is neither empty nor a database: it would be lost.
func refuseOther(path string) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	header := make([]byte, len(databaseMagic))
	if n, err := io.ReadFull(file, header); err == io.EOF || (err == nil && string(header[:n]) == databaseMagic) {
		return nil
	} else if err != nil && err != io.ErrUnexpectedEOF {
		return err
	}
	return fmt.Errorf("sluice: %s is no SQLite database, and would be lost", path)
}

type refresher struct {
	database    *Database
	file        *partFile
	progress    func(done, total int64)
	transferred int64
	hashesSent  int64
}

func (r *refresher) attempt(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	stream, err := r.database.client.snapshots.RefreshDatabase(ctx)
	if err != nil {
		cancel()
		return err
	}
	sent := make(chan int64, 1)
	go func() { sent <- sendHashes(stream, r.file, r.database) }()
	// The sender ends before the file may change hands.
	defer func() {
		cancel()
		r.hashesSent += <-sent
	}()
	check := differenceCheck{to: r.file.File, progress: r.progress}
	for {
		message, err := stream.Recv()
		if err == io.EOF {
			return check.finish()
		}
		if err != nil {
			return err
		}
		r.transferred += int64(len(message.GetChunk().GetData()))
		if err := check.take(message); err != nil {
			return err
		}
	}
}

type refreshStream interface {
	Send(*sluicev1.RefreshDatabaseRequest) error
	CloseSend() error
}

// sendHashes tells the server what the file holds, while its answers come: those are for blocks that have been told.
// What cannot be read is not told, and therefore sent. It returns the bytes of the hashes.
func sendHashes(stream refreshStream, file *partFile, database *Database) (sent int64) {
	defer stream.CloseSend()
	size, page := file.size(), pageSizeOf(file)
	block := max(blockBytesMin, page*blockPages)
	start := &sluicev1.RefreshStart{Database: database.name, BlockSizeBytes: int32(block),
		MinCommitToken: database.minToken}
	if stream.Send(&sluicev1.RefreshDatabaseRequest{Part: &sluicev1.RefreshDatabaseRequest_Start{Start: start}}) != nil || page == 0 {
		return 0
	}
	buffer := make([]byte, block)
	for at := int64(0); at+int64(block) <= size; {
		var hashes []byte
		for ; len(hashes) < hashesEach*blockHashBytes && at+int64(block) <= size; at += int64(block) {
			if _, err := file.ReadAt(buffer, at); err != nil {
				return sent
			}
			digest := sha256.Sum256(buffer)
			hashes = append(hashes, digest[:blockHashBytes]...)
		}
		message := &sluicev1.RefreshDatabaseRequest{Part: &sluicev1.RefreshDatabaseRequest_Hashes{
			Hashes: &sluicev1.RefreshHashes{Sha256Prefixes: hashes}}}
		if stream.Send(message) != nil {
			return sent
		}
		sent += int64(len(hashes))
	}
	return sent
}

// pageSizeOf reads a database file's header; 0 when it is none.
func pageSizeOf(file io.ReaderAt) int {
	header := make([]byte, 18)
	if _, err := file.ReadAt(header, 0); err != nil || !bytes.HasPrefix(header, []byte(databaseMagic)) {
		return 0
	}
	page := int(binary.BigEndian.Uint16(header[16:]))
	if page == 1 {
		page = 65536
	}
	if page < 512 || page&(page-1) != 0 {
		return 0
	}
	return page
}

// differenceCheck takes the messages of one RefreshDatabase, or of the rest of a kept snapshot, in turn and writes what
// agrees.
type differenceCheck struct {
	to       *os.File
	progress func(done, total int64)
	manifest *sluicev1.SnapshotManifest
	blocks   *unpacker // nil unless the chunks are packed
	digest   *sluicev1.SnapshotDigest
	done     int64
}

// snapshotMessage is what all three calls that give a database file send.
type snapshotMessage interface {
	GetQueue() *sluicev1.SnapshotQueue
	GetManifest() *sluicev1.SnapshotManifest
	GetChunk() *sluicev1.SnapshotChunk
	GetDigest() *sluicev1.SnapshotDigest
}

func (c *differenceCheck) take(message snapshotMessage) error {
	if message.GetQueue() != nil {
		return nil // It waits for its turn.
	}
	if c.digest != nil || (message.GetManifest() != nil) != (c.manifest == nil) {
		return damaged("a message out of order")
	}
	switch {
	case message.GetManifest() != nil:
		return c.begin(message.GetManifest())
	case message.GetChunk() != nil:
		return c.write(message.GetChunk())
	case message.GetDigest() != nil:
		c.digest = message.GetDigest()
		return nil
	}
	return damaged("a message of a kind that this client does not know")
}

func (c *differenceCheck) begin(manifest *sluicev1.SnapshotManifest) error {
	if manifest.GetSizeBytes() < 0 {
		return damaged("a manifest with a negative size")
	}
	if manifest.GetCompression() != sluicev1.Compression_COMPRESSION_UNSPECIFIED {
		var err error
		if c.blocks, err = newUnpacker(manifest); err != nil {
			return err
		}
		c.done -= c.done % int64(manifest.GetBlockSizeBytes()) // A block comes whole.
	}
	c.manifest = manifest
	c.report()
	return nil
}

func (c *differenceCheck) write(chunk *sluicev1.SnapshotChunk) error {
	data, offset := chunk.GetData(), chunk.GetOffset()
	switch {
	case offset < c.done || offset > c.manifest.GetSizeBytes():
		return damaged(fmt.Sprintf("a chunk for offset %d at %d", offset, c.done))
	case crc32.Checksum(data, castagnoli) != chunk.GetCrc32C():
		return damaged(fmt.Sprintf("the checksum of the chunk at %d does not agree", offset))
	}
	if c.blocks != nil {
		var err error
		if data, err = c.blocks.unpack(data, offset); err != nil {
			return err
		}
	}
	if int64(len(data)) > c.manifest.GetSizeBytes()-offset {
		return damaged("more bytes than the manifest says")
	}
	if _, err := c.to.WriteAt(data, offset); err != nil {
		return err
	}
	c.done = offset + int64(len(data))
	c.report()
	return nil
}

// finish compares what the disk holds with the digest.
func (c *differenceCheck) finish() error {
	if c.manifest == nil || c.digest == nil {
		return cutAtEOF(io.EOF)
	}
	size := c.manifest.GetSizeBytes()
	if err := c.to.Truncate(size); err != nil {
		return err
	}
	whole := sha256.New()
	if _, err := io.Copy(whole, io.NewSectionReader(c.to, 0, size)); err != nil {
		return err
	}
	if !bytes.Equal(whole.Sum(nil), c.digest.GetSha256()) {
		// What is wrong with it is not known, so nothing of it is of use.
		if err := c.to.Truncate(0); err != nil {
			return err
		}
		return damaged("the SHA-256 does not agree")
	}
	c.done = size
	c.report()
	return nil
}

func (c *differenceCheck) report() {
	if c.progress != nil {
		c.progress(c.done, c.manifest.GetSizeBytes())
	}
}
