"""Deadlines set by law (domain-facts §1.13): the national Regulation on Petition Work, and Zhejiang's own beside it.

Z-rules stand in for the D-rule they name in `replaces` when the Zhejiang profile is switched on. D14 is no clock but a
refusal: a matter already being handled, reviewed or re-reviewed is not accepted again above (art. 19).
"""

from typing import Any

from dispatch.clocks import CALENDAR_DAY, WALL_MINUTE, WORKING_DAY
from dispatch.policies.ladders import OWNER_LADDER, ROUTING_LADDER, UNIT_LADDER, URGENT_OWNER_LADDER

# Ends of the matter itself, whatever was owed (domain-facts §1.10).
ENDS = ["settle", "end_without_successor"]
_OVER = ["withdraw", "merge", "send_up", *ENDS]
# What ends a matter before it has its opinion: nothing of its handling is owed any more.
_UNHEARD = [*_OVER, "not_accept", "no_longer_accept", "lead_out", "answer_at_once"]
_GONE = ["withdraw", *ENDS]
# A review that has ended leaves no hearing behind.
_REVIEW_OVER = ["refuse_review", "refuse_rereview", "drop_review", "drop_rereview"]
_END_ORDER = ["recall", "cancel", "accept_return"]


def _legal(key: str, name: str, name_en: str, subject: str, length: int, unit: str, **more: Any) -> dict[str, Any]:
    """A rule of law: it ends on a working day, and does not depend on the service class."""
    return {
        "key": key,
        "name": name,
        "name_en": name_en,
        "subject": subject,
        "profile": "common",
        "urgencies": [],
        "length": length,
        "unit": unit,
        "ends_on_work_day": unit == CALENDAR_DAY,
        "ladder": OWNER_LADDER,
        **more,
    }


# What tells the petitioner how their matter stands: acceptance, refusal, or that it has been received (art. 23, 44).
_DECIDED = ["accept", "not_accept", "no_longer_accept"]
_TOLD = ["notify_receipt", *_DECIDED]


def _at_petition(moves: list[str]) -> list[str]:
    """Moves of the petition, as a work order's rule names them."""
    return [f"petition.{move}" for move in moves]


