"""What is wrong with a delivery as a whole: a file, a sheet or a header, before any row is looked at.

Such a problem refuses the batch. It has a stable code for machines and one sentence for the office, in the language of
the contract that the file was meant for; readers do not know that language, so they raise the code and its values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from unicodedata import category

SENTENCES: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "file.missing": "{place}:未找到该文件;应交:{allowed}{hint}",
        "file.empty": "{place}:文件为空(0 字节);应有一行表头和数据行",
        "file.large": "{place}:文件大小 {found} 字节;不得超过 {allowed} 字节",
        "file.kind": "{place}:文件类型为 {found};可交:{allowed}",
        "file.ambiguous": "{place}:文件名同时对应 {found};应只对应一张表,请改名",
        "file.encoding": "{place}:第 {line} 行含有无法识别的字符({found});应为 UTF-8 或 GB18030 编码",
        "file.nul": "{place}:第 {line} 行含有空字符(NUL);应为纯文本",
        "file.unreadable": "{place}:无法打开({found});应为完好的 {allowed} 文件",
        "file.encrypted": "{place}:工作簿已加密;请取消密码后重新提交",
        "file.macros": "{place}:工作簿含有宏;请另存为不含宏的 .xlsx 后重新提交",
        "file.doctype": "{place}:{found} 含有文档类型声明(DTD);不得含有任何 DTD 或外部实体",
        "file.costly": "{place}:读取超出限度({found}),文件过大或已损坏;请拆分,或把数据复制到新的工作簿后重新提交",
        "file.packed": "{place}:压缩包声明的大小与内容不符({found});应为所声明的 {allowed} 字节",
        "file.unpacked": "{place}:解压后为 {found} 字节;不得超过 {allowed} 字节",
        "file.parts": "{place}:压缩包内有 {found} 个部件;不得超过 {allowed} 个",
        "file.twins": "{place}:压缩包内 {found} 个部件中有同名部件;每个名称只能出现一次({allowed} 个)",
        "file.method": "{place}:压缩方法为 {found};应为 {allowed}",
        "file.special": "{place}:不是普通文件({found});应直接交文件本身,不得为链接、管道或设备",
        "folder.unreadable": "{place}:无法读取文件夹({found});应为可读的文件夹,不得为链接",
        "correction.foreign": "{place}:不是本系统退回的修改表(缺少隐藏的来源页);请在退回的工作簿中修改后原样交回",
        "correction.stale": "{place}:{found} 在退回之后又有变动;请按最新退回的工作簿修改",
        "correction.unknown": "{place}:找不到要改的位置({found});原文件、行号和表头不得改动,处理只能填“修改”或“删除”",
        "correction.twice": "{place}:{found} 行交回了两次,内容不同;每行只能有一个结果",
        "correction.row": "{place}:第 {line} 行的原行号为“{found}”;原行号不得改动,漏报的行请补在原文件中重新报送",
        "correction.earlier": "{place}:缺少在它之前交回的修改表 {found}(或该表后来有变动);请把历次交回的修改表放在一起",
        "correction.annotated": "{place}:这是原表的标注副本,仅供对照;请在“需修改的行”中修改后交回",
        "link.foreign": "{place}:不是待对应的工单表;表头应为:{allowed}",
        "link.nowhere": "{place}:确认的编号 {found} 不在登记之中;请填写登记的编号,或填“无”",
        "link.unknown": "{place}:报送的数据中没有工单 {found};请删去该工单,或按最新的待对应表填写",
        "link.stale": "{place}:工单 {found} 已报送小区编号,与确认的不同;请改正其中之一",
        "link.changed": "{place}:工单 {found} 的地址或小区名称与确认时不同;请按最新的待对应表填写",
        "link.twice": "{place}:工单 {found} 有两个不同的确认;每个工单只能对应一个小区",
        "sheet.missing": "{place}:未找到工作表“{found}”;现有:{allowed}{hint}",
        "sheet.left": "{place}:工作表“{found}”也有本表的数据,但只读取“{allowed}”;请合并或另存为单独的文件,不用的请删除",
        "sheet.empty": "{place}:没有表头;应有一行表头,其下为数据行(没有数据时只留表头)",
        "sheet.large": "{place}:范围(行 x 列)为 {found};不得超过 {allowed} 格",
        "sheet.wide": "{place}:有 {found} 列;不得超过 {allowed} 列",
        "sheet.repeated": "{place}:{allowed} 字节的内容重复成 {found} 格以上;每行应逐行填写,不得用一行代表多行",
        "sheet.merged": "{place}:合并单元格覆盖 {found} 格以上;不得超过 {allowed} 格",
        "header.repeated": "{place}:表头“{found}”重复;每个表头只能出现一次",
        "header.missing": "{place}:缺少“{column}”列;现有表头:{found};应有:{allowed}{hint}",
        "header.ambiguous": "{place}:“{column}”列有多个表头:{found};应只有一个",
        "row.ragged": "{place}:第 {line} 行有 {found} 格;应为 {allowed} 格(另有 {others} 行同样有误)",
        "cell.long": "{place}:第 {line} 行的“{column}”有 {found} 个字符;每格不得超过 {allowed} 个",
        "row.quote": "{place}:第 {line} 行的引号没有闭合;每个引号须成对",
        "row.long": "{place}:有一行超过 {allowed} 字节;请检查引号是否成对",
        "record.shape": "{place}:第 {line} 条记录为 {found};应为一组“名称: 值”",
        "record.nested": "{place}:第 {line} 条记录的“{column}”为 {found};应为单个值",
    },
    "en": {
        "file.missing": "{place}: found no such file, allowed: {allowed}{hint}",
        "file.empty": "{place}: found 0 bytes, allowed: a header line and rows",
        "file.large": "{place}: found {found} bytes, allowed: at most {allowed}",
        "file.kind": "{place}: found a {found} file, allowed: {allowed}",
        "file.ambiguous": "{place}: found a name that fits {found}, allowed: one table; rename the file",
        "file.encoding": "{place}:{line}: found bytes that are no text ({found}), allowed: UTF-8 or GB18030",
        "file.nul": "{place}:{line}: found a NUL byte, allowed: plain text",
        "file.unreadable": "{place}: found a file that cannot be opened ({found}), allowed: a sound {allowed} file",
        "file.encrypted": "{place}: found an encrypted workbook, allowed: one without a password",
        "file.macros": "{place}: found a workbook with macros, allowed: an .xlsx without macros",
        "file.doctype": "{place}: found a document type definition in {found}, allowed: none, and no entities",
        "file.costly": "{place}: found more to read than {found} allows, allowed: a smaller file or a fresh workbook",
        "file.packed": "{place}: found another size than declared ({found}), allowed: the declared {allowed} bytes",
        "file.unpacked": "{place}: found {found} bytes when unpacked, allowed: at most {allowed}",
        "file.parts": "{place}: found {found} parts in the archive, allowed: at most {allowed}",
        "file.twins": "{place}: found parts of one name among {found}, allowed: {allowed} names once each",
        "file.method": "{place}: found compression method {found}, allowed: {allowed}",
        "file.special": "{place}: found a {found}, allowed: the file itself, no link, pipe or device",
        "folder.unreadable": "{place}: found a folder that cannot be read ({found}), allowed: a readable one, no link",
        "correction.foreign": "{place}: found no page of origins, allowed: a fix workbook as it was sent out",
        "correction.stale": "{place}: found {found} changed since, allowed: the latest fix workbook",
        "correction.unknown": "{place}: found no such place or action ({found}), allowed: places and headers as sent",
        "correction.twice": "{place}: found two different corrections of row {found}, allowed: one",
        "correction.row": "{place}:{line}: found row number {found!r}, allowed: the one that was sent out",
        "correction.earlier": "{place}: found no {found}, which it was made after, allowed: all rounds in one folder",
        "correction.annotated": "{place}: found an annotated copy, allowed: the fix workbook that came with it",
        "link.foreign": "{place}: found no queue of tickets, allowed: the headers {allowed}",
        "link.nowhere": "{place}: found place {found}, which nobody registered, allowed: a registered one",
        "link.unknown": "{place}: found ticket {found}, which was not delivered, allowed: delivered tickets",
        "link.stale": "{place}: found ticket {found} delivered with another place, allowed: one place",
        "link.changed": "{place}: found other words of ticket {found} than were decided on, allowed: the same",
        "link.twice": "{place}: found two decisions about ticket {found}, allowed: one",
        "sheet.missing": "{place}: found no sheet {found!r}, allowed: {allowed}{hint}",
        "sheet.left": "{place}: found rows on sheet {found!r} too, allowed: {allowed!r} alone; merge or delete it",
        "sheet.empty": "{place}: found no header, allowed: a header line, and rows below it where there are any",
        "sheet.large": "{place}: found {found} (rows x columns), allowed: at most {allowed} cells",
        "sheet.wide": "{place}: found {found} columns, allowed: at most {allowed}",
        "sheet.repeated": "{place}: found {found} cells or more out of {allowed} bytes, allowed: every row by itself",
        "sheet.merged": "{place}: found merged cells over more than {found} cells, allowed: at most {allowed}",
        "header.repeated": "{place}: found header {found!r} twice, allowed: once",
        "header.missing": "{place}: found no header for {column!r} among {found}; allowed: {allowed}{hint}",
        "header.ambiguous": "{place}: found several headers for {column!r}: {found}, allowed: one",
        "row.ragged": "{place}:{line}: found {found} cells, allowed: {allowed} (and {others} more such rows)",
        "cell.long": "{place}:{line}: found {found} characters in {column!r}, allowed: at most {allowed} in a cell",
        "row.quote": "{place}:{line}: found a quotation mark that is never closed, allowed: pairs",
        "row.long": "{place}: found a row of more than {allowed} bytes, allowed: less; is a quotation mark not closed?",
        "record.shape": "{place}:{line}: found {found}, allowed: an object of names and values",
        "record.nested": "{place}:{line}: found {found} in {column!r}, allowed: a single value",
    },
}


WORDS: Final[Mapping[str, str]] = {
    "text": "文本",
    "nameless": "无扩展名",
    "number": "数字",
    "truth value": "真假值",
    "null": "空值",
    "list": "列表",
    "object": "对象",
    "time": "时间",
    "memory": "内存",
    "link": "链接",
    "pipe": "管道",
    "socket": "套接字",
    "folder": "文件夹",
    "device": "设备",
    "no permission": "没有权限",
    "too deep": "嵌套过深",
}
_LONGEST_PATH: Final = 4_096
_LONGEST_WORD: Final = 400
LONGEST_HEADER: Final = 40
_UNSEEN: Final = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


def shown(text: str, most: int = _LONGEST_WORD) -> str:
    r"""Delivered *text* in a message: on one line, cut where it is long, and nothing a terminal takes for a command.

    >>> shown("evil\x1b[2J\n投诉"), shown("翠湖苑" * 3, most=4)
    ('evil\\x1b[2J\\n投诉', '翠湖苑翠…')
    """
    cut = text if len(text) <= most else f"{text[:most]}…"
    return cut if cut.isprintable() else "".join(map(_seen, cut))


def _seen(character: str) -> str:
    return ascii(character)[1:-1] if category(character) in _UNSEEN else character


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a delivery.

    Attributes:
        code: Stable name, such as `header.missing`.
        place: File relative to the delivered folder, with its sheet where it has one.
        found: What stands there; empty where the code says it all.
        allowed: What may stand there; empty where the code says it all.
        message: The sentence the office reads.
    """

    code: str
    place: str
    found: str
    allowed: str
    message: str

    def __str__(self) -> str:
        return self.message


