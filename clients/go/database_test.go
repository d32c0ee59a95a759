package sluice

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"google.golang.org/grpc/codes"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

func TestIteratorsWalkEveryPage(t *testing.T) {
	fake := &fakeServer{
		listDatabases: func(r *sluicev1.ListDatabasesRequest) (*sluicev1.ListDatabasesResponse, error) {
			if r.GetPageToken() == "" {
				return &sluicev1.ListDatabasesResponse{Databases: []*sluicev1.Database{{Name: "a"}}, NextPageToken: "2"}, nil
			}
			return &sluicev1.ListDatabasesResponse{Databases: []*sluicev1.Database{{Name: "b"}}}, nil
		},
		listTables: func(r *sluicev1.ListTablesRequest) (*sluicev1.ListTablesResponse, error) {
			return &sluicev1.ListTablesResponse{Tables: []*sluicev1.Table{{Name: r.GetDatabase()}}}, nil
		},
	}
	client := serve(t, fake)
	var names string
	for database, err := range client.Databases(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		for table, err := range client.Database(database.GetName()).Tables(context.Background()) {
			if err != nil {
				t.Fatal(err)
			}
			names += table.GetName()
		}
	}
	if names != "ab" {
		t.Errorf("got %q", names)
	}
}

func TestRowsComeFromEveryPageWithTheirKeys(t *testing.T) {
	fake := &fakeServer{listRows: func(r *sluicev1.ListRowsRequest) (*sluicev1.ListRowsResponse, error) {
		page := len(r.GetPageToken())
		response := &sluicev1.ListRowsResponse{Columns: protoColumns("id")}
		for i := range 2 {
			row := protoRow(t, page*2+i)
			row.Key = fmt.Sprint(page*2 + i)
			response.Rows = append(response.Rows, row)
		}
		if page < 2 {
			response.NextPageToken = r.GetPageToken() + "x"
		}
		return response, nil
	}}
	client := serve(t, fake)
	want := int64(0)
	for row, err := range client.Database("d").Rows(context.Background(), "t") {
		if err != nil {
			t.Fatal(err)
		}
		if row.Value(0) != want || row.Key() != fmt.Sprint(want) {
			t.Errorf("row %d is %v with key %q", want, row.Values(), row.Key())
		}
		want++
	}
	if want != 6 || fake.calls.Load() != 3 {
		t.Errorf("%d rows in %d calls", want, fake.calls.Load())
	}
}

func TestAPageTokenThatRepeatsIsAnError(t *testing.T) {
	fake := &fakeServer{listRows: func(*sluicev1.ListRowsRequest) (*sluicev1.ListRowsResponse, error) {
		return &sluicev1.ListRowsResponse{NextPageToken: "again"}, nil
	}}
	var last error
	for _, err := range serve(t, fake).Database("d").Rows(context.Background(), "t") {
		last = err
	}
	if last == nil || fake.calls.Load() != 2 {
		t.Errorf("got %v after %d calls", last, fake.calls.Load())
	}
}

func TestAFailedPageEndsTheWalkOnce(t *testing.T) {
	fake := &fakeServer{listRows: func(*sluicev1.ListRowsRequest) (*sluicev1.ListRowsResponse, error) {
		return nil, failure(codes.NotFound, "NO_SUCH_TABLE")
	}}
	errs := 0
	for _, err := range serve(t, fake).Database("d").Rows(context.Background(), "t") {
		var known *Error
		if !errors.As(err, &known) || known.Reason != "NO_SUCH_TABLE" {
			t.Errorf("got %v", err)
		}
		errs++
	}
	if errs != 1 {
		t.Errorf("%d errors", errs)
	}
}

func TestRowGivesKeyAndEtag(t *testing.T) {
	fake := &fakeServer{getRow: func(r *sluicev1.GetRowRequest) (*sluicev1.GetRowResponse, error) {
		row := protoRow(t, "smoot")
		row.Key, row.Etag = r.GetKey(), "e1"
		return &sluicev1.GetRowResponse{Columns: protoColumns("name"), Row: row}, nil
	}}
	row, err := serve(t, fake).Database("d").Row(context.Background(), "t", "MINE,1")
	if err != nil || row.Key() != "MINE,1" || row.Etag() != "e1" || row.Map()["name"] != "smoot" {
		t.Errorf("got %+v, %v", row, err)
	}
}

func TestAnAnswerWithoutARowIsAnError(t *testing.T) {
	fake := &fakeServer{getRow: func(*sluicev1.GetRowRequest) (*sluicev1.GetRowResponse, error) {
		return &sluicev1.GetRowResponse{}, nil
	}}
	if _, err := serve(t, fake).Database("d").Row(context.Background(), "t", "1"); err == nil {
		t.Error("no error")
	}
}

func TestTheZeroRowIsEmpty(t *testing.T) {
	var row Row
	if _, ok := row.Get("a"); ok || row.Len() != 0 || row.Columns() != nil || len(row.Map()) != 0 {
		t.Error("the zero Row holds something")
	}
}
