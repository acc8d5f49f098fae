"""Our states in the words each source understands; a state it has no word for is told as nothing."""

from collections.abc import Iterable

from gateway.channels import mapping
from gateway.channels.reading import document_of
from petitions.models import Petition


def words(channel: str, petitions: Iterable[Petition]) -> dict[int, str]:
    """The source's word for each petition, by id; "" where it understands none. One statement for all."""
    document = document_of(channel)
    return {petition.pk: mapping.status_word(document, petition.state) for petition in petitions}
