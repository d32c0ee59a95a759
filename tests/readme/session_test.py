"""Running the examples of a document, with a stand-in for the server."""

import stat
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path

from examples import blocks_of
from session import Session

STAND_IN = """\
    #!{python}
    import http.server, sys
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
        def log_message(self, *_):
            pass
    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    address = "127.0.0.1:%d" % server.server_port
    print('time info "serving" grpc=127.0.0.1:1 http=%s admin=%s' % (address, address), file=sys.stderr, flush=True)
    server.serve_forever()
"""


class SessionTest(unittest.TestCase):
    def failures(self, document):
        with tempfile.TemporaryDirectory() as folder:
            program = Path(folder, "bin/sluiced")
            program.parent.mkdir()
            program.write_text(textwrap.dedent(STAND_IN).format(python=sys.executable), encoding="utf-8")
            program.chmod(program.stat().st_mode | stat.S_IXUSR)
            sample = Path(folder, "sample.db")
            sample.touch()
            with Session(Path(folder), sample) as session:
                return session.run_all(blocks_of(textwrap.dedent(document)))

    def test_examples_share_a_folder_and_what_they_export(self):
        self.assertEqual(self.failures("""\
            <!-- test: file notes/one.txt -->
            ```
            first
            ```
            <!-- test -->
            ```sh
            cd notes
            export NAME=one
            ```
            <!-- test -->
            ```sh
            $ cat $NAME.txt
            ```
            <!-- test: output -->
            ```
            first
            ```
            """), [])

    def test_the_printed_ports_lead_to_the_server_and_back(self):
        self.assertEqual(self.failures("""\
            <!-- test -->
            ```sh
            python3 -c "import urllib.request as u; print(u.urlopen('http://127.0.0.1:7072/').url)"
            ```
            <!-- test: output -->
            ```
            http://127.0.0.1:7072/
            ```
            """), [])

    def test_what_does_not_hold_is_reported_by_its_line(self):
        found = self.failures("""\
            <!-- test -->
            ```sh
            echo what; false; echo not reached
            ```
            <!-- test: output -->
            ```
            something else
            ```
            <!-- test: fails -->
            ```sh
            true
            ```
            """)
        self.assertEqual([line.split("\n")[0] for line in found],
                         ["2: exit status 1:", "6: the example before prints something else:", "10: exit status 0:"])
        self.assertNotIn("not reached", found[0])

    def test_the_checkout_lies_around_the_examples(self):
        self.assertEqual(self.failures("<!-- test -->\n```sh\ntest -f deploy/setup.sh; touch mine\n```\n"), [])
        self.assertFalse((Path(__file__).resolve().parents[2] / "mine").exists())

    def test_what_runs_in_the_background_is_ended(self):
        self.assertEqual(self.failures("<!-- test: background -->\n```sh\nsleep 600\n```\n"), [])


if __name__ == "__main__":
    unittest.main()
