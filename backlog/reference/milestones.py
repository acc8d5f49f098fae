"""Usual milestones by task force, proposed when a plan is made; the person changes them before saving.

Per line: name | English name | days the step takes. The steps follow §3.5 and §3.9; the lengths are this office's own.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import get_language

_SETS = {
    "legacy": """
        查清历史沿革|History cleared up|14
        会商定责|Responsibility settled|7
        法律政策论证|Law and policy examined|14
        形成化解方案|Plan made|10
        与信访人协商|Talks with the petitioners|20
        签订协议|Agreement signed|10
        兑现落实|Agreement carried out|30
    """,
    "rural": """
        进村入户核实|Verified in the village|10
        村镇两级会商|Village and town confer|7
        权属与账目核查|Rights and accounts checked|14
        形成化解方案|Plan made|10
        民主议事与公示|Decided and posted in the village|14
        兑现落实|Carried out|20
    """,
    "demolition": """
        核对征迁档案|Files of the demolition checked|10
        重新测算补偿安置|Compensation worked out anew|14
        形成化解方案|Plan made|10
        与被征收人协商|Talks with the persons concerned|20
        签订补偿安置协议|Agreement on compensation signed|10
        交房或支付到位|Housing or payment handed over|45
    """,
    "": """
        核清事实|Facts established|10
        形成化解方案|Plan made|10
        与信访人协商|Talks with the petitioners|20
        签订协议|Agreement signed|10
        兑现落实|Carried out|30
    """,
}


@dataclass(frozen=True)
class Usual:
    """A proposed milestone: name in the interface language, first and planned day."""

    name: str
    starts_on: date
    planned_on: date


def usual(force: str, begin: date) -> list[Usual]:
    """The usual milestones of a task force's key ("" and unknown keys: the common ones), one after another."""
    found, day = [], begin
    for line in _SETS.get(force, _SETS[""]).strip().splitlines():
        name, name_en, days = line.strip().split("|")
        until = day + timedelta(days=int(days))
        found.append(Usual(name_en if get_language() == "en" else name, day, until))
        day = until
    return found
