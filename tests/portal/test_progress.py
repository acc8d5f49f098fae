"""What a petitioner reads of their matter, and what never."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from dispatch.actions import orders
from dispatch.actions.take_back import take_back
from dispatch.states import ORDER_MOVES
from petitions import actions
from petitions.models import Petition
from petitions.states import MOVES
from portal import progress
from tests.city import City, fed_back, make_order, make_petition, replied


def kinds(petition: Petition) -> list[str]:
    return [step.kind for step in progress.steps_of(Petition.objects.get(pk=petition.pk))]


def test_the_public_life_is_told_newest_first_with_its_units(city: City, opened) -> None:
    petition = replied(city)
    assert kinds(petition) == ["reply", "order.sign", "dispatch", "register"]
    page = opened(petition).get("/portal/matter/").content.decode()
    assert "海曙区住建局" in page and "电梯已修复并恢复运行" in page


def test_no_name_of_staff_no_note_and_no_inner_step_is_shown(city: City, opened) -> None:
    order = fed_back(city)
    actions.add_note(order.petition_id, kind="note", text="内部说明：此人情绪激动", actor=city.officer, at=city.at)
    page = opened(order.petition).get("/portal/matter/").content.decode()
    for person in city.people.values():
        assert person.name not in page
    assert "情绪激动" not in page and "主板" not in page, "feedback of the unit is no answer yet"


def test_of_an_accusation_only_acceptance_and_answer_are_told(city: City, opened) -> None:
    accused = make_petition(city, purpose="JK", respondent_unit=city.housing)
    make_order(city, petition=accused, lead=city.town)
    assert kinds(accused) == ["register"]
    page = opened(accused).get("/portal/matter/").content.decode()
    assert "南门街道" not in page and "海曙区住建局" not in page
    assert accused.summary not in page, "its title is not on a screen others may see"


def test_a_dispatch_taken_back_at_once_was_no_transfer(city: City) -> None:
    order = make_order(city)
    take_back(order.petition_id, reason="点错了", actor=city.officer, at=city.at + timedelta(minutes=1))
    assert kinds(order.petition) == ["register"]


def test_a_transfer_that_was_recalled_stays_readable(city: City) -> None:
    order = make_order(city)
    orders.recall(order.pk, reason="不属该单位职责", actor=city.officer, at=city.at + timedelta(hours=1))
    make_order(city, petition=order.petition, lead=city.enforcement, at=city.at + timedelta(hours=2))
    assert kinds(order.petition).count("dispatch") == 2


def test_every_move_told_has_a_title_and_a_sentence() -> None:
    known = {*MOVES, *(f"order.{name}" for name in ORDER_MOVES), "register"}
    assert set(progress.TITLES) <= known
    assert set(progress.TITLES) >= progress.OF_ACCUSATIONS


def test_the_dates_of_law_are_said_with_their_day(city: City, opened) -> None:
    petition = make_order(city).petition
    actions.accept(petition.pk, text="予以受理", actor=city.officer, at=city.at)
    page = opened(petition).get("/portal/matter/").content.decode()
    due = petition.clocks.get(policy__key="D05_handle").due_at
    assert f"{due.month}月{due.day}日" in page


def test_ended_matters_are_answered_kindly(city: City, opened) -> None:
    into = make_petition(city)
    merged = make_petition(city)
    actions.merge(merged.pk, into=into, reason="同一事项", actor=city.officer, at=city.at)
    withdrawn = make_petition(city)
    actions.withdraw(withdrawn.pk, reason="本人撤回", actor=city.officer, at=city.at)
    for petition in (merged, withdrawn):
        page = opened(petition).get("/portal/matter/")
        assert page.status_code == 200
        assert into.number not in page.content.decode(), "whose the other matter is, is not told"


def test_of_the_record_book_only_the_line_written_for_the_petitioner_is_told(city: City, opened) -> None:
    petition = make_order(city).petition
    line = "工作人员已到现场查看，正在协调维修资金。"
    entry = actions.Entry(entry_type="visit", happened_at=city.at, progress="业委会无人签字。", public_line=line)
    actions.write_record(petition.pk, entry=entry, actor=city.handler, at=city.at + timedelta(hours=1))
    silent = actions.Entry(entry_type="phone", happened_at=city.at, progress="约定上门。")
    actions.write_record(petition.pk, entry=silent, actor=city.handler, at=city.at + timedelta(hours=2))
    page = opened(petition).get("/portal/matter/").content.decode()
    assert line in page and "业委会" not in page and "约定上门" not in page and city.handler.name not in page
    told = [step for step in progress.steps_of(petition) if step.kind == "record"]
    assert [step.text for step in told] == [line]


def test_of_an_accusation_the_record_book_tells_nothing(city: City) -> None:
    petition = make_petition(city, purpose="JK", sensitivity="accusation")
    entry = actions.Entry(entry_type="phone", happened_at=city.at, progress="已核实。", public_line="正在核实。")
    actions.write_record(petition.pk, entry=entry, actor=city.officer, at=city.at)
    assert "record" not in kinds(petition)


def test_a_long_life_costs_no_more_queries_than_a_short_one(city: City, opened) -> None:
    short, long = make_order(city).petition, make_order(city).petition
    for hour in (1, 2, 3):
        order = long.orders.filter(is_open=True).latest("seq")
        orders.recall(order.pk, reason="不属该单位职责", actor=city.officer, at=city.at + timedelta(hours=hour))
        lead = city.enforcement if hour % 2 else city.housing
        make_order(city, petition=long, lead=lead, at=city.at + timedelta(hours=hour, minutes=30))
    counts = []
    for petition in (short, long):
        browser = opened(petition)
        with CaptureQueriesContext(connection) as seen:
            assert browser.get("/portal/matter/").status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]
