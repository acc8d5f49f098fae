"""gunicorn's own settings (`--config python:config.gunicorn`): figures counted by all its processes, one log.

Each web process counts in a file of its own in one folder and whichever is asked for /metrics adds them up. The folder
belongs to one gunicorn and is emptied when it starts: YQ_METRICS_DIR, otherwise `metrics` in the data directory.
"""

import gc
import os
import shutil
from pathlib import Path
from typing import Any

from config.embedded import data_dir

# Five hundred Chinese characters of a filter are 4,500 bytes of an address; gunicorn's own limit is 4,094.
limit_request_line = 8190
FOLDER = Path(os.environ.get("YQ_METRICS_DIR") or data_dir() / "metrics")
# prometheus_client reads it when it is first imported, which the web processes do after the fork.
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(FOLDER)


def on_starting(server: Any) -> None:
    """Begin with an empty folder: Prometheus takes a counter that starts again for what it is."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)


def post_worker_init(worker: Any) -> None:
    """Keep the loaded program out of the collector's full rounds: each stopped a request for 150 ms."""
    from django.urls import get_resolver

    # All pages are imported with the first address that is resolved.
    get_resolver().url_patterns  # noqa: B018
    gc.collect()
    gc.freeze()


def child_exit(server: Any, worker: Any) -> None:
    """Forget the gauges of a process that ended; its counts stay in the sum."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)
