"""Writing numbers into tags, reading them back, locking them, and everything that a tag refuses."""

from __future__ import annotations

from typing import Any

import pytest

from scanner.llrp.access import Written, write_epc
from scanner.llrp.emulator import EmulatedTag, Emulator, Faults
from scanner.llrp.field import Field, TagError
from scanner.llrp.troubles import (
    EpcUnfitError,
    ReaderBusyError,
    ReaderRefusedError,
    TagCrowdError,
    TagLockedError,
    TagMissingError,
    TagPasswordError,
    TagPowerError,
    TagSilentError,
)
from scanner.reading import ScanError
from tests.unit.scanner.llrp.speaking import reading, take

NEW = "5A10557AC011123456789AC1"
OLD = "E28068940000501234567890"
TID = "E28011602000000000000001"
PASSWORD = "1234ABCD"


def written(emulator: Emulator, **how: Any) -> Written:
    address = f"llrp://127.0.0.1:{emulator.port}?session=0"
    return write_epc(address, **{"new": NEW, "listen": 0.2, "patience": 0.5, **how})


def one(**more: Any) -> EmulatedTag:
    return EmulatedTag(**{"epc": OLD, "tid": TID, **more})


def emulated(*tags: EmulatedTag, faults: Faults | None = None) -> Emulator:
    return Emulator(tags, interval=0.005, antennas=1, faults=faults)


def test_the_only_tag_is_written_and_read_back() -> None:
    tag = one(pc=0x31A1)
    with emulated(tag) as emulator:
        assert written(emulator) == Written(NEW, "31A1", TID)
        assert written(emulator, new=OLD.lower(), old=NEW.lower(), pc="3000").epc == OLD
    assert (tag.now[0].hex().upper(), tag.now[2], tag.locks) == (OLD, 0x3000, set())


def test_a_tag_without_a_tid_is_meant_by_its_epc() -> None:
    with emulated(one(tid="")) as emulator:
        assert written(emulator, pc="31A1") == Written(NEW, "31A1", "")


@pytest.mark.parametrize(("new", "pc"), [("5A10" * 8, "41AE"), ("5A10" * 2, "11AE")])
def test_the_pc_word_follows_the_length(new: str, pc: str) -> None:
    tag = one(pc=0x31AE)
    with emulated(tag) as emulator:
        assert written(emulator, new=new) == Written(new, pc, TID)
    assert tag.now[0].hex().upper() == new


def test_of_many_tags_none_is_written() -> None:
    tags = [one(), one(tid=TID[:-1] + "2"), one(epc=NEW, tid=TID[:-1] + "3")]
    with emulated(*tags) as emulator:
        for old, count in ((None, 3), (OLD, 2)):
            with pytest.raises(TagCrowdError) as caught:
                written(emulator, old=old)
            assert caught.value.facts["count"] == count
        assert written(emulator, new="AA" * 12, old=NEW).tid == TID[:-1] + "3"
    assert [tag.now[0].hex().upper() for tag in tags] == [OLD, OLD, "AA" * 12]


@pytest.mark.parametrize("old", [None, NEW])
def test_a_tag_that_is_not_there_is_told(old: str | None) -> None:
    with emulated(*([one()] if old else [])) as emulator, pytest.raises(TagMissingError):
        written(emulator, old=old)


@pytest.mark.parametrize(
    ("tag", "error"),
    [
        (one(is_weak=True), TagPowerError),
        (one(is_mute=True), TagSilentError),
        (one(access_password=0x1234ABCD, locks={2}), TagLockedError),
    ],
)
def test_what_a_tag_refuses_is_told(tag: EmulatedTag, error: type[ScanError]) -> None:
    with emulated(tag) as emulator, pytest.raises(error):
        written(emulator)
    assert tag.now[0].hex().upper() == OLD


def test_a_tag_is_locked_with_a_password_and_opened_with_it() -> None:
    tag = one()
    with emulated(tag) as emulator:
        assert written(emulator, access_password=PASSWORD, lock=True) == Written(NEW, "3000", TID)
        assert (tag.access_password, tag.locks) == (0x1234ABCD, {1, 2})
        with pytest.raises(TagLockedError):
            written(emulator, new=OLD)
        with pytest.raises(TagPasswordError):
            written(emulator, new=OLD, access_password="1234ABCE")
        assert written(emulator, new=OLD, access_password=PASSWORD).epc == OLD
        assert written(emulator, access_password=PASSWORD, lock=True).epc == NEW


