// Package sluice is the Go client of Sluice, which serves SQLite databases over gRPC.
//
//	client, err := sluice.Dial(ctx, "") // $SLUICE_ADDRESS, or 127.0.0.1:7070
//	...
//	for row, err := range client.Database("proj").Query(ctx, "SELECT name FROM crs_view WHERE code = ?", 4326) {
//		...
//	}
//
// A Client and its Databases may be used from many goroutines at once; one Client, which holds one connection, is
// enough for a program. The iterators run their call each time they are ranged over, and end it when the loop ends,
// early or not.
//
// SQLite's values are nil, int64, float64, string (TEXT that is valid UTF-8), []byte (BLOB) and [RawText] (TEXT that is
// not). Nothing is converted by a column's declared type.
//
// Every failed call gives an error that [errors.As] finds as [*Error]. Calls without side effects are sent again by
// gRPC when the server is unavailable; writes never are.
package sluice
