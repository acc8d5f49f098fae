"""Legal class and legal route of a petition (Regulation on Petition Work, arts. 29-31; domain-facts §1.6), as data.

The purpose decides the class. Within an appeal the route is chosen at intake: the petition procedure with its 60 days
is the last of them, for what fits no other (art. 31(6)); the rest runs by the procedure it is led into.
"""

from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class LegalClass(models.TextChoices):
    """The three classes of the Regulation, and what is none of them."""

    SUGGESTION = "suggestion", _("Suggestion or opinion")
    ACCUSATION = "accusation", _("Exposure or accusation")
    APPEAL = "appeal", _("Appeal or request to settle")
    NONE = "none", _("No class of the Regulation")


# By purpose (domain-facts §5.1).
_CLASSES = {
    "QJ": LegalClass.APPEAL,
    "SS": LegalClass.APPEAL,
    "JK": LegalClass.ACCUSATION,
    "YJ": LegalClass.SUGGESTION,
}
CLASS_ARTICLES: dict[str, str] = {
    LegalClass.SUGGESTION: "信访工作条例 第二十九条",
    LegalClass.ACCUSATION: "信访工作条例 第三十条",
    LegalClass.APPEAL: "信访工作条例 第三十一条",
    LegalClass.NONE: "",
}


def class_of(purpose: str) -> LegalClass:
    """The legal class a purpose belongs to."""
    return _CLASSES.get(purpose, LegalClass.NONE)


class Route(models.TextChoices):
    """Where a matter is decided; empty on a petition means that nobody has said yet."""

    LITIGATION = "litigation", _("Court, procuratorate or police procedure")
    ARBITRATION = "arbitration", _("Arbitration")
    PARTY_APPEAL = "party_appeal", _("Appeal within the Party")
    RECONSIDERATION = "reconsideration", _("Administrative reconsideration")
    ADJUDICATION = "adjudication", _("Administrative adjudication, confirmation or licence")
    PENALTY = "penalty", _("Administrative penalty")
    PROTECTION = "protection", _("Request to investigate or to perform a protective duty")
    PETITION = "petition", _("Petition procedure")
    DISCLOSURE = "disclosure", _("Disclosure of government information")
    MEDIATION = "mediation", _("Mediation or settlement")
    DISCIPLINE = "discipline", _("Organ of discipline and supervision")


@dataclass(frozen=True)
class LegalRoute:
    """One route: who decides there, how long it usually takes and by which article, and what the petitioner is told.

    `told` is the proposed wording of the notice, with 【…】 where the officer names the organ. `classes` and `words`
    are content classes and keywords that speak for the route; people decide.
    """

    key: Route
    organ: Promise
    term: Promise
    article: str
    told: Promise | str = ""
    classes: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    # Ends the petition here with a notice (arts. 22, 31(1)-(5)).
    is_led_out: bool = True

    @property
    def name(self) -> Promise:
        """The route's name in the interface language."""
        return self.key.label

    @property
    def term_article(self) -> str:
        """The law the usual time comes from, as cited beside it."""
        return _TERM_ARTICLES.get(self.key, "")


_TERM_ARTICLES: dict[str, str] = {
    Route.LITIGATION: "行政诉讼法 第四十五条、第四十六条",
    Route.ARBITRATION: "劳动争议调解仲裁法 第二十七条、第二十九条、第四十三条",
    Route.RECONSIDERATION: "行政复议法 第二十条、第三十条、第六十二条",
    Route.ADJUDICATION: "行政许可法 第四十二条",
    Route.PENALTY: "行政处罚法 第六十条",
    Route.PROTECTION: "行政诉讼法 第四十七条",
    Route.PETITION: "信访工作条例 第三十四条",
    Route.DISCLOSURE: "政府信息公开条例 第三十三条",
    Route.MEDIATION: "人民调解法 第三十三条",
    Route.DISCIPLINE: "纪检监察机关处理检举控告工作规则",
}

