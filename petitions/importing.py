"""Bulk import of petitions from a table file: each line becomes a registration, each batch one transaction.

A line is known by (channel, number at the source); a line without a number gets a digest of its words instead. So the
same file may be imported again after a crash, or by mistake, and nothing is registered twice.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice

from django.db import DataError, IntegrityError
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Area, Unit
from petitions.actions import CITY_TIME, Person, Registration, register_many
from petitions.identity import check_phone, parse_resident_id
from petitions.models import ContentClass, Petition, Petitioner, Purpose
from petitions.reference.classes import suggest, suggest_urgency
from petitions.sheets import Columns, Row, clean_date, clean_line, clean_text
from petitions.states import Refused

OTHER_CLASS = "99"
SUMMARY_LENGTH = 200
# The text search takes in this much; a longer text is no letter but a file in the wrong column.
CONTENT_LENGTH = 20_000
ANONYMOUS = frozenset({"匿名", "匿名用户", "匿名网友", "无"})
# What one bad line may raise in the database or on the way to it. Anything else (a lost connection, no working
# calendar) is no line's fault and ends the import.
LINE_FAULTS = (DataError, IntegrityError, ValueError, Refused)


class BadLine(ValueError):
    """A line that cannot become a petition: which field, and a sentence on why."""

    def __init__(self, name: str, message: str):
        super().__init__(message)
        self.name = name


@dataclass(frozen=True)
class Fault:
    """A line for the error file."""

    row: Row
    name: str
    message: str


@dataclass
class Tally:
    """What became of the lines: read = new + skipped + errors."""

    read: int = 0
    new: int = 0
    skipped: int = 0
    errors: int = 0


@dataclass(frozen=True)
class Places:
    """The areas by every name a file may use; looked up once, not for each line."""

    by_name: dict[str, Area]

    @classmethod
    def load(cls) -> "Places":
        """Code, full name, and a district's name without its last character (海曙区 is also 海曙)."""
        found: dict[str, Area] = {}
        for area in Area.objects.select_related("district").order_by("-code"):
            found[area.code] = area
            found[area.name] = area
            if area.kind == Area.Kind.DISTRICT and len(area.name) > 2:
                found[area.name[:-1]] = area
        return cls(found)

    def find(self, text: str) -> Area | None:
        """The area this text names: exactly, or the most precise one whose full name occurs in it."""
        if text in self.by_name:
            return self.by_name[text]
        inside = [area for name, area in self.by_name.items() if len(name) > 2 and name == area.name and name in text]
        return max(inside, key=lambda area: (area.kind == Area.Kind.TOWN, len(area.name)), default=None)


