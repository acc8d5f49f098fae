"""The 26 steps of a case (domain-facts §9.3) an office starts with, as data. The source gives only the number.

Key | step | who | what shows it | flags | events that tick it; below: step, who and what shows it in English.
Flags: v at a reception only, e evidence required. `record.visit` is an entry of that kind in the record book,
`document.sign.handling_opinion` a step of that document.
"""

from datetime import datetime

from accounts.actions import load_once
from petitions.checklists import forget_checklists
from petitions.models import ChecklistStep, ChecklistTemplate, Purpose

_TABLE = """
greet|热情接待，让座安顿|接谈人|接待关怀清单|v|record.reception
    Greet and settle|Receiving officer|Reception care checklist
identity|核对身份与委托手续|接谈人|有效证件、委托书|v|
    Check identity and authority|Receiving officer|Paper, power of attorney
listen|倾听诉求|接谈人|接谈记录|v|record.reception
    Listen|Receiving officer|Reception record
write_down|如实记录|接谈人|登记表||register
    Write it down|Receiving officer|Registration sheet
confirm|与信访人核对诉求|接谈人|信访人确认||
    Confirm the demand with the person|Receiving officer|The person's confirmation
copy|收取并复印材料|接谈人|材料清单||
    Copy the material|Receiving officer|List of material
register|登记录入|登记人|信访编号||register
    Register|Registrar|Petition number
duplicate|重复件核查|登记人|疑似重复提示||register
    Check for an earlier one|Registrar|Suggestions of the system
classify|甄别分类（目的、内容、路径）|登记人|分类结果||register
    Classify: purpose, class, route|Registrar|Classification
urgency|紧急程度研判|登记人|紧急程度||register
    Check the urgency|Registrar|Urgency
competence|确定职责单位|信访部门|职责目录依据||dispatch,lead_out,answer_at_once
    Decide who is competent|Petition office|Catalogue of duties
transfer|转送、交办或自办|信访部门|转送交办函、工单||dispatch,lead_out,answer_at_once
    Transfer, assign or keep|Petition office|Transfer letter, work order
notice|书面告知|责任单位|告知书||notify_receipt,accept,not_accept,no_longer_accept
    Written notice|Responsible unit|Notice
contact|首次联系信访人|承办人|联系记录||order.contact
    First contact by the unit|Handler|Record of contact
plan|制定办理方案|承办人|办理方案|e|
    Make a plan|Handler|Plan
visit|实地走访|承办人|走访记录||record.visit
    Visit on site|Handler|Record of the visit
evidence|调查取证|承办人|证据材料||record.investigation
    Gather evidence|Handler|Evidence
law|核对法律政策依据|承办人|法条与政策文件|e|
    Check law and policy|Handler|Articles and policies
mediate|协调调解|责任单位|协调会记录、调解书||record.meeting,consultation.hold
    Coordinate, mediate|Responsible unit|Minutes, settlement
draft|草拟处理意见|承办人|处理意见书文稿||document.submit.handling_opinion
    Draft the opinion|Handler|Draft opinion
sign_off|法制审核与签发|责任单位负责人|签发记录|e|document.sign.handling_opinion
    Legal review and sign-off|Head of the unit|Sign-off
deliver|送达并当面释明|责任单位|送达回证||deliver_opinion
    Deliver and explain|Responsible unit|Proof of delivery
carry_out|落实处理意见|责任单位|落实情况|e|
    Carry out the opinion|Responsible unit|What was done
rating|回访与评价|信访部门|回访记录、评价||order.call_back,rate
    Callback and rating|Petition office|Callback, rating
close|办结、总结、知识入库|信访部门|办结报告||close,answer_at_once
    Close, learn, write down|Petition office|Closing report
archive|整理归档|信访部门|档号||archive
    Archive|Petition office|Archive number
"""
# An enquiry is answered, not investigated.
_NOT_FOR_ENQUIRIES = frozenset({"plan", "visit", "evidence", "mediate", "sign_off", "carry_out"})


def build_steps(*, is_enquiry: bool = False) -> list[ChecklistStep]:
    """The steps, not saved and without a template."""
    found = []
    lines = _TABLE.strip().splitlines()
    for number, (chinese, english) in enumerate(zip(lines[::2], lines[1::2], strict=True), start=1):
        key, label, who, evidence, flags, events = chinese.split("|")
        label_en, who_en, evidence_en = english.strip().split("|")
        found.append(
            ChecklistStep(
                number=number,
                key=key,
                label=label,
                label_en=label_en,
                who=who,
                who_en=who_en,
                evidence=evidence,
                evidence_en=evidence_en,
                needs_evidence="e" in flags,
                is_visit_only="v" in flags,
                is_active=not (is_enquiry and key in _NOT_FOR_ENQUIRIES),
                events=[kind for kind in events.split(",") if kind],
            )
        )
    return found


def load_steps(*, at: datetime) -> int | None:
    """The general checklist and that of enquiries, where an office has none. Returns the number of versions made."""
    return load_once("checklists", _TABLE.strip().splitlines(), lambda: _create(at), at=at)


def _create(at: datetime) -> int:
    made = 0
    for purpose in ("", Purpose.ENQUIRE):
        if ChecklistTemplate.objects.filter(content_class=None, purpose=purpose).exists():
            continue
        template = ChecklistTemplate.objects.create(purpose=purpose, valid_from=at)
        steps = build_steps(is_enquiry=bool(purpose))
        for step in steps:
            step.template = template
        ChecklistStep.objects.bulk_create(steps)
        made += 1
    forget_checklists()
    return made
