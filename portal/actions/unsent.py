"""What a petitioner has typed and not sent: encrypted rows of the matter, never words in a session."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.http import QueryDict

from petitions.models import Petition
from portal.models import Unsent


def keep_unsent(row: int | None, petition: Petition, step: str, words: Mapping[str, str], *, at: datetime) -> int:
    """Keep the fields of a form, in place of what this session kept before (`row`). Returns the key of the row."""
    typed = QueryDict(mutable=True)
    typed.update(words)
    kept = _kept(row, petition, step) or Unsent(petition=petition, step=step)
    kept.data, kept.saved_at = typed.urlencode(), at
    kept.save()
    return kept.pk


def _kept(row: int | None, petition: Petition, step: str) -> Unsent | None:
    """The row a session names, if it is of this matter and step."""
    return None if row is None else Unsent.objects.filter(pk=row, petition=petition, step=step).first()


def unsent(row: int | None, petition: Petition, step: str) -> dict[str, str]:
    """The fields kept in a row of this matter and step; none when there is no such row."""
    kept = _kept(row, petition, step)
    return QueryDict(kept.data).dict() if kept else {}


def drop_unsent(rows: Iterable[int]) -> None:
    """Forget rows: sent, or their session has been closed."""
    Unsent.objects.filter(pk__in=list(rows)).delete()


def purge_unsent(*, at: datetime, older: timedelta) -> int:
    """Forget what no session can reach any more. Returns how many rows went."""
    return Unsent.objects.filter(saved_at__lt=at - older).delete()[0]