@dataclass
class Reader:
    """Turns lines into registrations of one channel for one unit. `default_area` stands in where no place is found."""

    columns: Columns
    channel: str
    unit: Unit
    default_area: Area
    today: date
    places: Places = field(default_factory=Places.load)
    classes: dict[str, ContentClass] = field(default_factory=dict)
    purposes: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Level 2 last: its name wins where both levels share one.
        for row in ContentClass.objects.order_by("level"):
            self.classes[row.code] = self.classes[row.name] = row
        for value, label in Purpose.choices:
            self.purposes[value] = self.purposes[str(label)] = value

    def registration(self, row: Row) -> Registration:
        """The registration this line asks for. Raises BadLine naming the field at fault."""
        content = self._text(row, "content")
        if not content:
            raise BadLine("content", _("The content is missing."))
        if len(content) > CONTENT_LENGTH:
            raise BadLine("content", _("The content has more than %(limit)s characters.") % {"limit": CONTENT_LENGTH})
        summary = clean_line(self.columns.get(row, "summary")) or clean_line(content)
        person = self._person(row)
        petition_date = self._date(row)
        words = f"{summary}\n{content}"
        return Registration(
            channel=self.channel,
            summary=summary[:SUMMARY_LENGTH],
            content=content,
            content_class=self._class(row, words),
            area=self._area(row),
            petition_date=petition_date,
            register_unit=self.unit,
            person=person,
            source_ref=self._source_ref(row, person, petition_date, words),
            purpose=self._purpose(row),
            urgency=suggest_urgency(words)[0],
            address=self._text(row, "address")[:200],
            demand=self._text(row, "demand"),
            headcount=self._headcount(row),
            is_anonymous=not (person.name or person.phone or person.id_no),
        )

    def _text(self, row: Row, name: str) -> str:
        return clean_text(self.columns.get(row, name))

    def _date(self, row: Row) -> date:
        try:
            found = clean_date(self.columns.get(row, "petition_date"))
        except ValueError as error:
            raise BadLine("petition_date", str(error)) from error
        if found > self.today:
            raise BadLine("petition_date", _("The date lies in the future."))
        return found

    def _person(self, row: Row) -> Person:
        name = clean_line(self.columns.get(row, "name"))
        phone, id_no = self._text(row, "phone"), self._text(row, "id_no")
        try:
            phone = check_phone(phone) if phone else ""
        except ValueError as error:
            raise BadLine("phone", str(error)) from error
        try:
            known = parse_resident_id(id_no, today=self.today) if id_no else None
        except ValueError as error:
            raise BadLine("id_no", str(error)) from error
        return Person(
            name="" if name in ANONYMOUS else name,
            phone=phone,
            id_type=Petitioner.IdType.RESIDENT if known else "",
            id_no=known.number if known else "",
            sex=known.sex if known else "",
        )

    def _area(self, row: Row) -> Area:
        for name in ("area", "address"):
            text = clean_line(self.columns.get(row, name))
            found = self.places.find(text) if text else None
            if found:
                return found
        return self.default_area

    def _class(self, row: Row, words: str) -> ContentClass:
        given = self.classes.get(clean_line(self.columns.get(row, "content_class")))
        if given:
            return given
        for item in suggest(words):
            # An office may have retired the class proposed; its head will do.
            found = self.classes.get(item.code) or self.classes.get(item.code[:2])
            if found:
                return found
        return self.classes[OTHER_CLASS]

    def _purpose(self, row: Row) -> str:
        text = clean_line(self.columns.get(row, "purpose"))
        if text and text not in self.purposes:
            raise BadLine("purpose", _("“%(text)s” is no purpose.") % {"text": text[:40]})
        return self.purposes.get(text, Purpose.SETTLE)

    def _headcount(self, row: Row) -> int:
        text = clean_line(self.columns.get(row, "headcount"))
        if text and not (text.isascii() and text.isdigit() and 1 <= int(text) <= 100_000):
            raise BadLine("headcount", _("The number of persons must be a whole number from 1."))
        return int(text) if text else 1

    def _source_ref(self, row: Row, person: Person, petition_date: date, words: str) -> str:
        given = clean_line(self.columns.get(row, "source_ref"))
        if len(given) > 64:
            raise BadLine("source_ref", _("The number at the source has more than 64 characters."))
        if given:
            return given
        digest = hashlib.sha256(f"{person.name}\n{person.phone}\n{petition_date}\n{words}".encode()).hexdigest()
        return f"sha:{digest[:40]}"


def import_rows(
    rows: Iterable[Row],
    reader: Reader,
    *,
    actor: Actor,
    at: Callable[[], datetime],
    on_fault: Callable[[Fault], None],
    on_progress: Callable[[int], None] = lambda _count: None,
    batch: int = 200,
    is_dry_run: bool = False,
) -> Tally:
    """Register every new line, `batch` lines a transaction; returns the tally.

    `at` gives the moment of each batch. A line that is at fault goes to `on_fault` and never stops the others.
    """
    tally, seen = Tally(), set[str]()
    lines = iter(rows)
    while chunk := list(islice(lines, batch)):
        tally.read += len(chunk)
        wanted = list(_fresh(chunk, reader, seen, tally, on_fault))
        if is_dry_run:
            tally.new += len(wanted)
        else:
            _store(wanted, actor, at(), tally, on_fault)
        on_progress(len(chunk))
    return tally


