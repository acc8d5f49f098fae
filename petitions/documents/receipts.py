"""The receipt of a delivery (送达回证) as a paper, from its row."""

from django.utils.translation import override

from petitions.documents.composing import Paper, compose, personal_words
from petitions.documents.papers import DELIVERY_RECEIPT
from petitions.documents.places import chinese_date
from petitions.models import Delivery

_WAYS = {
    Delivery.Way.BY_HAND: "直接送达",
    Delivery.Way.POST: "邮寄送达",
    Delivery.Way.ELECTRONIC: "电子送达",
    Delivery.Way.PUBLIC_NOTICE: "公告送达",
    Delivery.Way.REFUSED: "留置送达",
}


def receipt_paper(row: Delivery, *, is_masked: bool = False) -> Paper:
    """What is known of the delivery; open places are left for the pen."""
    document = row.document
    remark = row.remark
    if row.way == Delivery.Way.PUBLIC_NOTICE:
        until = chinese_date(row.notice_until)
        remark = f"公告地点：{row.place}，公告至{until}。{remark}"
    with override("zh-hans"):
        stance = str(row.get_stance_display()) if row.stance else ""
    values = {
        "organ": document.unit.name,
        "paper": document.title,
        "paper_no": document.number,
        "way": _WAYS[Delivery.Way(row.way)],
        "sent_on": chinese_date(row.sent_at),
        "delivered_on": chinese_date(row.delivered_at)
        or (f"退回（{chinese_date(row.returned_at)}）" if row.returned_at else ""),
        "deliverer": f"{row.deliverer} {row.phone}".strip(),
        "receiver": row.receiver,
        "tracking": row.tracking,
        "witness": row.witness,
        "stance": stance,
        "remark": remark,
    }
    kind = DELIVERY_RECEIPT
    hidden = personal_words(document.petition, kind, values) if is_masked else ()
    return compose(kind, title=kind.title, body="", values=values, is_to_unit=False, mark="", hidden=hidden)
