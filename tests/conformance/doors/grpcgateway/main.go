// The real grpc-gateway, as its documentation sets it up, before a Sluice server: what people get who put our protos
// behind it. Prints the address where it serves HTTP and ends with its standard input.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	// Its types: without them grpc-gateway answers "failed to marshal error message" to every error with details.
	_ "google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	gen "sluice.test/grpcgateway/gen"
)

// What a row of 64 MiB needs; Sluice's own clients have the same.
const maxMessage = 72 << 20

type register func(context.Context, *runtime.ServeMux, string, []grpc.DialOption) error

func main() {
	upstream := flag.String("upstream", "", "the gRPC server")
	flag.Parse()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	mux := runtime.NewServeMux()
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessage)),
	}
	for _, service := range []register{
		gen.RegisterCatalogServiceHandlerFromEndpoint,
		gen.RegisterQueryServiceHandlerFromEndpoint,
		gen.RegisterRowServiceHandlerFromEndpoint,
		gen.RegisterSnapshotServiceHandlerFromEndpoint,
	} {
		if err := service(ctx, mux, *upstream, options); err != nil {
			log.Fatal(err)
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = server.Close()
	}()
	if err := server.Serve(listener); err != http.ErrServerClosed {
		log.Fatal(err)
	}
}
