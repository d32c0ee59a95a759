"""The real grpc-gateway. Every reading request goes to our gateway too: what differs and is not listed is a failure."""

import hashlib
import json
import re
import subprocess

import differences
import neutral
from http_door import HttpDoor, Response, send

_READING = re.compile(r"(:query|:streamQuery|rows:list|rows:get|tables:get|/query)$")
# What two runs of one request may differ in: times, and tokens that are new each time.
_VOLATILE = ("elapsedUs", "vmSteps")
_TOKENS = ("nextPageToken",)


class GrpcGatewayDoor(HttpDoor):
    """The program in grpcgateway/, before the gRPC address of a server whose own gateway is `mirror`."""

    real_grpc_gateway = True
    unsafe_in_path = differences.UNSAFE_IN_GRPC_GATEWAY_PATHS

    def __init__(self, program, upstream, mirror):
        self._process = subprocess.Popen([str(program), "--upstream", upstream],  # pylint: disable=consider-using-with
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="ascii")
        super().__init__(self._process.stdout.readline().strip())
        self._mirror = mirror

    def close(self):
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()

    def exchange(self, verb, path, body=None, headers=None):
        theirs = super().exchange(verb, path, body, headers)
        if verb == "GET" or _READING.search(path.partition("?")[0]):
            self.compare(verb, path, theirs, send(self._mirror, verb, path, body, headers))
        return theirs

    def raw_body(self, http_body):
        """As JSON; see `differences`."""
        return json.dumps(http_body).encode(), "application/json"

    def same_body(self, got, expected):
        return breaks_added(got, expected)

    def download(self, database, path):
        """The file without the line breaks that were added to it, which only one who has it already can tell."""
        _, content = self.body("SnapshotService/ReadDatabaseFile", {"database": database}, "")
        expected = send(self._mirror, "GET", f"/v1/databases/{database}/content").body
        if not breaks_added(content, expected):
            raise AssertionError("the file is not what our gateway gives, line breaks aside")
        path.write_bytes(expected)
        return hashlib.sha256(expected).hexdigest()

    def compare(self, verb, path, theirs, ours):
        what = f"{verb} {path[:300]}"
        if theirs.status != ours.status:
            raise AssertionError(f"{what}: grpc-gateway answers {theirs.status}, ours {ours.status}: {ours.body[:300]!r}")
        kinds = [answer.headers.get("content-type", "") for answer in (theirs, ours)]
        if kinds[0] != kinds[1]:
            raise AssertionError(f"{what}: grpc-gateway's content type is {kinds[0]}, ours {kinds[1]}")
        if differences.HTTP_BODY_STREAMS.search(path.partition("?")[0]):
            theirs = without_envelope(theirs)
        if own_error(theirs):
            ours = without_words(ours)
        if canonical(theirs, kinds[0]) != canonical(ours, kinds[1]) and not breaks_added(theirs.body, ours.body):
            raise AssertionError(f"{what}: grpc-gateway answers {len(theirs.body)} bytes {theirs.body[:400]!r}, "
                                 f"ours {len(ours.body)} bytes {ours.body[:400]!r}")


def without_envelope(response):
    """An error of a stream of HttpBody as our gateway writes it; see `differences`."""
    if response.status == 200:
        return response
    return Response(response.status, response.headers, json.dumps(response.json()["error"]).encode())


def own_error(response):
    """Whether it is an error of grpc-gateway itself: without details, in its own words."""
    try:
        thing = neutral.loads(response.body.decode("utf-8"))
    except ValueError:
        return False
    return isinstance(thing, dict) and thing.get("details") == []


def without_words(response):
    """An error of our gateway, which has a reason like every other, as far as grpc-gateway's own say the same."""
    error = neutral.loads(response.body.decode("utf-8"))
    assert error["details"][0]["reason"] and error["details"][0]["domain"] == "sluice", error
    return Response(response.status, response.headers, json.dumps({**error, "details": []}).encode())


def canonical(response, kind):
    """The answer without what may differ; text that is not JSON as it is."""
    if kind != "application/json":
        return response.body
    lines = response.body.decode("utf-8").split("\n")
    try:
        return join([stable(line) for line in map(neutral.loads, filter(None, lines))])
    except ValueError:
        return response.body



def join(lines):
    """Streams are cut into messages by time as well as by size: their rows count."""
    if not all(isinstance(line, dict) and ("result" in line or "error" in line) for line in lines):
        return lines
    rows = [row for line in lines for row in line.get("result", {}).get("rows", ())]
    return [rows, [line["error"] for line in lines if "error" in line]]


def stable(thing):
    if isinstance(thing, list):
        return [stable(item) for item in thing]
    if isinstance(thing, dict) and thing.get("details") == []:
        return {"code": thing["code"]}  # A gateway's own error, in its own words.
    if not isinstance(thing, dict):
        return repr(thing) if isinstance(thing, float) else thing
    return {name: bool(item) if name in _TOKENS else stable(item) for name, item in thing.items() if name not in _VOLATILE}


def breaks_added(got, expected):
    """Whether `got` is `expected` with line breaks added here and there, the last thing among them."""
    if got == expected:
        return True
    at, added = 0, 0
    while at + added < len(got):
        same = common(got, at + added, expected, at)
        at += same
        if at + added < len(got):
            if got[at + added:at + added + 1] != b"\n":
                return False
            added += 1
    return at == len(expected) and got.endswith(b"\n")


def common(one, first, other, second):
    """How many bytes agree from here on."""
    step, same = 1 << 20, 0
    while step:
        if one[first + same:first + same + step] == other[second + same:second + same + step] \
                and first + same + step <= len(one) and second + same + step <= len(other):
            same += step
        else:
            step //= 2
    return same
