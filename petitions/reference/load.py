"""Loader of the content classes; existing rows are left as they are (see `accounts.actions`)."""

from datetime import datetime
from itertools import groupby

from accounts.actions import load_once
from petitions.models import ContentClass
from petitions.reference.classes import ClassSpec, build_classes


def load_classes(*, at: datetime) -> int | None:
    """The tree of content classes (domain-facts §5.2–5.3). Returns the number created, or None if nothing to do."""
    specs = build_classes()
    # The digest covers the rows the table holds, not the keywords, which no table holds.
    rows = [(spec.code, spec.name_zh, spec.name_en, spec.hotline_label) for spec in specs]
    return load_once("classes", rows, lambda: _create(specs), at=at)


def _create(specs: list[ClassSpec]) -> int:
    ids = dict(ContentClass.objects.values_list("code", "id"))
    known = len(ids)
    for level, group in groupby(sorted(specs, key=lambda spec: spec.level), key=lambda spec: spec.level):
        rows = ContentClass.objects.bulk_create(
            ContentClass(
                code=spec.code,
                parent_id=ids.get(spec.parent),
                level=level,
                name=spec.name_zh,
                name_en=spec.name_en,
                hotline_label=spec.hotline_label,
            )
            for spec in group
            if spec.code not in ids
        )
        ids.update((row.code, row.pk) for row in rows)
    return len(ids) - known
