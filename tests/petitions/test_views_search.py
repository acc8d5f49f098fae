"""The search page as people use it."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from accounts.models import AccessLog
from petitions import finding, indexing
from petitions.models import Petition
from tests.city import City, make_order, make_petition

URL = "/search/"
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def as_user(client: Any) -> Any:
    def sign_in(user: Any) -> Any:
        client.force_login(user, backend="accounts.backends.StaffBackend")
        return client

    return sign_in


def shown(answer: Any) -> list[int]:
    return [int(pk) for pk in re.findall(r'data-row="(\d+)"', answer.content.decode())]


def test_it_shows_hits_with_marks_and_nothing_of_the_text_becomes_markup(city: City, as_user: Any) -> None:
    petition = make_petition(city, summary="<b>电梯</b>停运", content="三号楼<script>电梯</script>停运")
    page = as_user(city.officer).get(URL, {"q": "电梯"}).content.decode()
    assert f'data-row="{petition.pk}"' in page
    assert "&lt;b&gt;<mark>电梯</mark>&lt;/b&gt;停运" in page
    assert "三号楼&lt;script&gt;<mark>电梯</mark>&lt;/script&gt;" in page


def test_each_sees_what_they_may_and_nothing_else(city: City, as_user: Any) -> None:
    order = make_order(city)
    for user in (city.officer, city.dispatcher, city.district_officer, city.leader, city.handler, city.inspector):
        assert shown(as_user(user).get(URL, {"q": "电梯"})) == [order.petition_id], user.role
    for user in (city.outsider, city.far_officer, city.other_leader, city.agent, city.lead_official, city.reviewer):
        answer = as_user(user).get(URL, {"q": "电梯"})
        assert (answer.status_code, shown(answer)) == (200, []), user.role
        assert "电梯停运" not in answer.content.decode()
    assert as_user(city.admin).get(URL).status_code == 403
    assert "gsearch" not in as_user(city.admin).get("/").content.decode()


def test_a_number_opens_its_petition_unless_something_narrows(city: City, as_user: Any) -> None:
    petition = make_petition(city)
    for text in (petition.number, petition.short_number, str(petition.serial)):
        answer = as_user(city.officer).get(URL, {"q": text})
        assert answer.url == f"/petitions/{petition.pk}/", text
    assert shown(as_user(city.officer).get(URL, {"q": petition.short_number, "channel": "visit"})) == [petition.pk]
    assert shown(as_user(city.outsider).get(URL, {"q": petition.number})) == []


def test_a_persons_whole_number_is_logged_and_a_name_needs_the_right(city: City, as_user: Any) -> None:
    petition = make_petition(city)
    assert shown(as_user(city.officer).get(URL, {"q": "周小琴"})) == [petition.pk]
    assert shown(as_user(city.dispatcher).get(URL, {"q": "周小琴"})) == []
    assert not AccessLog.objects.exists()
    assert shown(as_user(city.dispatcher).get(URL, {"q": "13812345127"})) == [petition.pk]
    entry = AccessLog.objects.get()
    assert (entry.user, entry.target) == (city.dispatcher, "person")
    assert "13812345127" not in entry.detail


def test_filters_stay_in_the_address_and_can_be_taken_away(city: City, as_user: Any) -> None:
    make_petition(city)
    client = as_user(city.officer)
    asked = {"q": "电梯", "open": "1", "district": "330203", "order": "best"}
    address = client.get(URL, asked, **HTMX)["HX-Push-Url"]
    assert address == "/search/?district=330203&open=1&q=%E7%94%B5%E6%A2%AF&order=best"
    answer = client.get(URL, asked)
    assert [tag["without"] for tag in answer.context["tags"]] == [
        "?open=1&q=%E7%94%B5%E6%A2%AF&order=best",
        "?district=330203&q=%E7%94%B5%E6%A2%AF&order=best",
    ]
    assert len(shown(answer)) == 1
    assert shown(client.get(URL, {"q": "电梯", "open": "0"})) == []
    answer = client.get(URL, {"q": "电梯", "state": "nonsense"})
    assert "nonsense" in answer.content.decode() and len(shown(answer)) == 1


def test_it_tells_no_number_of_hits(city: City, as_user: Any) -> None:
    for _i in range(3):
        make_petition(city)
    page = as_user(city.officer).get(URL, {"q": "电梯"}, **HTMX).content.decode()
    assert not re.search(r"共\s*\d|\d\s*(条|件)结果", page)


@pytest.mark.parametrize("order", ["new", "best"])
def test_it_asks_the_same_number_of_questions_for_one_hit_and_for_three(
    city: City, as_user: Any, django_assert_num_queries: Any, order: str
) -> None:
    make_order(city)
    indexing.index_pending()
    client = as_user(city.officer)
    client.get(URL, {"q": "电梯"})
    # Session, person, waiting ones, one bite with its look, the person's marks, districts,
    # classes, rows, texts, units.
    expected = 11 if order == "new" else 12
    with django_assert_num_queries(expected):
        assert len(shown(client.get(URL, {"q": "电梯", "order": order}, **HTMX))) == 1
    for _i in range(2):
        make_order(city, petition=make_petition(city))
    indexing.index_pending()
    with django_assert_num_queries(expected):
        assert len(shown(client.get(URL, {"q": "电梯", "order": order}, **HTMX))) == 3


def test_pages_follow_each_other(city: City, as_user: Any) -> None:
    for _i in range(23):
        make_petition(city)
    client = as_user(city.officer)
    first = client.get(URL, {"q": "电梯"})
    second = client.get(f"{URL}{first.context['next']}")
    assert [len(shown(first)), len(shown(second))] == [20, 3]
    assert set(shown(first)) | set(shown(second)) == set(Petition.objects.values_list("pk", flat=True))
    assert second.context["next"] == ""


def test_an_empty_box_and_an_empty_answer_say_what_to_do(city: City, as_user: Any) -> None:
    make_petition(city)
    client = as_user(city.officer)
    assert "一句话" in client.get(URL).content.decode()
    nothing = client.get(URL, {"q": "没有这样的词", "open": "1"}).content.decode()
    assert "没有找到" in nothing and "不加筛选再搜" in nothing


def test_a_unit_of_that_name_is_offered(city: City, as_user: Any) -> None:
    page = as_user(city.officer).get(URL, {"q": "住建局"}).content.decode()
    assert "/petitions/?unit=330203-HOUSING" in page


def test_who_sees_masks_finds_nobody_by_what_is_masked(city: City, as_user: Any) -> None:
    petition = make_petition(city)
    indexing.index_pending()
    for user in (city.inspector, city.conference_officer, city.dispatcher):
        client = as_user(user)
        for text in (
            "周小琴",
            "周小",
            "小琴",
            "1381234",
            "381234512",
            "330203190001",
            "周小琴 电梯",
            '"周小琴"',
            "南门街道某路1号",
        ):
            for order in ("new", "best"):
                assert shown(client.get(URL, {"q": text, "order": order})) == [], (user.role, text)
        page = client.get(URL, {"q": "电梯"}).content.decode()
        assert f'data-row="{petition.pk}"' in page and "周小琴" not in page


def test_an_accusation_leaves_no_trace_in_the_page_of_the_unit_complained_of(city: City, as_user: Any) -> None:
    make_petition(city, purpose="JK", respondent_unit=city.housing, content="举报某科长收受红包")
    make_petition(city, purpose="JK", respondent_unit=city.housing, content="举报某科长收受红包")
    indexing.index_pending()
    for user in (city.leader, city.handler, city.district_officer, city.dispatcher, city.inspector):
        client = as_user(user)
        pages = []
        for word in ("收受红包", "没有红包"):
            page = client.get(URL, {"q": word}, **HTMX).content.decode()
            pages.append(page.replace(word, "").replace(quote(word), ""))
        # Word for word the page of a question nobody has an answer to.
        assert pages[0] == pages[1], user.role


def test_a_rare_question_looks_further_back_by_itself_and_by_a_link(
    city: City, as_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "FIRST_BITE", 1)
    monkeypatch.setattr(finding, "MOST_BITTEN", 2)
    monkeypatch.setattr(finding, "BUDGET", 0.0)
    for days in (0, 1, 2, 300):
        make_petition(city, at=city.at - timedelta(days=days), summary="路灯不亮" if days < 300 else "齉鼻子过敏")
    indexing.index_pending()
    client = as_user(city.officer)
    page = client.get(URL, {"q": "齉鼻"})
    for _step in range(20):
        if shown(page):
            break
        text = page.content.decode()
        assert 'hx-trigger="load, click"' in text and "没有找到" not in text
        assert f'href="{URL}{page.context["further"]}"' in text.replace("&amp;", "&")
        page = client.get(f"{URL}{page.context['further']}", headers={"HX-Request": "true", "HX-Trigger": "further"})
        assert "HX-Push-Url" not in page.headers and page.headers["HX-Replace-Url"].startswith(URL)
    assert len(shown(page)) == 1
