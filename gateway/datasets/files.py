"""A data set as a file: read row by row from the database into a temporary file, and from there to whoever asked."""

from collections.abc import Iterator
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO

from django.http import FileResponse
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Area, User
from accounts.workbooks import Stamp
from gateway.datasets import writers
from gateway.datasets.anonymity import Group
from gateway.models import DatasetRun
from petitions.models import ContentClass

MEDIA = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def reach_of(run: DatasetRun) -> str:
    """The unit whose matters are counted, those of the units below it included, or the whole city."""
    return run.unit.name if run.unit is not None else _("Whole city")


def _groups(run: DatasetRun) -> Iterator[Group]:
    for row in run.rows.order_by("position").iterator(chunk_size=2000):
        yield row.group


def make_file(run: DatasetRun, form: str, *, who: User | Actor, at: datetime) -> IO[bytes]:
    """The file, rewound; `form` is one of `writers.FORMS`. `who` and `at` stand in a workbook."""
    areas = dict(Area.objects.values_list("code", "name"))
    classes = dict(ContentClass.objects.values_list("code", "name"))
    lines = writers.rows(_groups(run), areas, classes)
    facts = {"period": run.period, "reach": run.unit.code if run.unit is not None else "city", **run.published}
    file: IO[bytes] = TemporaryFile()  # noqa: SIM115 - the response closes it
    if form == "csv":
        writers.write_csv(file, lines, facts)
    elif form == "parquet":
        writers.write_parquet(file, lines, facts)
    else:
        title = _("Data set %(period)s") % {"period": run.period}
        stamp = Stamp(who, at, title, reach_of(run), _("Assessment"))
        writers.write_xlsx(file, lines, facts, stamp)
    file.seek(0)
    return file


def answer(run: DatasetRun, form: str, *, who: User | Actor, at: datetime) -> FileResponse:
    """The file as a download, sent in pieces."""
    reach = run.unit.code if run.unit is not None else "city"
    name = f"dataset-{run.period}-{reach}.{form}"
    file = make_file(run, form, who=who, at=at)
    return FileResponse(file, content_type=MEDIA[form], as_attachment=True, filename=name)
