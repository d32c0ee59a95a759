"""Sends rows of many mebibytes by LoadRows, many loads at once, and prints what became of each as JSON. In the environment
of the Python client, for loads_test.py:

    large_rows.py ADDRESS TOKEN LOADS MEBIBYTES HOW

HOW is `later`, `first` for the row in the message that begins the load, or `gzip` for messages that are compressed.
"""

import json
import sys
import threading

import grpc
from google.rpc import error_details_pb2, status_pb2
from sluice.v1 import load_pb2, row_pb2_grpc, value_pb2

SECONDS = 120


def outcome_of(call):
    """`done`, or the code and, where there is one, the reason of the error, and `RETRY` when it may be tried again."""
    try:
        return "done" if any([answer.done for answer in call]) else "cut"
    except grpc.RpcError as error:
        words = [error.code().name]
        for key, value in error.trailing_metadata() or ():
            if key != "grpc-status-details-bin":
                continue
            for detail in status_pb2.Status.FromString(value).details:
                info = error_details_pb2.ErrorInfo()
                if detail.Unpack(info):
                    words.append(info.reason)
                elif detail.Is(error_details_pb2.RetryInfo.DESCRIPTOR):
                    words.append("RETRY")
        return " ".join(words)


def main():
    address, token, loads, mebibytes, how = sys.argv[1:]
    start = load_pb2.LoadRowsStart(database="data", table="t", columns=["v"])
    row = value_pb2.Row(values=[value_pb2.Value(blob=bytes(int(mebibytes) << 20))])
    if how == "first":
        messages = [load_pb2.LoadRowsRequest(start=start, rows=[row])]
    else:
        messages = [load_pb2.LoadRowsRequest(start=start), load_pb2.LoadRowsRequest(rows=[row])]
    outcomes = [""] * int(loads)

    def load(place):
        # A connection of its own, as another program would have.
        options = [("grpc.use_local_subchannel_pool", 1), ("grpc.max_receive_message_length", -1)]
        with grpc.insecure_channel(address, options) as channel:
            call = row_pb2_grpc.RowServiceStub(channel).LoadRows(
                iter(messages), metadata=[("authorization", f"Bearer {token}")], timeout=SECONDS,
                compression=grpc.Compression.Gzip if how == "gzip" else None)
            outcomes[place] = outcome_of(call)

    threads = [threading.Thread(target=load, args=(place,)) for place in range(len(outcomes))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(outcomes))


if __name__ == "__main__":
    main()
