"""The placeholders every kind may use: what the case itself says, with invented samples for previews."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from petitions.documents.kinds import Place
from petitions.models.petition import Petition

CASE_PLACES: tuple[Place, ...] = (
    Place("petition_no", _("number of the petition"), "甬信〔2026〕000123号", is_entry=False),
    Place("petitioner", _("petitioner"), "周某某", is_entry=False, is_personal=True),
    Place(
        "petitioner_address", _("home address"), "海曙区某路1号", is_entry=False, is_required=False, is_personal=True
    ),
    Place("headcount", _("persons"), "1", is_entry=False),
    Place("petition_date", _("date of the petition"), "2026年11月16日", is_entry=False),
    Place("received_on", _("received on"), "2026年11月16日", is_entry=False),
    Place("channel", _("channel"), "来访", is_entry=False),
    Place("summary", _("summary"), "反映某小区电梯停运两个月未修复", is_entry=False),
    Place("demand", _("demand"), "请求督促物业尽快修复电梯", is_entry=False, is_required=False),
    Place("place", _("place of the problem"), "海曙区南门街道", is_entry=False),
    Place("content_class", _("content class"), "城乡建设／住房保障与房地产", is_entry=False),
    Place("handling_unit", _("lead unit"), "海曙区住房和城乡建设局", is_entry=False, is_required=False),
    Place("organ", _("organ that issues it"), "宁波市信访局", is_entry=False),
    Place("organ_contact", _("its address and telephone"), "", is_entry=False, is_required=False),
    Place("addressee", _("addressee of the letter"), "周某某", is_entry=False, is_personal=True),
    Place("issue_date", _("date of issue"), "2026年11月18日", is_entry=False, is_required=False),
)


def chinese_date(moment: date | datetime | None) -> str:
    """2026年11月16日, in the city's time; empty for None."""
    if moment is None:
        return ""
    day = timezone.localdate(moment) if isinstance(moment, datetime) else moment
    return f"{day.year}年{day.month}月{day.day}日"


def case_values(petition: Petition, *, organ: str, contact: str, addressee: str) -> dict[str, Any]:
    """What the case says now. Letters are in Chinese, whatever language the drafter reads."""
    main = petition.petitioners.filter(is_main=True).first()
    name = "" if petition.is_anonymous or main is None else main.name
    with override("zh-hans"):
        top = petition.content_class.parent
        of_class = f"{top.name}／{petition.content_class.name}" if top else petition.content_class.name
        area = petition.area
        where = area.name if area.pk == petition.district_id else f"{petition.district.name}{area.name}"
        return {
            "petition_no": petition.number,
            "petitioner": name or "匿名信访人",
            "petitioner_address": main.address if main else "",
            "headcount": str(petition.headcount),
            "petition_date": chinese_date(petition.petition_date),
            "received_on": chinese_date(petition.registered_at),
            "channel": petition.get_channel_display(),
            "summary": petition.summary,
            "demand": petition.demand or petition.summary,
            "place": where + petition.address,
            "content_class": of_class,
            "handling_unit": petition.lead_unit.name if petition.lead_unit else "",
            "organ": organ,
            "organ_contact": contact,
            "addressee": addressee or name or "匿名信访人",
            "issue_date": "",
        }
