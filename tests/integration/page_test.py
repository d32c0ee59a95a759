"""The page's script, run by Node before a stand-in for the browser's document, against the real server."""

import json
import sqlite3
import subprocess
import unittest
from urllib.parse import unquote_plus

from outside import FolderTest, Server, call

# What the script asks of a browser, and no more. Prints the texts of the cells and the links of the page that is shown.
BROWSER = """
const [, base, hash] = process.argv;
class Element {
  constructor(tag) { this.tag = tag; this.children = []; }
  append(...children) { this.children.push(...children); }
  replaceChildren(...children) { this.children = children; }
  setAttribute() {}
  addEventListener() {}
  querySelector() { return null; }
  get text() { return this.textContent || this.children.map((child) => child.text ?? String(child)).join(''); }
  all(tag) { return this.children.flatMap((child) => child instanceof Element ? [...(child.tag === tag ? [child] : []), ...child.all(tag)] : []); }
}
const known = {};
const byName = (id) => known[id] ??= new Element(id);
globalThis.document = {createElement: (tag) => new Element(tag), getElementById: byName};
globalThis.location = {hash, origin: base};
globalThis.addEventListener = () => {};
const real = fetch;
globalThis.fetch = (path, options) => real(base + path, options);
(async () => {
  const scripts = await Promise.all(['/table.js', '/explorer.js'].map(async (path) => (await real(base + path)).text()));
  for (const script of scripts) require('vm').runInThisContext(script);
  const status = byName('status');
  const until = Date.now() + 30000;
  while (status.textContent === 'Loading…' && Date.now() < until) await new Promise((go) => setTimeout(go, 10));
  const list = byName('list');
  console.log(JSON.stringify({status: status.textContent, cells: list.all('td').map((cell) => cell.text),
    links: list.all('a').map((link) => [link.text, link.href])}));
})();
"""


class PageTest(FolderTest):
    def setUp(self):
        super().setUp()
        database = sqlite3.connect(self.folder / "data.db")
        database.execute("CREATE TABLE numbers(v)")
        database.executemany("INSERT INTO numbers VALUES (?)", [(9007199254740993,), (9007199254740993,), (1.0,), (2,), ("3",)])
        database.execute('CREATE TABLE ".."(v)')
        database.commit()
        database.close()
        self.server = Server([self.folder])
        self.addCleanup(self.server.stop)

    def show(self, place):
        ended = subprocess.run(["node", "-e", BROWSER, f"http://{self.server.http}", place], capture_output=True, text=True,
                               timeout=60, check=False)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        page = json.loads(ended.stdout)
        self.assertEqual(page["status"], "")
        return page

    def test_numbers_are_shown_as_they_are(self):
        cells = self.show("#db=data&table=numbers")["cells"]
        self.assertEqual([cell for cell in cells if cell], ["9007199254740993", "9007199254740993", "1.0", "2", "3"])

    def test_links_of_facets_find_the_rows_that_they_count(self):
        links = dict(self.show("#db=data&table=numbers")["links"])
        self.assertIn("9007199254740993", links)
        for value, count in (("9007199254740993", 2), ("2", 1), ("3", 1)):
            query = links[value].split("filter=", 1)[1].split("&")[0]
            answer = call(self.server.http, "GET", f"/v1/databases/data/tables/numbers/rows?filter={query}")
            self.assertEqual(answer.status, 200, unquote_plus(query))
            self.assertEqual(len(answer.json["rows"]), count, unquote_plus(query))

    def test_a_name_that_no_address_can_carry_is_no_link(self):
        page = self.show("#db=data")
        self.assertNotIn("..", dict(page["links"]))
        self.assertIn("its name cannot stand in an address", page["cells"])


if __name__ == "__main__":
    unittest.main()
