package sluice

import (
	"encoding/json"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

type serviceConfig struct {
	MethodConfig    []methodConfig  `json:"methodConfig"`
	RetryThrottling retryThrottling `json:"retryThrottling"`
}

type methodConfig struct {
	Name        []methodName `json:"name"`
	RetryPolicy retryPolicy  `json:"retryPolicy"`
}

type methodName struct {
	Service string `json:"service"`
	Method  string `json:"method"`
}

type retryPolicy struct {
	MaxAttempts          int      `json:"maxAttempts"`
	InitialBackoff       string   `json:"initialBackoff"`
	MaxBackoff           string   `json:"maxBackoff"`
	BackoffMultiplier    float64  `json:"backoffMultiplier"`
	RetryableStatusCodes []string `json:"retryableStatusCodes"`
}

type retryThrottling struct {
	MaxTokens  int     `json:"maxTokens"`
	TokenRatio float64 `json:"tokenRatio"`
}

// defaultServiceConfig is gRPC's service config: which methods are sent again, and how. The contract says which, with
// the method option `idempotency`; the throttle keeps retries from adding to an overload.
func defaultServiceConfig() string {
	config := serviceConfig{
		MethodConfig: []methodConfig{{
			Name: methodsWithoutSideEffects(),
			RetryPolicy: retryPolicy{
				MaxAttempts:          4,
				InitialBackoff:       "0.1s",
				MaxBackoff:           "2s",
				BackoffMultiplier:    2,
				RetryableStatusCodes: []string{"UNAVAILABLE"},
			},
		}},
		RetryThrottling: retryThrottling{MaxTokens: 10, TokenRatio: 0.1},
	}
	text, err := json.Marshal(config)
	if err != nil {
		panic(err) // Plain structs always marshal.
	}
	return string(text)
}

func methodsWithoutSideEffects() []methodName {
	var names []methodName
	protoregistry.GlobalFiles.RangeFilesByPackage("sluice.v1", func(file protoreflect.FileDescriptor) bool {
		services := file.Services()
		for i := range services.Len() {
			methods := services.Get(i).Methods()
			for j := range methods.Len() {
				if hasNoSideEffects(methods.Get(j)) {
					names = append(names, methodName{
						Service: string(services.Get(i).FullName()),
						Method:  string(methods.Get(j).Name()),
					})
				}
			}
		}
		return true
	})
	return names
}

func hasNoSideEffects(method protoreflect.MethodDescriptor) bool {
	idempotency := proto.GetExtension(method.Options(), sluicev1.E_Idempotency)
	return idempotency == sluicev1.Idempotency_IDEMPOTENCY_NO_SIDE_EFFECTS
}
