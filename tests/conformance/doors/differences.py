"""How the doors differ, on purpose. Everything else must be the same behind each.

`UNSAFE_IN_GRPC_GATEWAY_PATHS`: grpc-gateway decodes a path before it splits it (and then once more), so that a name with
one of these cannot stand in it; ours splits first. Such names go in the body of the POST twin.

`HTTP` has one line for each difference that a request shows: why, the request, and the status and a piece of the body that
our gateway and the real grpc-gateway answer. Both sides are asserted, so that a line that no longer holds is found.
"""

from dataclasses import dataclass, field

UNSAFE_IN_GRPC_GATEWAY_PATHS = "/%"


@dataclass(frozen=True)
class Difference:
    why: str
    verb: str
    path: str
    ours: tuple
    theirs: tuple
    body: bytes = None
    headers: dict = field(default_factory=dict)


JSON = {"Content-Type": "application/json"}
QUERY = "/v1/databases/values:query"

HTTP = {
    "wrong_method": Difference(
        "a wrong method is 405 with Allow; grpc-gateway says 501",
        "DELETE", "/v1/databases", (405, b'"code":12'), (501, b'"code":12')),
    "head": Difference(
        "HEAD is GET without a body; grpc-gateway has no route for it",
        "HEAD", "/v1/databases", (200, b""), (501, b"")),
    "unknown_json_field": Difference(
        "an unknown field is an error that names it; grpc-gateway drops it",
        "POST", QUERY, (400, b"sqll"), (200, b'"rows"'), b'{"sql":"SELECT 1","sqll":"SELECT 2"}', JSON),
    "trailing_data": Difference(
        "text after the JSON value is an error; grpc-gateway reads one value and stops",
        "POST", QUERY, (400, b'"code":3'), (200, b'"rows"'), b'{"sql":"SELECT 1"} {"x":1}', JSON),
    "slash_in_path": Difference(
        "%2F is a slash inside a name; grpc-gateway takes it for a separator",
        "GET", "/v1/databases/names/tables/a%2Fb", (200, b'"a/b"'), (404, b'"code":5')),
    "slash_in_browse": Difference(
        "the same where there is no twin",
        "GET", "/v1/databases/names/tables/a%2Fb/rows", (200, b'"v a/b":"a/b"'), (404, b'"code":5')),
}
