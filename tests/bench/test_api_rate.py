"""`make bench`: the API's rate beside its floor."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.bench
@pytest.mark.timeout(600)
def test_the_api_takes_petitions_in_at_a_quarter_of_the_raw_rate() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.bench_api"],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    figures = json.loads(done.stdout.splitlines()[-1])
    print(figures)
    # A little below the aim of 0.25: other work on the machine moves it.
    assert figures["cpu_ratio"] >= 0.2
