"""Opinions: handling, review, re-review, and the end (Regulation on Petition Work, arts. 32, 35, 36)."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from petitions.documents.kinds import CHECK, SIGN, DocumentKind, Place, register_kind
from petitions.documents.notices import _last_words
from petitions.models.petition import Purpose

# An office inside an organ has no power of its own to decide; 街道办事处 and the like are organs.
_INTERNAL = re.compile(r"(科|股|室|窗口)$|(?<!办事)(?<!管理)(?<!服务)处$|(?<!委员会)(?<!政府)(?<!联席会议)办公室$")
_REVIEW_WORDS = re.compile(r"(30|三十)日内.*复查", re.DOTALL)
_REREVIEW_WORDS = re.compile(r"(30|三十)日内.*复核", re.DOTALL)

_MATTERS = Place(
    "matters",
    gettext_lazy("opinion, matter by matter"),
    [
        {
            "request": "请求督促物业尽快修复电梯",
            "facts": "该小区三号楼电梯因主板损坏自9月5日起停运，物业公司未及时报修",
            "evidence": "现场检查记录、维保合同、检验报告",
            "basis": "《中华人民共和国特种设备安全法》第三十八条",
            "opinion": "support",
            "reason": "已责令物业公司更换主板，电梯经检验合格后恢复运行。",
            "unit": "海曙区住房和城乡建设局",
            "until": "2026年12月10日",
        }
    ],
    widget="matters",
)


def _opinion_checks(values: Mapping[str, Any], body: str, organ: str) -> list[tuple[str, str]]:
    """What keeps a handling opinion from being signed (domain-facts §7.5)."""
    found = []
    matters = values.get("matters") or []
    if not matters:
        found.append(("matters", _("No matter is answered yet.")))
    for number, matter in enumerate(matters, start=1):
        names = {
            "request": _("the request"),
            "facts": _("the facts found"),
            "basis": _("the legal basis"),
            "opinion": _("the opinion"),
            "reason": _("the reason"),
        }
        missing = [label for name, label in names.items() if not str(matter.get(name, "")).strip()]
        if missing:
            words = {"n": number, "missing": _(", ").join(missing)}
            found.append(("matters", _("Matter %(n)s lacks %(missing)s.") % words))
    if not _REVIEW_WORDS.search(body) or not str(values.get("review_organ", "")).strip():
        sentence = _("The remedy is missing: review within 30 days, with the name of the organ above.")
        found.append(("body" if values.get("review_organ") else "review_organ", sentence))
    return [*found, *_author_check(organ)]


def _author_check(organ: str) -> list[tuple[str, str]]:
    if not _INTERNAL.search(organ):
        return []
    sentence = _("“%(organ)s” is an office inside an organ; the opinion is given by the organ itself.")
    return [("unit", sentence % {"organ": organ})]


def _review_checks(values: Mapping[str, Any], body: str, organ: str) -> list[tuple[str, str]]:
    found = _author_check(organ)
    if not _REREVIEW_WORDS.search(body):
        found.append(("body", _("The remedy is missing: re-review within 30 days, with the name of the organ above.")))
    return found


def _is_settled_by_opinion(petition: Any) -> bool:
    """Requests to settle and appeals end with a written opinion (arts. 31(6), 32); the others with an answer."""
    return petition.purpose in {Purpose.SETTLE, Purpose.APPEAL}


def _opinion(petition: Any, _actor: Any) -> Mapping[str, Any]:
    unit = petition.lead_unit or petition.register_unit
    above = unit.parent
    text = petition.reply_text
    matter = {"request": petition.demand or petition.summary, "facts": text, "unit": unit.name}
    return {
        "matters": [matter],
        "review_organ": above.name if above else "",
        "accepted_on": _day(petition.accepted_at or petition.registered_at),
    }


def _day(moment: Any) -> str:
    from petitions.documents.places import chinese_date

    return chinese_date(moment)


def _last_request(petition: Any, stage: str) -> Any:
    return petition.review_requests.filter(stage=stage).select_related("target_unit__parent").first()


def _words_of(row: Any) -> Mapping[str, Any]:
    """Request and opinion as the reviewing organ recorded them."""
    if row is None:
        return {"request": "", "opinion": ""}
    from petitions.states.reviews import grounds_in_chinese

    asked = "\n".join(part for part in (row.request, row.facts, row.new_facts) if part)
    grounds = grounds_in_chinese(row.grounds)
    parts = [row.opinion, f"变更、撤销的理由：{grounds}。" if grounds else "", row.new_opinion]
    if row.term:
        parts.append(f"责令原办理机关自收到本意见书之日起{row.term}日内重新作出处理意见。")
    return {"request": asked, "opinion": "\n".join(part for part in parts if part)}


def _review(petition: Any, _actor: Any) -> Mapping[str, Any]:
    from petitions.organs import seat

    row = _last_request(petition, "review")
    above = seat(row.target_unit).parent if row is not None else None
    return {**_words_of(row), "rereview_organ": above.name if above else ""}


def _rereview(petition: Any, _actor: Any) -> Mapping[str, Any]:
    return _words_of(_last_request(petition, "rereview"))


def _not_admitted(petition: Any, actor: Any) -> Mapping[str, Any]:
    return {**_asked(petition, actor), "grounds": _last_words(petition, "refuse_review", "refuse_rereview")}


_END_BASIS = {
    "rereviewed": ("复核意见已作出并送达", "《信访工作条例》第三十六条"),
    "certified": ("经上级信访部门审核认定办结", "《信访工作条例》第三十六条"),
    "settled": ("和解协议已经达成并履行", "《浙江省信访条例》第二十五条第一项"),
}


def _ended(petition: Any, _actor: Any) -> Mapping[str, Any]:
    ground, basis = _END_BASIS.get(petition.end_way, ("", ""))
    return {"ground": ground, "legal_basis": basis} if ground else {}


def _asked(petition: Any, _actor: Any) -> Mapping[str, Any]:
    from petitions.models import Event

    last = Event.objects.filter(petition=petition, kind__in=["ask_review", "ask_rereview"]).order_by("-seq").first()
    stage = "复核" if last and last.kind == "ask_rereview" else "复查"
    article = "第三十六条" if stage == "复核" else "第三十五条"
    return {"stage": stage, "article": article, "asked_on": _day(last.at) if last else ""}


HANDLING_OPINION = register_kind(
    DocumentKind(
        "handling_opinion",
        gettext_lazy("Handling opinion"),
        "意",
        (
            Place("accepted_on", gettext_lazy("accepted on"), "2026年11月18日", widget="date"),
            _MATTERS,
            Place("review_organ", gettext_lazy("organ of review"), "宁波市海曙区人民政府"),
        ),
        "信访事项处理意见书",
        "您于{{ petition_date }}以{{ channel }}形式反映的“{{ summary }}”事项（登记编号：{{ petition_no }}），"
        "我单位于{{ accepted_on }}受理。经调查核实，现依据《信访工作条例》第三十二条规定，提出处理意见如下：\n"
        "一、信访请求\n{{ demand }}\n二、查明情况、依据和处理意见\n{{ matters }}\n三、救济途径\n"
        "如不服本处理意见，您可以自收到本意见书之日起30日内，依据《信访工作条例》第三十五条规定，"
        "向{{ review_organ }}提出复查申请。逾期未申请复查的，本处理意见即为终结性意见，不再受理同一事实和理由的投诉请求。",
        chain=(CHECK, SIGN),
        is_four_eyes=True,
        organ="lead",
        called_for_by=("reply",),
        applies=_is_settled_by_opinion,
        fill=_opinion,
        checks=(_opinion_checks,),
        place=40,
    )
)

REVIEW_ACCEPTANCE = register_kind(
    DocumentKind(
        "review_acceptance",
        gettext_lazy("Notice of acceptance for review"),
        "查告",
        (
            Place("stage", gettext_lazy("stage (复查 or 复核)"), "复查"),
            Place("article", gettext_lazy("article"), "第三十五条"),
            Place("asked_on", gettext_lazy("asked on"), "2026年12月20日", widget="date"),
        ),
        "信访事项复查（复核）受理告知书",
        "您于{{ asked_on }}就“{{ summary }}”事项（登记编号：{{ petition_no }}）提出的{{ stage }}申请已收悉。经审查，"
        "符合《信访工作条例》{{ article }}规定，决定予以受理，并自收到申请之日起30日内提出书面{{ stage }}意见"
        "（复核期间举行听证的，听证所需时间不计算在内）。\n特此告知。",
        called_for_by=("admit_review",),
        fill=_asked,
        place=50,
    )
)

REVIEW_REFUSAL = register_kind(
    DocumentKind(
        "review_refusal",
        gettext_lazy("Notice that a review is not admitted"),
        "查不",
        (
            Place("stage", gettext_lazy("stage (复查 or 复核)"), "复查"),
            Place("asked_on", gettext_lazy("asked on"), "2026年12月20日", widget="date"),
            Place("grounds", gettext_lazy("grounds of the refusal"), "申请事项不属于复查范围", widget="text"),
        ),
        "信访事项复查（复核）不予受理告知书",
        "您于{{ asked_on }}就“{{ summary }}”事项（登记编号：{{ petition_no }}）提出的{{ stage }}申请已收悉。经审查，"
        "{{ grounds }}。决定不予受理，原意见继续有效。法定申请期限尚未届满的，您可以在期限内补正后重新提出申请。\n特此告知。",
        called_for_by=("refuse_review", "refuse_rereview"),
        fill=_not_admitted,
        place=51,
    )
)

REVIEW_OPINION = register_kind(
    DocumentKind(
        "review_opinion",
        gettext_lazy("Review opinion"),
        "查",
        (
            Place("request", gettext_lazy("request for review"), "请求撤销原处理意见并重新办理", widget="text"),
            Place(
                "opinion",
                gettext_lazy("findings and opinion"),
                "经复查，原处理意见认定事实清楚，适用依据正确。决定予以维持。",
                widget="text",
            ),
            Place("rereview_organ", gettext_lazy("organ of re-review"), "宁波市人民政府"),
        ),
        "信访事项复查意见书",
        "您因不服{{ handling_unit }}就“{{ summary }}”事项（登记编号：{{ petition_no }}）作出的处理意见，向我机关申请复查。"
        "现已复查终结，依据《信访工作条例》第三十五条规定，提出复查意见如下：\n"
        "一、复查请求\n{{ request }}\n二、查明情况和复查意见\n{{ opinion }}\n三、救济途径\n"
        "如不服本复查意见，您可以自收到本意见书之日起30日内，依据《信访工作条例》第三十六条规定，"
        "向{{ rereview_organ }}提出复核申请。",
        called_for_by=("decide_review", "change_review", "revoke_review"),
        fill=_review,
        checks=(_review_checks,),
        place=55,
    )
)

REREVIEW_OPINION = register_kind(
    DocumentKind(
        "rereview_opinion",
        gettext_lazy("Re-review opinion"),
        "核",
        (
            Place("request", gettext_lazy("request for re-review"), "请求撤销复查意见", widget="text"),
            Place(
                "opinion",
                gettext_lazy("findings and opinion"),
                "经复核，复查意见认定事实清楚，适用依据正确。决定予以维持。",
                widget="text",
            ),
        ),
        "信访事项复核意见书",
        "您因不服就“{{ summary }}”事项（登记编号：{{ petition_no }}）作出的复查意见，向我机关申请复核。"
        "现已复核终结，依据《信访工作条例》第三十六条规定，提出复核意见如下：\n"
        "一、复核请求\n{{ request }}\n二、查明情况和复核意见\n{{ opinion }}\n"
        "本复核意见为信访事项终结性意见。信访人对复核意见不服，仍然以同一事实和理由提出投诉请求的，"
        "各级党委和政府信访部门以及其他机关、单位不再受理。",
        called_for_by=("decide_rereview", "change_rereview", "revoke_rereview"),
        fill=_rereview,
        checks=(lambda _values, _body, organ: _author_check(organ),),
        place=60,
    )
)

TERMINATION = register_kind(
    DocumentKind(
        "termination",
        gettext_lazy("Notice of termination"),
        "终",
        (
            Place("ground", gettext_lazy("ground of the end"), "复核意见已作出并送达", widget="text"),
            Place("legal_basis", gettext_lazy("legal basis"), "《信访工作条例》第三十六条"),
        ),
        "信访事项终结告知书",
        "您反映的“{{ summary }}”事项（登记编号：{{ petition_no }}），{{ ground }}。依据{{ legal_basis }}规定，"
        "该信访事项的办理程序已经终结。您仍以同一事实和理由提出投诉请求的，各级党委和政府信访部门以及其他机关、单位"
        "不再受理。有关单位将继续依法做好疏导教育、矛盾化解和帮扶救助工作（《信访工作条例》第三十七条）。\n特此告知。",
        called_for_by=("deliver_rereview", "certify", "settle"),
        fill=_ended,
        place=65,
    )
)
