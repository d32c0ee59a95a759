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
// the method option `idempotency`; the throttle keeps retries from adding to an overload, and lets a client of some tens
// of calls at a time ride out a restart.
func defaultServiceConfig() string {
	config := serviceConfig{
		MethodConfig: []methodConfig{
			{Name: methodsThatAre(sluicev1.Idempotency_IDEMPOTENCY_NO_SIDE_EFFECTS), RetryPolicy: retries(5)},
			// Once: a restore may have kept the database from others for a minute before it says UNAVAILABLE.
			{Name: methodsThatAre(sluicev1.Idempotency_IDEMPOTENCY_IDEMPOTENT), RetryPolicy: retries(2)},
		},
		RetryThrottling: retryThrottling{MaxTokens: 100, TokenRatio: 0.1},
	}
	text, err := json.Marshal(config)
	if err != nil {
		panic(err) // Plain structs always marshal.
	}
	return string(text)
}

// retries wait 0.2, 0.5, 1.2 and 2 s, a fifth more or less: a server is stopped and started in less, and nobody waits long
// for one that is not there.
func retries(attempts int) retryPolicy {
	return retryPolicy{
		MaxAttempts:          attempts,
		InitialBackoff:       "0.2s",
		MaxBackoff:           "2s",
		BackoffMultiplier:    2.5,
		RetryableStatusCodes: []string{"UNAVAILABLE"},
	}
}

func methodsThatAre(idempotency sluicev1.Idempotency) []methodName {
	var names []methodName
	protoregistry.GlobalFiles.RangeFilesByPackage("sluice.v1", func(file protoreflect.FileDescriptor) bool {
		services := file.Services()
		for i := range services.Len() {
			methods := services.Get(i).Methods()
			for j := range methods.Len() {
				if proto.GetExtension(methods.Get(j).Options(), sluicev1.E_Idempotency) == idempotency {
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
