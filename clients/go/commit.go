package sluice

import (
	"context"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

// Mutations are the changes of one branch of a [Commit], in order. Its methods take what the methods of [Database] with
// the same names take, but neither [ContinueOnError], [ValidateOnly] nor [RequestID], which are the commit's matter.
type Mutations struct {
	parts []*sluicev1.Mutation
	err   error
}

// Insert adds an insert.
func (m *Mutations) Insert(table string, rows any, options ...WriteOption) *Mutations {
	request, err := insertRequest(table, rows, options)
	return m.add(&sluicev1.Mutation{Mutation: &sluicev1.Mutation_Insert{Insert: request}}, err)
}

// Upsert adds an upsert.
func (m *Mutations) Upsert(table string, rows any, options ...WriteOption) *Mutations {
	request, err := upsertRequest(table, rows, options)
	return m.add(&sluicev1.Mutation{Mutation: &sluicev1.Mutation_Upsert{Upsert: request}}, err)
}

// Update adds an update.
func (m *Mutations) Update(table string, rows any, options ...WriteOption) *Mutations {
	request, err := updateRequest(table, rows, options)
	return m.add(&sluicev1.Mutation{Mutation: &sluicev1.Mutation_Update{Update: request}}, err)
}

// Delete adds a deletion.
func (m *Mutations) Delete(table string, keys []string, options ...WriteOption) *Mutations {
	request, err := deleteRequest(table, keys, options)
	return m.add(&sluicev1.Mutation{Mutation: &sluicev1.Mutation_Delete{Delete: request}}, err)
}

// UpdateWhere adds an update by filter.
func (m *Mutations) UpdateWhere(table, filter string, values any, options ...WriteOption) *Mutations {
	request, err := updateWhereRequest(table, filter, values, options)
	return m.add(&sluicev1.Mutation{Mutation: &sluicev1.Mutation_Update{Update: request}}, err)
}

// DeleteWhere adds a deletion by filter.
func (m *Mutations) DeleteWhere(table, filter string, options ...WriteOption) *Mutations {
	request, err := deleteWhereRequest(table, filter, options)
	return m.add(&sluicev1.Mutation{Mutation: &sluicev1.Mutation_Delete{Delete: request}}, err)
}

func (m *Mutations) add(part *sluicev1.Mutation, err error) *Mutations {
	if m.err == nil {
		m.err = err
	}
	m.parts = append(m.parts, part)
	return m
}

// Precondition is what must hold before a [Commit] changes anything.
type Precondition struct {
	message *sluicev1.Precondition
	err     error
}

// RowExists asks whether there is, or is not, a row with this key.
func RowExists(table, key string, exists bool) Precondition {
	return Precondition{message: &sluicev1.Precondition{Table: table, Key: key,
		Condition: &sluicev1.Precondition_Exists{Exists: exists}}}
}

// RowUnchanged asks for a row that still has this etag.
func RowUnchanged(table, key, etag string) Precondition {
	return Precondition{message: &sluicev1.Precondition{Table: table, Key: key,
		Condition: &sluicev1.Precondition_Etag{Etag: etag}}}
}

var operators = map[string]sluicev1.Comparison_Operator{
	"=": sluicev1.Comparison_OPERATOR_EQUAL, "!=": sluicev1.Comparison_OPERATOR_NOT_EQUAL,
	"<": sluicev1.Comparison_OPERATOR_LESS, "<=": sluicev1.Comparison_OPERATOR_LESS_OR_EQUAL,
	">": sluicev1.Comparison_OPERATOR_GREATER, ">=": sluicev1.Comparison_OPERATOR_GREATER_OR_EQUAL,
}

// RowWhere asks for a row whose column compares so with a value, as SQL compares; the operator is one of = != < <= > >=.
func RowWhere(table, key, column, operator string, value any) Precondition {
	typed, err := toProto(value)
	return Precondition{err: err, message: &sluicev1.Precondition{Table: table, Key: key,
		Condition: &sluicev1.Precondition_Column{Column: &sluicev1.Comparison{
			Column: column, Operator: operators[operator], Value: typed}}}}
}

// Commit is changes to several tables in one transaction.
type Commit struct {
	// All must hold for Success to be run.
	Preconditions []Precondition
	Success       *Mutations
	// Run instead when one does not hold. When nil, the call then fails with CONFLICT.
	Failure *Mutations
}

// Committed is what a [Commit] did.
type Committed struct {
	// Whether all preconditions held.
	Succeeded bool
	// One for each mutation of the branch that was run.
	Results     []*Written
	CommitToken string
	// This is what an earlier request with the same [RequestID] was answered.
	Replayed bool
}

// Commit runs a commit; of options it takes [ValidateOnly] and [RequestID].
func (d *Database) Commit(ctx context.Context, commit Commit, options ...WriteOption) (*Committed, error) {
	o, err := takeWriteOptions("Commit", options)
	if err != nil {
		return nil, err
	}
	request := &sluicev1.CommitRequest{Database: d.name, ValidateOnly: o.validateOnly, RequestId: o.requestID,
		Durability: o.durability}
	for _, precondition := range commit.Preconditions {
		if precondition.err != nil {
			return nil, precondition.err
		}
		request.Preconditions = append(request.Preconditions, precondition.message)
	}
	for _, branch := range []struct {
		mutations *Mutations
		parts     *[]*sluicev1.Mutation
	}{{commit.Success, &request.Success}, {commit.Failure, &request.Failure}} {
		if branch.mutations == nil {
			continue
		}
		if branch.mutations.err != nil {
			return nil, branch.mutations.err
		}
		*branch.parts = branch.mutations.parts
	}
	response, err := d.client.row.Commit(ctx, request)
	if err != nil {
		return nil, err
	}
	committed := &Committed{Succeeded: response.GetSucceeded(), CommitToken: response.GetCommitToken(),
		Replayed: response.GetReplayed()}
	for _, result := range response.GetResults() {
		w, err := written(result, nil)
		if err != nil {
			return nil, err
		}
		committed.Results = append(committed.Results, w)
	}
	return committed, nil
}
