// The Go door: answers requests that come as lines of JSON on standard input, through the Go client or, for what the
// client decides by itself (page sizes, malformed fields), through its connection. The lines: ../../README.md.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	sluice "github.com/sluicedb/sluice/clients/go"
	"google.golang.org/genproto/googleapis/rpc/code"
)

type line struct {
	Via, Method, Request, Token string
}

type answer struct {
	Responses []json.RawMessage `json:"responses,omitempty"`
	Error     *failure          `json:"error,omitempty"`
}

type failure struct {
	Code     string            `json:"code"`
	Reason   string            `json:"reason"`
	Message  string            `json:"message"`
	Metadata map[string]string `json:"metadata"`
	Fields   []string          `json:"fields"`
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go_door ADDRESS")
		os.Exit(2)
	}
	if err := serve(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(address string) error {
	input, output := bufio.NewReader(os.Stdin), json.NewEncoder(os.Stdout)
	output.SetEscapeHTML(false)
	for {
		text, err := input.ReadBytes('\n')
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := output.Encode(answerLine(address, text)); err != nil {
			return err
		}
	}
}

func answerLine(address string, text []byte) answer {
	var l line
	if err := json.Unmarshal(text, &l); err != nil {
		return failed(err)
	}
	client, err := sluice.Dial(context.Background(), address, sluice.WithToken(l.Token))
	if err != nil {
		return failed(err)
	}
	defer client.Close()
	call := generic
	if l.Via == "client" {
		call = throughClient
	}
	responses, err := call(context.Background(), client, l)
	if err != nil {
		return failed(err)
	}
	return answer{Responses: responses}
}

// failed describes an error; one that is not the server's has no code, which no case expects.
func failed(err error) answer {
	var known *sluice.Error
	if !errors.As(err, &known) {
		return answer{Error: &failure{Message: err.Error()}}
	}
	fields := []string{}
	for _, violation := range known.Fields {
		fields = append(fields, violation.Field)
	}
	return answer{Error: &failure{Code: code.Code(known.Code).String(), Reason: known.Reason, Message: known.Message,
		Metadata: known.Metadata, Fields: fields}}
}
