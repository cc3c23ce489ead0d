#!/usr/bin/env python3
"""Check a dossier or an exported log of assetctl with this file and Python 3.8, nothing else:
python3 verify.py DOSSIER.zip|FOLDER [--policy FILE] [--against CHECKPOINT …] [--lang zh|en] [--json]

It reads, hashes and compares; it opens no connection and runs nothing of what it checks. Exit
codes: 0 proven, 7 not proven, 2 usage, 3 it cannot be read. It is written apart from the program
that makes dossiers, so that a slip in one is not a slip in both. Formats: RFC 6962 (trees), 8032
(Ed25519), 8785 (JSON, in a narrower profile), 9901 (disclosures); C2SP signed-note and
tlog-checkpoint, -cosignature, -policy, -proof, -tiles; docs/dossier.md says how they fit together.
"""
from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import re
import sys
import unicodedata
import zipfile
import zlib
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, NamedTuple, Sequence, Tuple

EVENT, GENESIS, DOSSIER = "assetctl/event@1", "assetctl/genesis@1", "assetctl/dossier@1"
ACT, SNAPSHOT = b"assetctl/act@1\n", "log.snapshot_taken"
Json = Dict[str, Any]
TILE = 256  # hashes of a full tile, entries of a full bundle
MOST_ENTRY = 65_535  # bytes: the length prefix in a bundle has 16 bits
MOST_TEXT = 1 << 24  # bytes of a text that is taken in as a whole
MOST_FILE, MOST_FILES = 1 << 28, 1 << 20  # bytes of a photo or document; files, of 4 KiB each

# A mark, a code, English, Chinese. Marks: + proven, ? not proven, ! wrong, x cannot be read.
_TABLE = """
+ checkpoint | The head of the log {origin} at {size} entries is signed by {names}. | 日志 {origin} 共 {size} 条，日志头由 {names} 签名。
+ witnessed | {names} cosigned it, last at {time}: others were shown the same log. | {names} 已联署（最近 {time}）：他人看到的是同一份日志。
+ entries | Entries of {subject} that stand in the log unchanged, each linked to the one before: {count}. | {subject} 在日志中、未被改动、逐条相连的记录：{count} 条。
+ signatures | Entries with a valid signature of their operator or station, by what is enclosed of the keys: {count}. | 依所附密钥记录，带有经办人或工位有效签名的记录：{count} 条。
+ disclosures | Names and remarks that are disclosed here as they were recorded: {count}. | 随附且与当时记录一致的姓名和备注：{count} 项。
+ complete | By the snapshot in the log, entries 1 to {n} are all there were of {subject} when it had {size} entries. | 据日志中的快照，日志有 {size} 条时，第 1 至 {n} 条就是 {subject} 的全部记录。
+ files | Files that are, byte for byte, what the entries name: {count}. | 与记录所列逐字节一致的文件：{count} 个。
+ against | The log continues the checkpoint of {size} entries in {file}. | 与 {file} 中 {size} 条时的检查点一致。
+ log | Entries that make up exactly this log, every tile and chain fitting: {count}; subjects: {subjects}. | 恰好构成本日志、哈希与每条链都相符的记录：{count} 条，对象 {subjects} 个。
+ snapshots | Snapshots of all subjects that are right: {count}. | 正确的全体快照：{count} 次。
? own_policy | Whose keys to trust was read from what is being checked; whoever made it chose them. Compare the keys above with those you were given elsewhere, or use --policy. | 信任哪些密钥取自被核验的材料本身，由制作者自定。请把上列密钥与您从别处得到的核对，或使用 --policy。
? no_witness | No witness is asked for: that others were shown the same log is not proven. | 未要求见证方：不能证明他人看到的是同一份日志。
? absent | The witness {name} has not cosigned. | 见证方 {name} 未联署。
? erased | Names or remarks that are not disclosed here (withheld, or erased by law): {count}. | 未随附的姓名或备注（未予披露，或已依法删除）：{count} 项。
? unsigned | Entries that nobody has signed, so that who acted is what the register says: {count}. | 无人签名、经办人以台账所记为准的记录：{count} 条。
? revoked | The signature of {name} at {place} does not count: the key had been revoked. | {place}：{name} 的签名不算数，该密钥已被撤销。
? after | That there was no more of {subject} than is enclosed is proven up to entry {n} only. | 除所附记录外 {subject} 别无其他，只能证明到第 {n} 条为止。
? not_compared | {file} has {size} entries, these are {have}: it was not compared. The log exported later can be. | {file} 为 {size} 条，本材料为 {have} 条，未比对；可用此后导出的整份日志比对。
? truth | Proven is what was recorded, not that it was true. README.txt, timeline.html, timeline.pdf and the day on which this was made prove nothing. | 证明的是当时记了什么，不是所记属实。README.txt、timeline.html、timeline.pdf 和制作时间不作证明。
x unreadable | it cannot be read ({why}) | 无法读取（{why}）
x no_dossier | it is neither a dossier (ZIP) nor the folder of a log | 既不是卷宗（ZIP），也不是日志文件夹
x hostile | it has no place in a dossier (its name, its kind, or there are two of it); nothing was read | 卷宗中不应有它（文件名、类型，或重复出现），未读取任何内容
x much | it is larger than it may be ({size} bytes); it was not read | 过大（{size} 字节），未读取
! missing | it is not there | 缺少
! stray | it belongs to nothing that is proven here | 不属于这里证明的任何内容
! form | it is not proper {what} ({found}) | 不是规范的 {what}（{found}）
! field | its field {name} should be {want} and is {found} | 字段 {name} 应为 {want}，实为 {found}
! signature | the signature of {name} does not hold | {name} 的签名不成立
! no_trust | no trusted key of {origin} has signed it | 没有 {origin} 的受信任密钥签名
! quorum | too few witnesses have cosigned it ({count}) | 联署的见证方不足（{count}）
! proof | it does not lead from its entry to the root that is signed | 不能由该记录推出所签名的树根
! order | it stands at a place of the log where it cannot stand | 在日志中的位置不对
! no_key | the key {name} that signed it is not proven, or is somebody else's | 签名所用密钥 {name} 未被证明，或不属于签名人
! snapshot | the snapshot says {want}, the log says {found} | 快照为 {want}，日志为 {found}
! file | it is not the file that an entry names as {name} ({found}) | 不是记录列为 {name} 的文件（{found}）
! tile | it and the entries do not fit | 与记录不符
! root | the entries lead to the root {found}, signed is {want} | 由记录推出的树根为 {found}，签名的是 {want}
! other_log | it is about another log, {found} | 属于另一份日志 {found}
! shorter | it speaks of {size} entries, this log has {have}: entries are gone, or this is an older export | 它为 {size} 条时所签，本日志只有 {have} 条：有记录缺失，或这是较早的导出
! rewritten | its first {size} entries were others: the history was rewritten | 其前 {size} 条与此不同：历史被改写
. is_proven | PROVEN | 结论：成立
. is! | NOT PROVEN. Wrong at {place}: {what}. | 结论：不成立。{place}：{what}。
. isx | CANNOT BE CHECKED. {place}: {what}. | 无法核验。{place}：{what}。
. + | Proven: | 已证明：
. ? | Not proven: | 未证明：
. timeline | History as far as proven (times of Beijing): | 已证明的历史（北京时间）：
"""
WORDS = {line.split(" ")[1]: (line[0], *line.split(" | ")[1:]) for line in _TABLE.strip().split("\n")}
_CHINESE = (
    "share_offered=已共享 share_stopped=已停止共享 listed=已挂牌 unlisted=已撤牌 sanitised=数据已清除 counted=清点 attached=添加附件 checked_in=归还 checked_out=借出 corrected=更正 disposal_proposed=申请处置 disposed=处置 "
    "disposal_withdrawn=撤回处置申请 found=报告找回 handover_refused=拒收 label_printed=打印标签 loan_extended=续借 "
    "moved=移位 received=接收 registered=登记 reported_missing=报告盘亏 sent=移交 tag_alerted=标签警报 "
    "tag_bound=绑定标签 tag_replaced=换发标签 tag_voided=作废标签 title_transferred=划转 actor=经办 for=代 holder=保管 "
    "place=地点 doc=依据 by=签名密钥 rec=入账 note=备注 title=标题 person_name=姓名 reason=原因 differs=差异")
