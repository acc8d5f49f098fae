"""The index of the text search and what waits to be taken into it."""

from django.db import models

from petitions.models.petition import Petition


class SearchEntry(models.Model):
    """One searchable text of a petition, folded: case, width and blanks make no difference.

    A copy made by `petitions.indexing`; written nowhere else, and reached by anonymisation through its sources.
    """

    petition = models.ForeignKey(Petition, models.CASCADE, related_name="+")
    # Name of the source (petitions.sources) and the row of it, 0 where a petition has one text of this source.
    kind = models.CharField(max_length=12)
    part = models.BigIntegerField(default=0)
    # Month of registration counted from year 0 (UTC): stands in the index, so that newer months are read first.
    month = models.PositiveIntegerField()
    text = models.TextField()
    # The GIN index over search_words(text, month) is made in the migration by SQL.

    class Meta:
        constraints = [models.UniqueConstraint(fields=["petition", "kind", "part"], name="searchentry_once")]

    def __str__(self) -> str:
        return f"{self.petition_id} {self.kind}"


class SearchPending(models.Model):
    """A petition whose texts have changed since they were taken in. Written by triggers, so that no writer forgets.

    Appended without any uniqueness: two writers of one petition must not wait for each other here.
    """

    petition_id = models.BigIntegerField()

    def __str__(self) -> str:
        return str(self.petition_id)
