"""Reads ask for a state that holds a write, by the token that it was answered with."""

from registry import case, equal
from writes import write

# Each with what else its request needs.
READS = {
    "RowService/ListRows": {"table": "note"},
    "RowService/ReadRows": {"table": "note"},
    "QueryService/Query": {"sql": "SELECT 1"},
    "QueryService/StreamQuery": {"sql": "SELECT 1"},
}
BODIES = {
    "RowService/BrowseRows": {"table": "note"},
    "QueryService/ExportQuery": {"sql": "SELECT 1"},
}


def written(s):
    """(key, token) of a new row."""
    answer = s.insert("writes", "note", ["text"], [["token"]])
    return answer["keys"][0], answer["commitToken"]


@case()
def a_read_sees_the_write_whose_token_it_has(s):
    key, token = written(s)
    answer, = s.call("RowService/GetRow", database="writes", table="note", key=key, minCommitToken=token)
    equal(answer["row"]["key"], key)
    for method, rest in READS.items():
        s.call(method, database="writes", minCommitToken=token, **rest)
        s.rpc(method, database="writes", minCommitToken=token, **rest)
    for method, rest in BODIES.items():
        s.body(method, database="writes", minCommitToken=token, **rest)
    s.rpc("RowService/GetRow", database="writes", table="note", key=key, minCommitToken=token, references=True)
    snapshot, = s.rpc("SnapshotService/CreateSnapshot", s.token, database="writes", minCommitToken=token)
    s.rpc("SnapshotService/DeleteSnapshot", s.token, database="writes", snapshot=snapshot["snapshot"]["snapshot"])


@case()
def a_state_that_has_not_arrived_is_waited_for_and_then_refused(s):
    key, token = written(s)
    epoch, sequence = token.split("-")
    late = f"{epoch}-{int(sequence) + 1000000}"
    s.fails("UNAVAILABLE", "COMMIT_NOT_REACHED", s.rpc, "RowService/GetRow", database="writes", table="note", key=key, minCommitToken=late)


@case()
def a_token_of_another_history_is_refused(s):
    key, _ = written(s)
    s.fails("FAILED_PRECONDITION", "OTHER_HISTORY", s.call, "RowService/GetRow", database="writes", table="note", key=key,
            minCommitToken="0011223344556677-1")
    for method, rest in READS.items():
        s.fails("FAILED_PRECONDITION", "OTHER_HISTORY", s.rpc, method, database="writes", minCommitToken="0011223344556677-1", **rest)
    # Nothing was ever written to it through a server.
    s.fails("FAILED_PRECONDITION", "OTHER_HISTORY", s.rpc, "QueryService/Query", database="values", sql="SELECT 1",
            minCommitToken="0011223344556677-1")


@case()
def a_token_that_is_none_is_refused(s):
    for token in ("x", "-1", "ab-", "ab-1-2", "zz-1"):
        failure = s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.rpc, "QueryService/Query", database="writes", sql="SELECT 1",
                          minCommitToken=token)
        equal(failure.fields, ["min_commit_token"])


@case()
def every_write_tells_a_later_token(s):
    key, before = written(s)
    answer = write(s, "DeleteRows", table="note", keys=[key])
    equal(answer["commitToken"].split("-")[0], before.split("-")[0])
    equal(int(answer["commitToken"].split("-")[1]) > int(before.split("-")[1]), True)
