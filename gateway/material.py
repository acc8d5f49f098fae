"""More material to a petition, words and files: the step of the pages, for other systems, by multipart."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from gateway import idempotency
from gateway.api import OnePetition
from gateway.idempotency import Answer
from gateway.parsers import FilesParser, OrjsonParser
from gateway.preconditions import etag, expected_version
from gateway.schema import STEP, answers
from gateway.strict import StrictSerializer, clean
from petitions import actions as petitions
from petitions.actions.supplement import MAX_FILES, MAX_TEXT
from petitions.models import Attachment, Scan


class MaterialInput(StrictSerializer):
    """What the petitioner adds: words, files, or both."""

    text = serializers.CharField(max_length=MAX_TEXT, required=False, allow_blank=True)
    # What may be kept is judged by the action, as on the pages: kind, size, macros, passwords.
    files = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True),
        max_length=MAX_FILES,
        required=False,
        help_text="One part of this name for each file. Kept are PDF, pictures, office files, text, sound, MP4.",
    )


class MaterialWords(StrictSerializer):
    """Words alone may come as JSON."""

    text = serializers.CharField(max_length=MAX_TEXT)


class MaterialFile(serializers.Serializer):
    """One file as it is kept; pictures have lost their metadata."""

    name = serializers.CharField()
    type = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField(help_text="Of what is kept.")
    scan = serializers.ChoiceField(Scan.choices, help_text="waiting: in quarantine until the scanner has looked at it.")


class MaterialReceipt(serializers.Serializer):
    """What was added."""

    petition = serializers.IntegerField()
    version = serializers.IntegerField(help_text="The ETag.")
    event = serializers.IntegerField(help_text="`seq` of the event in /petitions/{id}/events.")
    files = MaterialFile(many=True)
    known = serializers.IntegerField(help_text="Files that were in this petition already and are kept once.")


class PetitionMaterial(OnePetition):
    """Whoever handles the matter is told. A file that may not be kept refuses the whole request, with its reason."""

    needs_match = True
    parser_classes = [FilesParser, OrjsonParser]

    @extend_schema(
        operation_id="petitions_material",
        summary="Add words or files of the petitioner to an open petition",
        request={"multipart/form-data": MaterialInput, "application/json": MaterialWords},
        responses=answers(MaterialReceipt, STEP),
    )
    def post(self, request: Request, pk: int) -> Response:
        at, version = timezone.now(), expected_version(request)
        digest = ""
        if FilesParser.reads(request):
            # Read before the key is held: a slow upload holds nothing, and each retry comes with a boundary of its own.
            digest = idempotency.digest_of_parts(FilesParser.parts(request))
        return idempotency.once(request, lambda: self._add(pk, at, version), at=at, digest=digest)

    def _add(self, pk: int, at: datetime, version: int | None) -> Answer:
        self.require(pk)
        given = self.body(MaterialInput)
        files = given.get("files", [])
        petition, event = petitions.supplement(
            pk, text=given.get("text", ""), uploads=files, actor=self.client.actor, at=at, version=version
        )
        kept = list(Attachment.objects.filter(petition=petition, event=event).order_by("pk"))
        body = {
            "petition": petition.pk,
            "version": petition.version,
            "event": event.seq,
            "files": [_file(row) for row in kept],
            "known": len(files) - len(kept),
        }
        return Answer(200, body, {"ETag": etag(petition.version)})

    def body(self, kind: type[StrictSerializer]) -> dict[str, Any]:
        """As everywhere, with the parts of a form by name: several files, one text."""
        if not FilesParser.reads(self.request):
            return super().body(kind)
        parts = FilesParser.parts(self.request)
        return clean(
            kind, {name: rows if name == "files" or len(rows) > 1 else rows[0] for name, rows in parts.items()}
        )


def _file(row: Attachment) -> dict[str, Any]:
    return {"name": row.name, "type": row.content_type, "size": row.size, "sha256": row.sha256, "scan": row.scan}