_NATIONAL = [
    _legal(
        "D01_route",
        "登记分办",
        "Registration and routing",
        "petition",
        15,
        CALENDAR_DAY,
        conditions=["office_received"],
        start_moves=["register", "reopen"],
        stop_moves=["dispatch", "lead_out", "send_up", "answer_at_once", "reply", "close", *_DECIDED],
        # A dispatch taken back was none: the fifteen days run on as they ran before it.
        reopen_moves=["take_back"],
        cancel_moves=_OVER,
        ladder=ROUTING_LADDER,
        article="信访工作条例 第二十二条",
    ),
    _legal(
        "D02_notify_direct",
        "直接收到的告知",
        "Notice on a matter received directly",
        "petition",
        15,
        CALENDAR_DAY,
        profile="national",
        conditions=["organ_received"],
        # Not owed where name or address is unclear (art. 23).
        needs_person=True,
        start_moves=["register"],
        stop_moves=[*_TOLD, "answer_at_once", "lead_out", "reply", "close"],
        cancel_moves=_OVER,
        article="信访工作条例 第二十三条",
    ),
    _legal(
        "D03_notify_transferred",
        "转送交办件的告知",
        "Notice on a transferred matter",
        "order",
        15,
        CALENDAR_DAY,
        profile="national",
        conditions=["lead", "first_handling"],
        needs_person=True,
        start_moves=["dispatch", "redispatch"],
        stop_moves=["finish", *_at_petition(_TOLD)],
        cancel_moves=_END_ORDER,
        ladder=UNIT_LADDER,
        article="信访工作条例 第二十三条",
    ),
    _legal(
        "D05_handle",
        "申诉求决类办结",
        "Handling of a request to settle",
        "petition",
        60,
        CALENDAR_DAY,
        profile="national",
        conditions=["settlement"],
        owed_by="lead",
        start_moves=["accept", "revoke_review", "revoke_rereview"],
        stop_moves=["deliver_opinion", "reply", "close"],
        # Sent back, the answer was none: the period runs on as it ran before it.
        reopen_moves=["rework"],
        cancel_moves=_UNHEARD,
        extend_permission="dispatch.extend_legal",
        extend_max=30,
        article="信访工作条例 第三十四条",
    ),
    _legal(
        "D06_review_req",
        "申请复查",
        "Request for review",
        "petition",
        30,
        CALENDAR_DAY,
        is_right=True,
        start_moves=["deliver_opinion"],
        stop_moves=["ask_review"],
        # The opinion falls with the answer; the next one delivered opens thirty days of its own.
        cancel_moves=[*_GONE, "rework", "reopen", "certify"],
        # A request not admitted or taken back has used nothing up: what is left of the thirty days runs on.
        reopen_moves=["refuse_review", "drop_review"],
        ladder=[],
        article="信访工作条例 第三十五条",
    ),
    _legal(
        "D07_review",
        "复查意见",
        "Opinion on review",
        "petition",
        30,
        CALENDAR_DAY,
        owed_by="superior",
        start_moves=["ask_review"],
        stop_moves=["decide_review", "change_review", "revoke_review", "refuse_review"],
        cancel_moves=[*_GONE, "drop_review"],
        article="信访工作条例 第三十五条",
    ),
    _legal(
        "D08_rereview_req",
        "申请复核",
        "Request for re-review",
        "petition",
        30,
        CALENDAR_DAY,
        is_right=True,
        # Thirty days of having received the review opinion, not of its date.
        start_moves=["deliver_review"],
        stop_moves=["ask_rereview"],
        cancel_moves=[*_GONE, "reopen", "certify"],
        reopen_moves=["refuse_rereview", "drop_rereview"],
        ladder=[],
        article="信访工作条例 第三十六条",
    ),
    _legal(
        "D09_rereview",
        "复核意见",
        "Opinion on re-review",
        "petition",
        30,
        CALENDAR_DAY,
        owed_by="superior",
        start_moves=["ask_rereview"],
        stop_moves=["decide_rereview", "change_rereview", "revoke_rereview", "refuse_rereview"],
        cancel_moves=[*_GONE, "drop_rereview"],
        # Art. 36: the time of a hearing is not counted, at re-review only.
        pause_moves=["hold_hearing"],
        resume_moves=["end_hearing", "give_up_hearing", "drop_hearing", "break_off_hearing"],
        article="信访工作条例 第三十六条",
    ),
    _legal(
        "D10_assigned",
        "交办件办结报告",
        "Closing report on an assigned matter",
        "order",
        30,
        CALENDAR_DAY,
        # The assignment names the term; thirty days is what it is unless the office that assigns it gives another.
        is_ours=True,
        conditions=["lead", "assigned"],
        start_moves=["dispatch", "redispatch"],
        stop_moves=["report_closing", "finish"],
        cancel_moves=_END_ORDER,
        extend_permission="dispatch.extend",
        extend_max=60,
        ladder=UNIT_LADDER,
        article="信访工作条例 第二十二条（期限由交办机关指定）",
    ),
    _legal(
        "S01_suggestion",
        "建议意见答复",
        "Answer to a suggestion",
        "petition",
        30,
        CALENDAR_DAY,
        # Article 29 names no figure: thirty days, thirty more, are this office's own.
        is_ours=True,
        conditions=["suggestion"],
        start_moves=["register", "set_route", "reopen"],
        stop_moves=["reply", "answer_at_once", "close"],
        cancel_moves=[*_OVER, "not_accept", "no_longer_accept", "lead_out"],
        extend_permission="dispatch.extend",
        extend_max=30,
        article="信访工作条例 第二十九条（期限本单位自定）",
    ),
    _legal(
        "D13_annual_report",
        "年度报告",
        "Annual report",
        "office",
        90,
        CALENDAR_DAY,
        is_ours=True,
        start_moves=["year_ends"],
        stop_moves=["report_filed"],
        article="信访工作条例 第四十一条（期限本单位自定）",
    ),
]

_ZHEJIANG = [
    _legal(
        "Z01_decide",
        "受理决定",
        "Decision on acceptance",
        "petition",
        5,
        WORKING_DAY,
        profile="zhejiang",
        replaces="D02_notify_direct",
        conditions=["organ_received"],
        needs_person=True,
        start_moves=["register"],
        stop_moves=[*_DECIDED, "answer_at_once", "lead_out", "reply", "close"],
        cancel_moves=_OVER,
        article="浙江省信访条例 第二十条",
    ),
    _legal(
        "Z02_decide_transferred",
        "转送件受理决定",
        "Decision on a transferred matter",
        "order",
        5,
        WORKING_DAY,
        profile="zhejiang",
        replaces="D03_notify_transferred",
        conditions=["lead", "first_handling"],
        needs_person=True,
        start_moves=["dispatch", "redispatch"],
        stop_moves=["finish", *_at_petition(_DECIDED)],
        cancel_moves=_END_ORDER,
        ladder=UNIT_LADDER,
        article="浙江省信访条例 第二十条",
    ),
    _legal(
        "Z03_handle",
        "信访事项办结",
        "Handling of the matter",
        "petition",
        30,
        CALENDAR_DAY,
        profile="zhejiang",
        replaces="D05_handle",
        conditions=["settlement"],
        owed_by="lead",
        start_moves=["accept", "revoke_review", "revoke_rereview"],
        stop_moves=["deliver_opinion", "reply", "close"],
        # Sent back, the answer was none: the period runs on as it ran before it.
        reopen_moves=["rework"],
        cancel_moves=_UNHEARD,
        extend_permission="dispatch.extend_legal",
        extend_max=60,
        article="浙江省信访条例 第二十三条",
    ),
]

