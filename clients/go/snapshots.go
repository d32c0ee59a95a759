package sluice

import (
	"context"
	"io"
	"iter"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

const snapshotPollEvery = time.Second

// SnapshotOptions is how a snapshot is kept.
type SnapshotOptions struct {
	// Compact writes the database anew on the server, without free pages.
	Compact bool
	// TTL is how long it is kept; zero leaves that to the server.
	TTL time.Duration
	// Tables are the only ones it is to hold; CreateSnapshotRequest in snapshot.proto says what comes with them.
	Tables []string
	// Compress keeps it as a zstd file.
	Compress bool
}

// CreateSnapshot keeps the present state on the server's disk, for many to download, and waits until it is ready. One of
// the same state is shared.
func (d *Database) CreateSnapshot(ctx context.Context, options SnapshotOptions) (*sluicev1.Snapshot, error) {
	request := &sluicev1.CreateSnapshotRequest{Database: d.name, MinCommitToken: d.minToken, Compact: options.Compact,
		Tables: options.Tables, Compression: compression(options.Compress)}
	if options.TTL != 0 {
		request.Ttl = durationpb.New(options.TTL)
	}
	response, err := d.client.snapshots.CreateSnapshot(ctx, request)
	snapshot := response.GetSnapshot()
	for err == nil && snapshot.GetState() == sluicev1.Snapshot_STATE_CREATING {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(snapshotPollEvery):
		}
		var found *sluicev1.GetSnapshotResponse
		found, err = d.client.snapshots.GetSnapshot(ctx, &sluicev1.GetSnapshotRequest{Database: d.name, Snapshot: snapshot.GetSnapshot()})
		snapshot = found.GetSnapshot()
	}
	return snapshot, err
}

// Snapshots gives the kept snapshots, the newest first.
func (d *Database) Snapshots(ctx context.Context) iter.Seq2[*sluicev1.Snapshot, error] {
	return paged(func(token string) ([]*sluicev1.Snapshot, string, error) {
		response, err := d.client.snapshots.ListSnapshots(ctx, &sluicev1.ListSnapshotsRequest{
			Database: d.name, PageSize: listPageSize, PageToken: token,
		})
		return response.GetSnapshots(), response.GetNextPageToken(), err
	})
}

// DeleteSnapshot removes a kept snapshot.
func (d *Database) DeleteSnapshot(ctx context.Context, snapshot string) error {
	_, err := d.client.snapshots.DeleteSnapshot(ctx, &sluicev1.DeleteSnapshotRequest{Database: d.name, Snapshot: snapshot})
	return err
}

// DownloadSnapshot writes a kept snapshot to a file, as [Database.Download] does with the present state; one that is kept
// compressed comes so and is unpacked here. Its bytes never change, so that a connection that breaks is taken up again, and
// path.part stays and is gone on with, as in [Database.Refresh].
func (d *Database) DownloadSnapshot(ctx context.Context, snapshot, path string, progress func(done, total int64)) error {
	return downloadKept(ctx, d, snapshot, path, progress)
}

// downloadParts writes what receive gives to path, when all of it agrees.
func downloadParts(path string, progress func(done, total int64), receive func() (*sluicev1.DownloadDatabaseResponse, error)) error {
	first, err := receive() // Before the file is made: most errors come here.
	if err != nil {
		return cutAtEOF(err)
	}
	file, err := newPartFile(path)
	if err != nil {
		return err
	}
	defer file.discard()
	check := newSnapshotCheck(file, progress)
	for message := first; ; {
		if err := check.take(message); err != nil {
			return err
		}
		if message, err = receive(); err == io.EOF && check.whole {
			return file.keep()
		} else if err != nil {
			return cutAtEOF(err)
		}
	}
}
