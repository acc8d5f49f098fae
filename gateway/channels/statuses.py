"""Our states in the words each source understands; a state it has no word for is told as nothing."""

from collections.abc import Iterable

from gateway.channels import mapping
from gateway.channels.reading import document_of
from gateway.models import ApiClient
from petitions.models import Petition


def words(client: ApiClient, petitions: Iterable[Petition]) -> dict[int, str]:
    """The client's word for each petition, by id; "" where it understands none. One statement for all."""
    document = document_of(client.channel, client.pk)
    return {petition.pk: mapping.status_word(document, petition.state) for petition in petitions}


def tell(client: ApiClient, petition: Petition) -> str | None:
    """The word for a webhook's body; None for matters of another system and states the source has no word for."""
    if not client.counts(petition) or not petition.source_ref:
        return None
    return words(client, [petition])[petition.pk] or None
