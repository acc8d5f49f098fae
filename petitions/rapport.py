"""What may not stand in a rapport note: a word check that says which word and why (PIPL 28; domain-facts §0.2, §7.4).

Over-cautious on purpose: a note that can be written without the word should be.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FORBIDDEN: dict[str, tuple[Promise, tuple[str, ...]]] = {
    "health": (
        _("health"),
        (
            *(
                "病",
                "癌",
                "血压",
                "血糖",
                "抑郁",
                "焦虑",
                "精神",
                "残疾",
                "残障",
                "怀孕",
                "孕妇",
                "流产",
                "心脏",
                "服药",
            ),
            *("吃药", "用药", "住院", "手术", "体检", "健康", "失眠", "痴呆", "自杀", "自残", "酗酒", "吸毒", "肿瘤"),
        ),
    ),
    "faith": (
        _("faith"),
        (
            *(
                "信教",
                "宗教",
                "信仰",
                "佛",
                "基督",
                "天主",
                "伊斯兰",
                "穆斯林",
                "清真",
                "道教",
                "教会",
                "教堂",
                "寺",
                "礼拜",
            ),
            *("烧香", "拜神", "祷告", "法轮", "邪教"),
        ),
    ),
    "politics": (
        _("political views"),
        (
            *("政治", "党员", "党派", "民主派", "反动", "立场", "异见", "维权人士", "敏感人", "重点人", "稳控", "维稳"),
            *("前科", "案底", "服刑", "劳教", "境外"),
        ),
    ),
    "family": (
        _("family"),
        (
            *(
                "妻",
                "丈夫",
                "老婆",
                "老公",
                "媳妇",
                "儿子",
                "女儿",
                "子女",
                "孩子",
                "父",
                "母",
                "爸",
                "妈",
                "爷爷",
                "奶奶",
            ),
            *(
                "外公",
                "外婆",
                "公公",
                "婆婆",
                "兄弟",
                "姐妹",
                "哥哥",
                "弟弟",
                "姐姐",
                "妹妹",
                "亲属",
                "家属",
                "家人",
                "家庭",
            ),
            *("离婚", "离异", "丧偶", "再婚", "未婚", "恋爱", "情人"),
        ),
    ),
    "other": (
        _("accounts, whereabouts, traits of the body"),
        (
            *("银行卡", "账户", "存款", "欠债", "贷款", "行踪", "轨迹", "出行", "指纹", "人脸", "民族", "籍贯"),
            *("身份证", "车牌", "微信号"),
        ),
    ),
}


def forbidden_in(text: str) -> list[tuple[str, Promise]]:
    """The forbidden words of a text, each with the subject it belongs to; empty when the note may stand."""
    squeezed = "".join(text.split())
    return [(word, subject) for subject, words in FORBIDDEN.values() for word in words if word in squeezed]
