"""The README's programs, compiled always and run when SLUICE_ADDRESS names a server of the database proj."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parent.parent / "README.md"
PROGRAMS = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
OUTPUTS = [
    r"EPSG 4326 WGS 84\n",
    r"(inserted MINE,1|it is there already: UNIQUE)\nMINE,1 smoot 1\.7018\nrefused: CHECK\n",
    r"(\r\d+ of \d+ bytes)+\nok\n",
]
ADDRESS = os.environ.get("SLUICE_ADDRESS")


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_readmes_programs_are_python(program: str) -> None:
    compile(program, str(README), "exec")


def test_every_program_has_its_output() -> None:
    assert len(PROGRAMS) == len(OUTPUTS)


if ADDRESS:

    @pytest.mark.real_server
    @pytest.mark.parametrize(("program", "output"), list(zip(PROGRAMS, OUTPUTS)))
    def test_the_readmes_programs_run_against_a_server(program: str, output: str) -> None:
        run = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=120)
        assert run.returncode == 0, run.stderr.decode()
        assert re.fullmatch(output, run.stdout.decode()), run.stdout
