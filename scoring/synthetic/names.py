"""Names that cannot be taken for real ones: every firm and every compound says 示例 (sample) in its name."""

from __future__ import annotations

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from scoring.synthetic.cells import Flags, Ints, glued, words

MARK: Final = "示例"
OUTSIDE: Final = (
    (510107, "成都"),
    (500112, "重庆"),
    (440304, "深圳"),
    (440106, "广州"),
    (330106, "杭州"),
    (310115, "上海"),
    (110105, "北京"),
)
_TOPICS: Final = (
    "电梯维修", "屋面漏水", "充电桩布设", "停车管理", "垃圾分类点", "消防通道", "加装扶手", "儿童活动场地",
    "公共收益使用", "绿化补植", "照明更换", "排污疏通", "门禁改造", "飞线整治", "养犬管理", "快递柜位置",
    "维修资金使用", "广场噪声", "树木修剪", "二次供水",
)  # fmt: skip
TOPICS: Final = tuple(f"{topic}({MARK})" for topic in _TOPICS)
_AWARDS: Final = (
    "物业服务优秀企业",
    "文明服务窗口",
    "平安小区建设先进",
    "垃圾分类先进集体",
    "防汛救灾先进集体",
    "红色物业先进",
    "绿色小区创建先进",
    "职业技能竞赛优胜",
)
AWARDS: Final = tuple(f"{award}({MARK})" for award in _AWARDS)
_FIRST: Final = tuple("云锦丰瑞和安康宁嘉悦泰恒宏盛华景明辉德信诚雅翠春滇苍洱柏桐兰")
_SECOND: Final = tuple("城庭苑园达兴隆源润泽祥福顺联众邦居家美利民阳晨溪山湖川峰岭")
_ESTATES: Final = ("花园", "家园", "雅苑", "小区", "新村", "名都", "公馆", "佳园", "华庭", "里")
_PAIRS: Final = len(_FIRST) * len(_SECOND)


def firm_names(serial: Ints, outside: Ints, branch_at: pa.Array) -> pa.Array:
    """Names of firms.

    Args:
        serial: What tells one firm's name from another's; a branch has that of its head.
        outside: Position in OUTSIDE of the city that a firm comes from, -1 for one from here.
        branch_at: Name of the division whose branch it is, missing for a company.
    """
    home = words(("", *(city for _, city in OUTSIDE)), outside + 1)
    ending = pc.fill_null(glued(branch_at, "分公司"), "")
    return glued(home, MARK, _word(serial), "物业服务有限公司", ending)


def compound_names(serial: Ints) -> pa.Array:
    """Names of compounds."""
    return glued(MARK, _word(serial * 11 + 5), words(_ESTATES, serial // 3 % len(_ESTATES)))


def addresses(community: pa.Array, serial: Ints) -> pa.Array:
    """Made-up addresses in real communities."""
    return glued(community, MARK, "路", pc.cast(pa.array(serial % 899 + 1), pa.string()), "号")


def _word(serial: Ints) -> pa.Array:
    """Two characters, scattered over the list, and a number once all pairs are used."""
    pair = serial * 397 % _PAIRS
    again = serial // _PAIRS
    number: Flags = again == 0
    return glued(
        words(_FIRST, pair // len(_SECOND)),
        words(_SECOND, pair % len(_SECOND)),
        pc.if_else(pa.array(number), "", pc.cast(pa.array(again + 1), pa.string())),
    )