ROUTES: dict[str, LegalRoute] = {
    row.key: row
    for row in (
        LegalRoute(
            Route.LITIGATION,
            _("The court, procuratorate or police organ with jurisdiction"),
            _("A suit is brought within six months, or fifteen days after a reconsideration decision."),
            "信访工作条例 第三十一条第（一）项",
            _(
                "What you raise is to be decided in the procedure of court, procuratorate or police (Regulation on"
                " Petition Work, art. 31(1)). Please turn to 【name of the organ】. An administrative suit is brought"
                " within six months of learning of the act, or within fifteen days of a reconsideration decision."
            ),
            classes=("1001", "1002", "1003", "1006"),
            words=("判决", "法院", "起诉", "上诉", "再审", "执行局", "检察院", "立案侦查", "刑事", "拘留", "取保候审"),
        ),
        LegalRoute(
            Route.ARBITRATION,
            _("The arbitration body for the dispute"),
            _("Labour disputes: claim within one year; award within 45 days, 15 more in hard cases."),
            "信访工作条例 第三十一条第（二）项",
            _(
                "What you raise is to be decided by arbitration (Regulation on Petition Work, art. 31(2)). Please apply"
                " to 【name of the arbitration commission】. A claim in a labour dispute is brought within one year."
            ),
            words=("劳动仲裁", "仲裁", "解除劳动合同", "辞退", "经济补偿金", "未签劳动合同", "工伤赔偿"),
        ),
        LegalRoute(
            Route.PARTY_APPEAL,
            _("The Party organisation with authority"),
            _("Time runs by the rules of the Party."),
            "信访工作条例 第三十一条第（三）项",
            _(
                "What you raise is an appeal of a Party member or a request to examine a decision anew (Regulation on"
                " Petition Work, art. 31(3)). Please turn to 【name of the Party organisation】."
            ),
            classes=("1505",),
            words=("党纪处分", "党内处分", "开除党籍", "留党察看", "党员申诉", "复审党"),
        ),
        LegalRoute(
            Route.RECONSIDERATION,
            _("The government whose department acted, or the organ above it"),
            _("Apply within 60 days; decision within 60 days, 30 more in hard cases."),
            "信访工作条例 第三十一条第（四）项",
            _(
                "What you raise can be examined by administrative reconsideration (Regulation on Petition Work,"
                " art. 31(4)). Please apply to 【name of the reconsideration organ】 within 60 days of learning of the"
                " act."
            ),
            classes=("1009",),
            words=("行政复议", "处罚决定", "不服处罚", "罚单不服", "撤销处罚", "征收决定", "不服认定"),
        ),
        LegalRoute(
            Route.ADJUDICATION,
            _("The organ competent for the decision, confirmation or licence"),
            _("A licence is decided within 20 working days, 10 more in hard cases."),
            "信访工作条例 第三十一条第（四）项",
            _(
                "What you raise is decided by administrative adjudication, confirmation or licence (Regulation on"
                " Petition Work, art. 31(4)). Please apply to 【name of the competent organ】. A licence is decided"
                " within 20 working days, 10 more in hard cases."
            ),
            words=("申领许可", "许可证", "确权", "权属争议", "工伤认定", "行政裁决", "不动产登记", "资格认定"),
        ),
        LegalRoute(
            Route.PENALTY,
            _("The law-enforcement organ with power"),
            _("A penalty is decided within 90 days of filing."),
            "信访工作条例 第三十一条第（四）项",
            _(
                "What you raise is decided in the procedure of administrative penalty (Regulation on Petition Work,"
                " art. 31(4)). It is with 【name of the law-enforcement organ】, which decides within 90 days of"
                " filing."
            ),
            words=("要求处罚", "请求处罚", "依法处罚", "吊销执照"),
        ),
        LegalRoute(
            Route.PROTECTION,
            _("The organ whose duty it is to investigate or protect"),
            _("An organ silent for two months may be sued."),
            "信访工作条例 第三十一条第（五）项",
            _(
                "You ask an organ to investigate unlawful conduct or to perform a protective duty (Regulation on"
                " Petition Work, art. 31(5)). Please apply to 【name of the competent organ】; if it stays silent for"
                " two months, you may sue."
            ),
            words=("申请查处", "履行职责", "履行保护", "不作为", "人身安全保护"),
        ),
        LegalRoute(
            Route.PETITION,
            _("The organ with power over the matter; its own superior reviews"),
            _("60 days from acceptance, 30 more by the head of the handling unit."),
            "信访工作条例 第三十一条第（六）项",
            is_led_out=False,
        ),
        LegalRoute(
            Route.DISCLOSURE,
            _("The organ that made or keeps the information"),
            _("Answer within 20 working days, 20 more in hard cases."),
            "政府信息公开条例 第二十七条",
            _(
                "You ask for government information (Regulation on the Disclosure of Government Information). Please"
                " apply to 【name of the organ that keeps it】, which answers within 20 working days, 20 more in hard"
                " cases."
            ),
            words=("信息公开", "政府信息", "公开申请", "申请公开"),
        ),
        LegalRoute(
            Route.MEDIATION,
            _("The people's mediation committee or the mediation centre"),
            _("Possible at any time; joint confirmation by the court within 30 days of the agreement."),
            "信访工作条例 第三十三条",
            _(
                "Your dispute can be settled by mediation if both sides agree (Regulation on Petition Work, art. 33)."
                " Please turn to 【name of the mediation body】. An agreement can be confirmed by the court within"
                " 30 days."
            ),
            classes=("1008",),
            words=("邻里纠纷", "调解", "民间纠纷", "家庭纠纷", "婚姻纠纷"),
        ),
        LegalRoute(
            # Accusations (art. 30); the times are the organ's own.
            Route.DISCIPLINE,
            _("The organ of discipline and supervision, or the body with power over the person"),
            _("Handled in confidence by the organ's own rules; a person who gave a name is told."),
            "信访工作条例 第三十条",
            _(
                "Your accusation has been handed to the organ with power over it and is handled in confidence"
                " (Regulation on Petition Work, art. 30)."
            ),
            classes=("1501", "1502", "1503", "1504"),
            words=("贪污", "受贿", "贿赂", "滥用职权", "以权谋私"),
        ),
    )
}

