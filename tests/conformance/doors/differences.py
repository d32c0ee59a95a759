"""How the doors differ, on purpose. Everything else must be the same behind each.

`UNSAFE_IN_GRPC_GATEWAY_PATHS`: grpc-gateway decodes a path before it splits it, so that a name with one of these cannot stand
in it; ours splits first. Such names go in the body of the POST twin. (`%` is safe with the version that go.mod names.)

`HTTP` has one line for each difference that a request shows: why, the request, and the status and a piece of the body that
our gateway and the real grpc-gateway answer. Both sides are asserted, so that a line that no longer holds is found.
"""

import re
from dataclasses import dataclass, field

UNSAFE_IN_GRPC_GATEWAY_PATHS = "/"


@dataclass(frozen=True)
class Difference:
    why: str
    verb: str
    path: str
    ours: tuple
    theirs: tuple
    body: bytes = None
    headers: dict = field(default_factory=dict)
    # Ours ends without the last chunk; theirs never does.
    cut: bool = False
    # The body is the piece and nothing else.
    whole: bool = False


# Methods that stream HttpBody: an error before the first byte has grpc-gateway's envelope of streams around it.
HTTP_BODY_STREAMS = re.compile(r"^/v1/databases/[^/]*/(query|content|queries/[^/]*/rows|snapshots/[^/]*/content|tables/.*/columns/[^/]*|rows:readValue)$")

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
    "unknown_query_parameter": Difference(
        "an unknown parameter is an error that names it, since a typo would widen the answer; grpc-gateway drops it",
        "GET", "/v1/databases/values/tables/series/rows?filtr=n%3D1", (400, b'"filtr"'), (200, b'"rows"')),
    "parameter_beside_a_whole_body": Difference(
        "the same where the body holds everything",
        "POST", QUERY + "?maxRows=1", (400, b'"maxRows"'), (200, b'"rows"'), b'{"sql":"SELECT 1"}', JSON),
    "number_with_a_fraction": Difference(
        "a number that is spelled as a fraction is a REAL; grpc-gateway reads it into a double, which does not tell",
        "GET", "/v1/databases/values/query?sql=SELECT+typeof(%3F)+AS+t&params=%5B1.0%5D", (200, b'"real"'), (200, b'"integer"')),
    "number_beyond_a_double": Difference(
        "an integer is as it is written; grpc-gateway's double cannot hold this one, so that it is refused",
        "POST", "/v1/databases/values/query", (200, b'9007199254740993'), (400, b'"code":3'),
        b'{"sql":"SELECT ? AS n","params":[9007199254740993]}', JSON),
    "verb_with_another_method": Difference(
        "a verb with a wrong method is 405; grpc-gateway looks for a database of that name",
        "GET", QUERY, (405, b'"code":12'), (404, b'"code":5')),
    "trailing_data": Difference(
        "text after the JSON value is an error; grpc-gateway reads one value and stops",
        "POST", QUERY, (400, b'"code":3'), (200, b'"rows"'), b'{"sql":"SELECT 1"} {"x":1}', JSON),
    "error_of_an_export": Difference(
        "a file's error is a plain status; grpc-gateway puts it into the envelope that it has for streams",
        "GET", "/v1/databases/absent/query?sql=SELECT+1", (404, b'{"code":5'), (404, b'{"error":{"code":5')),
    "error_amid_a_stream": Difference(
        "a stream that fails midway is cut after its error; grpc-gateway ends it as if it were whole",
        "POST", "/v1/databases/values:streamQuery", (200, b'{"error":{"code":3'), (200, b'{"error":{"code":3'),
        b'{"sql":"WITH RECURSIVE c(n) AS (VALUES(1) UNION ALL SELECT n+1 FROM c WHERE n<5000) SELECT '
        b'CASE WHEN n<4000 THEN n ELSE abs(-9223372036854775807-1) END FROM c"}', JSON, cut=True),
    "error_amid_an_export": Difference(
        "an export that fails midway is cut and holds nothing that is not its own; grpc-gateway writes the error into it",
        "GET", "/v1/databases/values/query?format=csv&sql=WITH+RECURSIVE+c(n)+AS+(VALUES(1)+UNION+ALL+SELECT+n%2B1+FROM+c+WHERE+"
        "n<90000)+SELECT+CASE+WHEN+n<80000+THEN+n+ELSE+abs(-9223372036854775807-1)+END+FROM+c".replace("<", "%3C"),
        (200, b"\r\n"), (200, b'{"error":{"code":3'), cut=True),
    "line_break_after_a_chunk": Difference(
        "a chunk of a body is its bytes; grpc-gateway adds a line break after each",
        "GET", "/v1/databases/values/query?sql=SELECT+1+AS+a&format=ndjson", (200, b'{"a":1}\n'), (200, b'{"a":1}\n\n'), whole=True),
    "body_that_is_raw": Difference(
        "a request's HttpBody is the body as it is; grpc-gateway wants it as JSON",
        "PUT", "/v1/databases/values/uploads/none/content?offset=0", (401, b'"UNAUTHENTICATED"'), (400, b'"code":3'), b"no JSON",
        {"Content-Type": "application/octet-stream"}),
    "host_that_is_not_loopback": Difference(
        "on loopback the Host header must be a loopback name; grpc-gateway takes any",
        "GET", "/v1/databases", (421, b'"code":7'), (200, b'"databases"'), headers={"Host": "evil.example"}),
    "page_of_the_explorer": Difference(
        "the page is at /; grpc-gateway has none",
        "GET", "/", (200, b"<html"), (404, b'"code":5')),
    "slash_in_path": Difference(
        "%2F is a slash inside a name; grpc-gateway takes it for a separator",
        "GET", "/v1/databases/names/tables/a%2Fb", (200, b'"a/b"'), (404, b'"code":5')),
    "slash_in_browse": Difference(
        "the same where there is no twin",
        "GET", "/v1/databases/names/tables/a%2Fb/rows", (200, b'"v a/b":"a/b"'), (404, b'"code":5')),
}
