"""What the rules need done by themselves: rights lapse, offices owe a yearly report, urgent matters are reported up."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command

from dispatch.actions import annual, upkeep
from dispatch.models import AnnualReport, Clock, Day
from petitions import actions
from petitions.states import Refused
from tests.city import City, make_petition, replied
from tests.dispatch.test_views_case import enter
from tests.remedies import DAY, admitted, closed_review, concluded, held, sat

NEW_YEAR = datetime(2027, 1, 1, 0, 5, tzinfo=UTC)


def test_a_right_lapses_without_a_breach_and_nobody_is_chased(city: City) -> None:
    petition = replied(city)
    at = city.at + timedelta(days=1)
    actions.deliver_opinion(petition.pk, way="by_hand", remark="", actor=city.officer, at=at)
    right = Clock.objects.get(petition=petition, policy__key="D06_review_req")
    petition.refresh_from_db()
    assert petition.next_due_key != "D06_review_req"
    # The window of the rating, shorter, has run out before.
    assert upkeep.lapse(at=right.due_at) == 1
    right.refresh_from_db()
    assert right.state == "running"
    assert upkeep.lapse(at=right.due_at + timedelta(seconds=1)) == 1
    right.refresh_from_db()
    assert (right.state, right.breached_at) == ("cancelled", None)
    assert upkeep.lapse(at=right.due_at + timedelta(days=1)) == 0


def test_every_petition_office_owes_last_years_report_once(city: City) -> None:
    assert annual.open_reports(at=city.at) == 0
    assert annual.open_reports(at=NEW_YEAR) == 3
    assert annual.open_reports(at=NEW_YEAR + timedelta(days=2)) == 0
    assert set(AnnualReport.objects.values_list("year", flat=True)) == {2026}
    clock = Clock.objects.get(subject="office", unit=city.city_office)
    # Ninety days from the last of December, and that is a working day.
    assert clock.due_at == datetime(2027, 3, 31, 15, 59, 59, tzinfo=UTC)
    assert clock.petition_id is None


def test_a_late_beat_does_not_move_the_deadline(city: City) -> None:
    annual.open_reports(at=NEW_YEAR + timedelta(days=20))
    assert {c.due_at.date() for c in Clock.objects.filter(subject="office")} == {datetime(2027, 3, 31).date()}


def test_an_office_files_its_own_report_once(city: City) -> None:
    annual.open_reports(at=NEW_YEAR)
    report = AnnualReport.objects.get(unit=city.district_office)
    words = {"document": "海信〔2027〕3号", "summary": "受理信访事项一千二百件。"}
    for who in (city.officer, city.far_officer, city.leader):
        with pytest.raises(Refused):
            annual.file_report(report.pk, **words, actor=who, at=NEW_YEAR)
    annual.file_report(report.pk, **words, actor=city.district_officer, at=NEW_YEAR)
    assert Clock.objects.get(subject="office", subject_id=report.pk).state == "met"
    with pytest.raises(Refused) as refusal:
        annual.file_report(report.pk, **words, actor=city.district_officer, at=NEW_YEAR)
    assert refusal.value.code == "filed"


def test_the_page_of_reports_shows_the_city_all_and_a_district_its_own(city: City) -> None:
    annual.open_reports(at=NEW_YEAR)
    own = AnnualReport.objects.get(unit=city.district_office)
    assert len(enter(city.officer).get("/reports/annual/").context["rows"]) == 3
    client = enter(city.district_officer)
    assert [row[0] for row in client.get("/reports/annual/").context["rows"]] == [own]
    assert enter(city.handler).get("/reports/annual/").status_code == 403
    assert enter(city.far_officer).get(f"/reports/annual/{own.pk}/").status_code == 404
    assert enter(city.officer).get(f"/reports/annual/{own.pk}/").status_code == 404
    assert client.post(f"/reports/annual/{own.pk}/", {"document": "", "summary": "x"}).status_code == 422
    assert client.post(f"/reports/annual/{own.pk}/", {"document": "3号", "summary": "x"}).url == "/reports/annual/"
    own.refresh_from_db()
    assert own.filed_by == city.district_officer


def test_an_extra_urgent_matter_is_to_be_reported_up_within_the_hour(city: City) -> None:
    petition = make_petition(city, urgency="extra_urgent")
    clock = Clock.objects.get(petition=petition, policy__key="D11_urgent_report")
    assert clock.due_at == city.at + timedelta(hours=1)
    with pytest.raises(Refused):
        actions.report_up(petition.pk, to=" ", text="燃气泄漏", actor=city.officer, at=city.at)
    actions.report_up(petition.pk, to="市政府总值班室", text="燃气泄漏", actor=city.officer, at=city.at)
    clock.refresh_from_db()
    assert clock.state == "met"
    assert not Clock.objects.filter(petition=make_petition(city), policy__key="D11_urgent_report").exists()


def test_a_unit_that_receives_a_matter_itself_owes_the_notice_and_no_routing(city: City) -> None:
    petition = make_petition(city, register_unit=city.housing, actor=city.leader)
    keys = set(Clock.objects.filter(petition=petition).values_list("policy__key", flat=True))
    assert "D02_notify_direct" in keys and "D01_route" not in keys


@pytest.mark.parametrize(("purpose", "starts"), [("QJ", True), ("SS", True), ("JK", False)])
def test_sixty_days_run_for_settlement_only(city: City, purpose: str, starts: bool) -> None:
    more = {"sensitivity": "accusation"} if purpose == "JK" else {}
    petition = make_petition(city, purpose=purpose, **more)
    try:
        actions.accept(petition.pk, text="受理", actor=city.officer, at=city.at)
    except Refused:
        assert not starts
    assert Clock.objects.filter(petition=petition, policy__key="D05_handle").exists() == starts


def test_a_hearing_stops_the_clock_of_the_re_review_only(city: City) -> None:
    petition = admitted(city).petition
    review = Clock.objects.get(petition=petition, policy__key="D07_review")
    assert review.unit == city.district
    held(city, petition)
    review.refresh_from_db()
    assert review.state == "running"
    again = admitted(city, closed_review(city), at=city.at + 5 * DAY).petition
    row = held(city, again, actor=city.reviewer, at=city.at + 6 * DAY)
    clock = Clock.objects.get(petition=again, policy__key="D09_rereview")
    assert (clock.state, clock.unit) == ("paused", city.root)
    was_due = clock.due_at
    concluded(city, sat(city, row, actor=city.reviewer), actor=city.reviewer)
    clock.refresh_from_db()
    assert (clock.state, clock.paused_for) == ("running", 12 * DAY + timedelta(hours=2))
    # Twelve days more, and on to the next working day.
    assert clock.due_at - was_due >= 12 * DAY


def test_a_new_release_at_start_finds_nothing_to_carry_over_in_an_empty_office(db: None, settings: object) -> None:
    call_command("load_reference", verbosity=0)
    assert Day.objects.filter(note="春节").exists()
