"""Petition texts of real lengths for measurements, made up from a built-in vocabulary or from a file given by hand.

Lengths follow 4,326 public messages and 1,684 public replies of one Chinese city (twentieths and tenths of the sorted
lengths); of the words nothing is taken. Names of places are random characters, so that most pairs of characters are as
rare as in real texts.
"""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

MESSAGE = [9, 53, 70, 88, 101, 115, 129, 144, 162, 180, 203, 230, 263, 298, 339, 401, 465, 585, 776, 1149, 6999]
REPLY = [3, 49, 115, 171, 218, 272, 324, 390, 481, 656, 2400]
SUMMARY = [8, 14, 16, 17, 18, 20, 21, 23, 24, 27, 37]
VOCABULARY = """
反映 要求 请求 投诉 咨询 建议 希望 尽快处理 尽快解决 至今没有答复 多次拨打电话 物业公司 开发商
业主委员会 小区 三号楼 二单元 电梯 停运 停电 停水 漏水 外墙 脱落 地下车库 充电桩 消防通道 被占用
垃圾 清运 不及时 夜间施工 噪声扰民 打桩 凌晨两点 油烟 异味 污水 河道 发黑 发臭 排放 工业园 养殖场
广场舞 道路 破损 路灯 不亮 红绿灯 公交车 站点 线路 停车位 乱收费 拖欠工资 农民工 包工头 劳动合同
社保 缴费 退休金 养老 医保 报销 医院 医生 态度 学校 幼儿园 学费 补课 教师 招生 学区 入学 拆迁
安置房 补偿款 征地 土地 宅基地 确权 村委会 村干部 账目 不公开 低保 救助 残疾人 购房 合同 定金
退款 房产证 延期交房 质量问题 装修 押金 中介 租房 公积金 贷款 食品 过期 超市 餐馆 卫生 执照
虚假宣传 预付卡 健身房 跑路 快递 网购 老人 孩子 出行困难 生活不便 严重影响 安全隐患 火灾 井盖 丢失
树木 遮挡 采光 违章建筑 举报 执法 城管 有关部门 领导 您好 谢谢 感谢 情况属实 经查 现场 核实 整改
责令 已完成 已恢复 依法 规定 办法 条例 通知 文件 上述 情况 问题 我们 你们 他们 这个 那个 一直
已经 没有 不能 可以 应当 为什么 怎么办 的 了 是 在 和 与
"""
PARTS = VOCABULARY.split()
KINDS = ("小区", "路", "街", "村", "公司", "花园", "广场", "学校", "工地", "镇")
MARKS = "，。；、！"


class Writer:
    """Writes texts; the same seed writes the same ones."""

    def __init__(self, seed: int = 1, source: Path | None = None) -> None:
        self.random = random.Random(seed)
        self.sentences: Sequence[str] = sentences_of(source) if source else ()

    def _length(self, quantiles: Sequence[int]) -> int:
        place = self.random.randrange(len(quantiles) - 1)
        low, high = quantiles[place], quantiles[place + 1]
        # Few texts come near the longest one.
        share = self.random.random() ** (3 if place == len(quantiles) - 2 else 1)
        return int(low + (high - low) * share)

    def _name(self) -> str:
        characters = [
            chr(0x4E00 + int(self.random.random() ** 2 * 9000)) for _i in range(self.random.choice((2, 2, 3)))
        ]
        return "".join(characters) + self.random.choice(KINDS)

    def _piece(self) -> str:
        chance = self.random.random()
        if self.sentences:
            return self.random.choice(self.sentences)
        if chance < 0.12:
            return self._name()
        if chance < 0.2:
            return f"{self.random.randrange(1, 3000)}{self.random.choice(('号', '元', '年', '天', '户'))}"
        if chance < 0.35:
            return self.random.choice(MARKS)
        # Words are as uneven as in any language: some stand everywhere, most hardly anywhere.
        return PARTS[min(int(self.random.paretovariate(0.6)) - 1, len(PARTS) - 1) if chance < 0.45 else self._any()]

    def _any(self) -> int:
        return self.random.randrange(len(PARTS))

    def write(self, quantiles: Sequence[int]) -> str:
        """One text."""
        wanted = self._length(quantiles)
        pieces, length = [], 0
        while length < wanted:
            piece = self._piece()
            pieces.append(piece)
            length += len(piece)
        return "".join(pieces)[:wanted] or "无"

    def rows(self, total: int) -> Iterator[tuple[int, str, str, str, str]]:
        """Number, summary, content, reply ('' for two in five) and notes ('' for every other)."""
        for i in range(1, total + 1):
            reply = self.write(REPLY) if i % 5 > 1 else ""
            notes = self.write(REPLY) if i % 2 else ""
            yield i, self.write(SUMMARY), self.write(MESSAGE), reply, notes


def sentences_of(source: Path) -> list[str]:
    """Sentences of the fifth column of a workbook of messages, for a local run; nothing of them is kept."""
    import re

    import openpyxl

    book = openpyxl.load_workbook(source, read_only=True)
    texts = (str(row[4] or "") for row in book.active.iter_rows(min_row=2, values_only=True))
    return [part + "。" for text in texts for part in re.split(r"[。！？\s]+", text) if part]
