package sluice

import (
	"context"
	"io"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

// resumable is a message that says how to go on after it.
type resumable interface {
	rowsMessage
	GetResumeToken() string
}

type receiver[Message any] interface{ Recv() (Message, error) }

// resumed is a stream of rows that goes on after its last message when the server was away, if that said how.
type resumed[Message resumable] struct {
	// start makes the call that begins after a token.
	start func(ctx context.Context, token string) (receiver[Message], error)
	// onMessage, when not nil, is told each message.
	onMessage func(Message)
	call      receiver[Message]
	token     string
}

func (s *resumed[Message]) next(ctx context.Context) (Message, error) {
	message, err := s.receive(ctx)
	if err != nil && err != io.EOF && s.token != "" && streamWasCut(err) && ctx.Err() == nil {
		s.call = nil
		message, err = s.receive(ctx)
		if err != nil {
			s.token = "" // Once, until something has come again.
		}
	}
	if err == nil {
		s.token = message.GetResumeToken()
		if s.onMessage != nil {
			s.onMessage(message)
		}
	}
	return message, err
}

func (s *resumed[Message]) receive(ctx context.Context) (Message, error) {
	if s.call == nil {
		call, err := s.start(ctx, s.token)
		if err != nil {
			var none Message
			return none, err
		}
		s.call = call
	}
	return s.call.Recv()
}

// readTo gives a stream's messages to a reader, to the end.
func (s *resumed[Message]) readTo(ctx context.Context, reader *streamReader) (*sluicev1.QueryStats, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // Ends the server's work when the reader stops early.
	for {
		message, err := s.next(ctx)
		if err == io.EOF {
			return reader.end()
		}
		if err == nil {
			err = reader.read(message)
		}
		if err != nil {
			return nil, err
		}
	}
}
