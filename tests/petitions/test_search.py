import pytest

from petitions import indexing, search
from petitions.models import Petition
from tests.city import City, make_petition

TEXTS = {
    "电梯": ("小区电梯停运", "三号楼电梯自九月起停运，老人出行困难。"),
    "噪声": ("工地夜间噪声扰民", "凌晨两点仍在打桩，多次投诉未果。"),
    "工资": ("拖欠工资", "某厂拖欠 23 名工人三个月工资。"),
}


@pytest.fixture(params=[False, True], ids=["not yet indexed", "indexed"])
def petitions(city: City, request) -> dict[str, Petition]:
    made = {k: make_petition(city, summary=s, content=c) for k, (s, c) in TEXTS.items()}
    if request.param:
        assert indexing.index_pending() == 3
    return made


def found(city: City, text: str, who: str = "officer") -> set[int]:
    rows = search.search(Petition.objects.visible_to(city.people[who]), text, city.people[who])
    return set(rows.values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("电梯", {"电梯"}),
        ("梯", {"电梯"}),
        ("停运", {"电梯"}),
        ("打桩", {"噪声"}),
        ("拖欠 工资", {"工资"}),
        ("未修复", set()),
        ("投诉未果", {"噪声"}),
        ("拖欠 电梯", set()),
        ("%", set()),
        ("'", set()),
        ("\\", set()),
        ("南门", set()),
    ],
)
def test_words_are_found_exactly(city: City, petitions, text: str, hits: set[str]) -> None:
    assert found(city, text) == {petitions[key].pk for key in hits}


def test_a_petition_is_found_by_every_form_of_its_number(city: City, petitions) -> None:
    one = petitions["电梯"]
    for text in (one.number, one.short_number, f"2026-{one.serial}", f"{one.serial}", f"〔2026〕{one.serial:06d}"):
        assert one.pk in found(city, text), text


def test_a_person_is_found_by_name_phone_and_identity_number_in_full_only(city: City, petitions) -> None:
    for text in ("周小琴", "13812345127", "330203190001010013"):
        assert len(found(city, text)) == 3, text
    for text in ("周小", "1381234", "小琴"):
        assert found(city, text) == set(), text


def test_a_search_never_leaves_the_scope(city: City, petitions) -> None:
    assert found(city, "电梯", who="outsider") == set()
    assert found(city, "周小琴", who="far_officer") == set()


def test_the_index_can_be_rebuilt(city: City, petitions) -> None:
    indexing.index_pending()
    assert indexing.rebuild() == 3
    assert found(city, "噪声") == {petitions["噪声"].pk}
