"""The index of the text search."""

from django.db import models

from petitions.models.petition import Petition


class SearchEntry(models.Model):
    """Bigram index of a petition's texts, filled behind the write by `petitions.search.index_pending`."""

    petition = models.OneToOneField(Petition, models.CASCADE, primary_key=True, related_name="search_entry")
    # tsvector column and its GIN index are made in the migration by SQL.

    def __str__(self) -> str:
        return str(self.petition_id)
