"""Rotation of the keys that protect identities (docs/operations.md). Batches of short transactions, repeatable."""

from collections.abc import Callable, Iterator
from typing import Any

from django.apps import apps
from django.db import models, transaction

from accounts.crypto import EncryptedTextField
from petitions.crypto import blind_index, home_index
from petitions.models import Delivery, DocumentVersion, Draft, Petition, Petitioner

BATCH = 500

Step = Callable[[], int]
_MORE: dict[str, Step] = {}


def register_step(label: str, step: Step) -> None:
    """A later room's keyed digests: `step` computes them anew and returns how many. Called when the room starts."""
    _MORE[label] = step


def more_steps() -> dict[str, Step]:
    """What later rooms registered, by label."""
    return dict(_MORE)


def batches(rows: models.QuerySet[Any]) -> Iterator[list[Any]]:
    """Locked batches in order of key, each in the transaction of the loop body."""
    last = 0
    while True:
        with transaction.atomic():
            batch = list(rows.select_for_update(of=("self",)).filter(pk__gt=last).order_by("pk")[:BATCH])
            yield batch
        if not batch:
            return
        last = batch[-1].pk


def rotate_petitioners() -> int:
    """Rewrite every petitioner's identity and indexes. Raises InvalidToken when no configured key reads a row."""
    total = 0
    for batch in batches(Petitioner.objects.all()):
        for person in batch:
            person.name_index = blind_index("name", person.name)
            person.phone_index = blind_index("phone", person.phone)
            person.id_index = blind_index("id", person.id_no)
            person.home_index = home_index(person.name, person.address)
        fields = ["name", "phone", "id_no", "address", "name_index", "phone_index", "id_index", "home_index"]
        Petitioner.objects.bulk_update(batch, fields)
        total += len(batch)
    return total


def rotate_petitions() -> int:
    """Rewrite the persons complained of."""
    total = 0
    for batch in batches(Petition.objects.exclude(respondent="").only("respondent")):
        Petition.objects.bulk_update(batch, ["respondent"])
        total += len(batch)
    return total


def rotate_drafts() -> int:
    """Rewrite the drafts."""
    total = 0
    for batch in batches(Draft.objects.all()):
        Draft.objects.bulk_update(batch, ["data"])
        total += len(batch)
    return total


def rotate_documents() -> int:
    """Rewrite what documents say of persons, and who signed for them."""
    total = 0
    for versions in batches(DocumentVersion.objects.all()):
        DocumentVersion.objects.bulk_update(versions, ["values_text"])
        total += len(versions)
    for deliveries in batches(Delivery.objects.exclude(receiver="")):
        Delivery.objects.bulk_update(deliveries, ["receiver"])
        total += len(deliveries)
    return total


def rotate_others() -> int:
    """Rewrite every other encrypted column, of whatever room: found in the models, so that none can be forgotten."""
    own = {Petitioner, Petition, Draft, DocumentVersion, Delivery}
    total = 0
    for model in apps.get_models():
        names = [field.attname for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)]
        if not names or model in own:
            continue
        for batch in batches(model._default_manager.only(*names)):
            model._default_manager.bulk_update(batch, names)
            total += len(batch)
    return total
