"""Pages of results: the same answer by the bite and through the index, newest or best, never beyond the scope."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Q

from petitions import events, finding, indexing, search
from petitions.actions import Person
from petitions.actions.records import Entry, write_record
from petitions.finding import Findings, find
from petitions.models import Petition, RecordEntry, SearchEntry, SearchPending
from petitions.phrases import Phrases
from tests.city import City, make_order, make_petition

DAY = timedelta(days=1)


@pytest.fixture(params=["bites", "index"])
def way(request: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """Look at the newest one by one, or at hardly any, so that the index answers."""
    if request.param == "index":
        monkeypatch.setattr(finding, "FIRST_BITE", 1)
        monkeypatch.setattr(finding, "MOST_BITTEN", 2)
        monkeypatch.setattr(finding, "MOST_OF_FEW", 1)
        monkeypatch.setattr(finding, "BUDGET", 3600.0)
        monkeypatch.setattr(finding, "BUDGET_OF_BEST", 3600.0)
    return request.param


def ask(city: City, text: str, who: str = "officer", **more: Any) -> Findings:
    return find(Phrases.read(text), city.people[who], condition=more.pop("condition", Q()), **more)


def found(city: City, text: str, who: str = "officer", **more: Any) -> list[int]:
    return [hit.pk for hit in ask(city, text, who, **more).hits]


@pytest.fixture
def year(city: City) -> Iterator[list[Petition]]:
    """Twelve petitions over a year, oldest first; every third is about a lift."""
    made = []
    for month in range(12):
        lift = month % 3 == 0
        made.append(
            make_petition(
                city,
                at=city.at - (12 - month) * 25 * DAY,
                summary=f"第{month}件 {'电梯停运' if lift else '夜间噪声'}",
                content="老人出行困难" if lift else "凌晨打桩",
            )
        )
    indexing.index_pending()
    yield made


def test_newest_first_page_by_page(city: City, year: list[Petition], way: str) -> None:
    expected = [p.pk for p in reversed(year)]
    lifts = [pk for n, pk in enumerate(p.pk for p in year) if n % 3 == 0][::-1]
    assert found(city, "电梯") == lifts
    assert found(city, "梯") == lifts
    assert found(city, "件") == expected
    pages, cursor = [], ""
    while True:
        page = ask(city, "件", cursor=cursor, size=5)
        pages.append([hit.pk for hit in page.hits])
        cursor = page.next
        if not cursor:
            break
    assert pages == [expected[:5], expected[5:10], expected[10:]]


def test_what_is_found_is_what_a_plain_look_finds(city: City, year: list[Petition], way: str) -> None:
    for text in ("电梯", "噪声 打桩", "电 打", "第1", '"停运"', "电梯停运", "困难 停运", "打桩 -第1件", "9"):
        phrases = Phrases.read(text)
        plain = {
            p.pk
            for p in year
            if all(w in f"{p.summary}{p.content}".replace(" ", "") for w in phrases.wanted)
            and not any(w in f"{p.summary}{p.content}".replace(" ", "") for w in phrases.banned)
        }
        assert set(found(city, text)) >= plain, text
        assert set(found(city, f'{text} "件"')) == plain, text


@pytest.mark.parametrize("who", ["officer", "district_officer"])
def test_a_page_whose_time_is_over_says_how_far_it_looked_and_the_next_goes_on(
    city: City, year: list[Petition], who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "FIRST_BITE", 1)
    monkeypatch.setattr(finding, "MOST_BITTEN", 2)
    monkeypatch.setattr(finding, "BUDGET", 0.0)
    lifts = [p.pk for n, p in enumerate(year) if n % 3 == 0][::-1]
    collected, edges, cursor = [], [], ""
    for _page in range(20):
        page = ask(city, "电梯", who, cursor=cursor)
        collected += [hit.pk for hit in page.hits]
        if not page.further:
            break
        assert page.back_to is not None and not page.next
        assert all(hit.registered_at > page.back_to for hit in page.hits)
        edges.append(page.back_to)
        cursor = page.further
    assert collected == lifts
    assert len(edges) > 2 and edges == sorted(set(edges), reverse=True)
    best = ask(city, "电梯", who, is_best=True)
    assert best.further and len(best.hits) < len(lifts)


def test_the_first_page_does_not_wait_for_the_index_and_a_further_one_does(
    city: City, year: list[Petition], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "FIRST_BITE", 1)
    monkeypatch.setattr(finding, "FIRST_PAGE", 0.0)
    monkeypatch.setattr(finding, "BUDGET", 0.0)
    first = ask(city, "电梯 停运")
    # Only the newest was looked at, which is about noise; nothing older is passed over.
    assert first.hits == [] and first.back_to == year[-1].registered_at
    collected, cursor = [], first.further
    while cursor:
        page = ask(city, "电梯 停运", cursor=cursor)
        collected += [hit.pk for hit in page.hits]
        cursor = page.further
    assert collected == [p.pk for n, p in enumerate(year) if n % 3 == 0][::-1]


def test_a_unit_looks_at_its_own_petitions_in_pages_that_end_in_time(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "FIRST_BITE", 2)
    monkeypatch.setattr(finding, "BUDGET", 0.0)
    made = [make_order(city, at=city.at + n * DAY).petition_id for n in range(5)]
    indexing.index_pending()
    collected, cursor, pages = [], "", 0
    while True:
        page = ask(city, "电梯停运", "leader", cursor=cursor)
        collected += [hit.pk for hit in page.hits]
        pages += 1
        if not page.further:
            break
        assert len(page.hits) == 2
        cursor = page.further
    assert collected == made[::-1]
    assert pages == 3


def test_what_the_database_has_not_found_in_time_is_stopped_and_nothing_else(city: City, year: list[Petition]) -> None:
    finder = finding.Finder(Phrases.read("电梯"), city.people["officer"], Q(), budget=0.05)
    slow = Petition.objects.extra(where=["pg_sleep(20) IS NOT NULL"])
    assert finder._in_time(slow, 5) is None
    finder.until += 3600
    assert len(finder._in_time(Petition.objects.all(), 5) or []) == 5
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)


def test_what_too_many_petitions_answer_to_for_a_list_of_keys_is_found_all_the_same(
    city: City, year: list[Petition], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = found(city, f"{year[0].serial}")
    assert year[0].pk in expected
    monkeypatch.setattr(search, "MOST_MARKED", 0)
    assert found(city, f"{year[0].serial}") == expected


def test_filters_narrow_and_the_order_stays(city: City, year: list[Petition], way: str) -> None:
    Petition.objects.filter(pk=year[0].pk).update(channel="phone")
    assert found(city, "电梯", condition=Q(channel="phone")) == [year[0].pk]
    assert found(city, "电梯", condition=Q(channel="letter")) == []


def test_best_first_says_how_well_each_fits(city: City, way: str) -> None:
    texts = [
        ("电梯停运", "无"),
        ("小区停运的电梯", "无"),
        ("小区问题", "楼里电梯停运多日"),
        ("电梯问题", "停运多日"),
        ("别的", "路灯不亮"),
    ]
    made = [make_petition(city, summary=s, content=c, at=city.at + n * DAY) for n, (s, c) in enumerate(texts)]
    indexing.index_pending()
    hits = ask(city, "电梯 停运", is_best=True).hits
    assert [(hit.pk, hit.rank) for hit in hits] == [
        (made[0].pk, finding.IN_SUMMARY),
        (made[2].pk, finding.TOGETHER),
        (made[1].pk, finding.ALL_IN_SUMMARY),
        (made[3].pk, finding.ALL_IN_TEXT),
    ]


def test_best_first_ranks_the_newest_and_says_so(city: City, year: list[Petition], monkeypatch: Any) -> None:
    monkeypatch.setattr(finding, "RANKED", 3)
    answer = ask(city, "件", is_best=True, size=2)
    assert answer.is_cut and len(answer.hits) == 2
    rest = ask(city, "件", is_best=True, size=2, cursor=answer.next)
    assert len(rest.hits) == 1 and not rest.next
    assert not ask(city, "第0件", is_best=True).is_cut


def test_replies_notes_and_file_names_are_found_by_who_sees_the_petition(city: City, way: str) -> None:
    order = make_order(city)
    petition = order.petition
    with transaction.atomic():
        events.record(petition.pk, "note", actor=_actor(city), at=city.at, text="与物业经理通话，主板已订购")
    Petition.objects.filter(pk=petition.pk).update(reply_text="主板更换后恢复运行")
    indexing.index_pending()
    for text in ("主板已订购", "恢复运行", "主板"):
        for who in ("officer", "leader", "handler", "district_officer", "inspector"):
            assert found(city, text, who) == [petition.pk], (text, who)
        for who in ("outsider", "far_officer", "other_leader", "agent", "admin"):
            assert found(city, text, who) == [], (text, who)
    # Words may stand in different texts of one petition.
    assert found(city, "停运 已订购 恢复运行") == [petition.pk]


def _actor(city: City) -> Any:
    from accounts.actors import Actor

    return Actor.of(city.people["officer"])


def test_a_client_without_an_account_is_told_of_no_internal_note(city: City) -> None:
    from accounts.actors import Actor
    from accounts.roles import Scope
    from petitions.permissions import citizen

    petition = make_petition(city)
    with transaction.atomic():
        events.record(petition.pk, "note", actor=_actor(city), at=city.at, text="内部研判")
    indexing.index_pending()
    client = Actor(label="client", grants={"petitions.view": Scope.CITY})
    for who in (citizen(petition.pk), client):
        assert [hit.pk for hit in find(Phrases.read("电梯"), who, condition=Q()).hits] == [petition.pk]
        assert find(Phrases.read("内部研判"), who, condition=Q()).hits == []
        # Nor by what a minus leaves out.
        assert len(find(Phrases.read("电梯 -内部研判"), who, condition=Q()).hits) == 1
    assert found(city, "电梯 -内部研判") == []


def test_an_accusation_is_found_by_the_named_only(city: City, way: str) -> None:
    accusation = make_petition(city, purpose="JK", respondent_unit=city.housing, content="举报某科长收受红包")
    indexing.index_pending()
    assert found(city, "收受红包") == [accusation.pk]
    for who in ("dispatcher", "district_officer", "leader", "handler", "inspector", "conference_officer"):
        assert found(city, "收受红包", who) == [], who
        assert found(city, accusation.number, who) == [], who


def test_what_is_not_taken_in_yet_is_found_and_what_was_taken_out_is_not(city: City, way: str) -> None:
    petition = make_petition(city, summary="路灯不亮", content="夜间漆黑")
    indexing.index_pending()
    assert not SearchPending.objects.exists()
    Petition.objects.filter(pk=petition.pk).update(content="窨井盖丢失", reply_text="已补装")
    assert SearchPending.objects.exists()
    assert found(city, "漆黑") == []
    for text in ("窨井盖", "已补装", "路灯 窨井", "盖"):
        assert found(city, text) == [petition.pk], text
    assert found(city, "窨井盖 -已补装") == []
    assert found(city, "窨井盖", "outsider") == []
    assert indexing.index_pending() == 1
    assert found(city, "漆黑") == [] and found(city, "窨井盖") == [petition.pk]


def test_moves_without_new_words_wake_no_indexer(city: City) -> None:
    petition = make_petition(city)
    indexing.index_pending()
    Petition.objects.get(pk=petition.pk).save()
    Petition.objects.filter(pk=petition.pk).update(version=9, summary=petition.summary)
    assert not SearchPending.objects.exists()


def test_an_unchanged_text_is_not_written_again(city: City) -> None:
    petition = make_petition(city)
    indexing.index_pending()
    before = SearchEntry.objects.filter(petition=petition, kind="text").values_list("pk", flat=True).get()
    Petition.objects.filter(pk=petition.pk).update(reply_text="已回复")
    indexing.index_pending()
    kinds = dict(SearchEntry.objects.filter(petition=petition).values_list("kind", "pk"))
    assert kinds["text"] == before and "reply" in kinds
    Petition.objects.filter(pk=petition.pk).update(reply_text="")
    indexing.index_pending()
    assert not SearchEntry.objects.filter(petition=petition, kind="reply").exists()


@pytest.mark.parametrize("text", ["𠮷野家", "😀", "%", "_", "'", "\\", "ＡＢＣ", "１２３", "a b", "é", "ﬁ"])
def test_rare_characters_are_found_as_themselves(city: City, way: str, text: str) -> None:
    petition = make_petition(city, summary="无关", content=f"前面{text}后面")
    make_petition(city, summary="无关二", content="前面后面")
    indexing.index_pending()
    assert found(city, f'"{text}"') == [petition.pk]
    assert found(city, f'"面{text}后"') == [petition.pk]


def test_a_sentence_of_two_hundred_characters_is_found(city: City, way: str) -> None:
    sentence = "".join(chr(0x4E00 + (i * 37) % 5000) for i in range(200))
    petition = make_petition(city, content=f"前{sentence}后")
    indexing.index_pending()
    assert found(city, sentence) == [petition.pk]
    assert found(city, sentence[:150] + "尾") == []


def test_a_phrase_does_not_reach_over_the_border_of_two_fields(city: City, way: str) -> None:
    petition = make_petition(city, summary="电梯", demand="停运", content="老人")
    indexing.index_pending()
    assert found(city, "电梯停运") == []
    assert found(city, "电梯 停运") == [petition.pk]


def test_persons_and_numbers_come_with_the_words(city: City, way: str) -> None:
    petition = make_petition(city)
    other = make_petition(city, content="周小琴老师来访", person=Person(name="陈静"))
    indexing.index_pending()
    assert found(city, "周小琴") == [other.pk, petition.pk]
    assert found(city, "周小琴", "inspector") == [other.pk]
    assert found(city, petition.short_number) == [petition.pk]
    # Quotes and minus ask for words.
    assert found(city, '"周小琴"') == [other.pk]


def test_the_record_book_is_found_by_who_may_open_it(city: City, way: str) -> None:
    order = make_order(city)
    entry = Entry(entry_type="visit", happened_at=city.at, cause="邻里积怨", facts_found="天井渗水", progress="已约谈")
    write_record(order.petition_id, entry=entry, actor=city.handler, at=city.at)
    readers = {
        who
        for who in city.people
        if RecordEntry.objects.visible_to(city.people[who]).exists()
        and Petition.objects.visible_to(city.people[who]).exists()
    }
    assert {"handler", "officer"} <= readers and "dispatcher" not in readers
    for is_indexed in (False, True):
        if is_indexed:
            indexing.index_pending()
        for who in city.people:
            assert found(city, "天井渗水", who) == ([order.petition_id] if who in readers else []), (who, is_indexed)
