package sluice

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

// Choice says which rows of a table or view to give, in which order, and what of them. The zero value gives everything in
// the order of the keys.
type Choice struct {
	// A condition as AIP-160 writes it, such as `pages > 100 AND contains(title, "sea")`; proto/sluice/v1/row.proto
	// describes what there is.
	Filter string
	// Columns as AIP-132 writes them: `author, pages desc`.
	OrderBy string
	// Words that the full-text index over the table is asked for; with RawSearch a query in its own language.
	Search    string
	RawSearch bool
	// Snippets adds a column `_snippet` with the text around what the search found.
	Snippets bool
	// The columns to give; all without it.
	Columns []string
	// Foreign keys to label in columns of their own; "*" for all.
	Labels []string
	// At most so many rows; 0 for all.
	Limit int64
}

// Rows gives the rows of a table or view, page after page. Over data that does not change each row comes exactly once;
// for one consistent state of a changing table use [Database.StreamRows]. Of choices at most one is given.
func (d *Database) Rows(ctx context.Context, table string, choice ...Choice) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		c, err := oneChoice(choice)
		if err != nil {
			yield(Row{}, err)
			return
		}
		pages := rowPages{database: d, limit: c.Limit, request: &sluicev1.ListRowsRequest{
			Database: d.name, MinCommitToken: d.minToken, Table: table, Filter: c.Filter, OrderBy: c.OrderBy,
			Search: c.Search, RawSearch: c.RawSearch, Snippets: c.Snippets, Columns: c.Columns, Labels: c.Labels,
			PageSize: listPageSize,
		}}
		fetch := func(token string) ([]Row, string, error) { return pages.fetch(ctx, token) }
		paged(fetch)(yield)
	}
}

// rowPages is one walk over the pages of a table.
type rowPages struct {
	database *Database
	request  *sluicev1.ListRowsRequest
	header   *header
	limit    int64
	given    int64
}

func (p *rowPages) fetch(ctx context.Context, token string) ([]Row, string, error) {
	p.request.PageToken = token
	if p.limit > 0 {
		p.request.PageSize = int32(min(p.limit-p.given, listPageSize))
	}
	response, err := p.database.client.row.ListRows(ctx, p.request)
	if err != nil {
		return nil, "", err
	}
	if p.header == nil {
		p.header = newHeader(response.GetColumns())
	} else if err := p.header.check(response.GetColumns()); err != nil {
		return nil, "", err
	}
	rows, err := p.header.rows(response.GetRows())
	p.given += int64(len(rows))
	if p.limit > 0 && p.given >= p.limit {
		return rows, "", err
	}
	return rows, response.GetNextPageToken(), err
}

func oneChoice(choices []Choice) (Choice, error) {
	switch len(choices) {
	case 0:
		return Choice{}, nil
	case 1:
		return choices[0], nil
	default:
		return Choice{}, errors.New("sluice: more than one choice of rows")
	}
}

// StreamRows gives the rows of a table or view as one stream of any length, faster than pages and of one state of the
// database. A stream that breaks, or that the server ends because its reader paused for a minute, goes on where it stopped,
// then under the state of the database that it finds; when that has other columns, it fails. The rows end with an error that
// wraps [io.ErrUnexpectedEOF] when the stream was cut, and with [ErrTruncated] when the server's configuration allows no more
// rows.
func (d *Database) StreamRows(ctx context.Context, table string, choice Choice) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		request := &sluicev1.ReadRowsRequest{
			Database: d.name, MinCommitToken: d.minToken, Table: table, Filter: choice.Filter, OrderBy: choice.OrderBy, Search: choice.Search,
			RawSearch: choice.RawSearch, Snippets: choice.Snippets, Columns: choice.Columns, Labels: choice.Labels,
			RowLimit: choice.Limit, Layout: sluicev1.RowLayout_ROW_LAYOUT_COLUMNS,
		}
		stream := resumed[*sluicev1.ReadRowsResponse]{
			start: func(ctx context.Context, token string) (receiver[*sluicev1.ReadRowsResponse], error) {
				request.ResumeToken = token
				return d.client.row.ReadRows(ctx, request)
			},
			onMessage: func(message *sluicev1.ReadRowsResponse) {
				if request.RowLimit > 0 {
					request.RowLimit -= int64(len(message.GetRows())) + int64(message.GetPacked().GetRowCount())
				}
			},
		}
		_, err := stream.readTo(ctx, &streamReader{onRow: func(row Row) bool { return yield(row, nil) }})
		if err != nil && err != errStopped {
			yield(Row{}, err)
		}
	}
}

