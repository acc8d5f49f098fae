"""Letters between offices, hearing papers, receipts and the cover of the file (domain-facts §1.8, §1.15, §7.7)."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from petitions.documents.kinds import CHECK, SIGN, DocumentKind, Place, register_kind
from petitions.documents.notices import _last_words


def _last_hearing(petition: Any) -> Any:
    return petition.hearings.exclude(held_at=None).first()


def _time(moment: Any) -> str:
    from petitions.documents.places import chinese_date

    return f"{chinese_date(moment)}{timezone.localtime(moment):%H时%M分}"


def _hearing(petition: Any, _actor: Any) -> Mapping[str, Any]:
    row = _last_hearing(petition)
    if row is None:
        return {"subject": _last_words(petition, "hold_hearing")}
    members = list(row.members.select_related("user"))
    chair = [member.label for member in members if member.part == "chair"]
    panel = [f"{m.label}（{m.standing}）" if m.standing else m.label for m in members if m.part == "panel"]
    return {
        "subject": row.subject,
        "held_at": _time(row.held_at),
        "held_in": row.place,
        "chair": "、".join(chair),
        "panel": "、".join(panel),
    }


_PARTS = {
    "chair": "主持人",
    "panel": "听证员",
    "clerk": "记录员",
    "petitioner": "信访人或代理人",
    "unit": "承办单位",
    "third": "第三人",
}


def _record(petition: Any, actor: Any) -> Mapping[str, Any]:
    row = _last_hearing(petition)
    if row is None:
        return {**_hearing(petition, actor), "conclusion": _last_words(petition, "end_hearing")}
    present = [
        f"{_PARTS[member.part]}{'' if member.user is None and not member.name else member.label}"
        for member in row.members.select_related("user")
        if member.attended
    ]
    course = [
        f"{_PARTS[turn.member.part] if turn.member else '记录'}：{turn.text}"
        # The sides sign this paper; what the panel says among itself is no part of it.
        for turn in row.turns.open_to_sides().select_related("member")
    ]
    shown = {**_hearing(petition, actor), "present": "，".join(present), "course": "\n".join(course)}
    return {name: value for name, value in shown.items() if name not in {"chair", "panel"}} | {
        "conclusion": row.conclusion
    }


TRANSFER = register_kind(
    DocumentKind(
        "transfer",
        _("Transfer letter"),
        "转",
        (
            Place("reason", _("reason and legal basis"), "该事项属于你单位职权范围", widget="text"),
            Place("materials", _("list of materials"), "信访件复印件1份", widget="text"),
        ),
        "信访事项转送函",
        "现将信访人{{ petitioner }}于{{ petition_date }}以{{ channel }}形式反映的“{{ summary }}”事项"
        "（登记编号：{{ petition_no }}）转送你单位。{{ reason }}。\n"
        "请依据《信访工作条例》第二十二条、第二十三条规定，自收到之日起15日内书面告知信访人是否受理，并按规定期限办理、"
        "答复信访人。认为不属于本单位职权范围的，应当自收到之日起5个工作日内提出异议并说明理由，经转送机关核实同意后交还相关材料。\n"
        "随函材料：{{ materials }}",
        is_for_citizen=False,
        is_to_unit=True,
        place=15,
    )
)

ASSIGNMENT = register_kind(
    DocumentKind(
        "assignment",
        _("Assignment letter"),
        "交",
        (
            Place("reason", _("reason and requirements"), "请查清事实，依法提出处理意见", widget="text"),
            Place("report_by", _("result to be reported by"), "2027年1月10日", widget="date"),
            Place("materials", _("list of materials"), "信访件复印件1份", widget="text"),
        ),
        "信访事项交办函",
        "现将信访人{{ petitioner }}于{{ petition_date }}以{{ channel }}形式反映的“{{ summary }}”事项"
        "（登记编号：{{ petition_no }}）交由你单位办理。{{ reason }}。\n"
        "请依据《信访工作条例》第二十二条规定，于{{ report_by }}前反馈办理结果，并提交办结报告。"
        "认为不属于本单位职权范围的，应当自收到之日起5个工作日内提出异议并说明理由。\n随函材料：{{ materials }}",
        is_for_citizen=False,
        is_to_unit=True,
        place=16,
    )
)

HEARING_NOTICE = register_kind(
    DocumentKind(
        "hearing_notice",
        _("Notice of hearing"),
        "听",
        (
            Place("subject", _("what the hearing is about"), "电梯停运责任认定", widget="text"),
            Place("held_at", _("time of the hearing"), "2026年12月15日14时30分"),
            Place("held_in", _("place of the hearing"), "海曙区社会矛盾纠纷调处化解中心三楼听证室"),
            Place("chair", _("chair"), "郑某某"),
            Place("panel", _("panel"), "李某某、王某某（律师）、张某某（社区代表）"),
        ),
        "信访事项听证通知书",
        "关于您反映的“{{ summary }}”事项（登记编号：{{ petition_no }}），依据《信访工作条例》第三十一条、第三十六条规定，"
        "决定举行听证。现将有关事项通知如下：\n"
        "一、听证事项\n{{ subject }}\n二、时间和地点\n{{ held_at }}，{{ held_in }}\n三、听证组成人员\n"
        "主持人：{{ chair }}；听证员：{{ panel }}\n四、您的权利和义务\n"
        "您可以委托代理人参加，可以申请听证人员回避，可以陈述、举证、质询和辩论。请携带身份证件和证据材料准时参加；"
        "无正当理由不到场的，视为放弃听证；听证前可以书面撤回申请。",
        called_for_by=("hold_hearing",),
        fill=_hearing,
        place=45,
    )
)

HEARING_RECORD = register_kind(
    DocumentKind(
        "hearing_record",
        _("Hearing record"),
        "",
        (
            Place("subject", _("what the hearing is about"), "电梯停运责任认定", widget="text"),
            Place("held_at", _("time of the hearing"), "2026年12月15日14时30分"),
            Place("held_in", _("place of the hearing"), "三楼听证室"),
            Place(
                "present",
                _("who was present"),
                "主持人郑某某，听证员李某某，记录员陈某某，信访人，承办单位代表",
                widget="text",
            ),
            Place("course", _("course: statements, evidence, questions, debate"), "信访人陈述：……", widget="text"),
            Place("conclusion", _("conclusion of the panel"), "责任主体为物业公司", widget="text"),
        ),
        "信访事项听证笔录",
        "案由：{{ summary }}（登记编号：{{ petition_no }}）\n时间：{{ held_at }}\n地点：{{ held_in }}\n"
        "听证事项：{{ subject }}\n参加人员：{{ present }}\n一、听证经过\n{{ course }}\n二、评议结论\n{{ conclusion }}\n"
        "以上笔录经参加人员核对无误后签名。",
        is_for_citizen=False,
        layout="record",
        extra={"signers": ("信访人（代理人）", "承办单位代表", "主持人", "听证员", "记录员")},
        called_for_by=("end_hearing",),
        fill=_record,
        place=46,
    )
)

_SUGGESTION_PLACES = (
    Place("own_number", _("its number"), "甬信建〔2026〕3号"),
    Place("issue", _("issue"), "物业维修资金使用审批环节多、时间长", widget="text"),
    Place("evidence", _("evidence"), "近半年同类信访事项17件", widget="text"),
    Place("proposal", _("proposal"), "简化应急维修资金审批程序", widget="text"),
    Place("answer_by", _("answer by"), "2027年1月15日", widget="date"),
)


def _suggestion(key: str, label: Any, title: str, words: str) -> DocumentKind:
    return register_kind(
        DocumentKind(
            key,
            label,
            "",
            _SUGGESTION_PLACES,
            title,
            f"依据《信访工作条例》第四十条规定，现{words}：\n一、问题\n{{{{ issue }}}}\n二、依据\n{{{{ evidence }}}}\n"
            "三、建议\n{{ proposal }}\n请于{{ answer_by }}前书面反馈采纳情况。",
            chain=(CHECK, SIGN),
            is_for_citizen=False,
            is_to_unit=True,
            is_offered=False,
            place=75,
        )
    )


IMPROVE = _suggestion(
    "suggest_improve", _("Suggestion to improve work"), "改进工作建议书", "向你单位提出改进工作的建议"
)
POLICY = _suggestion("suggest_policy", _("Suggestion to improve policy"), "完善政策建议书", "提出完善政策的建议")
LIABILITY = _suggestion("suggest_liability", _("Suggestion on liability"), "追究责任建议书", "提出追究责任的建议")

DELIVERY_RECEIPT = register_kind(
    DocumentKind(
        "delivery_receipt",
        _("Delivery receipt"),
        "",
        (
            Place("paper", _("document delivered"), "信访事项处理意见书"),
            Place("paper_no", _("its number"), "海住建意〔2026〕12号", is_required=False),
            Place("way", _("how it was delivered"), "直接送达"),
            Place("sent_on", _("sent on"), "2026年12月1日", is_required=False),
            Place("delivered_on", _("delivered on"), "2026年12月1日", is_required=False),
            Place("deliverer", _("delivered by"), "王某某", is_required=False),
            Place("receiver", _("signed by"), "周某某", is_required=False, is_personal=True),
            Place("tracking", _("number of the item"), "", is_required=False),
            Place("witness", _("witness"), "", is_required=False),
            Place("stance", _("stance of the petitioner"), "同意", is_required=False),
            Place("remark", _("remark"), "", is_required=False),
        ),
        "送达回证",
        "",
        is_for_citizen=False,
        layout="receipt",
        extra={"signers": ("受送达人", "送达人", "见证人")},
        is_offered=False,
        place=70,
    )
)

COVER = register_kind(
    DocumentKind(
        "cover",
        _("File cover"),
        "",
        (),
        "信访卷宗",
        "",
        is_for_citizen=False,
        layout="cover",
        is_offered=False,
        place=0,
    )
)
CONTENTS = register_kind(
    DocumentKind(
        "contents",
        _("Contents of the file"),
        "",
        (),
        "卷内目录",
        "",
        is_for_citizen=False,
        layout="contents",
        is_offered=False,
        place=1,
    )
)
