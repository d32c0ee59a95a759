package sluice

import (
	"context"
	"errors"
	"io"

	"google.golang.org/grpc/codes"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

// keptDownload is a kept snapshot on its way into a part, whose bytes are its beginning.
type keptDownload struct {
	database *Database
	snapshot string
	file     *partFile
	progress func(done, total int64)
	received int64
}

func downloadKept(ctx context.Context, database *Database, snapshot, path string, progress func(done, total int64)) error {
	if err := refusePlace(path); err != nil {
		return err
	}
	file, err := resumePartFile(path)
	if err != nil {
		return err
	}
	k := keptDownload{database: database, snapshot: snapshot, file: file, progress: progress}
	return file.fill(ctx, k.attempt, func() int64 { return k.received })
}

func (k *keptDownload) attempt(ctx context.Context) error {
	offset := k.file.size()
	err := k.attemptFrom(ctx, offset)
	var refused *Error
	if errors.As(err, &refused) && refused.Code == codes.InvalidArgument && offset > 0 {
		// What was left is of something longer.
		if err := k.file.Truncate(0); err != nil {
			return err
		}
		return k.attemptFrom(ctx, 0)
	}
	return err
}

func (k *keptDownload) attemptFrom(ctx context.Context, offset int64) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := k.database.client.snapshots.DownloadSnapshot(ctx, &sluicev1.DownloadSnapshotRequest{
		Database: k.database.name, Snapshot: k.snapshot, Offset: offset,
		Compression: sluicev1.Compression_COMPRESSION_ZSTD})
	if err != nil {
		return err
	}
	check := differenceCheck{to: k.file.File, progress: k.progress, done: offset}
	for {
		message, err := stream.Recv()
		if err == io.EOF {
			return check.finish()
		}
		if err != nil {
			return err
		}
		k.received += int64(len(message.GetChunk().GetData()))
		if err := check.take(message); err != nil {
			return err
		}
	}
}