def test_who_may_be_written_is_asked_before_anything_is() -> None:
    asked: list[tuple[str, str]] = []

    def no(epc: str, tid: str) -> str:
        asked.append((epc, tid))
        raise KeyError(epc)

    tag = one()
    with emulated(tag) as emulator:
        with pytest.raises(KeyError):
            written(emulator, allow=no)
        assert (asked, tag.now[0].hex().upper()) == ([(OLD, TID)], OLD)
        assert emulator.asked[-1] == "CLOSE_CONNECTION"
        assert written(emulator, allow=lambda *_: "").epc == NEW


def test_a_password_that_is_known_by_the_chip_opens_what_it_locked() -> None:
    tag = one()
    with emulated(tag) as emulator:
        assert written(emulator, allow=lambda *_: PASSWORD, lock=True).unlocked is None
        assert (tag.access_password, tag.locks) == (0x1234ABCD, {1, 2})
        assert written(emulator, new=OLD, allow=lambda *_: PASSWORD).epc == OLD
        for secret, error in (("", TagLockedError), ("00000001", TagPasswordError)):
            with pytest.raises(error):
                written(emulator, allow=lambda *_, secret=secret: secret)
        with pytest.raises(EpcUnfitError):
            written(emulator, allow=lambda *_: "", lock=True)
    assert tag.now[0].hex().upper() == OLD


def test_a_tag_that_is_written_but_not_locked_is_not_lost() -> None:
    tag = one(access_password=1, locks={1})
    with emulated(tag) as emulator:
        found = written(emulator, access_password=PASSWORD, lock=True)
    assert (found.epc, found.tid) == (NEW, TID)
    assert isinstance(found.unlocked, TagPasswordError)


def test_a_short_tid_is_read_and_one_bit_of_the_pc_word_is_the_chip_s_own() -> None:
    tag = one(tid=TID[:16], user="00" * 4)
    with emulated(tag) as emulator:
        found = written(emulator, pc="31A1", allow=lambda *_: "")
    assert found == Written(NEW, "35A1", TID[:16])


@pytest.mark.parametrize(
    "how",
    [
        {"new": ""},
        {"new": "5A1"},
        {"new": "5A10" * 32},
        {"new": "Z" * 24},
        {"pc": "4000"},
        {"pc": "30"},
        {"access_password": "1"},
        {"lock": True},
        {"lock": True, "access_password": "00000000"},
    ],
)
def test_what_no_tag_can_hold_is_refused_before_anything_is_asked(how: dict[str, Any]) -> None:
    with emulated(one()) as emulator:
        with pytest.raises(EpcUnfitError):
            written(emulator, **how)
        assert emulator.connections == 0


def test_the_reader_is_left_as_it_was_found() -> None:
    with emulated(one(is_weak=True)) as emulator:
        with pytest.raises(TagPowerError):
            written(emulator)
        assert emulator.asked[-1] == "CLOSE_CONNECTION"
        assert emulator.reader.rospecs == {}
    faults = Faults(refuse={"ADD_ACCESSSPEC": 111})
    with (
        emulated(one(), faults=faults) as emulator,
        pytest.raises(ReaderRefusedError, match="ADD_ACCESSSPEC"),
    ):
        written(emulator)


def test_a_reader_that_counts_writes_nothing() -> None:
    with reading(1) as (emulator, source, _):
        take(source, 1)
        with pytest.raises(ReaderBusyError):
            written(emulator)


# --- pretended tags ------------------------------------------------------------------------


def test_a_pretended_tag_keeps_what_is_written() -> None:
    tag = one(user="00" * 8)
    tag.write(3, 2, (0xABCD,), 0)
    assert tag.read(3, 1, 2, 0) == (0, 0xABCD)
    assert tag.read(2, 0, 0, 0) == (0xE280, 0x1160, 0x2000, 0, 0, 1)
    for bank, pointer, data in ((3, 4, (1,)), (2, 0, (1,)), (0, 4, (1,))):
        with pytest.raises(TagError):
            tag.write(bank, pointer, data, 0)


def test_the_same_seed_gives_the_same_signals() -> None:
    def heard(seed: int) -> list[tuple[str, int]]:
        field = Field([one(chance=0.5), one(epc=NEW)], seed=seed)
        return [(tag.epc, rssi) for _ in range(50) for tag, rssi in field.heard(1)]

    assert heard(3) == heard(3)
    assert heard(3) != heard(4)
    assert 10 < sum(epc == OLD for epc, _ in heard(3)) < 40
