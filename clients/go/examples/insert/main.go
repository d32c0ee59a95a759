package main

import (
	"context"
	"errors"
	"fmt"
	"log"

	"google.golang.org/grpc/codes"

	sluice "github.com/sluicedb/sluice/clients/go"
)

// Unit is a row of unit_of_measure: each field's column is its name in snake case.
type Unit struct {
	AuthName   string
	Code       int64
	Name       string
	Type       string
	ConvFactor *float64
	Deprecated bool
}

func main() {
	ctx := context.Background()
	client, err := sluice.Dial(ctx, "")
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	db := client.Database("proj")

	factor := 1.7018
	smoot := Unit{AuthName: "MINE", Code: 1, Name: "smoot", Type: "length", ConvFactor: &factor}
	inserted, err := db.Insert(ctx, "unit_of_measure", smoot)
	var failed *sluice.Error
	switch {
	case err == nil:
		fmt.Println("inserted", inserted.Keys)
	case errors.As(err, &failed) && failed.Code == codes.AlreadyExists:
		fmt.Println("it is there already")
	default:
		log.Fatal(err)
	}

	units, err := sluice.Structs[Unit](db.Query(ctx,
		`SELECT auth_name, code, name, type, conv_factor, deprecated FROM unit_of_measure
		 WHERE auth_name = :auth ORDER BY code`, sluice.Named("auth", "MINE")))
	if err != nil {
		log.Fatal(err)
	}
	for _, unit := range units {
		fmt.Println(unit.Name, *unit.ConvFactor)
	}
}