CHINESE = dict(one.split("=") for one in _CHINESE.split())  # in English the codes read well enough

def word(code: str, lang: str, **facts: Any) -> str:
    """Return a sentence in a language with its facts put in, cleaned."""
    return WORDS[code][1 + (lang == "zh")].format(**{key: clean(one) for key, one in facts.items()})

def clean(value: Any, most: int = 300) -> str:
    """Return foreign text cut short, without characters that could fool a terminal or a reader."""
    text, bad = str(value)[:most], ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
    return "".join("\ufffd" if unicodedata.category(one) in bad else one for one in text)

def beijing(instant: str) -> str:
    """Return an instant, as history writes it, in the time of Beijing."""
    try:
        return str(datetime.strptime(instant[:19], "%Y-%m-%dT%H:%M:%S") + timedelta(hours=8))
    except (ValueError, OverflowError):
        return instant

class Wrong(Exception):  # noqa: N818  it is what the sentences call it
    """Something is not as it must be: `place` says where, `code` and `facts` make the sentence."""
    def __init__(self, code: str, place: str, **facts: Any) -> None:
        self.code, self.place, self.facts = code, place, facts

class Report:
    """What turned out: what is proven, what is not though nothing is wrong, and what is wrong."""
    def __init__(self, lang: str) -> None:
        self.lang, self.title, self.timeline = lang, "", []  # type: str, str, list[Json]
        self.found = {"+": [], "?": []}  # type: dict[str, list[dict[str, str]]]
        self.wrong = None  # type: Wrong | None

    def add(self, code: str, **facts: Any) -> None:
        """Say that something is proven, or that it is not."""
        self.found[WORDS[code][0]].append({"code": code, "text": word(code, self.lang, **facts)})

    def verdict(self) -> str:
        """Return the last sentence: proven, or the first thing wrong and where."""
        if self.wrong is None:
            return word("is_proven", self.lang)
        what = word(self.wrong.code, self.lang, **self.wrong.facts)
        return word("is" + WORDS[self.wrong.code][0], self.lang, place=self.wrong.place, what=what)

    def text(self) -> str:
        """Return the report for people."""
        lines = [clean(self.title)] if self.title else []
        for mark, found in self.found.items():
            if found:
                lines += ["", word(mark, self.lang), *("  - " + one["text"] for one in found)]
        if self.timeline:
            lines += ["", word("timeline", self.lang), *map(self._line, self.timeline)]
        return "\n".join([*lines, "", self.verdict(), ""])

    def json(self) -> str:
        """Return the report for programs."""
        wrong = self.wrong and {"code": self.wrong.code, "place": clean(self.wrong.place)}
        told = {"ok": wrong is None, "verdict": self.verdict(), "wrong": wrong, "title": self.title,
                "proven": self.found["+"], "not_proven": self.found["?"], "timeline": self.timeline}
        return json.dumps(told, indent=1) + "\n"

    def _line(self, row: Json) -> str:
        names = CHINESE if self.lang == "zh" else {}
        rec = {} if row["rec"][:16] == row["at"][:16] else {"rec": beijing(row["rec"])}
        shown = {**row["facts"], **row["disclosed"], **rec}
        parts = [f"{names.get(name, name)} {one}" for name, one in shown.items() if one]
        kind = row["kind"].partition(".")[2]
        kind = names.get(kind, row["kind"]) if names else kind.replace("_", " ")
        return f"  {row['n']:>4}  {beijing(row['at'])}  {kind}  {' · '.join(parts)}"

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_NAME = re.compile(r"[a-z_][a-z0-9_]*")
_COUNTED = ("snapshots", "files", "signatures", "disclosures", "unsigned", "erased")
_names_seen, _names_read = set(), []  # type: set[tuple[str, ...]], list[int]

