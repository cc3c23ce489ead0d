"""The chapters in which the history is tampered with, handed out, and put back, and what tells."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from typing import Any

from demo import photos, tamper
from demo.desk import Desk, must

SHELF, BORROWER = "GWC-B-03-1", "S101"
TITLE_DOC = "样调〔2026〕1号"


class Proof:
    """What the chapters of proof need of a story."""

    desk: Desk
    out: Path
    home: Path
    summary: dict[str, Any]

    def tamper_with_history(self) -> None:
        """Chapter: one byte of one entry."""
        desk = self.desk
        desk.step("有人篡改历史（只在副本上）", "Somebody tampers with the history (of a copy)")
        entries = desk.ask("trace", photos.LAPTOP)
        (title,) = [one for one in entries if one["kind"] == "asset.title_transferred"]
        copy = self._copy("history.db")
        other = TITLE_DOC.replace("1号", "7号")
        changed = tamper.change_history(copy, title["subject"], title["seq"], TITLE_DOC, other)
        must(be=1, found=changed, zh="改动的字节数", en="bytes changed")
        desk.say(
            f"数据库管理员删掉触发器，把文号“{TITLE_DOC}”改成“{other}”，只改了一个字节。",
            f"A database administrator drops the triggers and makes “{other}” of “{TITLE_DOC}”: "
            "one byte.",
        )
        desk.run(*self._verify(copy), expect=7)
        found = desk.ask(*self._verify(copy), expect=7)["details"]
        must(be=(title["subject"], title["seq"]), found=(found["subject"], int(found["seq"])),
             zh="点名的条目", en="the entry named")  # fmt: skip
        self.summary["tampered_history"] = found

    def tamper_with_table(self) -> None:
        """Chapter: the owner in the table of assets."""
        desk = self.desk
        desk.step(
            "有人直接改台账表（只在副本上）", "Somebody edits the table of assets (of a copy)"
        )
        desk_id = self._id("YL2020-0033")
        copy = self._copy("table.db")
        tamper.change_owner(copy, desk_id, "U06")
        desk.say(
            "历史没有动，只把一张办公桌的权属单位改成 U06。历史仍然完好，重放比对就能发现：",
            "The history is untouched; a desk's owner is now U06. The history itself still "
            "holds; rebuilt from it, the table does not match:",
        )
        desk.run(*self._verify(copy))
        desk.run(*self._verify(copy), "--replay", expect=7)
        found = desk.ask(*self._verify(copy), "--replay", expect=7)["details"]
        must(be=f"asset:{desk_id}", found=found["subject"], zh="点名的资产", en="the asset named")
        self.summary["tampered_table"] = found

    def hand_to_an_auditor(self) -> None:
        """Chapter: a dossier that an auditor checks without us, and one broken byte."""
        desk, auditor = self.desk, self.out / "auditor"
        desk.step(
            "审计人员在自己的电脑上核验（不需要本系统）",
            "An auditor checks on his own laptop, without this program",
        )
        auditor.mkdir()
        dossier, policy = auditor / "dossier.zip", auditor / "policy"
        desk.run("seal", "--snapshot", "--out", auditor / "checkpoint")
        desk.run("export", "dossier", self._id(photos.LAPTOP), "--out", dossier)
        shutil.copy(self.home / "policy", policy)
        with zipfile.ZipFile(dossier) as archive:
            archive.extract("verify.py", auditor)
        desk.run_file(auditor / "verify.py", dossier, "--policy", policy)
        broken = tamper.break_dossier(dossier, auditor / "broken.zip")
        desk.say(
            f"在 {broken} 中只改一个字节：", f"One byte is changed in {broken}:",
        )  # fmt: skip
        desk.run_file(
            auditor / "verify.py", auditor / "broken.zip", "--policy", policy, expect=7
        )  # fmt: skip

    def restore_a_backup(self) -> None:
        """Chapter: an older backup put back, found by a checkpoint that was kept outside."""
        desk, kept = self.desk, self.out / "auditor" / "later-checkpoint"
        desk.step("有人换回旧备份（只在副本上）", "Somebody puts an older backup back (of a copy)")
        copy, machine = self._copy("backup.db"), self.out / "tampered" / "machine"
        shutil.copytree(self.home, machine)
        desk.run("checkout", photos.PROJECTOR, "--to", BORROWER, "--due", "2099-12-31")
        desk.run("checkin", photos.PROJECTOR, "--place", SHELF)
        desk.run("seal", "--out", kept)
        desk.say(
            "只换回数据库的，签名程序在数据库之外记着自己签过什么：",
            "Where only the database is put back, the signer remembers, outside of it, what it "
            "signed:",
        )
        desk.run(*self._verify(copy), expect=7)
        desk.say(
            "把整台机器都换回旧备份的，自身完全成立，借出又归还的两条记录无影无踪。审计人员手里的检查点说出真相：",
            "Where the whole machine is put back all of it holds, and a loan with its return is "
            "gone without a trace. The checkpoint in the auditor's hands tells:",
        )
        desk.run("--home", machine, "verify")
        against = ("--against", kept, "--policy", self.out / "auditor" / "policy")
        desk.run("--home", machine, "verify", *against, expect=7)
        found = desk.ask("--home", machine, "verify", *against, expect=7)
        must(be="log.forked", found=found["code"], zh="错误代码", en="code of the error")
        self.summary["older_backup"] = found

    def _id(self, card: str) -> str:
        return str(self.desk.ask("show", card)[0]["asset_id"])

    def _copy(self, name: str) -> Path:
        copy = self.out / "tampered" / name
        tamper.copy_register(self.home / "register.db", copy)
        return copy

    def _verify(self, copy: Path) -> list[str]:
        return ["--db", f"sqlite:///{copy}", "verify"]
