"""`manage.py rotate_keys`: write every identity anew under the first key, and recompute the blind indexes."""

from typing import Any

from django.core.management.base import BaseCommand

from petitions.rotation import (
    more_steps,
    rotate_documents,
    rotate_drafts,
    rotate_others,
    rotate_petitioners,
    rotate_petitions,
)


class Command(BaseCommand):
    help = (
        "Re-encrypt names, numbers, phones, addresses, drafts, messages of other systems and second factors with "
        "the first key of YQ_FIELD_KEYS, and recompute blind indexes and digests with YQ_INDEX_KEY. Safe to run while "
        "people work and to start again after a crash."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        steps = {
            "petitioners": rotate_petitioners,
            "petitions": rotate_petitions,
            "drafts": rotate_drafts,
            "documents": rotate_documents,
            "other texts": rotate_others,
            **more_steps(),
        }
        for label, step in steps.items():
            self.stdout.write(f"{label}: {step()} rewritten")
        self.stdout.write("Done. The old key may now be taken out of YQ_FIELD_KEYS.")
