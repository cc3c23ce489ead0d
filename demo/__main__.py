"""The story of one register, told with real commands: `python -m demo [--out DIR] [--lang zh|en]`.

A made-up county's list is imported, its labels are printed and photographed, things are lent,
returned, sent, transferred, lost, found and disposed of, and in the end somebody tampers with the
history and is found out. Every command is printed before it runs, and the story stops with an
error if one of them does not end as it must.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from demo import photos
from demo.desk import DemoError, near, spelt, surroundings
from demo.story import OLD_PRINTER, Story

MARK = ".assetctl-demo"
"""Stands in a folder that this story made and may wipe."""


def _fresh(out: Path, lang: str) -> None:
    """Wipe the folder of the last run and begin a new one.

    Raises:
        DemoError: the folder holds something that this story did not make.
    """
    if out.exists():
        if any(out.iterdir()) and not (out / MARK).exists():
            raise DemoError(
                zh=f"{out} 里有别的东西，不敢清空", en=f"{out} holds other things; not wiped"
            )
        shutil.rmtree(out)
    (out / "home").mkdir(mode=0o700, parents=True)
    (out / MARK).write_text("python -m demo\n", encoding="utf-8")
    settings = f'operator = "demo-admin"\nstation = "demo-desk"\nlang = "{lang}"\n'
    (out / "home" / "config.toml").write_text(settings, encoding="utf-8")


def _next_commands(out: Path) -> list[list[str]]:
    return [
        ["find", "打印机", "--state", "in_store"],
        ["show", photos.PROJECTOR],
        ["trace", OLD_PRINTER],
        ["scan", "image", str(out / "photos")],
        ["checkout", photos.PROJECTOR, "--to", "S201", "--due", "2099-12-31"],
        ["label", "sheet", "--all", "--out", str(out / "all-labels.pdf")],
        ["export", "assets", str(out / "export.csv")],
        ["verify", "--replay"],
        ["doctor"],
        ["--help"],
    ]


def _program() -> str:
    script = Path(sys.executable).with_name("assetctl")
    if not script.exists():
        return f"{sys.executable} -m assetctl"
    return str(near(script))


def _end(story: Story, seconds: float) -> None:
    """Print what there is now and what to try, and write it down for programs."""
    out, summary = story.out, story.summary
    commands = _next_commands(out)
    summary |= {"commands_run": story.desk.commands, "seconds": round(seconds, 1),
                "home": str(story.home.resolve()), "next": commands}  # fmt: skip
    text = json.dumps(summary, ensure_ascii=False, indent=2)
    (out / "summary.json").write_text(text + "\n", encoding="utf-8")
    verified = summary["verified"]
    story.desk.step("小结", "What there is now")
    story.desk.say(
        f"资产 {summary['assets']} 项，历史 {verified['entries']} 条，标签 "
        f"{summary['labels_printed']} 枚，照片读出真标签 {summary['genuine_tags']} 枚；"
        f"伪造、已换发的标签各 1 枚被拒；三处篡改都被发现。用时 {seconds:.0f} 秒。",
        f"{summary['assets']} assets, {verified['entries']} entries, "
        f"{summary['labels_printed']} labels, {summary['genuine_tags']} genuine tags read from "
        f"pictures; 1 forged and 1 replaced label refused; 3 tamperings found. {seconds:.0f} s.",
    )
    for name, zh, en in (
        ("labels.pdf", "公物仓全部标签（A4，每页 24 枚）", "all labels of the warehouse"),
        ("label.png", "一枚标签", "one label"),
        ("photos", "标签照片", "pictures of labels"),
        ("photos-suspicious", "可疑标签照片", "pictures of suspicious labels"),
        ("assets-faulty.csv", "有错误的清单", "the faulty list"),
        ("tampered", "被篡改的台账副本", "the copies that were tampered with"),
        ("county", "一个县半年的台账和单据", "half a year of a county"),
        ("home", "台账、密钥和设置", "register, keys and settings"),
        ("summary.json", "本小结，供程序读取", "this summary, for programs"),
    ):
        print(f"    {out / name}  {zh} / {en}")
    print("\n  接下来可以试试 / What to try next:\n")
    print(f"export ASSETCTL_HOME={spelt([str(story.home.resolve())])}")
    for words in commands:
        print(f"{_program()} {spelt(words)}")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the story; return 0 if everything went as it must."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("demo-output"), help="folder to make")
    parser.add_argument("--lang", choices=("zh", "en"), default="zh", help="language of assetctl")
    given = parser.parse_args(argv)
    began = time.monotonic()
    story = Story(given.out)
    with surroundings(home=str(story.home)):
        try:
            _fresh(given.out, given.lang)
            story.tell()
            _end(story, time.monotonic() - began)
        except DemoError as error:
            sys.stdout.flush()
            print(f"\n✗ 演示停止：{error.zh}\n  The demo stopped: {error.en}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