# Rules for accusations handled by discipline organs. What belongs to a higher organ is not entered here at all.
_DISCIPLINE = [
    _legal(
        "A01_accuse_accept",
        "检举控告受理告知",
        "Acceptance told to the accuser",
        "petition",
        15,
        WORKING_DAY,
        conditions=["accusation"],
        needs_person=True,
        start_moves=["register", "set_route"],
        stop_moves=[*_DECIDED, "lead_out", "send_up", "answer_at_once", "reply", "close"],
        cancel_moves=_OVER,
        article="纪检监察机关处理检举控告工作规则",
    ),
    _legal(
        "A02_accuse_result",
        "检举控告结果反馈",
        "Result told to the accuser",
        "order",
        15,
        WORKING_DAY,
        conditions=["accusation", "lead"],
        needs_person=True,
        start_moves=["feed_back"],
        stop_moves=["finish"],
        cancel_moves=["send_back", *_END_ORDER],
        article="纪检监察机关处理检举控告工作规则",
    ),
    _legal(
        "A04_accuse_take",
        "检举控告转送件处置",
        "Taking up a transferred accusation",
        "order",
        5,
        WORKING_DAY,
        conditions=["accusation"],
        start_moves=["dispatch", "redispatch"],
        stop_moves=["sign", "ask_return"],
        cancel_moves=_END_ORDER,
        ladder=UNIT_LADDER,
        article="纪检监察机关处理检举控告工作规则",
    ),
]

_URGENT = [
    _legal(
        "D11_urgent_report",
        "重大紧急情况报告",
        "Report of a grave and urgent matter",
        "petition",
        60,
        WALL_MINUTE,
        # "At once" names no figure: the hour is this office's own.
        is_ours=True,
        urgencies=["extra_urgent"],
        start_moves=["register"],
        stop_moves=["report_up"],
        cancel_moves=[
            *_OVER,
            "close",
            "answer_at_once",
            "lead_out",
            "not_accept",
            "no_longer_accept",
            "decide_review",
            "change_review",
            "decide_rereview",
            "change_rereview",
            "certify",
        ],
        ladder=URGENT_OWNER_LADDER,
        article="信访工作条例 第四十六条（期限本单位自定）",
    ),
]

# Steps of review and hearing for which the Regulation names no figure; those of other places, each office's to change.
_REMEDIES = [
    _legal(
        "V01_admit",
        "复查复核申请审查",
        "Whether a request for review is admitted",
        "petition",
        3,
        WORKING_DAY,
        is_ours=True,
        owed_by="superior",
        start_moves=["ask_review", "ask_rereview"],
        stop_moves=["admit_review", "refuse_review", "refuse_rereview"],
        cancel_moves=[*_GONE, "drop_review", "drop_rereview"],
        article="参照山东省信访条例 第四十三条、第四十四条（期限本单位自定）",
    ),
    _legal(
        "V02_redo",
        "撤销后重新作出处理意见",
        "New opinion after one was revoked",
        "petition",
        15,
        CALENDAR_DAY,
        # The review opinion names the term: fifteen days at least, sixty at most.
        is_ours=True,
        owed_by="lead",
        start_moves=["revoke_review", "revoke_rereview"],
        stop_moves=["deliver_opinion", "reply", "close"],
        reopen_moves=["rework"],
        cancel_moves=_UNHEARD,
        extend_max=45,
        extend_permission="petitions.decide_review",
        article="参照山东省信访条例 第四十五条（期限由复查复核机关指定）",
    ),
    _legal(
        "H01_hearing_decide",
        "听证申请决定",
        "Decision on a request for a hearing",
        "petition",
        5,
        WORKING_DAY,
        is_ours=True,
        start_moves=["ask_hearing", "break_off_hearing"],
        stop_moves=["hold_hearing", "decline_hearing"],
        cancel_moves=[*_UNHEARD, "drop_hearing", *_REVIEW_OVER],
        article="信访工作条例 第三十一条第六项（期限本单位自定）",
    ),
    _legal(
        "H02_hearing_hold",
        "举行听证",
        "Holding of the hearing",
        "petition",
        30,
        CALENDAR_DAY,
        is_ours=True,
        start_moves=["hold_hearing"],
        # Held is held on the day the session opens, however long it sits.
        stop_moves=["sit_hearing", "give_up_hearing"],
        cancel_moves=[*_UNHEARD, "drop_hearing", "break_off_hearing", *_REVIEW_OVER],
        article="信访工作条例 第三十一条第六项（期限本单位自定）",
    ),
    _legal(
        "H03_hearing_notice",
        "听证通知期",
        "Notice of the hearing",
        "petition",
        7,
        WORKING_DAY,
        # Both sides have this long to prepare: a right, and the first day on which the hearing may be.
        is_ours=True,
        is_right=True,
        start_moves=["hold_hearing", "postpone_hearing"],
        stop_moves=["sit_hearing", "give_up_hearing"],
        cancel_moves=[*_UNHEARD, "drop_hearing", "postpone_hearing", "break_off_hearing", *_REVIEW_OVER],
        ladder=[],
        article="信访工作条例 第三十一条第六项（期限本单位自定）",
    ),
]

LEGAL_POLICIES: list[dict[str, Any]] = [*_NATIONAL, *_ZHEJIANG, *_DISCIPLINE, *_URGENT, *_REMEDIES]