def require(truth: Any, code: str, place: str, **facts: Any) -> None:
    """Go on only if something holds."""
    if not truth:
        raise Wrong(code, place, **facts)

def must(fields: Any, name: str, want: Any, place: str) -> Any:
    """Return a field, which must be there and be `want`, or of the type `want`; true is not 1."""
    found = fields.get(name) if isinstance(fields, dict) else None  # type: Any
    is_right = type(found) is want and (want is not int or found >= 0)
    if not (is_right or (type(found) is type(want) and found == want)):
        raise Wrong("field", place, name=name, want=getattr(want, "__name__", want), found=found)
    return found

def sha256(data: bytes) -> bytes:
    """Return the SHA-256 of some bytes."""
    return hashlib.sha256(data).digest()

def b64(data: bytes) -> str:
    """Return base64url without padding, as entries write it."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

def from_b64(text: Any, size: int, place: str, alt: bytes = b"+/") -> bytes:
    """Return `size` bytes (0: any number) of base64, or with `alt` of base64url; one form only."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), alt, validate=True)
    except (TypeError, ValueError):
        data = b""
    again = b64(data) if alt == b"-_" else base64.b64encode(data).decode()
    is_good = data and again == text and size in (0, len(data))
    require(is_good, "form", place, what="base64", found=text)
    return data

def read_text(data: bytes, place: str) -> str:
    """Return bytes as text without control characters other than newlines and tabs."""
    text = data.decode("utf-8", "surrogateescape")
    is_clean = not re.search("[\0-\x08\x0b-\x1f\ud800-\udfff]", text)
    require(is_clean, "form", place, what="UTF-8", found=text[:60])
    return text

def canonical(data: bytes, place: str, most: int = MOST_ENTRY) -> Json:
    """Return the object that canonical JSON says; refuse bytes that say it in any other form."""
    if len(data) > most:
        raise Wrong("much", place, size=len(data))
    try:
        text = data.decode("utf-8")
        _names_read.clear()
        value, end = _DECODER.raw_decode(text)
        # Without blanks and escapes, and when the decoder liked every name and number, it can only
        # be what the encoder would write. To write it anew would cost as much as all the rest.
        is_plain = not ("\\" in text or " " in text or "\n" in text or "\r" in text or "\t" in text)
        is_plain = is_plain and text.count('":') == sum(_names_read)  # objects forget repeated names
        is_same = end == len(text) and type(value) is dict and (is_plain or encode(value) == text)
        # An escape stands for a character that nothing composes with, like the quote here.
        bare = re.sub(r"\\(u....|.)", '"', text) if "\\" in text else text
        if is_same and (text.isascii() or unicodedata.is_normalized("NFC", bare)):
            return value  # type: ignore[no-any-return]
        raise ValueError(text[:60])
    except (ValueError, RecursionError) as error:
        raise Wrong("form", place, what="JSON (RFC 8785)", found=error) from None

def _number(text: str) -> int:
    if len(text) > 17 or text == "-0" or abs(int(text)) >= 1 << 53:
        raise ValueError(text[:20])
    return int(text)

def _object(value: Json) -> Json:
    names = tuple(value)
    if names not in _names_seen:
        if not all(map(_NAME.fullmatch, names)) or list(names) != sorted(names):
            raise ValueError(" ".join(names))
        if len(_names_seen) < 10_000:
            _names_seen.add(names)
    _names_read.append(len(names))
    return value

encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
_DECODER = json.JSONDecoder(object_hook=_object, parse_int=_number, parse_float=int,
                            parse_constant=int)  # `int` refuses all other numbers

P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
Point = Tuple[int, int, int, int]  # extended coordinates X, Y, Z, T
NEUTRAL = (0, 1, 1, 0)