// Row gives the row with a key, which comes from [Row.Key] or [Key], with its etag, and with labels for the foreign keys
// named.
func (d *Database) Row(ctx context.Context, table, key string, labels ...string) (Row, error) {
	request := &sluicev1.GetRowRequest{Database: d.name, MinCommitToken: d.minToken, Table: table, Key: key, Labels: labels}
	response, err := d.client.row.GetRow(ctx, request)
	if err != nil {
		return Row{}, err
	}
	if response.GetRow() == nil {
		return Row{}, errors.New("sluice: the server's answer has no row")
	}
	return newHeader(response.GetColumns()).row(response.GetRow())
}

// References counts, for each foreign key of other tables, the rows that refer to the row with a key.
func (d *Database) References(ctx context.Context, table, key string) ([]*sluicev1.Reference, error) {
	request := &sluicev1.GetRowRequest{Database: d.name, MinCommitToken: d.minToken, Table: table, Key: key, References: true}
	response, err := d.client.row.GetRow(ctx, request)
	return response.GetReferences(), err
}

// Facet is the values that rows hold, most frequent first. Truncated says that there are more; after TimedOut there are
// none.
type Facet struct {
	Name      string
	Values    []FacetValue
	Truncated bool
	TimedOut  bool
}

// FacetValue is a value, how many rows hold it, and, where it is a foreign key, the label of the row that it names.
type FacetValue struct {
	Value any
	Count int64
	Label any
}

// Summary is what is known of all rows that a filter and a search leave.
type Summary struct {
	// Exact or timed out.
	Count           *sluicev1.RowCount
	Facets          []Facet
	SuggestedFacets []string
}

// Summarize counts the rows that a choice's filter and search leave, and the values they hold: facets are `column`,
// `array(column)` or `date(column)`.
func (d *Database) Summarize(ctx context.Context, table string, choice Choice, facets ...string) (*Summary, error) {
	response, err := d.client.row.ListRows(ctx, &sluicev1.ListRowsRequest{
		Database: d.name, MinCommitToken: d.minToken, Table: table, Filter: choice.Filter, Search: choice.Search, RawSearch: choice.RawSearch, PageSize: 1,
		Count: sluicev1.ListRowsRequest_COUNT_EXACT, Facets: facets, SuggestFacets: true,
	})
	if err != nil {
		return nil, err
	}
	summary := &Summary{Count: response.GetCount(), SuggestedFacets: response.GetSuggestedFacets()}
	for _, facet := range response.GetFacets() {
		values, err := facetValues(facet.GetValues())
		if err != nil {
			return nil, err
		}
		summary.Facets = append(summary.Facets, Facet{
			Name: facet.GetName(), Values: values, Truncated: facet.GetTruncated(), TimedOut: facet.GetTimedOut(),
		})
	}
	return summary, nil
}

func facetValues(messages []*sluicev1.FacetValue) ([]FacetValue, error) {
	values := make([]FacetValue, len(messages))
	for i, message := range messages {
		value, err := fromProto(message.GetValue())
		if err != nil {
			return nil, err
		}
		values[i] = FacetValue{Value: value, Count: message.GetCount()}
		if message.GetLabel() == nil {
			continue
		}
		if values[i].Label, err = fromProto(message.GetLabel()); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// WriteValue writes one value of one row, of any size: a text in UTF-8, a blob as it is, a number as its decimal, nothing
// for NULL. It gives the number of bytes written.
func (d *Database) WriteValue(ctx context.Context, w io.Writer, table, key, column string) (int64, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := d.client.row.ReadValue(ctx, &sluicev1.ReadValueRequest{
		Database: d.name, MinCommitToken: d.minToken, Table: table, Key: key, Column: column,
	})
	if err != nil {
		return 0, err
	}
	written := int64(0)
	for {
		body, err := stream.Recv()
		if err == io.EOF {
			return written, nil
		}
		if err != nil {
			return written, err
		}
		n, err := w.Write(body.GetData())
		written += int64(n)
		if err != nil {
			return written, fmt.Errorf("sluice: the value could not be written: %w", err)
		}
	}
}
