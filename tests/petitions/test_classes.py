"""Content classes and the transparent suggestion at registration. All sentences are invented."""

from datetime import UTC, datetime

import pytest

from accounts.models import ReferenceLoad
from petitions.models import ContentClass
from petitions.reference.classes import build_classes, suggest, suggest_urgency
from petitions.reference.keywords import KEYWORDS, PLACE_WORDS
from petitions.reference.load import load_classes

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LATER = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)


def test_it_has_17_heads_and_112_classes_below_them():
    classes = build_classes()
    assert [c.level for c in classes].count(1) == 17
    assert [c.level for c in classes].count(2) == 112
    codes = {c.code for c in classes}
    assert len(codes) == len(classes)
    assert all(c.parent in codes for c in classes if c.level == 2)


def test_it_labels_every_class_in_english_and_for_the_hotline():
    for item in build_classes():
        assert item.name_en.isascii(), item
        assert len(item.name_en) <= ContentClass._meta.get_field("name_en").max_length
        assert item.hotline_label.split(" · ")[0].endswith("类"), item


def test_it_keeps_keywords_for_known_classes_only():
    codes = {c.code for c in build_classes() if c.level == 2}
    assert set(KEYWORDS) <= codes
    assert all(len(word) > 1 for words in KEYWORDS.values() for word in words)
    assert all(len(set(words)) == len(words) for words in KEYWORDS.values())
    assert PLACE_WORDS


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("包工头拖欠我们工地三十个人的工资，年底了还不发", "0402"),
        ("铸造厂夜里排放刺鼻气味，整栋楼不敢开窗", "0501"),
        ("南门附近高架噪声太大，晚上没法睡", "0501"),
        ("楼里的电梯三天两头坏，维保没人来", "1107"),
        ("快递驿站把我的包裹弄丢了，不肯赔", "1305"),
        ("征地补偿款拖了两年，村里没人给说法", "0201"),
        ("出租车司机拒载还绕路", "0603"),
        ("楼下饭店卖变质的食品，吃了拉肚子", "0705"),
        ("孩子入学报名被拒，想问招生的录取规则", "0803"),
        ("路灯坏了一个月，人行道上井盖也松了", "0309"),
        ("开发商延期交房，房产证办不出来", "0303"),
        ("社保断缴以后怎么补缴养老保险", "0404"),
    ],
)
def test_it_proposes_the_class_a_person_would_choose(text, code):
    best = suggest(text)[0]
    assert best.code == code
    assert all(word in text for word in best.matched_words)


def test_it_proposes_nothing_without_a_keyword():
    assert suggest("") == []
    assert suggest("你好") == []


def test_it_proposes_at_most_as_many_as_asked_best_first():
    text = "学校食堂的食品不新鲜，老师工资也拖欠，校门口停车乱"
    scores = [s.score for s in suggest(text, limit=2)]
    assert len(scores) == 2
    assert scores == sorted(scores, reverse=True)
    assert len(suggest(text, limit=10)) > 2


def test_it_finds_words_broken_over_lines():
    assert suggest("出租\n车 拒载") == suggest("出租车拒载")


def test_it_counts_the_first_words_double():
    late = "我想反映一件拖了很久的事情，前后找过几个部门，都说不归他们管，请领导帮忙看看到底应该由谁来处理：低保"
    assert suggest("低保")[0].score == 2 * suggest(late)[0].score


@pytest.mark.parametrize(
    ("text", "urgency", "word"),
    [
        ("闻到很重的味道，怀疑燃气泄漏，请马上派人", "extra_urgent", "燃气泄漏"),
        ("有人在楼顶要跳楼", "extra_urgent", "跳楼"),
        ("昨晚开始停水，老人没水喝", "urgent", "停水"),
        ("对公交线路有一个建议", "normal", None),
        ("如今是信息爆炸的时代，希望多办讲座", "normal", None),
    ],
)
def test_it_proposes_an_urgency_and_says_why(text, urgency, word):
    proposed, words = suggest_urgency(text)
    assert proposed == urgency
    assert words[0] == word if word else words == []


@pytest.mark.django_db
def test_it_loads_the_classes_once_and_keeps_edits():
    assert load_classes(at=AT) == 129
    ContentClass.objects.filter(code="0501").update(name="改过的名称", is_active=False)
    assert load_classes(at=LATER) is None
    ReferenceLoad.objects.filter(name="classes").update(digest="of an earlier release")
    assert load_classes(at=LATER) == 0
    edited = ContentClass.objects.get(code="0501")
    assert (edited.name, edited.is_active, edited.parent.code, edited.level) == ("改过的名称", False, "05", 2)