def ed25519_verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether a signature holds. Strict: S < L, one form of every point, no weak key."""
    point, s = ed25519_point(public), int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or s >= ORDER or point is None:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    # R = S·B - h·A, two bits of both at a time, compared as bytes: so it too has one form only.
    table = [NEUTRAL, BASE, _add(BASE, BASE), _add(_add(BASE, BASE), BASE)]
    for _ in range(12):
        table.append(_add(table[-4], (P - point[0], point[1], 1, P - point[3])))
    total = NEUTRAL
    for shift in range(252, -1, -2):
        total = _add(total, total)
        total = _add(_add(total, total), table[(s >> shift & 3) + 4 * (h >> shift & 3)])
    inverse = pow(total[2], P - 2, P)
    x, y = total[0] * inverse % P, total[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]

@lru_cache(maxsize=1000)
def ed25519_point(public: bytes) -> Point | None:
    """Return the point of a public key; None if that is not its one form, or anybody can sign."""
    y = int.from_bytes(public, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * v**3 * pow(u * v**7, (P - 5) // 8, P) % P
    if (v * x * x + u) % P == 0:
        x = x * pow(2, (P - 1) // 4, P) % P
    if len(public) != 32 or y >= P or (v * x * x - u) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    eight = found = (x, y, 1, x * y % P)
    for _ in range(3):  # eight times a point of small order is the neutral one
        eight = _add(eight, eight)
    return None if eight[0] == 0 and eight[1] == eight[2] else found

def _add(one: Point, two: Point) -> Point:
    a, b = (one[1] - one[0]) * (two[1] - two[0]) % P, (one[1] + one[0]) * (two[1] + two[0]) % P
    c, d = 2 * one[3] * two[3] * D % P, 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)

BASE = ed25519_point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little")) or NEUTRAL

def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """Return the root above 1, 2, 4, 8, … hashes."""
    while len(hashes) > 1:
        hashes = [sha256(b"\x01" + a + b) for a, b in zip(hashes[::2], hashes[1::2])]
    return hashes[0]

def root_of(*levels: Sequence[bytes]) -> bytes:
    """Return the root of a tree given what is left over at each level, the highest first."""
    # A tree of n leaves is perfect subtrees side by side, the largest first, folded from the right.
    parts = []  # type: list[bytes]
    for hashes in levels:
        start = 0
        while start < len(hashes):
            width = 1 << (len(hashes) - start).bit_length() - 1
            parts.append(perfect_root(hashes[start : start + width]))
            start += width
    root = parts.pop() if parts else sha256(b"")
    while parts:
        root = sha256(b"\x01" + parts.pop() + root)
    return root

def root_from(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """Return the root that a proof leads to from a leaf (RFC 6962, 2.1.1); no hash if it cannot."""
    if not 0 <= index < size or (size == 1) != (not proof):
        return b""
    if size == 1:
        return leaf
    half = 1 << (size - 1).bit_length() - 1
    if index < half:
        return sha256(b"\x01" + root_from(leaf, index, half, proof[:-1]) + proof[-1])
    return sha256(b"\x01" + proof[-1] + root_from(leaf, index - half, size - half, proof[:-1]))

_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")
_SIGNATURE = re.compile(r"— ([^\s+]+) (\S+)")
_NOTE = re.compile("(?s).+?\n\n(?:— [^\n]+\n)+")
Key = NamedTuple("Key", [  # noqa: UP014  the kind is 1 for a log, 4 for a witness
    ("name", str), ("key_id", bytes), ("kind", int), ("public", bytes), ("text", str)])
Head = NamedTuple("Head", [  # noqa: UP014  of each signature its name, and key id and value
    ("origin", str), ("size", int), ("root", bytes), ("note", str), ("signatures", Any)])

def read_head(note: str, place: str) -> Head:
    """Return the checkpoint of a signed note, its signatures only taken apart."""
    body, _, tail = note.rpartition("\n\n")
    lines, found = body.split("\n"), [_SIGNATURE.fullmatch(one) for one in tail[:-1].split("\n")]
    is_note = tail.endswith("\n") and len(found) <= 64 and None not in found and "\t" not in note
    is_head = len(lines) == 3 and lines[0] and _NUMBER.fullmatch(lines[1])
    require(is_note and is_head, "form", place, what="tlog-checkpoint", found=note[:60])
    signatures = [(one.group(1), from_b64(one.group(2), 0, place)) for one in found if one]
    return Head(lines[0], int(lines[1]), from_b64(lines[2], 32, place), note, signatures)

def signed_by(head: Head, keys: Iterable[Key], place: str) -> dict[Key, int]:
    """Return which keys signed a checkpoint, and when if a witness; one bad signature spoils all."""
    known, found = {key[:2]: key for key in keys if key.kind in (1, 4)}, {}  # type: Any, Any
    for name, value in head.signatures:
        key = known.get((name, value[:4]))
        if key is not None:  # those of unknown keys are passed over, as C2SP says
            time, signed, value = 0, head.note.rpartition("\n\n")[0] + "\n", value[4:]
            if key.kind == 4:
                time, value = int.from_bytes(value[:8], "big"), value[8:]
                signed = f"cosignature/v1\ntime {time}\n{signed}"
            is_good = key not in found and ed25519_verify(key.public, signed.encode(), value)
            require(is_good, "signature", place, name=name)
            found[key] = time
    return found  # type: ignore[no-any-return]

class Policy:
    """Whom to believe: keys of logs, witnesses, groups (how many of whom), and the quorum."""
    def __init__(self, data: bytes, place: str) -> None:
        self._place, self._quorum = place, ""
        self.logs, self._witnesses = [], {}  # type: list[Key], dict[str, Key]
        self._groups = {}  # type: dict[str, tuple[int, list[str]]]
        self._free = set()  # type: set[str]  # names that are defined and in no group yet
        for line in read_text(data, place).split("\n"):
            words = [one for one in re.split(r"[ \t]+", line) if one]
            is_good = not words or words[0][0] == "#" or self._take(words[0], words[1:])
            require(is_good, "form", place, what="tlog-policy", found=line)
        require(self._quorum, "form", place, what="tlog-policy", found="quorum?")

    def _take(self, verb: str, rest: list[str]) -> bool:
        known = {"none", *self._witnesses, *self._groups}
        if verb == "log" and len(rest) in (1, 2):
            self.logs.append(self._key(rest[0]))
            return len({one.public for one in self.logs}) == len(self.logs)
        if verb == "quorum" and len(rest) == 1 and not self._quorum:
            self._quorum = rest[0]
            return rest[0] in known
        if verb == "witness" and len(rest) in (2, 3) and rest[0] not in known:
            self._witnesses[rest[0]] = self._key(rest[1])
            self._free.add(rest[0])
            keys = {one.public for one in self._witnesses.values() if one.kind == 4}
            return len(keys) == len(self._witnesses)
        if verb != "group" or len(rest) < 3 or rest[0] in known:
            return False
        members = set(rest[2:]) & self._free
        least = {"any": "1", "all": str(len(members))}.get(rest[1], rest[1])
        self._groups[rest[0]] = (int(least) if _NUMBER.fullmatch(least) else 0, rest[2:])
        self._free = self._free - members | {rest[0]}
        return 0 < self._groups[rest[0]][0] <= len(members) == len(rest[2:])

    def _key(self, text: str) -> Key:
        name, _, rest = text.partition("+")
        raw = from_b64(rest[9:], 0, self._place)
        key_id = sha256(name.encode() + b"\n" + raw)[:4]
        is_weak = raw[0] in (1, 4) and ed25519_point(raw[1:]) is None
        is_good = name and rest[:9] == key_id.hex() + "+" and not is_weak
        require(is_good, "form", self._place, what="vkey", found=text)
        return Key(name, key_id, raw[0], raw[1:], text)

    def believe(self, head: Head, place: str, report: Report) -> None:
        """Check that a checkpoint counts, and say who has signed it."""
        logs = [key for key in self.logs if key.name == head.origin]
        signed = signed_by(head, [*logs, *self._witnesses.values()], place)
        names = ", ".join(key.text for key in logs if key in signed)
        require(names, "no_trust", place, origin=head.origin)
        seen = {name: key in signed for name, key in self._witnesses.items()}
        present = [name for name, is_there in seen.items() if is_there]
        for name, (least, members) in self._groups.items():
            seen[name] = sum(seen[one] for one in members) >= least
        require(seen.get(self._quorum, True), "quorum", place, count=len(present))
        report.add("checkpoint", origin=head.origin, size=head.size, names=names)
        if present:
            time = datetime(1970, 1, 1, 8) + timedelta(seconds=min(max(signed.values()), 1 << 37))
            report.add("witnessed", names=", ".join(present), time=time)
        for name in [name for name in self._witnesses if name not in present]:
            report.add("absent", name=name)
        if not self._witnesses:
            report.add("no_witness")

_MEMBER = re.compile(r"[\w-][\w.-]*(/[\w-][\w.-]*)*/?")
class Box:
    """The files of a dossier or a log by name, with the size that each says it has."""
    def __init__(self, path: Path) -> None:
        self._folder, self._zip, self.sizes = path, None, {}  # type: Path, Any, dict[str, int]
        unpacked = 0
        for name, size, packed, is_plain in self._listed():
            unpacked += size - packed
            require(is_plain and name not in self.sizes and _MEMBER.fullmatch(name), "hostile", name)
            require(max(unpacked >> 12, len(self.sizes)) < MOST_FILES, "much", name, size=unpacked)
            self.sizes[name] = size
        self.unread = {name for name, size in self.sizes.items() if size or name[-1] != "/"}

    def _listed(self) -> Iterator[tuple[str, int, int, bool]]:  # name, size, packed, is it plain
        if self._folder.is_dir():
            for path in self._folder.rglob("*"):
                if path.is_symlink() or not path.is_dir():
                    size, is_plain = path.lstat().st_size, path.is_file() and not path.is_symlink()
                    yield path.relative_to(self._folder).as_posix(), size, size, is_plain
            return
        try:
            self._zip = zipfile.ZipFile(self._folder)
        except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError):
            raise Wrong("no_dossier", str(self._folder)) from None
        for one in self._zip.infolist():
            is_plain = not one.flag_bits & 0x61 and one.compress_type in (0, 8)
            yield one.orig_filename, one.file_size, one.compress_size, is_plain

    def read(self, name: str, most: int = MOST_TEXT) -> bytes:
        """Return a file of at most so many bytes."""
        size = self.sizes.get(name, -1)
        require(0 <= size <= most, "missing" if size < 0 else "much", name, size=size)
        self.unread.discard(name)
        try:
            with self._zip.open(name) if self._zip else (self._folder / name).open("rb") as file:
                return bytes(file.read(size))
        except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error) as error:
            raise Wrong("unreadable", name, why=error) from None

class Check:
    """What the checks of a dossier and of a log have in common."""
    def __init__(self, box: Box, options: Any, report: Report) -> None:
        self.box, self.report = box, report
        given = options.policy
        policy = Policy(Path(given).read_bytes() if given else box.read("policy"), given or "policy")
        self.head = read_head(read_text(box.read("checkpoint"), "checkpoint"), "checkpoint")
        policy.believe(self.head, "checkpoint", report)
        if not given:
            report.add("own_policy")
        box.unread -= {"policy", "README.txt", "verify.py", "timeline.html", "timeline.pdf"}
        self.trusted = [key for key in policy.logs if key.name == self.head.origin]
        self.kept = {}  # type: dict[int, list[tuple[str, Head]]]
        for path in options.against:
            self._keep(path, read_text(Path(path).read_bytes(), path))
        self.first, self.keys, self.ends = b"", {}, {}  # type: bytes, dict[str, Json], Any
        self.disclosed = {}  # type: dict[str, tuple[int, str, str]]
        self.counts = dict.fromkeys(_COUNTED, 0)

    def _keep(self, path: str, text: str) -> None:
        """Take in a checkpoint that was kept elsewhere; ones of other trees may stand beside it."""
        heads = [read_head(one.lstrip("\n"), path) for one in _NOTE.findall(text) or [text]]
        ours = [one for one in heads if one.origin == self.head.origin]
        require(ours, "other_log", path, found=heads[0].origin)
        for one in ours:
            signed_by(one, self.trusted, path)
            self.kept.setdefault(one.size, []).append((path, one))

    def compare(self, size: int, root: bytes) -> None:
        """Compare the root that the log had at a size with what was kept elsewhere."""
        for path, one in self.kept.pop(size, ()):
            require(one.root == root, "rewritten", path, size=size)
            self.report.add("against", size=size, file=path)

    def take_genesis(self, fields: Json, leaf: bytes, place: str) -> None:
        """Check that the first entry names this log."""
        must(fields, "_", GENESIS, place)
        must(fields, "log", self.head.origin, place)
        self.first = leaf

    def take_key(self, fields: Json, place: str) -> None:
        """Take in what an entry says of a key: its public half and whose it is, or its end."""
        subject = must(fields, "subject", str, place)
        data, rec = must(fields, "data", dict, place), must(fields, "rec", str, place)
        if fields.get("kind") == "key.created":
            self.keys.setdefault(subject, {**data, "rec": rec})
        if fields.get("kind") == "key.revoked":
            since, first = self.ends.get(subject, ("~", "~"))  # "~" comes after every digit
            self.ends[subject] = (min(since, must(data, "from", str, place)), min(first, rec))

    def take_entry(self, fields: Json, subject: str, n: int, before: bytes, place: str) -> Json:
        """Check that an entry is the n-th of its subject; return what is disclosed of it."""
        get, link = fields.get, b64(before)
        found = (get("p"), get("n"), get("subject"), get("_"))
        if found != (link, n, subject, EVENT) or found[1] is True:
            for name, want in (("_", EVENT), ("subject", subject), ("n", n), ("p", link)):
                must(fields, name, want, place)
        at, rec, shown = get("at"), get("rec"), {}
        if not (_INSTANT.fullmatch(str(at)) and (at == rec or _INSTANT.fullmatch(str(rec)))):
            raise Wrong("field", place, name="at, rec", want="…T…Z", found=(at, rec))
        for digest in must(fields, "sd", list, place) if "sd" in fields else ():
            if isinstance(digest, str) and digest in self.disclosed:
                _, path, value = self.disclosed.pop(digest)
                shown[clean(path)] = clean(value, 2000)
                self.counts["disclosures"] += 1
            else:
                self.counts["erased"] += 1
        return shown

    def check_operator_signature(self, fields: Json, place: str) -> None:
        """Check the signature of an operator or a station under an entry, if there is one."""
        if "by" not in fields and "sig" not in fields:
            self.counts["unsigned"] += 1
            return
        code, value = must(fields, "by", str, place), from_b64(fields.get("sig"), 64, place, b"-_")
        key = self.keys.get("key:" + code, {})
        whose = fields.get({"operator": "actor", "station": "st"}.get(str(key.get("purpose")), ""))
        is_key = re.fullmatch("[0-9a-f]{64}", str(key.get("public"))) and key["rec"] <= fields["rec"]
        require(is_key and whose and key.get("party") == whose, "no_key", place, name=code)
        # Signed is the entry without what the register adds when it records it.
        bare = {name: one for name, one in fields.items() if name not in ("n", "p", "rec", "sig")}
        said = ACT + encode(bare).encode()
        is_good = ed25519_verify(bytes.fromhex(key["public"]), said, value)
        require(is_good, "signature", place, name=code)
        since, recorded = self.ends.get("key:" + code, ("~", "~"))
        if fields["at"] >= since or fields["rec"] >= recorded:
            self.report.add("revoked", name=code, place=f"{fields['subject']} {fields['n']}")
        else:
            self.counts["signatures"] += 1

    def read_disclosures(self) -> None:
        """Read the disclosures (RFC 9901), if there are any, each known by its digest."""
        name = "disclosures.txt"
        data = self.box.read(name, MOST_FILE * 16) if name in self.box.sizes else b""
        lines = data.split(b"\n")
        require(lines.pop() == b"", "form", name, what="RFC 9901", found="end")
        for line, text in enumerate(lines, 1):
            place = f"{name}:{line}"
            try:
                raw = from_b64(text.decode("ascii"), 0, place, b"-_")
                _, path, value = map(str, json.loads(raw))
            except (ValueError, TypeError, RecursionError):
                raise Wrong("form", place, what="RFC 9901", found=text[:60]) from None
            known = self.disclosed.setdefault(b64(sha256(text)), (line, path, value))
            require(known[0] == line, "stray", place)

    def close(self) -> None:
        """Say what turned out in all; nothing may be left over."""
        left = [f"disclosures.txt:{line}" for line, _, _ in self.disclosed.values()]
        left += sorted(self.box.unread)
        require(not left, "stray", ", ".join(left[:3]))
        for code, count in self.counts.items():
            if count:
                self.report.add(code, count=count)
        for path, one in [one for kept in self.kept.values() for one in kept]:
            require(isinstance(self, Dossier), "shorter", path, size=one.size, have=self.head.size)
            self.report.add("not_compared", file=path, size=one.size, have=self.head.size)
        self.report.add("truth")

_PROOF = re.compile(r"c2sp\.org/tlog-proof@v1\n(?:extra \S+\n)?index (0|[1-9]\d{0,17})((?:\n\S+)*)")
Proven = Tuple[Json, bytes, int]  # fields, leaf hash and index of an entry of the log
class Dossier(Check):
    """The check of a dossier, in the order of docs/dossier.md."""
    def check(self) -> None:
        """Check everything, or raise at the first thing wrong."""
        place = "dossier.json"
        about = canonical(self.box.read(place), place, MOST_TEXT)
        subject = self.report.title = must(about, "subject", str, place)
        for name, want in (("_", DOSSIER), ("origin", self.head.origin), ("size", self.head.size)):
            must(about, name, want, place)
        self.compare(self.head.size, self.head.root)
        genesis, leaf, index = self.proven("genesis", "genesis")
        require(index == 0, "order", "genesis.tlog-proof")
        self.take_genesis(genesis, leaf, "genesis.json")
        for code in sorted({one.split("/")[1] for one in self.box.sizes if one[:5] == "keys/"}):
            for fields, _, _ in self.chain("key:" + code, "keys/" + code, "keys/" + code):
                self.take_key(fields, "keys/" + code)
        self.read_disclosures()
        entries = list(self.chain(subject, "entries", "proofs"))
        must(about, "entries", len(entries), place)
        self.report.add("entries", count=len(entries), subject=subject)
        for n, (fields, _, _) in enumerate(entries, 1):
            self.check_operator_signature(fields, f"entries/{n:06}.json")
        n = self.complete(subject, entries) if must(about, "snapshot", bool, place) else 0
        self.report.add("after", n=n, subject=subject)
        self.files(must(about, "files", list, place), entries, place)
        self.close()

    def proven(self, entry: str, proof: str) -> Proven:
        """Return an entry once it is canonical and its proof leads to the head of the log."""
        place, data = proof + ".tlog-proof", self.box.read(entry + ".json", MOST_ENTRY)
        fields, leaf = canonical(data, entry + ".json"), sha256(b"\x00" + data)
        top, _, note = read_text(self.box.read(place), place).partition("\n\n")
        match = _PROOF.fullmatch(top)
        index, hashes = match.groups() if match else ("", "")
        require(match, "form", place, what="tlog-proof", found=top[:60])
        require(note == self.head.note, "form", place, what="checkpoint", found=note[:60])
        steps = [from_b64(one, 32, place) for one in hashes.split("\n")[1:]]
        root = root_from(leaf, int(index), self.head.size, steps)
        require(root == self.head.root, "proof", place)
        return fields, leaf, int(index)

    def chain(self, subject: str, entry: str, proof: str) -> Iterator[Proven]:
        """Give the entries of a subject that are enclosed, each linked to the one before."""
        before, last = self.first, 0
        count = sum(one.startswith(entry + "/") and one.endswith(".json") for one in self.box.sizes)
        for n in range(1, count + 1):
            fields, leaf, index = self.proven(f"{entry}/{n:06}", f"{proof}/{n:06}")
            shown = self.take_entry(fields, subject, n, before, f"{entry}/{n:06}.json")
            require(index > last, "order", f"{proof}/{n:06}.tlog-proof")
            if entry == "entries":
                self.report.timeline.append(_row(fields, shown))
            before, last = leaf, index
            yield fields, leaf, index

    def complete(self, subject: str, entries: Sequence[Proven]) -> int:
        """Check that the newest snapshot counts these entries; return up to which they are all."""
        snapshot, _, index = self.proven("snapshot", "snapshot")
        must(snapshot, "kind", SNAPSHOT, "snapshot.json")
        data, place = must(snapshot, "data", dict, "snapshot.json"), "completeness.json"
        size, count = (must(data, name, int, "snapshot.json") for name in ("size", "count"))
        told = canonical(self.box.read(place), place)
        ours = [{"a": subject, "h": b64(top), "n": n} for n, (_, top, _) in enumerate(entries, 1)]
        leaf = told.get("leaf")  # type: Any
        require(leaf in ours, "field", place, name="leaf", want=ours, found=leaf)
        n, hashed = ours.index(leaf) + 1, sha256(b"\x00" + encode(leaf).encode())
        steps = [from_b64(one, 32, place, b"-_") for one in must(told, "proof", list, place)]
        found = root_from(hashed, must(told, "index", int, place), count, steps)
        root = from_b64(data.get("root"), 32, "snapshot.json", b"-_")
        require(found == root, "proof", place)
        for number, (_, _, at) in enumerate(entries, 1):
            is_right = (at < size) == (number <= n) and size <= index
            require(is_right, "order", f"proofs/{number:06}.tlog-proof")
        self.report.add("complete", n=n, subject=subject, size=size)
        return n

    def files(self, listed: list[Any], entries: Sequence[Proven], place: str) -> None:
        """Check each file by the hash that an entry names."""
        told = [fields["data"] for fields, _, _ in entries if isinstance(fields.get("data"), dict)]
        named = [(one.get("sha256"), one.get("role", "")) for one in told]
        for one in listed:
            name, digest, role = (must(one, key, str, place) for key in ("name", "sha256", "role"))
            found = hashlib.sha256(self.box.read(name, MOST_FILE)).hexdigest()
            is_right = (found, name[:70]) == (digest, "files/" + digest) and (digest, role) in named
            require(is_right, "file", name, name=role, found=found)
            self.counts["files"] += 1

def _row(fields: Json, disclosed: Json) -> Json:
    data = fields["data"] if isinstance(fields.get("data"), dict) else {}
    facts = {name: clean(fields.get(name, "")) for name in ("actor", "for", "by")}
    facts.update({name: clean(data.get(name, "")) for name in ("holder", "place", "doc")})
    row = {name: clean(fields.get(name, "")) for name in ("n", "at", "rec", "kind")}
    return {**row, "facts": facts, "disclosed": disclosed}

class Log(Check):
    """The check of an exported log in one pass; what is kept is the newest leaf of each subject."""
    def check(self) -> None:
        """Check everything, or raise at the first thing wrong."""
        self.report.title, size = self.head.origin, self.head.size
        self.heads, self.states = {}, {}  # type: dict[str, tuple[int, bytes]], dict[int, Any]
        self.levels = [[] for _ in range(8)]  # type: list[list[bytes]]  # hashes of unfinished tiles
        self.read_disclosures()
        for start in range(0, size, TILE):
            self.look_ahead(*self.bundle(start, b'"kind":"key.', SNAPSHOT.encode()))
        for start in range(0, size, TILE):
            self.take_bundle(start, *self.bundle(start, b""))
            if sys.stderr.isatty():
                sys.stderr.write(f"\r{start} / {size} ")
        for level in range(1, 8):
            self.compare_tile(level, size >> 8 * level)
        # Partial tiles of smaller sizes stay when an export is continued; nothing rests on them.
        self.box.unread = {one for one in self.box.unread if ".p/" not in one}
        root, want = self.pause(size), self.head.root
        require(root == want, "root", "checkpoint", found=b64(root), want=b64(want))
        self.report.add("log", count=size - 1, subjects=len(self.heads))
        self.close()

    def bundle(self, start: int, *marks: bytes) -> tuple[str, list[bytes]]:
        """Return where a bundle stands, and its entries if it holds any of these marks."""
        width, at, found = min(TILE, self.head.size - start), 0, []
        name = tile_name("entries", start // TILE, width)
        data = self.box.read(name, TILE * (MOST_ENTRY + 2))
        if not any(mark in data for mark in marks):
            return name, []
        while at < len(data):
            end = at + 2 + int.from_bytes(data[at : at + 2], "big")
            found.append(data[at + 2 : end])
            at = end
        require((at, width) == (len(data), len(found)), "form", name, what="bundle", found=at)
        return name, found

    def look_ahead(self, name: str, entries: list[bytes]) -> None:
        """Note what must be known before its time: keys that sign, and sizes of snapshots."""
        for fields in (canonical(one, name) for one in entries):
            if str(fields.get("kind")).startswith("key."):
                self.take_key(fields, name)
            if fields.get("kind") == SNAPSHOT:
                self.states[must(fields.get("data"), "size", int, name)] = None

    def take_bundle(self, start: int, name: str, entries: list[bytes]) -> None:
        """Check each entry of a bundle, and the tiles that it fills."""
        for index, entry in enumerate(entries, start):
            if index in self.kept or index in self.states:
                self.pause(index)
            leaf = sha256(b"\x00" + entry)
            try:
                self.take(canonical(entry, ""), leaf, index)
            except Wrong as wrong:
                wrong.place = wrong.place or f"{name} ({index})"
                raise
            self.levels[0].append(leaf)
        self.compare_tile(0, start + len(entries))

    def compare_tile(self, level: int, end: int) -> None:
        """Compare the newest tile of a level, which goes up to hash `end`; then the one above."""
        hashes = self.levels[level]
        if hashes:
            name = tile_name(level, (end - 1) // TILE, len(hashes))
            require(self.box.read(name) == b"".join(hashes), "tile", name)
        if len(hashes) == TILE:
            self.levels[level] = []
            self.levels[level + 1].append(perfect_root(hashes))
            if end % (TILE * TILE) == 0:
                self.compare_tile(level + 1, end // TILE)

    def take(self, fields: Json, leaf: bytes, index: int) -> None:
        """Check an entry against the chain of its subject, and a snapshot against all chains."""
        if index == 0:
            self.take_genesis(fields, leaf, "")
            return
        subject = str(fields.get("subject"))
        n, before = self.heads.get(subject, (0, self.first))
        self.take_entry(fields, subject, n + 1, before, "")
        self.check_operator_signature(fields, "")
        self.heads[subject] = (n + 1, leaf)
        if fields.get("kind") == SNAPSHOT:
            want = (fields["data"].get("count"), fields["data"].get("root"))
            found = self.states[fields["data"]["size"]]
            require(found == want, "snapshot", "", want=want, found=found)
            self.counts["snapshots"] += 1

    def pause(self, size: int) -> bytes:
        """Look at the log as it was with so many entries; return the root that it had."""
        root = root_of(*reversed(self.levels))
        self.compare(size, root)
        if size in self.states:
            heads = sorted(self.heads.items(), key=lambda one: one[0].encode())
            told = [f'\0{{"a":{encode(one)},"h":"{b64(top)}","n":{n}}}' for one, (n, top) in heads]
            leaves = [sha256(one.encode()) for one in told]
            self.states[size] = (len(leaves), b64(root_of(leaves)))
        return root

def tile_name(level: Any, n: int, width: int) -> str:
    """Return the path of a tile or a bundle (C2SP tlog-tiles): number 1234067 is x001/x234/067."""
    path = re.sub("(...)(?=...)", r"x\1/", str(n).zfill(-(-len(str(n)) // 3) * 3))
    return f"tile/{level}/{path}" + (f".p/{width}" if width < TILE else "")

def main(arguments: Sequence[str] | None = None) -> int:
    """Check what the command line names; return the exit code."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    local = next(filter(None, map(os.environ.get, names)), "")  # noqa: TID251  it stands alone
    parser = argparse.ArgumentParser(prog="verify.py", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("dossier", metavar="DOSSIER.zip|FOLDER", help="卷宗或日志文件夹")
    parser.add_argument("--policy", metavar="FILE", help="whose keys to trust 信任策略")
    parser.add_argument("--against", metavar="CHECKPOINT", nargs="+", action="extend", default=[])
    parser.add_argument("--lang", choices=("zh", "en"), default="en" if local[:2] == "en" else "zh")
    parser.add_argument("--json", action="store_true", help="answer in JSON 以 JSON 作答")
    options = parser.parse_args(arguments)
    report = Report(options.lang)
    try:
        box = Box(Path(options.dossier))
        require({"dossier.json", "checkpoint"} & box.sizes.keys(), "no_dossier", options.dossier)
        (Dossier if "dossier.json" in box.sizes else Log)(box, options, report).check()
    except Wrong as wrong:
        report.wrong = wrong
    except (OSError, RecursionError) as error:
        report.wrong = Wrong("unreadable", getattr(error, "filename", ""), why=error)
    text, code = report.json() if options.json else report.text(), sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(code, "replace").decode(code))
    return {"!": 7, "x": 3}[WORDS[report.wrong.code][0]] if report.wrong else 0

if __name__ == "__main__":
    sys.exit(main())
