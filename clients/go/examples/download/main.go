package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	sluice "github.com/sluicedb/sluice/clients/go"
)

func main() {
	ctx := context.Background()
	client, err := sluice.Dial(ctx, "")
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	folder, err := os.MkdirTemp("", "sluice-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	for database, err := range client.Databases(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		path := filepath.Join(folder, database.GetName()+".db")
		err = client.Database(database.GetName()).Download(ctx, path, func(done, total int64) {
			fmt.Printf("\r%s: %d of %d bytes", database.GetName(), done, total)
		})
		fmt.Println()
		if err != nil {
			log.Print(err)
		}
	}
}
