package sluice

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

const (
	loadMessageRows  = 5000
	loadMessageBytes = 512 << 10
	// What is kept to be sent again until it is acknowledged.
	loadUnacknowledgedMax = 32 << 20
)

// LoadOptions say how rows are loaded. The zero value keeps them part by part and ends at the first row that fails.
type LoadOptions struct {
	// What becomes of a row that clashes with one that is there: one of [IgnoreConflicts], [ReplaceConflicts] and
	// [UpdateConflicts]. Without it the load ends.
	OnConflict WriteOption
	// Columns that the rows do not give are NULL instead of their default.
	MissingNull bool
	// All rows in one transaction, or none; such a load is not resumed.
	Atomic bool
	// Otherwise each part of so many rows is on the server's disk when it is acknowledged; 0 for 10 000.
	RowsPerCommit int
	// Names the load: another Load with the same arguments and rows goes on where this one stopped, from another process
	// too. Without it one is made up, which [Loaded.ID] tells.
	ID string
	// Rows that fail are left out and told in [Loaded.Errors].
	ContinueOnError bool
	// With Atomic: everything runs and nothing is kept.
	ValidateOnly bool
	// The answer waits for the replica; refused while no replication runs.
	Replicated bool
	// Called now and then, in the goroutine of Load.
	Progress func(Loaded)
}

// Loaded is how far a load has come.
type Loaded struct {
	// Names the load, for [LoadOptions.ID]; "" for one that is atomic.
	ID string
	// Rows that the server has on its disk, or left out.
	Rows                               int64
	Inserted, Updated, Ignored, Failed int64
	// The rows that failed, by their place in the load; at most 1 000 for each connection.
	Errors      []RowError
	CommitToken string
}

// Load adds any number of rows to a table, fast. Each row has a value for each of the columns; rows are taken one by one
// as they are sent, in the caller's goroutine, and an error among them ends the load.
//
// A load that is not atomic goes on by itself when its connection breaks, up to five times in a row without a further row,
// and adds no row twice. A row may have 64 MiB. Errors of rows have their place in the load as the metadata `row`.
//
// A load that fails gives how far it came together with its error; its result is nil only when nothing was sent.
func (d *Database) Load(ctx context.Context, table string, columns []string, rows iter.Seq2[[]any, error], options LoadOptions) (*Loaded, error) {
	start, err := loadStart(d.name, table, columns, options)
	if err != nil {
		return nil, err
	}
	next, stop := iter.Pull2(rows)
	defer stop()
	l := &loader{database: d, start: start, progress: options.Progress, next: next, loaded: Loaded{ID: start.GetLoadId()}}
	return l.run(ctx)
}

func loadStart(database, table string, columns []string, options LoadOptions) (*sluicev1.LoadRowsStart, error) {
	start := &sluicev1.LoadRowsStart{Database: database, Table: table, Columns: columns, LoadId: options.ID,
		Mode: sluicev1.LoadMode_LOAD_MODE_DURABLE, RowsPerCommit: int32(options.RowsPerCommit),
		ContinueOnError: options.ContinueOnError, ValidateOnly: options.ValidateOnly}
	if options.OnConflict != nil {
		o, err := takeOptions("Load", []WriteOption{options.OnConflict}, "IgnoreConflicts", "ReplaceConflicts", "UpdateConflicts")
		if err != nil {
			return nil, err
		}
		start.OnConflict = o.conflict
	}
	if options.MissingNull {
		start.MissingColumns = sluicev1.MissingColumns_MISSING_COLUMNS_NULL
	}
	if options.Replicated {
		start.Durability = sluicev1.Durability_DURABILITY_REPLICATED
	}
	if options.Atomic {
		start.Mode = sluicev1.LoadMode_LOAD_MODE_ATOMIC
	} else if start.LoadId == "" {
		id := make([]byte, 16)
		if _, err := rand.Read(id); err != nil {
			return nil, err
		}
		start.LoadId = hex.EncodeToString(id)
	}
	return start, nil
}

type loader struct {
	database *Database
	start    *sluicev1.LoadRowsStart
	progress func(Loaded)
	next     func() ([]any, error, bool)

	loaded         Loaded
	done           bool
	unacknowledged []*sluicev1.LoadRowsRequest
	unackedBytes   int
	// Of the rows: how many were taken, and their error.
	taken int64
	ended bool
	err   error
}

func (l *loader) atomic() bool { return l.start.GetMode() == sluicev1.LoadMode_LOAD_MODE_ATOMIC }

func (l *loader) run(ctx context.Context) (*Loaded, error) {
	err := goOn(ctx, func() error { return l.attempt(ctx) }, l.verdict, func() int64 { return l.loaded.Rows })
	return &l.loaded, err
}

// verdict says whether the connection, and not the load, is at fault: also when the part before the cut was still being
// written while the next call began, when what became of it is not known, which the next call tells, and when the server
// held too many large rows of others.
func (l *loader) verdict(err error) verdict {
	var e *Error
	return cutIf(l.err == nil && !l.atomic() && (streamWasCut(err) || errors.As(err, &e) &&
		(e.Code == codes.Unknown || e.Code == codes.Aborted || e.Code == codes.ResourceExhausted && e.RetryDelay > 0)))
}

