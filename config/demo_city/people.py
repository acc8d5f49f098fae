"""Invented people of the demo city. Their telephone numbers begin with 1990000; their identity numbers are made up."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from petitions.actions import Person
from petitions.models import Petitioner

_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁沈任姚卢傅钟姜崔谭陆范汪廖石金韦夏邱方侯邹熊孟秦江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万钱严洪虞裘竺励邬楼"
_MEN = ["建国", "志强", "国平", "伟民", "永康", "海波", "文斌", "立军", "小东", "俊杰", "浩然", "子轩", "明辉", "家豪", "宏伟", "德明", "金龙", "阿毛", "振华", "卫东", "晓峰", "鹏飞", "世杰", "荣根", "福来"]  # fmt: skip
_WOMEN = ["秀英", "美华", "丽娟", "晓燕", "雅琴", "婷婷", "雪梅", "玉兰", "佳慧", "梦瑶", "素珍", "亚芬", "彩凤", "静怡", "春花", "思雨", "海燕", "红霞", "月娥", "若曦", "惠芳", "小琴", "文静", "爱珍", "阿菊"]  # fmt: skip
_FIRMS_A = ["宏远", "鑫达", "永盛", "海天", "华隆", "金禾", "博瑞", "东港", "顺丰达", "中鑫", "甬达", "明泰"]
_FIRMS_B = ["铸造有限公司", "机械有限公司", "塑料制品厂", "纺织有限公司", "建设工程有限公司", "电子科技有限公司", "化工有限公司", "食品有限公司"]  # fmt: skip
_SHOPS = ["老味道小吃店", "江南烧烤", "渔家海鲜排档", "重庆火锅店", "好又多便利店", "金色年华健身", "阿毛面馆", "喜来登烘焙", "蓝海水果超市", "四季早餐店"]  # fmt: skip
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class Someone:
    """An invented person as the slots and the registration need them."""

    name: str
    sex: str


def someone(rng: Random) -> Someone:
    """A common surname with a given name of one sex."""
    sex = rng.choice(["male", "female"])
    return Someone(rng.choice(_SURNAMES) + rng.choice(_MEN if sex == "male" else _WOMEN), sex)


def petitioner(rng: Random, district: str, address: str) -> Person:
    """A petitioner with a telephone; about half show an identity card."""
    who = someone(rng)
    number = identity_number(rng, district, who.sex) if rng.random() < 0.5 else ""
    return Person(
        name=who.name,
        sex=who.sex,
        phone=f"1990000{rng.randrange(10_000):04d}",
        id_type=Petitioner.IdType.RESIDENT if number else "",
        id_no=number,
        address=address,
    )


def identity_number(rng: Random, district: str, sex: str) -> str:
    """A number that passes GB 11643-1999 for a birthday between 1945 and 2004."""
    born = date(1945, 1, 1) + timedelta(days=rng.randrange(59 * 365))
    sequence = rng.randrange(1, 499) * 2 + (sex == "male")
    digits = f"{district}{born:%Y%m%d}{sequence % 1000:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True))
    return digits + "10X98765432"[total % 11]


def firm(rng: Random) -> str:
    return rng.choice(_FIRMS_A) + rng.choice(_FIRMS_B)


def shop(rng: Random) -> str:
    return rng.choice(_SHOPS)
