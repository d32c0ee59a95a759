"""What only HTTP has: methods, paths, JSON, sizes. Differences between the gateways are in doors/differences.py."""

import json

import differences
from registry import case, equal, holds

JSON = {"Content-Type": "application/json"}
QUERY = "/v1/databases/values:query"


def answers(s, status, verb, path, body=None, headers=None, code=None):
    response = s.door.exchange(verb, path, body, headers)
    equal(response.status, status, f"{verb} {path} ({response.body[:300]!r})")
    if code is not None:
        equal(response.json()["code"], code)
    return response


def differ(name):
    def check(s):
        difference = differences.HTTP[name]
        real = getattr(s.door, "real_grpc_gateway", False)
        status, piece = difference.theirs if real else difference.ours
        response = s.door.unmirrored(difference.verb, difference.path, difference.body, difference.headers)
        equal(response.status, status, f"{difference.why}: {response.body[:300]!r}")
        equal(response.cut, difference.cut and not real, "whether the body is cut")
        holds(response.body == piece if difference.whole else piece in response.body, f"{difference.why}: {response.body[:600]!r}")

    check.__name__ = f"difference_{name}"
    check.__module__ = __name__
    return check


for each in differences.HTTP:
    case("http")(differ(each))


@case("http")
def an_unknown_path_is_not_found(s):
    for path in ("/v1/nothing", "/v2/databases", "/v1/databases/values/nothing", "/v1/databases/values/tables/stored/rows/1/x"):
        answers(s, 404, "GET", path, code=5)


@case("http")
def malformed_json_is_refused(s):
    for body in (b"{", b"{sql:1}", b"[]", b"null x", b'{"sql":}', b"\xff", b'{"sql":"\xff"}', b'{"sql":"SELECT 1",}', b"'a'", b"1"):
        answers(s, 400, "POST", QUERY, body, JSON, code=3)
    s.still_answers()


@case("http")
def wrong_types_in_json_are_refused(s):
    for body in (b'{"sql":1}', b'{"sql":["a"]}', b'{"sql":"SELECT 1","maxRows":"many"}', b'{"sql":"SELECT 1","maxRows":1.5}',
                 b'{"sql":"SELECT 1","maxRows":99999999999}', b'{"sql":"SELECT ?","params":[{"integer":"9223372036854775808"}]}',
                 b'{"sql":"SELECT ?","params":[{"integer":1,"text":"a"}]}', b'{"sql":"SELECT ?","params":[{"blob":"!"}]}',
                 b'{"sql":"SELECT ?","params":[1]}', b'{"sql":"SELECT 1","params":{}}', b'{"sql":"SELECT 1","sql":"SELECT 2"}'):
        answers(s, 400, "POST", QUERY, body, JSON, code=3)
    s.still_answers()


@case("http")
def wrong_types_in_a_query_are_refused(s):
    for query in ("pageSize=x", "pageSize=1.5", "page_size=99999999999", "pageSize=1&pageSize=2"):
        answers(s, 400, "GET", f"/v1/databases?{query}", code=3)


@case("http")
def names_of_fields_have_two_spellings(s):
    for body in (b'{"sql":"SELECT 1 UNION SELECT 2","maxRows":1}', b'{"sql":"SELECT 1 UNION SELECT 2","max_rows":1}'):
        equal(answers(s, 200, "POST", QUERY, body, JSON).json()["truncated"], True)
    for query in ("pageSize=1", "page_size=1"):
        equal(len(answers(s, 200, "GET", f"/v1/databases?{query}").json()["databases"]), 1)


@case("http")
def integers_may_be_numbers_or_texts(s):
    for text in (b'"7"', b"7", b"7.0", b"7e0"):
        response = answers(s, 200, "POST", QUERY, b'{"sql":"SELECT ?","params":[{"integer":' + text + b"}]}", JSON)
        equal(response.json()["rows"][0]["values"], [{"integer": "7"}])
    response = answers(s, 200, "POST", QUERY, b'{"sql":"SELECT ?","params":[{"null":null}]}', JSON)
    equal(response.json()["rows"][0]["values"], [{"null": None}])


@case("http")
def infinity_goes_both_ways(s):
    body = b'{"sql":"SELECT ?1, -?1","params":[{"real":"Infinity"}]}'
    equal(answers(s, 200, "POST", QUERY, body, JSON).json()["rows"][0]["values"], [{"real": "Infinity"}, {"real": "-Infinity"}])
    failure = answers(s, 400, "POST", QUERY, b'{"sql":"SELECT ?","params":[{"real":"NaN"}]}', JSON).json()
    equal(failure["code"], 3)


@case("http")
def an_empty_body_is_an_empty_message(s):
    answers(s, 400, "POST", QUERY, b"", JSON, code=3)
    answers(s, 200, "POST", "/v1/databases/values/tables/stored/rows:list", b"", JSON)


@case("http")
def errors_have_one_shape(s):
    error = answers(s, 404, "GET", "/v1/databases/absent").json()
    equal(sorted(error), ["code", "details", "message"])
    equal(error["details"][0]["@type"], "type.googleapis.com/google.rpc.ErrorInfo")
    error = answers(s, 404, "POST", "/v1/databases/absent:streamQuery", b'{"sql":"SELECT 1"}', JSON).json()
    equal((list(error), error["error"]["code"]), (["error"], 5))


@case("http")
def the_path_wins_over_the_body(s):
    body = json.dumps({"database": "proj", "sql": "SELECT count(*) FROM stored"}).encode()
    answers(s, 200, "POST", QUERY, body, JSON)


@case("http")
def what_browsers_and_links_add_to_an_address_is_ignored(s):
    answers(s, 200, "GET", "/v1/databases?utm_source=x&_=1700000000")


@case("http")
def plus_and_escapes_are_decoded_once(s):
    response = answers(s, 200, "GET", "/v1/databases/values/query?sql=SELECT+%271%2B1%20%2541%27+AS+a&format=ndjson")
    equal(response.body.rstrip(b"\n"), b'{"a":"1+1 %41"}')
    response = answers(s, 200, "GET", "/v1/databases/names/tables/+plus+")
    equal(response.json()["table"]["name"], "+plus+")


@case("http")
def an_export_may_be_asked_by_post(s):
    body = b'{"sql":"SELECT ? AS a","params":[5],"format":"ndjson"}'
    response = answers(s, 200, "POST", "/v1/databases/values/query", body, JSON)
    equal(response.body.rstrip(b"\n"), b'{"a":5}')


@case("http")
def a_request_beyond_the_ceiling_is_refused(s):
    body = json.dumps({"columns": ["v"], "rows": [{"values": [{"text": "x" * (5 << 20)}]}]}).encode()
    response = s.door.exchange("POST", "/v1/databases/writes/tables/anything/rows:insert", body,
                               JSON | {"Authorization": f"Bearer {s.token}"})
    equal(response.status, 429 if getattr(s.door, "real_grpc_gateway", False) else 413, f"{response.body[:200]!r}")
    equal(response.json()["code"], 8)
    s.still_answers()


@case("http")
def the_next_page_is_a_header_too(s):
    response = answers(s, 200, "GET", "/v1/databases/values/tables/series/rows?format=csv&page_size=3")
    token = response.headers.get("grpc-metadata-sluice-next-page-token")
    holds(token, f"the token is in {response.headers}")
    response = answers(s, 200, "GET", f"/v1/databases/values/tables/series/rows?format=csv&page_size=1&page_token={token}")
    equal(response.body, b"n,square,name\r\n4,16,row 4\r\n")
