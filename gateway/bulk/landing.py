"""Lines become petitions: each form of a table has a reader, and all of them land by the one importer."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import orjson
from django.conf import settings
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from accounts.actors import Actor
from gateway.bulk.packing import Line
from gateway.intake import registration_of
from gateway.models import ApiClient, BulkIntake
from gateway.problems import Problem, as_problem
from gateway.serializers import PetitionInput
from gateway.strict import clean
from petitions.actions import Registration
from petitions.importing import BadLine, Reader, default_area, land, registered, today_at
from petitions.models import Petition
from petitions.sheets import Columns, Row

TAKEN, KNOWN, REFUSED = "taken", "known", "refused"
# [line, outcome, petition, field, code, message]; the message by language, for readers of either ("" for none).
Result = list[Any]


class BadRow(ValueError):
    """A line that cannot become a petition: field, code, and a sentence."""

    def __init__(self, name: str, code: str, message: str):
        super().__init__(message)
        self.name, self.code = name, code


Read = Callable[[Line], Registration]


def reader_of(intake: BulkIntake, *, at: datetime) -> Read:
    """What turns a line of this table into a registration; it raises BadRow."""
    if intake.form == BulkIntake.Form.NDJSON:
        client = intake.client
        assert client is not None, "only other systems send NDJSON"
        return lambda line: _of_json(client, line, at)
    columns = Columns(intake.columns["headers"], intake.columns["places"], intake.columns["ignored"])
    sheet = Reader(columns, intake.channel, intake.unit, default_area(intake.unit), today_at(at))
    return lambda line: _of_cells(sheet, line)


def _of_cells(sheet: Reader, line: Line) -> Registration:
    try:
        return sheet.registration(Row(line.number, line.cells))
    except BadLine as error:
        raise BadRow(error.name, "invalid", str(error)) from error


def _of_json(client: ApiClient, line: Line, at: datetime) -> Registration:
    text = str(line.cells[0])
    try:
        values = clean(PetitionInput, orjson.loads(text))
        # A line without a number is known by its words, so that the same file sent twice is registered once.
        ref = values.get("source_ref") or "sha:" + hashlib.sha256(text.encode()).hexdigest()[:40]
        return registration_of(client, values, ref, at)
    except orjson.JSONDecodeError as error:
        raise BadRow("", "malformed", _("The line is no JSON object: %(fault)s.") % {"fault": error}) from error
    except (ValidationError, Problem) as error:
        first = (as_problem(error).errors or [{"pointer": "", "code": "invalid", "detail": str(error)}])[0]
        raise BadRow(first["pointer"].lstrip("/"), first["code"], str(first["detail"])) from error


def _fault_of(read: Read, line: Line) -> str:
    """What is wrong with a line, in the language of the moment; asked of refused lines only."""
    try:
        read(line)
    except BadRow as error:
        return str(error)
    return ""


def in_every_language(say: Callable[[], str]) -> dict[str, str]:
    """A sentence in each language of the interface: who sends a table and who reads its results may differ in it."""
    found = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            found[code] = say()
    return found


def in_my_language(message: Any) -> str:
    """The sentence of a result in the language of the moment."""
    if isinstance(message, dict):
        return str(message.get(get_language() or "", "") or next(iter(message.values()), ""))
    return str(message)


def take_lines(intake: BulkIntake, lines: Sequence[Line], *, actor: Actor, at: datetime) -> list[Result]:
    """Take these lines in within the caller's transaction; what became of each, in their order."""
    read, results, wanted = reader_of(intake, at=at), dict[int, Result](), dict[str, tuple[int, Registration]]()
    repeats: list[tuple[int, str]] = []
    for line in lines:
        try:
            found = read(line)
        except BadRow as error:
            words = in_every_language(partial(_fault_of, read, line))
            results[line.number] = [line.number, REFUSED, None, error.name, error.code, words]
            continue
        if found.source_ref in wanted:
            repeats.append((line.number, found.source_ref))
        else:
            wanted[found.source_ref] = (line.number, found)
    numbering = intake.client.numbering if intake.client else ""
    before = registered(intake.channel, list(wanted), numbering=numbering)
    visible = _visible(list(before.values()), actor)
    for ref, pk in before.items():
        number, _given = wanted.pop(ref)
        results[number] = _known(number, pk, visible)
    refs = {number: ref for ref, (number, _given) in wanted.items()}
    made = dict[str, Result]()
    for landed in land(list(wanted.values()), actor=actor, at=at):
        number = landed.number
        if landed.is_new:
            results[number] = [number, TAKEN, landed.petition, "", "", ""]
        elif landed.petition:
            results[number] = _known(number, landed.petition, _visible([landed.petition], actor))
        else:
            results[number] = [number, REFUSED, None, "", "refused", landed.message]
        made[refs[number]] = results[number]
    for number, ref in repeats:
        results[number] = _again(number, made.get(ref), before.get(ref), visible)
    return [results[line.number] for line in lines]


def _visible(ids: Sequence[int], actor: Actor) -> set[int]:
    if not ids:
        return set()
    return set(Petition.objects.visible_to(actor).filter(pk__in=ids).values_list("pk", flat=True))


def _known(number: int, pk: int, visible: set[int]) -> Result:
    """A number of the source that is a petition already; whose it is, only who may read it learns."""
    if pk in visible:
        return [number, KNOWN, pk, "", "", ""]
    words = in_every_language(
        lambda: _("This number has been taken in already, as a petition that is not open to you.")
    )
    return [number, REFUSED, None, "source_ref", "source_ref_taken", words]


def _again(number: int, first: Result | None, before: int | None, visible: set[int]) -> Result:
    """A line that repeats the number of one further up in its part."""
    if first is None:
        return _known(number, before or 0, visible)
    if first[1] == REFUSED:
        return [number, *first[1:]]
    return [number, KNOWN, first[2], "", "", ""]