// loadCall is one call; its answers come in a goroutine of their own.
type loadCall struct {
	stream  sluicev1.RowService_LoadRowsClient
	mutex   sync.Mutex
	changed *sync.Cond
	latest  *sluicev1.LoadRowsResponse
	errors  []*sluicev1.LoadError
	ended   bool
	err     error
}

func (c *loadCall) read() {
	for {
		answer, err := c.stream.Recv()
		c.mutex.Lock()
		if err != nil {
			c.ended = true
			if err != io.EOF {
				c.err = err
			}
		} else {
			c.latest = answer
			c.errors = append(c.errors, answer.GetErrors()...)
		}
		c.changed.Broadcast()
		c.mutex.Unlock()
		if err != nil {
			return
		}
	}
}

// wait waits until more than so many rows are acknowledged, or the call has ended.
func (c *loadCall) wait(beyond int64) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for !c.ended && (c.latest == nil || c.latest.GetAcknowledgedRows() <= beyond) {
		c.changed.Wait()
	}
}

func (c *loadCall) waitForEnd() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for !c.ended {
		c.changed.Wait()
	}
}

func (c *loadCall) hasEnded() bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.ended
}

func (l *loader) attempt(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := l.database.client.row.LoadRows(ctx)
	if err != nil {
		return err
	}
	call := &loadCall{stream: stream}
	call.changed = sync.NewCond(&call.mutex)
	go call.read()
	// When it fails, the answers tell why.
	_ = stream.Send(&sluicev1.LoadRowsRequest{Start: l.start})
	call.wait(-1)
	l.take(call)
	if !call.hasEnded() && l.sendAll(call) {
		_ = stream.CloseSend()
	}
	if l.err != nil {
		return l.err
	}
	call.waitForEnd()
	l.take(call)
	if call.err == nil && !l.done {
		return fmt.Errorf("sluice: the load was cut: %w", io.ErrUnexpectedEOF)
	}
	return call.err
}

// sendAll sends what was sent before and is not acknowledged, and then new rows; false when the call has ended.
func (l *loader) sendAll(call *loadCall) bool {
	for _, message := range l.unacknowledged {
		if call.stream.Send(message) != nil {
			return false
		}
	}
	for !l.done {
		message := l.message()
		if message == nil {
			return l.err == nil
		}
		if !l.atomic() {
			l.unacknowledged = append(l.unacknowledged, message)
			l.unackedBytes += proto.Size(message)
		}
		if call.stream.Send(message) != nil {
			return false
		}
		for l.take(call); l.unackedBytes > loadUnacknowledgedMax; l.take(call) {
			if call.hasEnded() {
				return false
			}
			call.wait(l.loaded.Rows)
		}
	}
	return true
}

// message holds the next rows, and is nil when there are none.
func (l *loader) message() *sluicev1.LoadRowsRequest {
	p := packer{columns: make([]packedColumn, len(l.start.GetColumns()))}
	for p.rows < loadMessageRows && p.bytes < loadMessageBytes && !l.ended {
		row, err, ok := l.next()
		if !ok {
			l.ended = true
			break
		}
		if err == nil && len(row) != len(p.columns) {
			err = fmt.Errorf("sluice: row %d has %d values for %d columns", l.taken, len(row), len(p.columns))
		}
		l.taken++
		// Rows before were brought by another process.
		if err == nil && l.taken > l.loaded.Rows {
			err = p.add(row)
		}
		if err != nil {
			l.err = err
			return nil
		}
	}
	if p.rows == 0 {
		return nil
	}
	return &sluicev1.LoadRowsRequest{FirstRow: l.taken - int64(p.rows), Packed: p.take()}
}

// take notes what has been answered.
func (l *loader) take(call *loadCall) {
	call.mutex.Lock()
	answer, failed := call.latest, call.errors
	call.errors = nil
	call.mutex.Unlock()
	if answer == nil {
		return
	}
	for _, e := range failed {
		l.loaded.Errors = append(l.loaded.Errors, newLoadError(e))
	}
	news := answer.GetAcknowledgedRows() > l.loaded.Rows
	l.loaded.Rows, l.loaded.Inserted, l.loaded.Updated = answer.GetAcknowledgedRows(), answer.GetInsertedCount(), answer.GetUpdatedCount()
	l.loaded.Ignored, l.loaded.Failed = answer.GetIgnoredCount(), answer.GetFailedCount()
	if answer.GetCommitToken() != "" {
		l.loaded.CommitToken = answer.GetCommitToken()
	}
	l.done = answer.GetDone()
	for len(l.unacknowledged) > 0 && endOf(l.unacknowledged[0]) <= l.loaded.Rows {
		l.unackedBytes -= proto.Size(l.unacknowledged[0])
		l.unacknowledged = l.unacknowledged[1:]
	}
	if news && l.progress != nil {
		l.progress(l.loaded)
	}
}

func endOf(message *sluicev1.LoadRowsRequest) int64 {
	return message.GetFirstRow() + int64(message.GetPacked().GetRowCount())
}
