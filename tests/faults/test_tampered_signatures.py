"""Whoever has the database, and recomputes every hash in it, can neither make nor move a signature.

Each case changes something, writes everything behind it anew so that the chains hold, and is found.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assetctl.domain import chain
from assetctl.domain.act_signature import signed_bytes
from assetctl.reads.verify import verify
from tests.faults.tampering import Admin

FORGER = Ed25519PrivateKey.generate()


class Signed:
    """The asset whose every entry is signed, and the key that signed them."""

    def __init__(self, admin: Admin) -> None:
        self.admin = admin
        self.subject, self.count = admin.rows(
            "SELECT subject, count(*) FROM history WHERE subject = (SELECT subject FROM history "
            "WHERE kind = 'asset.registered' ORDER BY recorded_at DESC LIMIT 1) GROUP BY subject"
        )[0]  # fmt: skip
        self.key = f"key:{self.fields(1)['by']}"

    def fields(self, seq: int, subject: str | None = None) -> dict[str, Any]:
        """Return the fields of an entry."""
        entry: dict[str, Any] = json.loads(self.admin.entry(subject or self.subject, seq).entry)
        return entry

    def found(self) -> tuple[object, object, object]:
        """Return subject, number and problem of what verify names."""
        facts = self.admin.found()
        assert facts is not None
        return facts["subject"], facts["seq"], facts["problem"]


@pytest.fixture
def signed(admin: Admin) -> Signed:
    return Signed(admin)


def test_every_entry_was_signed(signed: Signed) -> None:
    assert signed.count == 3
    assert signed.admin.found(replay=True) is None
    # Those of the asset; the key itself was noted before it could sign.
    assert verify(signed.admin.connection).signed == 3


@pytest.mark.parametrize("seq", [1, 2, 3])
@pytest.mark.parametrize(
    "changed",
    [
        {"actor": "P1"}, {"at": "2026-01-01T00:00:00.000000Z"}, {"st": "gate"}, {"for": "P2"},
        {"data": {"state": "in_use"}}, {"sig": "A" * 86}, {"sig": ""},
    ],
    ids=lambda one: next(iter(one)),
)  # fmt: skip
def test_an_entry_written_anew_has_lost_its_signature(
    signed: Signed, seq: int, changed: dict[str, Any]
) -> None:
    signed.admin.rewrite(signed.subject, seq, **changed)
    if "at" in changed:
        signed.admin.run(
            "UPDATE history SET at = :at WHERE subject = :s AND seq = :n",
            at=changed["at"], s=signed.subject, n=seq,
        )  # fmt: skip
    where = signed.found()
    assert where[:2] == (signed.subject, seq)
    expected = "its signature does not hold"
    if "actor" in changed:
        expected = "it is signed with somebody else's key"
    assert where[2] == expected


def test_a_signature_moved_to_another_entry_does_not_hold_there(signed: Signed) -> None:
    signed.admin.rewrite(signed.subject, 3, sig=signed.fields(2)["sig"])
    assert signed.found() == (signed.subject, 3, "its signature does not hold")


def test_an_entry_moved_with_its_signature_is_another_entry(signed: Signed) -> None:
    """The whole entry put under another asset: number, link and subject are all that changes."""
    other = signed.admin.b
    fields = signed.fields(2)
    seq = signed.admin.append(
        other, head=True, **{name: fields[name] for name in ("data", "kind", "actor", "at", "st",
                                                             "rec", "by", "sig")},
    )  # fmt: skip
    assert signed.found() == (other, seq, "its signature does not hold")


def test_an_entry_signed_with_a_key_that_nobody_noted(signed: Signed) -> None:
    _forge(signed, by="op-0000000000")
    assert signed.found() == (
        signed.subject, 4, "no key for acts has the name that it is signed by",
    )  # fmt: skip


def test_an_entry_signed_with_a_key_of_another_operator(signed: Signed) -> None:
    (other,) = signed.admin.rows(
        "SELECT code FROM signing_key WHERE party = 'P1' AND purpose = 'operator'"
    )
    _forge(signed, by=other[0])
    assert signed.found() == (signed.subject, 4, "it is signed with somebody else's key")


@pytest.mark.parametrize("by", [None, 7, "", "log", "tag-0", [], {"a": "b"}])
def test_a_name_that_is_no_key_for_acts(signed: Signed, by: object) -> None:
    _forge(signed, by=by)
    assert signed.found()[:2] == (signed.subject, 4)


def test_a_signature_without_the_name_of_a_key(signed: Signed) -> None:
    fields = signed.fields(3)
    seq = signed.admin.append(signed.subject, head=True, sig=fields["sig"])
    _drop(signed, seq, "by")
    assert signed.found()[:2] == (signed.subject, seq)


def test_another_public_half_put_under_the_code(signed: Signed) -> None:
    public = FORGER.public_key().public_bytes_raw().hex()
    data = signed.fields(1, signed.key)["data"] | {"public": public}
    signed.admin.rewrite(signed.key, 1, data=data)
    assert signed.found() == (signed.subject, 1, "its signature does not hold")


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"party": "P2"}, "it is signed with somebody else's key"),
        ({"purpose": "station"}, "it is signed with somebody else's key"),
        ({"purpose": "log"}, "no key for acts has the name that it is signed by"),
        ({"algorithm": "hmac"}, "no key for acts has the name that it is signed by"),
        ({"public": None}, "its signature does not hold"),
    ],
)
def test_a_key_written_anew_no_longer_fits(
    signed: Signed, changed: dict[str, Any], problem: str
) -> None:
    data = signed.fields(1, signed.key)["data"] | changed
    signed.admin.rewrite(signed.key, 1, data=data)
    assert signed.found() == (signed.subject, 1, problem)


def test_a_key_whose_making_is_gone(signed: Signed) -> None:
    signed.admin.run("DELETE FROM history WHERE subject = :s", s=signed.key)
    signed.admin.run("DELETE FROM head WHERE subject = :s", s=signed.key)
    problem = "no key for acts has the name that it is signed by"
    assert signed.found() == (signed.subject, 1, problem)


def test_a_key_that_was_made_after_what_it_signed(signed: Signed) -> None:
    later = "2098-01-01T00:00:00.000000Z"
    signed.admin.rewrite(signed.key, 1, rec=later)
    signed.admin.run(
        "UPDATE history SET recorded_at = :r WHERE subject = :s", r=later, s=signed.key
    )
    assert signed.found() == (
        signed.subject, 1, "it is signed with a key that was not made yet",
    )  # fmt: skip


def test_a_broken_chain_of_the_key_is_named_itself(signed: Signed) -> None:
    entry = signed.admin.entry(signed.key, 1)
    changed = chain.canonical(json.loads(entry.entry) | {"at": "2026-01-01T00:00:00.000000Z"})
    signed.admin.set_entry(signed.key, 1, changed, with_leaf=False)
    assert signed.found() == (signed.key, 1, "its bytes do not give its leaf")


def test_one_asset_alone_is_held_to_the_keys_too(signed: Signed) -> None:
    data = signed.fields(1, signed.key)["data"] | {"party": "P2"}
    signed.admin.rewrite(signed.key, 1, data=data)
    facts = signed.admin.found(subjects=[signed.subject])
    assert facts is not None
    assert (facts["subject"], facts["seq"]) == (signed.subject, 1)
    assert signed.admin.found(subjects=[signed.admin.b]) is None


def test_taking_signatures_away_is_found_where_they_are_required(signed: Signed) -> None:
    """Without a rule an unsigned act is lawful: only the sealed log shows that it was signed."""
    for seq in (2, 3):
        _drop(signed, seq, "by", "sig")
    assert signed.admin.found() is None
    assert verify(signed.admin.connection).signed == 1
    rule = signed.fields(1, "role:*")
    early = {"rec": "2026-01-01T00:00:00.000000Z"}
    signed.admin.rewrite("role:*", 1, data=rule["data"] | {"since": early["rec"]}, **early)
    signed.admin.run(
        "UPDATE history SET recorded_at = :r WHERE subject = 'role:*'", r=early["rec"]
    )  # fmt: skip
    found: list[Any] = []
    verify(signed.admin.connection, on_finding=found.append)
    missing = {(one.subject, one.seq) for one in found}
    assert {(signed.subject, 2), (signed.subject, 3)} <= missing
    assert (signed.subject, 1) not in missing


def test_a_revocation_with_other_words_is_found_by_its_effects(signed: Signed) -> None:
    """Keys whose revocation is taken out of the history, chain and head rewritten."""
    subject = next(
        subject for (subject,) in signed.admin.rows(
            "SELECT subject FROM history WHERE kind = 'key.revoked'"
        )
    )  # fmt: skip
    first = bytes(signed.admin.entry(subject, 1).leaf)
    signed.admin.run("DELETE FROM history WHERE subject = :s AND seq = 2", s=subject)
    assert signed.found()[0] == subject
    signed.admin.run("UPDATE head SET seq = 1, leaf = :l WHERE subject = :s", l=first, s=subject)
    assert signed.admin.found() is None, "only the sealed log shows it, or the tables"
    assert signed.admin.found(replay=True) is not None


def _forge(signed: Signed, by: object) -> None:
    """Append an entry with a signature of a key that the forger holds."""
    model = signed.fields(3)
    number = signed.count + 1
    fields = model | {"id": f"{number:032x}", "req": "forged", "by": by}
    fields["sig"] = chain.b64(FORGER.sign(signed_bytes(fields)))
    signed.admin.append(signed.subject, head=True, by=by, sig=fields["sig"])


def _drop(signed: Signed, seq: int, *names: str) -> None:
    """Take fields out of an entry and write everything behind it anew."""
    admin, subject = signed.admin, signed.subject
    last = admin.count(subject)
    for number in range(seq, last + 1):
        fields = signed.fields(number)
        if number == seq:
            fields = {name: value for name, value in fields.items() if name not in names}
        else:
            fields["p"] = chain.b64(bytes(admin.entry(subject, number - 1).leaf))
        admin.set_entry(subject, number, chain.canonical(fields), with_leaf=True)
    leaf = bytes(admin.entry(subject, last).leaf)
    admin.run("UPDATE head SET leaf = :leaf WHERE subject = :s", leaf=leaf, s=subject)
