"""Roads, estates and villages of the demo city: roads as each district has them, estates and villages invented."""

from random import Random
from typing import Any

from accounts.models import Area

ROADS = {
    "330203": "中山西路 解放南路 柳汀街 望京路 环城西路 联丰路 苍松路 段塘西路 雅戈尔大道 通达路",
    "330205": "人民路 大庆南路 环城北路 洪塘中路 康庄南路 江北大道 丽江东路 北海路",
    "330206": "新大路 明州路 泰山路 长江路 四明山路 太河路 黄山路 岷山路",
    "330211": "雄镇路 南大街 沿江西路 庄市大道 东邑路 民和路 永和东路 骆驼桥路",
    "330212": "百丈东路 天童南路 鄞县大道 四明中路 兴宁路 民安路 宁穿路 贸城中路 首南中路 嵩江中路",
    "330213": "南山路 中山路 大成路 岳林东路 长汀路 东环路 茗山路",
    "330225": "天安路 象山港路 丹峰西路 建设路 新华路 靖南路 巨鹰路",
    "330226": "中山中路 气象北路 人民大道 兴宁南路 桃源中路 时代大道 外环北路",
    "330281": "南雷路 新建路 玉立路 阳明西路 舜水北路 中山中路 世南西路 谭家岭西路",
    "330282": "三北大街 新城大道 慈甬路 青少年宫路 北三环东路 孙塘北路 前应路 浒山路",
}
_ESTATE_A = "翠柏 望湖 丽园 锦绣 春江 明月 书香 紫荆 桂花 丹枫 银杏 海曙 东湖 南塘 碧水 金桂 兰亭 云溪 青林 梧桐"
_ESTATE_B = "花苑 家园 新村 名邸 公寓 里 华庭 小区 嘉苑 雅苑"
_VILLAGE_A = "上陈 前王 新张 石桥 下李 横街 东岙 西林 高塘 梅墩 沙河 里岙 双桥 大池 后周 金峨"
_SCHOOLS = "第一小学 实验小学 中心小学 第二中学 外国语学校 中心幼儿园"


def place_slots(rng: Random, town: Area, district: Area) -> dict[str, Any]:
    """The names of one place: town, road, estate, village, school."""
    roads = rng.sample(ROADS[district.code].split(), 2)
    short = town.name.removesuffix("街道").removesuffix("镇").removesuffix("乡")
    return {
        "town": town.name,
        "district": district.name,
        "road": roads[0],
        "road2": roads[1],
        "no": rng.randrange(3, 480),
        "estate": rng.choice(_ESTATE_A.split()) + rng.choice(_ESTATE_B.split()),
        "village": rng.choice(_VILLAGE_A.split()) + "村",
        "school": short + rng.choice(_SCHOOLS.split()),
    }


def number_slots(rng: Random, month: int) -> dict[str, Any]:
    """The numbers a story is told with; `month` is the present one, what happened lies before it."""
    return {
        "variant": rng.randrange(6),
        "n": rng.randrange(2, 24),
        "k": rng.randrange(2, 9),
        "m": rng.randrange(2, 9),
        "days": rng.randrange(3, 20),
        "day": rng.randrange(1, 28),
        "month": (month - 1 - rng.randrange(1, 4)) % 12 + 1,
        "people": rng.randrange(12, 90),
        "money": rng.randrange(4, 130),
        "fee": rng.randrange(6, 98) * 100,
        "area": rng.randrange(2, 60) * 10,
        "line": rng.randrange(101, 990),
    }
