package sluice

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"time"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

const (
	uploadPieceBytes = 1 << 20
	// A check takes as long as the file is large.
	restoreTimeMax = 24 * time.Hour
)

// RestoreOptions is how a file or a snapshot takes a database's place.
type RestoreOptions struct {
	// Create makes a new database of the file; there must be none of that name. Not for snapshots.
	Create bool
	// ValidateOnly lets the server check everything and put nothing in place.
	ValidateOnly bool
	// DiscardReplaced does not keep what is replaced.
	DiscardReplaced bool
	// AllowForeignKeyViolations restores although rows refer to rows that are not there.
	AllowForeignKeyViolations bool
	// Progress may be nil; otherwise it is called in this goroutine for every piece that is on the server's disk.
	Progress func(done, total int64)
}

func (o RestoreOptions) message() *sluicev1.RestoreOptions {
	return &sluicev1.RestoreOptions{
		ValidateOnly:              o.ValidateOnly,
		DiscardReplaced:           o.DiscardReplaced,
		AllowForeignKeyViolations: o.AllowForeignKeyViolations,
	}
}

// Restore puts the file at path in the place of the database. It is sent in pieces; one that was sent before, whole or in
// part, is gone on with, also by another process, and a connection that breaks is taken up again, up to five times in a
// row without a further byte. The server checks it before anything is replaced; what it replaces becomes a kept snapshot,
// which the result names. The result is nil for ValidateOnly.
//
// A file with a `-wal` that is not empty, or a `-journal`, beside it is refused: a part of the database is in there, and
// would not be sent. VACUUM INTO makes a copy that is whole; so does closing the database, which ends both.
func (d *Database) Restore(ctx context.Context, path string, options RestoreOptions) (*sluicev1.RestoreResult, error) {
	if err := refuseLive(path); err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	sending := &upload{database: d, file: file, options: options}
	if err := sending.measure(); err != nil {
		return nil, err
	}
	if err := sending.send(ctx); err != nil {
		return nil, err
	}
	return sending.restore(ctx)
}

// refuseLive refuses a file of which a part may stand in a log beside it.
func refuseLive(path string) error {
	journal := path + "-journal"
	if _, err := os.Lstat(journal); err == nil {
		return notWhole(path, journal)
	}
	wal := path + "-wal"
	if info, err := os.Stat(wal); err == nil && info.Size() > 0 {
		return notWhole(path, wal)
	}
	return nil
}

func notWhole(path, log string) error {
	return fmt.Errorf("sluice: not sending %s: a part of the database may be in %s; close it, run PRAGMA "+
		"wal_checkpoint(TRUNCATE), or send a copy made by VACUUM INTO", path, log)
}

// RestoreSnapshot puts the database back to a kept snapshot.
func (d *Database) RestoreSnapshot(ctx context.Context, snapshot string, options RestoreOptions) (*sluicev1.RestoreResult, error) {
	ctx, cancel := d.client.patient(ctx, restoreTimeMax)
	defer cancel()
	response, err := d.client.snapshots.RestoreSnapshot(ctx, &sluicev1.RestoreSnapshotRequest{
		Database: d.name, Snapshot: snapshot, Options: options.message(),
	})
	return response.GetResult(), err
}

// upload is a file on its way to the server.
type upload struct {
	database *Database
	file     *os.File
	options  RestoreOptions
	size     int64
	sha256   []byte
	// As far as the server has told; nil at first.
	state *sluicev1.Upload
	// Nothing has failed since, so that the server need not be asked.
	known bool
}

func (u *upload) measure() error {
	digest := sha256.New()
	size, err := io.Copy(digest, u.file)
	u.size, u.sha256 = size, digest.Sum(nil)
	return err
}

// send returns once all of the file is on the server's disk.
func (u *upload) send(ctx context.Context) error {
	state, err := u.findOrCreate(ctx)
	if err != nil {
		return err
	}
	u.state, u.known = state, true
	attempt := func() error { return u.sendRest(ctx) }
	return goOn(ctx, attempt, uploadVerdict, func() int64 { return u.state.GetReceivedBytes() })
}