# What an appeal may be led into, in the order of art. 31; the last is the one that stays here.
APPEAL_ROUTES = tuple(key for key in ROUTES if key != Route.DISCIPLINE)
LED_OUT = tuple(key for key, row in ROUTES.items() if row.is_led_out)


def routes_for(purpose: str) -> tuple[str, ...]:
    """The routes open to a purpose: those of art. 31 for appeals, art. 30 for accusations, none otherwise."""
    legal_class = class_of(purpose)
    if legal_class == LegalClass.APPEAL:
        return APPEAL_ROUTES
    return (Route.DISCIPLINE,) if legal_class == LegalClass.ACCUSATION else ()


@dataclass(frozen=True)
class RouteProposal:
    """A route the content class or the words speak for, with what speaks for it."""

    route: LegalRoute
    words: tuple[str, ...] = ()
    by_class: bool = False


def propose(purpose: str, text: str, content_class: str = "") -> RouteProposal | None:
    """The route that most speaks for: two points for the class, one for each keyword; the petition procedure else.

    None where the purpose has no routes. A proposal only: a person decides (domain-facts §0.2).
    """
    open_routes = routes_for(purpose)
    if not open_routes:
        return None
    squeezed = "".join(text.split())
    best: tuple[int, RouteProposal] | None = None
    for key in open_routes:
        row = ROUTES[key]
        words = tuple(word for word in row.words if word in squeezed)
        by_class = bool(content_class) and content_class in row.classes
        score = len(words) + (2 if by_class else 0)
        if score and (best is None or score > best[0]):
            best = score, RouteProposal(row, words, by_class)
    if best is not None:
        return best[1]
    fallback = Route.PETITION if Route.PETITION in open_routes else open_routes[0]
    return RouteProposal(ROUTES[fallback])
