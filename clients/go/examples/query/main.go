package main

import (
	"context"
	"fmt"
	"log"

	sluice "github.com/sluicedb/sluice/clients/go"
)

func main() {
	ctx := context.Background()
	client, err := sluice.Dial(ctx, "") // $SLUICE_ADDRESS, or 127.0.0.1:7070
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	db := client.Database("proj")
	for row, err := range db.Query(ctx, "SELECT auth_name, code, name FROM crs_view WHERE code = ?", 4326) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(row.Values()...)
	}
}
