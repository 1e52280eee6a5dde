"""What leads to a person, as people write it to be understood by people, and as they write it not to be found."""

from __future__ import annotations

import pyarrow as pa
import pytest

from data_contracts.personal import masked, masked_cells, masked_words

PERSONS = {
    "139\u200d0000\u200d1111": "***",  # signs that nobody sees
    "139\ufeff0000\u00ad1111": "***",
    "\u200b".join("13900001111"): "***",
    "打\u200b139\u200d00001111找我": "打\u200b***找我",
    "一三九零零零零一一一一": "***",
    "幺三九〇〇〇〇幺幺幺幺": "***",
    "139零零零零1111": "***",
    "①③⑨⓪".replace("⓪", "0000") + "1111": "***",
    "١٣٩٠٠٠٠١١١١": "***",
    "1 3 9 0 0 0 0 1 1 1 1": "***",
    "139/0000/1111": "***",
    "139~0000~1111": "***",
    "139\n0000\n1111": "***",
    "139   0000   1111": "***",
    "(139)00001111": "***",
    "（139）00001111": "***",
    "0871.6555.0000": "***",
    "0871-655-50000": "***",
    "+86 871 65550000": "***",
    "请致电65550000": "请致电***",
    "联系65550000": "联系***",
    "530102.19900307.1238": "***",
    "5 3 0 1 0 2 1 9 9 0 0 3 0 7 1 2 3 8": "***",
    "五三零一零二一九九零零三零七一二三八": "***",
    "护照号：EA0000000": "护照号：***",
    "622202 0000000000000": "***",
    "4111 1111 1111 1111": "***",
    "a.b @ example.com": "***",
    "a.b@例子.com": "***",
    "V信abc_12345": "V信***",
    "vx：abc_12345": "vx：***",
    "微信是abc_12345": "微信是***",
    "云A00000": "***",
    "云AD00000": "***",
    "云A·00000": "***",
    "联系人某某某": "联系人某某某",  # not told from any other word
    "联系人王某某,请回电": "联系人***,请回电",
    "业主王某反映": "业主***反映",
    "联 系 人：某某某": "联 系 人：***",
    "姓名：某 某 某": "姓名：***",
    "聯絡人：某某某": "聯絡人：***",
    "制表：某某某": "制表：***",
    "投诉者：某某某": "投诉者：***",
    "联系人：Mou Moumou": "联系人：***",
    "欧阳女士": "***女士",
    "劉某先生": "***先生",
    "王阿姨": "***阿姨",
    "七栋二单元1301室": "***",
    "7棟2單元1301": "***",
    "7栋1301漏水": "***漏水",
    "7号楼2门1301": "***",
    "7栋2单元13层3号": "***",
    "7栋，2单元，1301室": "***",
    "7#-2-1301": "***",
}
OTHERS = (
    "面积150、1200、3400平方米",
    "3栋1200平方米",
    "3号楼1998年建",
    "一期、二期、三期",
    "二〇二四年三月五日",
    "第一、二、三项",
    "昆建罚〔二〇二四〕十二号",
    "4367421234567890123",  # its last digit makes it no card
    "投诉人和物业协商",
    "业主大会于2024年3月召开",
    "业主为了节水",
    "联系20240305批次",
    "E20240001",
    "WX20240012",
    "云建罚字2024年12号",
)


@pytest.mark.parametrize("text", PERSONS)
@pytest.mark.parametrize("before,after", [("", ""), ("某处，", "。")])
def test_a_person_is_found_in_every_spelling(text, before, after):
    """A column is looked through fast and loosely first: nothing that a close look finds may be passed over there."""
    whole, expected = before + text + after, before + PERSONS[text] + after
    cells = pa.chunked_array([[whole, None, "无"]])

    assert masked(whole) == masked(expected) == expected
    assert masked_cells(cells).to_pylist() == masked_words(cells).to_pylist() == [expected, None, "无"]


@pytest.mark.parametrize("text", OTHERS)
def test_what_is_only_like_it_stays(text):
    """Days, areas, phases and numbers of documents are what a rule or a reader needs."""
    assert masked(text) == text
