"""What the release is made of: numbers of petitions by place, class and month of registration. No text, no person."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Q
from django.db.models.functions import ExtractMonth, ExtractYear

from accounts.actors import Actor
from accounts.models import Area, Unit
from accounts.roles import Scope
from dispatch.calendar import CITY_TIME
from gateway.datasets.anonymity import Place
from petitions.models import Petition, Purpose, Sensitivity

# Accusations (class A) are in no data set, whoever asks and whatever they may see (domain-facts §1.17).
_NEVER = Q(is_restricted=True) | Q(purpose=Purpose.ACCUSE) | Q(sensitivity=Sensitivity.ACCUSATION)


def reader_of(reach: Unit | None) -> Actor:
    """In whose name a reach is counted: nobody's in particular.

    Two people who ask must get the same file. Were each kept out of the matters they are recused in, one file less
    the other would tell of those matters; only counts leave, so recusals are disregarded.
    """
    scope = Scope.CITY if reach is None else Scope.UNIT
    return Actor(label="data sets", unit=reach, grants={"gateway.datasets": scope})


def counts(reach: Unit | None, *, since: date, until: date) -> Iterator[tuple[Place, int]]:
    """Petitions registered on the days since … until (both counted, city time) within a reach: a unit with those below
    it, or the whole city (None). One statement, grouped in the database.
    """
    begin = datetime.combine(since, time.min, CITY_TIME)
    end = datetime.combine(until + timedelta(days=1), time.min, CITY_TIME)
    found = (
        Petition.objects.within(reader_of(reach), "gateway.datasets")
        .exclude(_NEVER)
        .filter(registered_at__gte=begin, registered_at__lt=end)
        .order_by()
        .annotate(
            in_year=ExtractYear("registered_at", tzinfo=CITY_TIME),
            in_month=ExtractMonth("registered_at", tzinfo=CITY_TIME),
        )
        .values_list(
            "area__code",
            "area__kind",
            "district__code",
            "content_class__code",
            "content_class__parent__code",
            "in_year",
            "in_month",
        )
        .annotate(count=Count("pk"))
    )
    for area, kind, district, klass, parent, year, month, count in found.iterator():
        town = area if kind == Area.Kind.TOWN else ""
        yield Place(town, district, klass, parent or klass, year, month), count
