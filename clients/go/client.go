package sluice

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

const (
	// A row of the largest size comes as one message: 64 MiB and what stands around it.
	receiveBytesMax = 72 << 20
	// The server ends a statement after 30 s; this is for those who set no deadline and lose the server.
	defaultTimeout = 60 * time.Second
	// The server takes five minutes for a change of a table, once it has its turn.
	tableTimeout = 6 * time.Minute
	listPageSize = 1000
	userAgent    = "sluice-go/0.1.0"
	// A server that was restarted is found again within this; gRPC's own is two minutes.
	reconnectWaitMax = 5 * time.Second
	// A peer that vanished is noticed after both together, when a call is waiting for it. Servers of gRPC end a connection
	// that is asked more often than every five minutes.
	keepaliveTime    = 5 * time.Minute
	keepaliveTimeout = 20 * time.Second
)

// Client is a connection to a server.
type Client struct {
	conn      *grpc.ClientConn
	timeout   time.Duration
	catalog   sluicev1.CatalogServiceClient
	query     sluicev1.QueryServiceClient
	row       sluicev1.RowServiceClient
	snapshots sluicev1.SnapshotServiceClient
}

// Option changes how Dial connects.
type Option func(*settings)

type settings struct {
	token          *string
	transport      credentials.TransportCredentials
	allowPlaintext bool
	timeout        time.Duration
	dialOptions    []grpc.DialOption
}

// WithToken sends this token with every call instead of the one that Dial would find; "" sends none.
func WithToken(token string) Option {
	return func(s *settings) { s.token = &token }
}

// WithTransportCredentials encrypts the connection, for example with credentials.NewTLS. Without it the connection is
// plain text, which suits loopback and a mesh.
func WithTransportCredentials(transport credentials.TransportCredentials) Option {
	return func(s *settings) { s.transport = transport }
}

// WithPlaintext allows a token on a plain-text connection that leaves this machine, for a mesh that encrypts it on the
// way. Without it Dial refuses that.
func WithPlaintext() Option {
	return func(s *settings) { s.allowPlaintext = true }
}

// WithTimeout bounds every call that is not a stream and whose context has no deadline; 60 s when not given, 0 for none.
// Changes of tables get at least six minutes, and restores a day.
func WithTimeout(timeout time.Duration) Option {
	return func(s *settings) { s.timeout = timeout }
}

// WithDialOptions adds options of gRPC's own, such as a stats handler. They come after Dial's and win over them.
func WithDialOptions(options ...grpc.DialOption) Option {
	return func(s *settings) { s.dialOptions = append(s.dialOptions, options...) }
}

// Dial makes a Client for `host:port`, or another name that gRPC resolves. An empty address is $SLUICE_ADDRESS, or
// 127.0.0.1:7070. The token is $SLUICE_TOKEN, or, on loopback only, this user's admin token
// ($XDG_STATE_HOME/sluice/admin-token).
//
// Dial does not wait for the connection: the first call makes it, and makes it again whenever it was lost.
func Dial(ctx context.Context, address string, options ...Option) (*Client, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	address = resolveAddress(address)
	s := settings{timeout: defaultTimeout}
	for _, option := range options {
		option(&s)
	}
	dialOptions, err := s.grpcOptions(address)
	if err != nil {
		return nil, err
	}
	conn, err := grpc.NewClient(address, dialOptions...)
	if err != nil {
		return nil, fmt.Errorf("sluice: address %q: %w", address, err)
	}
	return &Client{
		conn:      conn,
		timeout:   s.timeout,
		catalog:   sluicev1.NewCatalogServiceClient(conn),
		query:     sluicev1.NewQueryServiceClient(conn),
		row:       sluicev1.NewRowServiceClient(conn),
		snapshots: sluicev1.NewSnapshotServiceClient(conn),
	}, nil
}

func (s *settings) grpcOptions(address string) ([]grpc.DialOption, error) {
	token := ""
	if s.token != nil {
		token = *s.token
	} else {
		token = defaultToken(address)
	}
	if !isHeaderText(token) {
		return nil, errors.New("sluice: the token holds characters that no token has")
	}
	transport := s.transport
	if transport == nil {
		transport = insecure.NewCredentials()
	}
	plain := transport.Info().SecurityProtocol == insecure.NewCredentials().Info().SecurityProtocol
	if token != "" && plain && !s.allowPlaintext && !isLoopback(address) {
		return nil, fmt.Errorf("sluice: refusing to send a token to %s in plain text: "+
			"use WithTransportCredentials, or WithPlaintext where a mesh encrypts", address)
	}
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(transport),
		grpc.WithDefaultServiceConfig(defaultServiceConfig()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(receiveBytesMax)),
		grpc.WithUserAgent(userAgent),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: reconnectWaitMax},
			MinConnectTimeout: 20 * time.Second,
		}),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: keepaliveTime, Timeout: keepaliveTimeout}),
		grpc.WithChainUnaryInterceptor(unaryInterceptor(s.timeout)),
		grpc.WithChainStreamInterceptor(streamInterceptor),
	}
	if token != "" {
		options = append(options, grpc.WithPerRPCCredentials(bearerToken(token)))
	}
	return append(options, s.dialOptions...), nil
}

// patient gives a context without a deadline a longer one than that of other calls, unless those have none either.
func (c *Client) patient(ctx context.Context, longer time.Duration) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok || c.timeout <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, max(longer, c.timeout))
}

// Close ends the connection and every call on it.
func (c *Client) Close() error { return c.conn.Close() }

// Conn is the connection, for the generated clients in gen/sluice/v1: what this package does not wrap is a call away.
// Its calls carry the token, the retries and the errors of this package.
func (c *Client) Conn() grpc.ClientConnInterface { return c.conn }

// Databases gives every database by name, those that cannot be served included.
func (c *Client) Databases(ctx context.Context) iter.Seq2[*sluicev1.Database, error] {
	return paged(func(token string) ([]*sluicev1.Database, string, error) {
		response, err := c.catalog.ListDatabases(ctx, &sluicev1.ListDatabasesRequest{
			PageSize: listPageSize, PageToken: token,
		})
		return response.GetDatabases(), response.GetNextPageToken(), err
	})
}

// Database names a database; it makes no call.
func (c *Client) Database(name string) *Database { return &Database{client: c, name: name} }

// paged walks pages from the first, whose token is empty, to the one that gives no next token.
func paged[T any](fetch func(token string) (items []T, next string, err error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		for token := ""; ; {
			items, next, err := fetch(token)
			if err == nil && next != "" && next == token {
				err = errors.New("sluice: the server gave the same page token again")
			}
			if err != nil {
				yield(none, err)
				return
			}
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
			if next == "" {
				return
			}
			token = next
		}
	}
}
