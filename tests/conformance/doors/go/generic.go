package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	sluice "github.com/sluicedb/sluice/clients/go"
	// Its types, for the answers.
	_ "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// generic calls any method of sluice.v1; every call is made as a stream, which on the wire they all are.
func generic(ctx context.Context, client *sluice.Client, l line) ([]json.RawMessage, error) {
	method, err := findMethod(l.Method)
	if err != nil {
		return nil, err
	}
	request, err := newMessage(method.Input())
	if err != nil {
		return nil, err
	}
	if err := protojson.Unmarshal([]byte(l.Request), request); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := client.Conn().NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, "/sluice.v1."+l.Method)
	if err != nil {
		return nil, err
	}
	if err := stream.SendMsg(request); err != nil && err != io.EOF {
		return nil, err
	}
	if err := stream.CloseSend(); err != nil {
		return nil, err
	}
	return receive(stream, method.Output())
}

func receive(stream grpc.ClientStream, kind protoreflect.MessageDescriptor) ([]json.RawMessage, error) {
	responses := []json.RawMessage{}
	for {
		response, err := newMessage(kind)
		if err != nil {
			return nil, err
		}
		if err := stream.RecvMsg(response); err == io.EOF {
			return responses, nil
		} else if err != nil {
			return nil, err
		}
		text, err := protojson.Marshal(response)
		if err != nil {
			return nil, err
		}
		responses = append(responses, text)
	}
}

func findMethod(name string) (protoreflect.MethodDescriptor, error) {
	full := protoreflect.FullName("sluice.v1." + strings.ReplaceAll(name, "/", "."))
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(full)
	if err != nil {
		return nil, err
	}
	method, ok := found.(protoreflect.MethodDescriptor)
	if !ok {
		return nil, fmt.Errorf("%s is no method", full)
	}
	return method, nil
}

func newMessage(kind protoreflect.MessageDescriptor) (proto.Message, error) {
	found, err := protoregistry.GlobalTypes.FindMessageByName(kind.FullName())
	if err != nil {
		return nil, err
	}
	return found.New().Interface(), nil
}
