package sluice

import (
	"context"
	"errors"
	"io"
	"time"

	"google.golang.org/grpc/codes"
)

const (
	// Attempts that bring nothing further, one after another, before what can be gone on with gives up.
	fruitlessAttemptsMax = 5
	// Attempts whose bytes were damaged, in all: what is damaged twice stays damaged, whatever else arrives.
	damagedAttemptsMax = 2
	firstRetryWait     = 200 * time.Millisecond
)

// verdict is what the error of an attempt says about another one.
type verdict int

const (
	// Another attempt would end alike.
	final verdict = iota
	// The connection was at fault.
	cut
	// The bytes were other than they were sent.
	spoilt
)

// goOn makes attempts until one succeeds, judge calls its error final, or nothing comes of them. reached tells how far they
// have come together; it grows with everything that need not be sent again.
func goOn(ctx context.Context, attempt func() error, judge func(error) verdict, reached func() int64) error {
	for fruitless, damaged := 0, 0; ; {
		before := reached()
		err := attempt()
		if err == nil {
			return nil
		}
		switch judge(err) {
		case final:
			return err
		case spoilt:
			damaged++
		}
		if fruitless++; reached() > before {
			fruitless = 0
		}
		if fruitless >= fruitlessAttemptsMax || damaged >= damagedAttemptsMax || ctx.Err() != nil {
			return err
		}
		select {
		case <-time.After(firstRetryWait << fruitless):
		case <-ctx.Done():
			return err
		}
	}
}

// connectionLost tells whether gRPC, and not the server, says that a connection broke or could not be made; also when the
// server was going away, which ends connections.
func connectionLost(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code {
	case codes.Unavailable:
		return e.Reason == "" || e.Reason == "DRAINING"
	case codes.Internal, codes.Unknown:
		return e.Reason == "" // Of a stream that was reset, in the words of gRPC or of a proxy.
	}
	return false
}

// streamWasCut tells whether a stream ended for no fault of its own: also when the server could not serve it for now, or
// ended it because its reader or writer paused for too long, which gRPC calls CANCELLED. So does it what ctx cancels, which
// is for the caller to see.
func streamWasCut(err error) bool {
	if errors.Is(err, io.ErrUnexpectedEOF) || connectionLost(err) {
		return true
	}
	var e *Error
	return errors.As(err, &e) && (e.Code == codes.Unavailable || e.Code == codes.Canceled)
}

func cutIf(was bool) verdict {
	if was {
		return cut
	}
	return final
}
