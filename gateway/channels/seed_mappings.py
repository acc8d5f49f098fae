"""Mappings the office may start from, one per channel, each with a made-up message; true formats differ."""

from typing import Any

STATUS_OUT = {
    "registered": "已受理",
    "handling": "办理中",
    "replied": "已答复",
    "closed": "已办结",
    "led_out": "已引导",
    "withdrawn": "已撤回",
    "merged": "已并案",
    "not_accepted": "不予受理",
    "no_longer": "不再受理",
    "in_review": "复查中",
    "in_rereview": "复核中",
}
STATUS_IN = {"撤单": "withdraw", "撤回": "withdraw", "催办": "remind", "已读": "nothing"}
URGENCY = {"一般": "normal", "普通": "normal", "紧急": "urgent", "加急": "urgent", "特急": "extra_urgent"}
PURPOSE = {
    "求助": "QJ",
    "投诉": "QJ",
    "诉求": "QJ",
    "申诉": "SS",
    "举报": "JK",
    "检举控告": "JK",
    "建议": "YJ",
    "意见建议": "YJ",
    "咨询": "ZX",
    "表扬": "QT",
    "其他": "QT",
}


def _mapping(fields: dict[str, list[str]], **more: Any) -> dict[str, Any]:
    rows: list[dict[str, Any]] = [
        {"to": to, "from": paths, "format": "", "default": ""} for to, paths in fields.items()
    ]
    for row in rows:
        if row["to"] == "content":
            row["join"] = "\n"
        if row["to"] == more.get("ms"):
            row["format"] = "ms"
    return {
        "fields": rows,
        "values": {"urgency": URGENCY, "purpose": PURPOSE},
        "status_out": STATUS_OUT,
        "status_in": STATUS_IN,
    }


# channel → (mapping, sample)
MAPPINGS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "minhuwowei": (
        _mapping(
            {
                "source_ref": ["data.eventCode"],
                "content": ["data.eventTitle", "data.eventContent"],
                "area": ["data.streetCode", "data.countyCode"],
                "address": ["data.eventAddress"],
                "purpose": ["data.demandType"],
                "urgency": ["data.urgentLevel"],
                "petition_date": ["data.createTime"],
                "petitioner.name": ["data.reporter.name"],
                "petitioner.phone": ["data.reporter.mobile"],
            },
            ms="petition_date",
        ),
        {
            "data": {
                "eventCode": "MHWW-0001",
                "eventTitle": "路灯不亮",
                "eventContent": "小区门口路灯三盏不亮，夜间出行不便。",
                "countyCode": "330203",
                "eventAddress": "南门街道",
                "demandType": "诉求",
                "urgentLevel": "一般",
                "createTime": 1794816000000,
                "reporter": {"name": "测试甲", "mobile": "13800000001"},
            }
        },
    ),
    "hotline": (
        _mapping(
            {
                "source_ref": ["工单编号"],
                "content": ["标题", "内容"],
                "area": ["属地"],
                "address": ["地址"],
                "purpose": ["诉求类型"],
                "urgency": ["紧急程度"],
                "petition_date": ["来电时间"],
                "line": ["原热线"],
                "petitioner.name": ["来电人"],
                "petitioner.phone": ["来电号码"],
            }
        ),
        {
            "工单编号": "12345-0001",
            "标题": "物业收费",
            "内容": "物业公司未公示收费标准。",
            "属地": "330203",
            "诉求类型": "投诉",
            "紧急程度": "一般",
            "来电时间": "2026-11-16 09:30",
            "原热线": "12315",
            "来电人": "测试乙",
            "来电号码": "13800000002",
        },
    ),
}
_PLAIN = {
    "source_ref": ["id"],
    "content": ["title", "text"],
    "area": ["area"],
    "address": ["address"],
    "purpose": ["type"],
    "urgency": ["level"],
    "petition_date": ["date"],
    "petitioner.name": ["person.name"],
    "petitioner.phone": ["person.phone"],
}
for _channel in ("minsheng", "helpline", "town", "qr", "online"):
    MAPPINGS[_channel] = (
        _mapping(_PLAIN),
        {
            "id": f"{_channel}-0001",
            "title": "公园座椅损坏",
            "text": "公园两张座椅破损，请尽快维修。",
            "area": "330203",
            "type": "求助",
            "level": "一般",
            "date": "2026-11-16",
            "person": {"name": "测试丙", "phone": "13800000003"},
        },
    )
