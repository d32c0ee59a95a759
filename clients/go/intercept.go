package sluice

import (
	"context"
	"time"

	"google.golang.org/grpc"
)

// bearerToken puts the token into every call. Whether the connection may carry it is Dial's decision.
type bearerToken string

func (t bearerToken) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(t)}, nil
}

func (t bearerToken) RequireTransportSecurity() bool { return false }

// unaryInterceptor gives calls without a deadline one, and makes their errors *Error.
func unaryInterceptor(timeout time.Duration) grpc.UnaryClientInterceptor {
	return func(ctx context.Context, method string, request, response any, conn *grpc.ClientConn,
		invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
		if _, ok := ctx.Deadline(); !ok && timeout > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, timeout)
			defer cancel()
		}
		return fromGRPC(invoke(ctx, method, request, response, conn, options...))
	}
}

// streamInterceptor makes the errors of streams *Error. Streams get no deadline: a download may take hours.
func streamInterceptor(ctx context.Context, description *grpc.StreamDesc, conn *grpc.ClientConn, method string,
	open grpc.Streamer, options ...grpc.CallOption) (grpc.ClientStream, error) {
	stream, err := open(ctx, description, conn, method, options...)
	if err != nil {
		return nil, fromGRPC(err)
	}
	return typedErrors{stream}, nil
}

type typedErrors struct{ grpc.ClientStream }

func (s typedErrors) RecvMsg(message any) error { return fromGRPC(s.ClientStream.RecvMsg(message)) }

func (s typedErrors) SendMsg(message any) error { return fromGRPC(s.ClientStream.SendMsg(message)) }