def _fresh(
    chunk: Sequence[Row], reader: Reader, seen: set[str], tally: Tally, on_fault: Callable[[Fault], None]
) -> Iterator[tuple[Row, Registration]]:
    """The lines of a chunk that are sound and not registered yet, neither before nor further up in the file."""
    sound: list[tuple[Row, Registration]] = []
    for row in chunk:
        try:
            sound.append((row, reader.registration(row)))
        except BadLine as error:
            tally.errors += 1
            on_fault(Fault(row, error.name, str(error)))
    known = registered(reader.channel, [registration.source_ref for _row, registration in sound])
    for row, registration in sound:
        if registration.source_ref in known or registration.source_ref in seen:
            tally.skipped += 1
        else:
            seen.add(registration.source_ref)
            yield row, registration


def registered(channel: str, refs: Sequence[str], *, numbering: str = "") -> dict[str, int]:
    """Which of these numbers at the source are registered already, and as which petition."""
    rows = Petition.objects.filter(channel=channel, numbering=numbering, source_ref__in=refs).exclude(source_ref="")
    return dict(rows.values_list("source_ref", "pk"))


@dataclass(frozen=True)
class Landed:
    """What became of a line: the petition's key and whether it is new, or the sentence on why there is none."""

    number: int
    petition: int | None = None
    is_new: bool = False
    message: str = ""


def land(wanted: Sequence[tuple[int, Registration]], *, actor: Actor, at: datetime) -> list[Landed]:
    """Register numbered lines together; when that fails, halve them until the line at fault stands alone.

    Every table goes through here: the command's, a person's, another system's. Nothing one line does stops the others.
    """
    if not wanted:
        return []
    try:
        made = register_many([registration for _number, registration in wanted], actor=actor, at=at)
    except LINE_FAULTS as error:
        if len(wanted) > 1:
            middle = len(wanted) // 2
            return [*land(wanted[:middle], actor=actor, at=at), *land(wanted[middle:], actor=actor, at=at)]
        number, registration = wanted[0]
        # Another import may have taken it in between the look and the write.
        ref = registration.source_ref
        known = registered(registration.channel, [ref], numbering=registration.numbering).get(ref)
        return [Landed(number, known, message="" if known else " ".join(str(error).split())[:300])]
    return [Landed(number, row.pk, is_new=True) for (number, _given), row in zip(wanted, made, strict=True)]


def _store(
    wanted: Sequence[tuple[Row, Registration]],
    actor: Actor,
    at: datetime,
    tally: Tally,
    on_fault: Callable[[Fault], None],
) -> None:
    rows = {row.number: row for row, _registration in wanted}
    for landed in land([(row.number, registration) for row, registration in wanted], actor=actor, at=at):
        if landed.is_new:
            tally.new += 1
        elif landed.petition:
            tally.skipped += 1
        else:
            tally.errors += 1
            on_fault(Fault(rows[landed.number], "", landed.message))


def default_area(unit: Unit, given: Area | None = None) -> Area:
    """Where a line without a known place belongs: the area named, else that of the importing unit."""
    return given or unit.area


def today_at(at: datetime) -> date:
    """The day in Shanghai."""
    return at.astimezone(CITY_TIME).date()


def parse_overrides(pairs: Iterable[str]) -> Mapping[str, str]:
    """HEADER=FIELD pairs as a dictionary. Raises ValueError with a sentence for a pair without “=”."""
    found: dict[str, str] = {}
    for pair in pairs:
        header, separator, name = pair.partition("=")
        if not separator:
            raise ValueError(_("Write --map as HEADER=FIELD, not “%(pair)s”.") % {"pair": pair})
        found[header] = name.strip()
    return found