class UnreadableError(ValueError):
    """A delivered file, sheet or header that cannot be used.

    Attributes:
        code: Key of the sentence.
        place: File, with its sheet where it has one.
        values: What the sentence is filled with: found, allowed, line, column, hint, others; several headers as
            a tuple.
    """

    def __init__(self, code: str, place: str, **values: object) -> None:
        self.code, self.place, self.values = code, place, values
        super().__init__(self.problem("en").message)

    def problem(self, language: str, hide: Callable[[str], str] = str) -> Problem:
        """The problem, worded in *language* (zh or en).

        Args:
            language: Of the sentence.
            hide: Takes out of a delivered text what may not be told, before the text is cut and its signs are named.
        """
        place = shown(hide(self.place), _LONGEST_PATH)
        values = {name: _told(one, hide) for name, one in self.values.items()}
        if language == "zh" and (word := WORDS.get(str(values.get("found")))):
            values["found"] = word
        found, allowed = (str(values.get(name, "")) for name in ("found", "allowed"))
        hint = _hint(str(values.get("near", "")), language)
        message = SENTENCES[language][self.code].format(**{"place": place, **values, "hint": hint})
        return Problem(self.code, place, found, allowed, message)


def _told(value: object, hide: Callable[[str], str]) -> object:
    """A value of a sentence; of several headers, each is cut by itself."""
    if isinstance(value, tuple):
        return shown(", ".join(shown(hide(header), LONGEST_HEADER) for header in value))
    return shown(hide(value)) if isinstance(value, str) else value


def _hint(near: str, language: str) -> str:
    if not near:
        return ""
    return f";是否应为“{near}”?" if language == "zh" else f"; did you mean {near!r}?"
