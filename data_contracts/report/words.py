"""What the page says in each language, and how it looks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "title": "数据接收报告",
        "refused": "整批退回:未入库",
        "taken": "已接收",
        "problems": "文件与表头的问题",
        "tables": "各表情况",
        "rules": "未通过的规则",
        "changes": "自动整理",
        "inputs": "收到的文件",
        "unclaimed": "未识别的文件",
        "files": "收到文件",
        "delivered": "报送行数",
        "accepted": "合格行数",
        "refused_rows": "有误行数",
        "share": "有误比例",
        "errors": "错误(处)",
        "warnings": "提醒(处)",
        "not_delivered": "没有数据行的表:",
        "table": "表",
        "rule": "规则",
        "count": "次数",
        "basis": "依据",
        "reason": "整理方式",
        "file": "文件",
        "rows": "行数",
        "digest": "校验值(SHA-256)",
        "listed": "{count} 个文件及其校验值",
        "error": "退回 {count} 处",
        "warning": "提醒 {count} 处",
        "none": "无",
        "place": "{file} 第 {rows} 行",
        "list": "、",
        "colon": ":",
        "then": ";",
        "empty": "(空)",
        "more": "……共 {count} 处,此处列出 {shown} 处;退回的各行见“需修改的行”工作簿",
    },
    "en": {
        "title": "Report of a delivery",
        "refused": "Refused as a whole: nothing was taken in",
        "taken": "Taken in",
        "problems": "Faults of files and headers",
        "tables": "Tables",
        "rules": "Rules that were broken",
        "changes": "Automatic changes",
        "inputs": "Files received",
        "unclaimed": "Files no table claims",
        "files": "files received",
        "delivered": "rows delivered",
        "accepted": "sound rows",
        "refused_rows": "rows with errors",
        "share": "share",
        "errors": "errors",
        "warnings": "warnings",
        "not_delivered": "Tables without a row: ",
        "table": "table",
        "rule": "rule",
        "count": "count",
        "basis": "basis",
        "reason": "change",
        "file": "file",
        "rows": "rows",
        "digest": "check sum (SHA-256)",
        "listed": "{count} files with their check sums",
        "error": "error, {count} times",
        "warning": "warning, {count} times",
        "none": "none",
        "place": "{file}, rows {rows}",
        "list": ", ",
        "colon": ": ",
        "then": "; ",
        "empty": "(empty)",
        "more": "… {count} in all, {shown} of them here; refused rows are in the fix workbooks",
    },
}
STYLE: Final = """
*{box-sizing:border-box}
body{margin:0;color:#1c2430;background:#fff;overflow-wrap:anywhere;
font:1rem/1.6 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Source Han Sans SC",sans-serif}
main{max-width:64rem;margin:0 auto;padding:1.5rem 1rem 3rem}
h1{margin:0 0 .5rem;font-size:1.75rem}
h2{margin:2.25rem 0 .75rem;font-size:1.3rem}
h3{margin:0;font-size:1.05rem}
.state{display:inline-block;margin:0;padding:.15rem .75rem;border:2px solid #17703f;border-radius:.3rem;
color:#17703f;font-weight:600}
.state.refused{border-color:#b02a2a;color:#b02a2a}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(8rem,1fr));gap:.75rem;margin:1.25rem 0}
.figures div{padding:.5rem .75rem;border:1px solid #d5dbe2;border-radius:.3rem;background:#f3f6f9}
dt{color:#525d6b;font-size:.9rem}
dd{margin:0;font-size:1.4rem;font-weight:600;font-variant-numeric:tabular-nums}
table{width:100%;border-collapse:collapse}
th,td{padding:.35rem .6rem;border-bottom:1px solid #d5dbe2;text-align:left;vertical-align:top;overflow-wrap:break-word}
details th,details td{overflow-wrap:anywhere}
thead th{background:#f3f6f9;border-bottom:2px solid #525d6b}
tbody th{font-weight:400}
.n{text-align:right;font-variant-numeric:tabular-nums}
td.n{white-space:nowrap}
article{margin:0 0 .75rem;padding:.75rem 1rem;border:1px solid #d5dbe2;border-left:.35rem solid #9a5b00;
border-radius:.3rem;break-inside:avoid}
article.error{border-left-color:#b02a2a}
article p{margin:.35rem 0}
article ul{margin:.35rem 0;padding-left:1.25rem}
.tag{margin-left:.5rem;font-size:.9rem;font-weight:600;color:#9a5b00;white-space:nowrap}
.error .tag{color:#b02a2a}
.soft{color:#525d6b;font-size:.9rem}
q{quotes:"“" "”";background:#f3f6f9;white-space:pre-wrap}
code{font:.85rem/1.5 ui-monospace,Consolas,"DejaVu Sans Mono",monospace}
summary{cursor:pointer;padding:.35rem 0}
:focus-visible{outline:3px solid #d97a00;outline-offset:2px}
@media (max-width:30rem){th,td{padding:.35rem .2rem}thead th{font-size:.75rem}
tbody th{min-width:5.5rem;overflow-wrap:anywhere}}
@page{margin:15mm}
@media print{main{max-width:none;padding:0}body{font-size:10pt}h2,h3{break-after:avoid}tr{break-inside:avoid}
details::details-content{content-visibility:visible;display:block;block-size:auto}summary{list-style:none}}
""".strip()
