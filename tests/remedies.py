"""Cases in review, re-review and hearing, brought there through the real actions."""

from datetime import datetime, timedelta
from typing import Any

from petitions import actions
from petitions.actions import hearings, reviews
from petitions.actions.hearings import Seat
from petitions.models import Hearing, Petition, ReviewRequest
from tests.city import City, replied

DAY = timedelta(days=1)


def delivered(city: City, *, at: datetime | None = None, **changes: Any) -> Petition:
    """A petition whose opinion was handed over a day after it came in (or after `at`)."""
    at = at or city.at
    petition = replied(city, at=at, **changes)
    return actions.deliver_opinion(petition.pk, way="by_hand", actor=city.people["officer"], at=at + DAY)


def asked(city: City, petition: Petition | None = None, *, at: datetime | None = None, **more: Any) -> ReviewRequest:
    """A review asked for at the counter, the district's reviewer proposed."""
    petition = petition or delivered(city)
    fields = {"request": "对处理意见不服", "actor": city.people["officer"], **more}
    return reviews.request(petition.pk, at=at or city.at + 2 * DAY, **fields)


def team(city: City, row: ReviewRequest) -> list[Any]:
    """Two who may investigate at the organ of a request."""
    names = ("district_reviewer", "district_second") if row.target_unit == city.units["district"] else _CITY
    return [city.people[name] for name in names]


_CITY = ("reviewer", "second_reviewer")


def admitted(city: City, petition: Petition | None = None, *, at: datetime | None = None, **more: Any) -> ReviewRequest:
    """A request admitted with two investigators."""
    row, at = asked(city, petition, at=at, **more), at or city.at + 2 * DAY
    people = team(city, row)
    return reviews.admit(row.petition_id, investigators=people, actor=people[0], at=at)


def decided(
    city: City,
    petition: Petition | None = None,
    *,
    outcome: str = "uphold",
    at: datetime | None = None,
    **more: Any,
) -> ReviewRequest:
    """A request decided a day after it was asked for."""
    at = at or city.at + 2 * DAY
    row = admitted(city, petition, at=at)
    fields: dict[str, Any] = {"opinion": "经审查，作出如下意见。", "outcome": outcome, **more}
    if outcome != "uphold":
        fields.setdefault("grounds", ["facts"])
    if outcome == "change":
        fields.setdefault("new_opinion", "对原处理意见变更如下：限三十日内修复电梯。")
    if outcome == "revoke":
        fields.setdefault("term", 30)
    return reviews.decide(row.petition_id, actor=team(city, row)[0], at=at + DAY, **fields)


def closed_review(city: City, *, outcome: str = "uphold") -> Petition:
    """Reviewed, and the review opinion delivered; re-review may be asked for."""
    row = decided(city, outcome=outcome)
    reviews.deliver(row.petition_id, way="by_hand", actor=city.people["officer"], at=city.at + 4 * DAY)
    return Petition.objects.get(pk=row.petition_id)


def rereviewed(city: City, *, outcome: str = "uphold", is_delivered: bool = True) -> Petition:
    """Through both stages; with delivery the procedure has ended."""
    petition = closed_review(city)
    decided(city, petition, outcome=outcome, at=city.at + 5 * DAY)
    if is_delivered:
        reviews.deliver(petition.pk, way="by_hand", actor=city.people["officer"], at=city.at + 7 * DAY)
    return Petition.objects.get(pk=petition.pk)


def seats(city: City, **changes: Any) -> list[Seat]:
    """A panel that may sit: a chair from the conference, two from outside, a clerk, both sides."""
    chair = changes.get("chair", city.people["conference_officer"])
    return [
        Seat("chair", chair),
        Seat("panel", name="陈律师", standing="律师"),
        Seat("panel", name="黄代表", standing="市人大代表"),
        Seat("clerk", changes.get("clerk", city.people["inspector"])),
        Seat("petitioner"),
        Seat("unit", name="住建局分管负责人"),
    ]


def held(
    city: City,
    petition: Petition,
    *,
    actor: Any = None,
    at: datetime | None = None,
    after: timedelta = 12 * DAY,
    **more: Any,
) -> Hearing:
    """A hearing set at `at`, to be held `after` that."""
    at = at or city.at + 3 * DAY
    fields: dict[str, Any] = {"subject": "事实争议", "place": "三楼听证室", "seats": seats(city), **more}
    return hearings.hold(
        petition.pk, held_at=at + after, actor=actor or city.people["district_reviewer"], at=at, **fields
    )


def sat(city: City, row: Hearing, *, actor: Any = None, absent: tuple[str, ...] = (), **more: Any) -> Hearing:
    """The session opened on its day; everybody there but the parts named."""
    assert row.held_at is not None
    present = {m.pk: m.part not in absent for m in row.members.all()}
    who = actor or city.people["district_reviewer"]
    return hearings.sit(row.petition_id, attendance=present, actor=who, at=row.held_at, **more)


def concluded(city: City, row: Hearing, *, actor: Any = None) -> Hearing:
    """A whole record, and a conclusion all vote for."""
    assert row.held_at is not None
    who, end = actor or city.people["district_reviewer"], row.held_at + timedelta(hours=2)
    hearings.take_down(row.petition_id, phase="whole", text="双方陈述、质证、辩论完毕。", actor=who, at=end)
    votes = {m.pk: "for" for m in row.members.filter(part__in=["chair", "panel"])}
    return hearings.conclude(row.petition_id, conclusion="事实清楚。", votes=votes, actor=who, at=end)
