package sluice

import (
	"context"
	"crypto/sha256"
	"errors"
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
	uploadPieceBytes         = 1 << 20
	fruitlessUploadsMax      = 5
	firstUploadWait          = 200 * time.Millisecond
	restoreTimeWithoutOneMax = 24 * time.Hour
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
func (d *Database) Restore(ctx context.Context, path string, options RestoreOptions) (*sluicev1.RestoreResult, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	sending := &upload{database: d, file: file, options: options}
	if err := sending.measure(); err != nil {
		return nil, err
	}
	name, err := sending.send(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := patient(ctx)
	defer cancel()
	response, err := d.client.snapshots.RestoreDatabase(ctx, &sluicev1.RestoreDatabaseRequest{
		Database: d.name, Upload: name, Options: options.message(),
	})
	return response.GetResult(), err
}

// RestoreSnapshot puts the database back to a kept snapshot.
func (d *Database) RestoreSnapshot(ctx context.Context, snapshot string, options RestoreOptions) (*sluicev1.RestoreResult, error) {
	ctx, cancel := patient(ctx)
	defer cancel()
	response, err := d.client.snapshots.RestoreSnapshot(ctx, &sluicev1.RestoreSnapshotRequest{
		Database: d.name, Snapshot: snapshot, Options: options.message(),
	})
	return response.GetResult(), err
}

// patient gives a context without a deadline one that is longer than that of other calls: a check takes as long as the
// file is large.
func patient(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, restoreTimeWithoutOneMax)
}

// upload is a file on its way to the server.
type upload struct {
	database *Database
	file     *os.File
	options  RestoreOptions
	size     int64
	sha256   []byte
}

func (u *upload) measure() error {
	digest := sha256.New()
	size, err := io.Copy(digest, u.file)
	u.size, u.sha256 = size, digest.Sum(nil)
	return err
}

// send gives the upload's name, once all of the file is on the server's disk.
func (u *upload) send(ctx context.Context) (string, error) {
	state, err := u.findOrCreate(ctx)
	if err != nil {
		return "", err
	}
	for fruitless := 0; ; {
		if u.options.Progress != nil {
			u.options.Progress(state.GetReceivedBytes(), u.size)
		}
		if state.GetReceivedBytes() >= u.size {
			return state.GetUpload(), nil
		}
		more, err := u.sendPiece(ctx, state)
		if err == nil {
			state, fruitless = more, 0
			continue
		}
		if fruitless++; !uploadWasCut(err) || fruitless > fruitlessUploadsMax {
			return "", err
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(firstUploadWait << fruitless):
		}
		response, err := u.database.client.snapshots.GetUpload(ctx, &sluicev1.GetUploadRequest{Database: u.database.name, Upload: state.GetUpload()})
		if err == nil {
			state = response.GetUpload()
		}
	}
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

func (u *upload) sendPiece(ctx context.Context, state *sluicev1.Upload) (*sluicev1.Upload, error) {
	piece := make([]byte, min(uploadPieceBytes, u.size-state.GetReceivedBytes()))
	if _, err := u.file.ReadAt(piece, state.GetReceivedBytes()); err != nil {
		return nil, err
	}
	response, err := u.database.client.snapshots.WriteUpload(ctx, &sluicev1.WriteUploadRequest{
		Database: u.database.name, Upload: state.GetUpload(), Offset: state.GetReceivedBytes(),
		Content: &httpbody.HttpBody{Data: piece}, Crc32C: proto.Uint32(crc32.Checksum(piece, castagnoli)),
	})
	return response.GetUpload(), err
}

// uploadWasCut tells whether another attempt may do better: the server knows how far the upload is.
func uploadWasCut(err error) bool {
	var failure *Error
	if !errors.As(err, &failure) {
		return false
	}
	switch failure.Code {
	case codes.Unavailable:
		return true
	case codes.Aborted:
		return failure.Reason == "UPLOAD_OFFSET"
	case codes.DataLoss:
		return failure.Reason == "CORRUPT"
	}
	return false
}
