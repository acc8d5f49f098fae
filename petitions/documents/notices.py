"""Notices to the petitioner (Regulation on Petition Work, arts. 22, 23, 34, 36)."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from petitions.documents.kinds import DocumentKind, Place, register_kind


def _last_words(petition: Any, *moves: str) -> str:
    """What was written at the newest of these steps: the letter says what the record says."""
    event = petition.events.filter(kind__in=moves).select_related("words").order_by("-seq").first()
    words = getattr(event, "words", None) if event else None
    return words.text if words else ""


def _refused(petition: Any, _actor: Any) -> Mapping[str, Any]:
    grounds, _gap, remedy = _last_words(petition, "not_accept").rpartition("\n\n")
    return {"grounds": grounds or remedy, "remedy": remedy if grounds else ""}


def _no_longer(petition: Any, _actor: Any) -> Mapping[str, Any]:
    return {"grounds": _last_words(petition, "no_longer_accept")}


def _led_out(petition: Any, _actor: Any) -> Mapping[str, Any]:
    return {"explanation": _last_words(petition, "lead_out")}


def _accepting_unit(petition: Any, actor: Any) -> Mapping[str, Any]:
    unit = petition.lead_unit or actor.unit or petition.register_unit
    return {"accepting_unit": unit.name, "accepted_on": _accepted(petition)}


def _accepted(petition: Any) -> str:
    from petitions.documents.places import chinese_date

    return chinese_date(petition.accepted_at)


RECEIPT = register_kind(
    DocumentKind(
        "receipt",
        _("Notice of receipt, route and procedure"),
        "告",
        (
            Place(
                "route", _("legal route and procedure"), "本事项由海曙区住房和城乡建设局按信访程序办理", widget="text"
            ),
            Place("next_step", _("what happens next"), "该单位将自收到之日起15日内书面告知您是否受理", widget="text"),
        ),
        "信访事项告知书",
        "您于{{ petition_date }}以{{ channel }}形式反映的“{{ summary }}”事项，我单位已于{{ received_on }}收到并登记，"
        "登记编号为{{ petition_no }}。\n"
        "依据《信访工作条例》第二十二条、第二十三条规定，现将收到情况以及处理途径和程序告知如下：\n"
        "{{ route }}。\n{{ next_step }}。\n"
        "您可凭登记回执上的查询码查询办理进度。\n特此告知。",
        called_for_by=("notify_receipt",),
        place=20,
    )
)

ACCEPTANCE = register_kind(
    DocumentKind(
        "acceptance",
        _("Notice of acceptance"),
        "受",
        (
            Place("accepting_unit", _("accepting unit"), "海曙区住房和城乡建设局"),
            Place("accepted_on", _("accepted on"), "2026年11月18日", widget="date"),
            Place("contact", _("whom to ask, telephone"), "王某某，0574-87000001", is_required=False),
        ),
        "信访事项受理告知书",
        "您于{{ petition_date }}反映的“{{ summary }}”事项（登记编号：{{ petition_no }}）已收悉。经审查，该事项属于"
        "{{ accepting_unit }}职权范围，依据《信访工作条例》第二十二条、第二十三条规定，决定自{{ accepted_on }}起予以受理。\n"
        "依据《信访工作条例》第三十四条规定，该事项应当自受理之日起60日内办结；情况复杂的，经本机关、单位负责人批准，"
        "可以适当延长办理期限，但延长期限不得超过30日，并将告知您延期理由。\n"
        "办理期间，请您配合调查核实，如实提供有关情况和材料；在规定期限内就同一事项向受理机关、单位的上级机关、单位"
        "提出信访事项的，上级机关、单位不予受理。\n"
        "您可凭登记回执上的查询码查询办理进度。\n特此告知。",
        called_for_by=("accept",),
        fill=_accepting_unit,
        place=21,
    )
)

NOT_ACCEPTED = register_kind(
    DocumentKind(
        "not_accepted",
        _("Notice of non-acceptance"),
        "不受",
        (
            Place("grounds", _("grounds"), "该事项属于本单位职权范围以外的事项", widget="text"),
            Place("remedy", _("which way is open instead"), "请您向有权处理的机关、单位提出", widget="text"),
        ),
        "信访事项不予受理告知书",
        "您于{{ petition_date }}反映的“{{ summary }}”事项（登记编号：{{ petition_no }}）已收悉。经审查，依据《信访工作条例》"
        "第十九条、第二十三条等规定，决定不予受理。理由如下：\n{{ grounds }}\n{{ remedy }}\n特此告知。",
        called_for_by=("not_accept",),
        fill=_refused,
        place=22,
    )
)

NO_LONGER = register_kind(
    DocumentKind(
        "no_longer_accepted",
        _("Notice that it is no longer accepted"),
        "不再受",
        (
            Place(
                "grounds", _("grounds"), "该事项已经复核并出具复核意见，您仍以同一事实和理由提出投诉请求", widget="text"
            ),
        ),
        "信访事项不再受理告知书",
        "您于{{ petition_date }}反映的“{{ summary }}”事项（登记编号：{{ petition_no }}）已收悉。经审查：\n{{ grounds }}\n"
        "依据《信访工作条例》第三十六条等规定，各级党委和政府信访部门及其他机关、单位对该事项不再受理。"
        "有关单位仍将依法做好疏导教育、矛盾化解和帮扶救助工作。\n特此告知。",
        called_for_by=("no_longer_accept",),
        fill=_no_longer,
        place=23,
    )
)

LED_OUT = register_kind(
    DocumentKind(
        "led_out",
        _("Notice of the legal route"),
        "引",
        (
            Place(
                "explanation", _("which route, which organ, until when"), "请向海曙区人民法院提起诉讼", widget="text"
            ),
            Place("legal_basis", _("legal basis"), "《中华人民共和国民事诉讼法》第一百二十二条"),
        ),
        "引导法定途径告知书",
        "您于{{ petition_date }}反映的“{{ summary }}”事项（登记编号：{{ petition_no }}）已收悉。经甄别，该事项依法应当通过"
        "诉讼、仲裁、行政复议等法定途径解决。依据{{ legal_basis }}及《信访工作条例》第三十一条规定，现告知如下：\n"
        "{{ explanation }}\n请您在法定期限内向有管辖权的机关提出，以免超过时效、影响您的权利。\n特此告知。",
        called_for_by=("lead_out",),
        fill=_led_out,
        place=24,
    )
)

EXTENSION = register_kind(
    DocumentKind(
        "extension",
        _("Notice of extension"),
        "延",
        (
            Place("grounds", _("grounds"), "案情复杂，需委托第三方机构检测鉴定", widget="text"),
            Place("days", _("days of extension"), "30"),
            Place("until", _("to be decided by"), "2027年2月15日", widget="date"),
        ),
        "延长办理期限告知书",
        "您反映的“{{ summary }}”事项（登记编号：{{ petition_no }}）正在办理中。因{{ grounds }}，"
        "依据《信访工作条例》第三十四条规定，经本单位负责人批准，延长办理期限{{ days }}日，至{{ until }}前办结。\n特此告知。",
        called_for_by=("extend",),
        place=30,
    )
)
