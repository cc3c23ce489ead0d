"""loan remind, against real servers of mail and posts that behave well and badly."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_string
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from assetctl.cli import clock
from assetctl.i18n import LANGUAGES
from assetctl.store.tables import history
from tests.conftest import Register
from tests.servers import Desk, Mailbox, listening

CLERK, HEAD = "clerk@u2.example", "head@u2.example"


def day(days: int) -> str:
    today = datetime.fromisoformat(clock.today("Asia/Shanghai"))
    return (today + timedelta(days=days)).date().isoformat()


def staffed(register: Register) -> Register:
    for code, unit, role in (
        ("C2", "U2", "asset_clerk"), ("H2", "U2", "unit_head"), ("K1", "U1", "warehouse_keeper"),
        ("M1", "U1", "warehouse_manager"),
    ):  # fmt: skip
        register.ok("party", "add", code, "--name", "测试", "--kind", "person", "--unit", unit)
        register.ok("role", "grant", code, role)
    return register


def lent(register: Register, *fields: str) -> tuple[str, str]:
    """Lend a thing to U2 under a loan that went its whole way; return its number and the thing."""
    asset = register.register()
    made = register.ok("--as", "C2", "loan", "request", asset, "--purpose", "会议", *fields)
    number = made["number"]
    for who in ("H2", "M1"):
        register.ok("--as", who, "doc", "approve", number)
    register.ok("--as", "K1", "loan", "handover", number, asset)
    return number, asset


@pytest.fixture
def office(desk: Register) -> Register:
    """A register on SQLite where everybody has his role, and something is due in ten days."""
    staffed(desk)
    lent(desk, "--due", day(10))
    return desk


def remind(register: Register, *more: str, code: int = 0, on: int = 10) -> Any:
    answer = register("--as", "K1", "loan", "remind", "--on", day(on), *more, "--json")
    assert answer.code == code, answer.out
    return answer.data


def set_up(register: Register, text: str) -> None:
    to = f'\n[to.U2]\nasset_clerk = ["{CLERK}"]\nunit_head = ["{HEAD}"]\n'
    (register.home / "notices.toml").write_text(text + to)


def mail_at(register: Register, port: int, more: str = "") -> None:
    set_up(register, f'[email]\nhost = "127.0.0.1"\nport = {port}\nfrom = "office@test.example"\n'
                     f'tls = "none"\ntimeout = 1\n{more}')  # fmt: skip


def hook_at(register: Register, port: int, more: str = "") -> None:
    set_up(register, f'[webhook]\nurl = "http://127.0.0.1:{port}/in?x=1"\ntimeout = 1\n{more}')


# --- reminding --------------------------------------------------------------------------------


def test_without_settings_notices_are_written_for_print(register: Register) -> None:
    staffed(register)
    number, asset = lent(register, "--due", day(10))
    assert remind(register, on=2) == []
    (told,) = remind(register, on=3)
    assert (told["channel"], told["state"], told["level"], told["paper"]) == (
        "file", "sent", 0, None,
    )  # fmt: skip
    assert remind(register, on=4) == []
    (told,) = remind(register, on=25)
    assert (told["step"], told["level"], told["role"], told["paper"][:2]) == (
        15, 4, "unit_head", "CH",
    )  # fmt: skip
    folder = register.home / "notices"
    names = sorted(one.name for one in folder.iterdir())
    assert len(names) == 4
    told_json = json.loads((folder / names[0]).read_text())
    assert told_json["lines"][0]["quantity"] == 1
    texts = [one.read_text() for one in sorted(folder.glob("*.txt"))]
    assert any("催还" in text or "Recall" in text for text in texts)
    assert all(asset[:4] in text for text in texts)
    assert register.ok("doc", "show", told["paper"])["fields"]["level"] == "4"
    for lang in LANGUAGES:
        assert told["paper"] in register("loan", "notices", number, lang=lang).out
        assert told["paper"] in register("doc", "show", told["paper"], lang=lang).out
    assert len(register.ok("loan", "notices")) == 2
    register.ok("verify", "--replay")


def test_a_dry_run_sends_nothing_and_takes_no_number(office: Register) -> None:
    (told,) = remind(office, "--dry-run")
    assert told["state"] == "would_send"
    assert not (office.home / "notices").exists()
    assert remind(office)[0]["paper"] == told["paper"]


def test_mail_goes_to_the_clerk_and_later_to_the_head(office: Register) -> None:
    mailbox = Mailbox()
    with listening(mailbox.talk) as port:
        mail_at(office, port)
        assert [one["state"] for one in remind(office)] == ["sent", "sent"]
        assert remind(office) == []
        remind(office, "--channel", "email", on=25)
        remind(office, "--channel", "email", on=41)
    assert [to for to, _ in mailbox.letters] == [[CLERK], [HEAD], [HEAD]]
    letters = [message_from_string(text, policy=default) for _, text in mailbox.letters]
    assert "CH-" in letters[0]["Subject"]
    assert len({one["Message-ID"] for one in letters}) == 3
    bodies = [str(one.get_content()) for one in letters]
    assert bodies[0].count("台式计算机") == 1
    no_more = ("Until they are back", "归还之前")
    assert [any(word in body for word in no_more) for body in bodies] == [False, False, True]


@pytest.mark.parametrize(
    ("fault", "refuse", "code", "state"),
    [
        ("busy", (), "refused", "failed"),
        ("", (CLERK,), "refused", "failed"),
        ("silent", (), "timeout", "failed"),
        ("cut", (), "broken_off", "failed"),
        ("half", (), "broken_off", "failed"),
    ],
)
def test_mail_that_fails_is_tried_again(
    office: Register, fault: str, refuse: tuple[str, ...], code: str, state: str
) -> None:
    mailbox = Mailbox(fault, refuse)
    with listening(mailbox.talk) as port:
        mail_at(office, port)
        (told,) = remind(office, "--channel", "email", code=9)
        mailbox.gate.set()
        assert told["state"] == state
        assert told["fault"] == code
        mailbox.fault, mailbox.refuse = "", ()
        (again,) = remind(office, "--channel", "email")
        assert (again["state"], again["tries"], again["paper"]) == ("sent", 2, told["paper"])
        assert remind(office, "--channel", "email") == []
    assert len(mailbox.letters) == 1
    office.ok("verify", "--replay")


def test_mail_refused_for_some_counts_as_sent_with_a_word(office: Register) -> None:
    mailbox = Mailbox(refuse=("gone@u2.example",))
    with listening(mailbox.talk) as port:
        mail_at(office, port)
        file = office.home / "notices.toml"
        file.write_text(file.read_text().replace(f'"{CLERK}"', f'"{CLERK}", "gone@u2.example"'))
        (told,) = remind(office, "--channel", "email", code=9)
        assert (told["state"], told["fault"]) == ("sent", "some_refused")
        assert remind(office, "--channel", "email") == []


def test_a_server_without_encryption_gets_no_letter(office: Register) -> None:
    mailbox = Mailbox()
    with listening(mailbox.talk) as port:
        for way in ("starttls", "tls"):
            mail_at(office, port)
            file = office.home / "notices.toml"
            file.write_text(file.read_text().replace('"none"', f'"{way}"'))
            (told,) = remind(office, "--channel", "email", code=9)
            assert told["fault"] == "no_tls"
    assert mailbox.letters == []


def test_nobody_there_no_address_nothing_set_up(office: Register) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    mail_at(office, port)
    assert remind(office, "--channel", "email", code=9)[0]["fault"] == "unreachable"
    hook_at(office, port)
    found = remind(office, "--channel", "webhook", "--channel", "email", code=9)
    assert {one["channel"]: one["fault"] for one in found} == {
        "webhook": "unreachable", "email": "not_set_up",
    }  # fmt: skip
    mail_at(office, port)
    file = office.home / "notices.toml"
    file.write_text(file.read_text().replace("to.U2", "to.U1"))
    assert remind(office, "--channel", "email", code=9)[0]["fault"] == "no_address"
    for lang in LANGUAGES:
        assert office("--as", "K1", "loan", "remind", "--on", day(10), lang=lang).code == 9


def test_a_folder_that_cannot_be_written(office: Register) -> None:
    (office.home / "notices").write_text("a file")
    assert remind(office, code=9)[0]["fault"] == "not_written"


@pytest.fixture
def desk_server() -> Iterator[tuple[Desk, int]]:
    server = Desk()
    with listening(server.talk) as port:
        yield server, port
        server.gate.set()


def test_a_post_is_taken_once(office: Register, desk_server: tuple[Desk, int]) -> None:
    server, port = desk_server
    token = office.home / "token"
    token.write_text("secret-word\n")
    hook_at(office, port, f'token_file = "{token}"\n')
    (told,) = remind(office, "--channel", "webhook")
    assert remind(office, "--channel", "webhook") == []
    ((head, body),) = server.posts
    assert head["request"] == "POST /in?x=1 HTTP/1.1"
    assert head["authorization"] == "Bearer secret-word"
    said = json.loads(body)
    assert head["idempotency-key"] == said["code"]
    assert (said["paper"], said["unit"], said["role"]) == (told["paper"], "U2", "asset_clerk")
    assert CLERK not in body.decode()


ANSWERS = {
    "refused": b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
    "redirected": b"HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
    "too_long": b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100_000,
    "broken_off": b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
    "timeout": None,
}


@pytest.mark.parametrize("fault", ANSWERS)
def test_a_post_that_fails_is_tried_again(
    office: Register, desk_server: tuple[Desk, int], fault: str
) -> None:
    server, port = desk_server
    hook_at(office, port)
    server.answer = ANSWERS[fault]
    (told,) = remind(office, "--channel", "webhook", code=9)
    server.gate.set()
    assert (told["state"], told["fault"]) == ("failed", fault)
    server.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    (again,) = remind(office, "--channel", "webhook")
    assert (again["state"], again["paper"]) == ("sent", told["paper"])
    keys = [head["idempotency-key"] for head, _ in server.posts]
    assert len(keys) == 2
    assert len(set(keys)) == 1
    office.ok("verify", "--replay")


def test_half_a_status_line_is_no_answer(
    office: Register, desk_server: tuple[Desk, int]
) -> None:  # fmt: skip
    server, port = desk_server
    server.answer = b"HTT"
    hook_at(office, port)
    assert remind(office, "--channel", "webhook", code=9)[0]["fault"] == "broken_off"


def test_an_answer_that_drips_is_hung_up_on(office: Register) -> None:
    stop = threading.Event()

    def drip(caller: socket.socket) -> None:
        caller.sendall(b"HTTP/1.1 200 OK\r\nX: ")
        while not stop.wait(0.1):
            caller.sendall(b"x")

    with listening(drip) as port:
        hook_at(office, port)
        assert remind(office, "--channel", "webhook", code=9)[0]["fault"] == "timeout"
        mail_at(office, port)
        assert remind(office, "--channel", "email", code=9)[0]["fault"] in ("timeout", "broken_off")
        stop.set()


def test_no_address_and_no_secret_reaches_the_register(
    office: Register, desk_server: tuple[Desk, int]
) -> None:
    _, port = desk_server
    mailbox = Mailbox()
    with listening(mailbox.talk) as mail_port:
        mail_at(office, mail_port, f'[webhook]\nurl = "http://127.0.0.1:{port}/hidden-path"\n')
        remind(office)
        remind(office, on=25)
    store = office.store
    with store.reading() as connection:
        entries = b"".join(bytes(row.entry) for row in connection.execute(history.select()))
    store.close()
    for hidden in (CLERK, HEAD, "hidden-path", "127.0.0.1", "office@test"):
        assert hidden.encode() not in entries
    assert b"reminder.sent" in entries


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("[email]\nhost = 'm'\n", "email.from"),
        ("[email]\nhost = 'm'\nfrom = 'nobody'\n", "email.from"),
        ("[email]\nhost = 'm'\nfrom = 'a@b'\nport = 0\n", "email.port"),
        ("[email]\nhost = 'm'\nfrom = 'a@b'\ntls = 'maybe'\n", "email.tls"),
        ("[webhook]\nurl = 'ftp://x'\n", "webhook.url"),
        ("[webhook]\nurl = 'http://x'\ntimeout = 0\n", "webhook.timeout"),
        ("[to.U2]\nking = []\n", "to.U2.king"),
        ("[to.U2]\nunit_head = ['a@b\\nBcc: c@d']\n", "to.U2.unit_head"),
        ("[post]\n", "post"),
        ("to = 1\n", "to"),
    ],
)
def test_settings_that_cannot_be_used_are_named(office: Register, text: str, name: str) -> None:
    (office.home / "notices.toml").write_text(text)
    error = office.fails(3, "--as", "K1", "loan", "remind")
    assert error["code"] == "config.invalid"
    assert name in error["message"]
    assert "a@b" not in error["message"]


def test_words_that_are_no_channel_and_people_who_may_not(office: Register) -> None:
    error = office.fails(3, "--as", "K1", "loan", "remind", "--channel", "pigeon")
    assert error["details"]["field"] == "--channel"
    denied = office.fails(5, "--as", "C2", "loan", "remind", "--on", day(10))
    assert denied["code"] == "role.may_not"
    assert office.fails(4, "loan", "notices", "JY-2026-9999")["code"] == "document.not_found"
    assert Path(office.home / "notices").exists() is False


def test_two_runs_at_once_send_each_letter_once(register: Register) -> None:
    staffed(register)
    for _ in range(3):
        lent(register, "--due", day(10))
    mailbox = Mailbox()
    with listening(mailbox.talk) as port:
        mail_at(register, port, "[file]\n")
        runs = [
            subprocess.Popen(
                [sys.executable, "-m", "assetctl", "--home", str(register.home), "--db",
                 register.url, "--as", "K1", "--lang", "en", "--json", "loan", "remind", "--on",
                 day(10)],
                stdout=subprocess.PIPE, text=True,
            )
            for _ in range(2)
        ]  # fmt: skip
        said = [json.loads(run.communicate(timeout=120)[0]) for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    told = [one for answer in said for one in answer["data"]]
    assert sorted(one["channel"] for one in told) == ["email"] * 3 + ["file"] * 3
    letters = [message_from_string(text, policy=default) for _, text in mailbox.letters]
    assert len(letters) == len({one["Message-ID"] for one in letters}) == 3
    assert len(register.ok("doc", "list", "--kind", "recall")) == 3
    register.ok("verify", "--replay")
