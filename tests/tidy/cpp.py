"""Just enough of C++'s lexical rules to look at code without its comments and literals."""

import re

_TOKEN = re.compile(
    r"""
      (?P<comment> //[^\n]* | /\*.*?\*/ )
    | (?P<raw> R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)" )
    | (?P<number> \b\d[\w.']* )
    | (?P<text> "(?:\\.|[^"\\\n])*" )
    | (?P<char> '(?:\\.|[^'\\\n])+' )
    """, re.S | re.X)
_INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"\n]+)[>"]')


def code_only(text):
    """The text with comments and literals blanked; every line keeps its number."""

    def blank(match):
        if match.group("number"):
            return match.group()
        if match.group("comment"):
            return "\n" * match.group().count("\n") or " "
        return '""' + "\n" * match.group().count("\n")

    return _TOKEN.sub(blank, text)


def includes(tree, path):
    """Line, quote (`<` or `"`) and name of each #include."""
    for number, line in tree.lines(path):
        match = _INCLUDE.match(line)
        if match:
            yield number, match.group(1), match.group(2)