func (u *upload) sendRest(ctx context.Context) error {
	if !u.known {
		response, err := u.database.client.snapshots.GetUpload(ctx, &sluicev1.GetUploadRequest{
			Database: u.database.name, Upload: u.state.GetUpload()})
		if err != nil {
			return err
		}
		u.state = response.GetUpload()
	}
	u.known = false
	for {
		if u.options.Progress != nil {
			u.options.Progress(u.state.GetReceivedBytes(), u.size)
		}
		if u.state.GetReceivedBytes() >= u.size {
			return nil
		}
		more, err := u.sendPiece(ctx)
		if err != nil {
			return err
		}
		u.state = more
	}
}

// restore puts the upload in place. When the answer is lost it asks again: the server restores an upload once, and answers
// alike.
func (u *upload) restore(ctx context.Context) (*sluicev1.RestoreResult, error) {
	ctx, cancel := u.database.client.patient(ctx, restoreTimeMax)
	defer cancel()
	var result *sluicev1.RestoreResult
	err := goOn(ctx, func() error {
		response, err := u.database.client.snapshots.RestoreDatabase(ctx, &sluicev1.RestoreDatabaseRequest{
			Database: u.database.name, Upload: u.state.GetUpload(), Options: u.options.message(),
		})
		result = response.GetResult()
		return err
	}, func(err error) verdict { return cutIf(connectionLost(err)) }, func() int64 { return 0 })
	return result, err
}

// findOrCreate gives an upload of the same bytes that has not been restored yet, or a new one.
func (u *upload) findOrCreate(ctx context.Context) (*sluicev1.Upload, error) {
	snapshots, name := u.database.client.snapshots, u.database.name
	list, err := snapshots.ListUploads(ctx, &sluicev1.ListUploadsRequest{Database: name})
	var failure *Error
	if err != nil && !(errors.As(err, &failure) && failure.Code == codes.NotFound) {
		return nil, err
	}
	for _, there := range list.GetUploads() {
		if string(there.GetSha256()) == string(u.sha256) && there.GetSizeBytes() == u.size &&
			there.GetCreateDatabase() == u.options.Create && there.GetState() != sluicev1.Upload_STATE_RESTORED {
			return there, nil
		}
	}
	response, err := snapshots.CreateUpload(ctx, &sluicev1.CreateUploadRequest{
		Database: name, SizeBytes: u.size, Sha256: u.sha256, CreateDatabase: u.options.Create,
	})
	return response.GetUpload(), err
}

func (u *upload) sendPiece(ctx context.Context) (*sluicev1.Upload, error) {
	offset := u.state.GetReceivedBytes()
	piece := make([]byte, min(uploadPieceBytes, u.size-offset))
	if _, err := u.file.ReadAt(piece, offset); err != nil {
		return nil, err
	}
	response, err := u.database.client.snapshots.WriteUpload(ctx, &sluicev1.WriteUploadRequest{
		Database: u.database.name, Upload: u.state.GetUpload(), Offset: offset,
		Content: &httpbody.HttpBody{Data: piece}, Crc32C: proto.Uint32(crc32.Checksum(piece, castagnoli)),
	})
	return response.GetUpload(), err
}

// uploadVerdict tells whether another attempt may do better: the server knows how far the upload is. A piece that took too
// long was cut; whether the caller's own time is over, its context tells.
func uploadVerdict(err error) verdict {
	if streamWasCut(err) {
		return cut
	}
	var failure *Error
	if !errors.As(err, &failure) {
		return final
	}
	return cutIf(failure.Code == codes.DeadlineExceeded ||
		failure.Code == codes.Aborted && failure.Reason == "UPLOAD_OFFSET" ||
		failure.Code == codes.DataLoss && failure.Reason == "CORRUPT")
}
