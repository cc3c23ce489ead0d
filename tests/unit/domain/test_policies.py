"""Policies: whom to believe; the example of the specification, and files that are wrong."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetctl.domain.note import COSIGNATURE, ED25519, Note, Signature
from assetctl.domain.policy import Group, Policy, Witness, believe, parse_policy
from assetctl.errors import NoteInvalidError, PolicyInvalidError
from tests.logs import Log, Signer

LOG = Log("log.example/a").grow(9)
X = [Signer(f"x{number}.example/w", 10 + number, COSIGNATURE) for number in (1, 2, 3)]
Y = [Signer(f"y{number}.example/w", 20 + number, COSIGNATURE) for number in (1, 2, 3)]

# The example of C2SP tlog-policy with keys put in.
EXAMPLE = f"""log {LOG.key}

witness X1 {X[0].key}
witness X2 {X[1].key}
witness X3 {X[2].key}
group X-witnesses 2 X1 X2 X3

witness Y1 {Y[0].key}
witness Y2 {Y[1].key}
witness Y3 {Y[2].key}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""
W1 = f"witness w1 {X[0].key}\n"
W2 = f"witness w2 {X[1].key}\n"


def cosigned(*signers: Signer, times: Sequence[int] = ()) -> Note:
    note = LOG.note()
    given_times = [*times, *[1_790_000_000] * len(signers)]
    more = [one.sign(note.text, time) for one, time in zip(signers, given_times, strict=False)]
    return note.with_signatures(more)


def wrong(text: str) -> tuple[int, str]:
    """Return the line of a policy that is wrong, and why."""
    with pytest.raises(PolicyInvalidError) as caught:
        parse_policy(text, "file.policy")
    facts = caught.value.facts
    assert facts["file"] == "file.policy"
    return int(str(facts["line"])), str(facts["problem"])


def believed(policy: str, *signers: Signer) -> bool:
    try:
        believe(parse_policy(policy), cosigned(*signers))
    except NoteInvalidError:
        return False
    return True


# --- what a policy says --------------------------------------------------------------------


def test_the_example_of_the_specification() -> None:
    policy = parse_policy(EXAMPLE)
    assert policy.logs == (LOG.key,)
    assert dict(policy.witnesses) == {
        f"{letter}{number}": Witness(key=one.key)
        for letter, signers in (("X", X), ("Y", Y))
        for number, one in enumerate(signers, 1)
    }
    assert dict(policy.groups) == {
        "X-witnesses": Group(least=2, members=("X1", "X2", "X3")),
        "Y-witnesses": Group(least=1, members=("Y1", "Y2", "Y3")),
        "X-and-Y": Group(least=2, members=("X-witnesses", "Y-witnesses")),
    }
    assert policy.quorum == "X-and-Y"


@pytest.mark.parametrize(
    ("signers", "passes"),
    [
        ((), False), ((X[0],), False), ((X[0], X[1]), False), ((*X,), False), ((*Y,), False),
        ((X[0], Y[0]), False), ((X[0], X[1], Y[0]), True), ((X[1], X[2], Y[2]), True),
        ((*X, *Y), True), ((X[0], *Y), False),
    ],
)  # fmt: skip
def test_who_must_have_signed_in_the_example(signers: tuple[Signer, ...], passes: bool) -> None:
    assert believed(EXAMPLE, *signers) == passes


def test_what_is_believed() -> None:
    policy = parse_policy(EXAMPLE)
    note = cosigned(X[0], X[2], Y[1], times=(1_790_000_005, 1_790_000_007, 1_790_000_006))
    found = believe(policy, note)
    assert found.checkpoint == LOG.checkpoint()
    assert [one.key for one in found.signed] == [LOG.key, X[0].key, X[2].key, Y[1].key]
    assert found.seen == 1_790_000_007
    assert believe(parse_policy(f"log {LOG.key}\nquorum none\n"), note).seen is None


def test_blanks_comments_and_order() -> None:
    text = (
        f"\t# a comment \n\n  quorum\tnone\t \n \t \n\tlog  {LOG.key}\thttps://log.example/ \n"
        f"#log nonsense\n witness 甲 {X[0].key} https://证.example\n# 末尾"
    )
    policy = parse_policy(text)
    assert policy.logs == (LOG.key,)
    assert policy.witnesses["甲"].url == "https://证.example"
    assert policy.quorum == "none"


def test_names_are_octets() -> None:
    # A Kelvin sign is no K, a composed letter not its decomposed twin.
    text = f"witness K {X[0].key}\nwitness \u212a {X[1].key}\nwitness \u00e9 {Y[0].key}\n"
    text += f"witness e\u0301 {Y[1].key}\nwitness a\u00a0b {Y[2].key}\nquorum \u212a\n"
    policy = parse_policy(text)
    assert list(policy.witnesses) == ["K", "\u212a", "\u00e9", "e\u0301", "a\u00a0b"]
    assert policy.quorum == "\u212a"
    assert believed(f"log {LOG.key}\n{text}", X[1])
    assert not believed(f"log {LOG.key}\n{text}", X[0])


@pytest.mark.parametrize("how", ["any", "1", "2", "3", "all"])
def test_how_many_of_a_group(how: str) -> None:
    least = {"any": 1, "all": 3}.get(how) or int(how)
    lines = "".join(f"witness w{n} {one.key}\n" for n, one in enumerate(X))
    policy = f"log {LOG.key}\n{lines}group g {how} w0 w1 w2\nquorum g\n"
    assert [believed(policy, *X[:count]) for count in range(4)] == [n >= least for n in range(4)]


def test_one_witness_as_quorum() -> None:
    policy = f"log {LOG.key}\n{W1}{W2}quorum w1\n"
    assert believed(policy, X[0])
    assert not believed(policy, X[1])


def test_a_policy_without_logs_believes_nobody() -> None:
    assert parse_policy("quorum none").logs == ()
    assert not believed("quorum none")


def test_a_key_of_another_log_is_no_key_of_this_one() -> None:
    other = Signer("log.example/b", 1)
    assert other.key.public == LOG.key.public
    assert not believed(f"log {other.key}\nquorum none\n")


def test_an_old_and_a_new_key_of_one_log() -> None:
    new = Signer(LOG.origin, 77)
    policy = parse_policy(f"log {LOG.key}\nlog {new.key}\nquorum none\n")
    text = str(LOG.checkpoint())
    for signers in ((LOG,), (new,), (LOG, new)):
        note = Note(text, tuple(one.sign(text) for one in signers))
        assert [one.key for one in believe(policy, note).signed] == [one.key for one in signers]
    with pytest.raises(NoteInvalidError, match="no trusted key"):
        believe(policy, Note(text, (Signer(LOG.origin, 78).sign(text),)))


def test_a_bad_signature_of_any_known_key_spoils_it() -> None:
    policy = parse_policy(f"log {LOG.key}\n{W1}{W2}quorum w1\n")
    forged = Signature(name=X[1].key.name, key_id=X[1].key.key_id, value=bytes(72))
    with pytest.raises(NoteInvalidError, match="does not hold"):
        believe(policy, cosigned(X[0]).with_signatures([forged]))
    stranger = Signature(name=Y[0].key.name, key_id=Y[0].key.key_id, value=bytes(72))
    believe(policy, cosigned(X[0]).with_signatures([stranger]))


def test_a_cosignature_of_another_checkpoint_does_not_count() -> None:
    policy = parse_policy(f"log {LOG.key}\n{W1}quorum w1\n")
    smaller = LOG.note(8)
    moved = Note(LOG.note().text, (*LOG.note().signatures, X[0].sign(smaller.text)))
    with pytest.raises(NoteInvalidError, match="does not hold"):
        believe(policy, moved)


def test_a_note_that_is_no_checkpoint_is_not_believed() -> None:
    text = str(LOG.checkpoint()) + "extension\n"
    with pytest.raises(NoteInvalidError):
        believe(parse_policy(f"log {LOG.key}\nquorum none"), Note(text, (LOG.sign(text),)))


def test_as_many_as_everybody_must_allow() -> None:
    keys = [Signer(f"s{n}.example", 100 + n, COSIGNATURE).key for n in range(32)]
    logs = [Signer(f"l{n}.example", 200 + n).key for n in range(32)]
    lines = [f"log {key}" for key in logs]
    for number, key in enumerate(keys):
        below = "" if number == 0 else f" g{number - 1}"
        lines += [f"witness w{number} {key}", f"group g{number} all w{number}{below}"]
    policy = parse_policy("\n".join([*lines, "quorum g31"]))
    assert (len(policy.logs), len(policy.witnesses), len(policy.groups)) == (32, 32, 32)


def test_groups_in_groups_to_any_depth() -> None:
    lines = [f"log {LOG.key}", W1.rstrip(), "group g0 any w1"]
    lines += [f"group g{number} any g{number - 1}" for number in range(1, 5000)]
    policy = "\n".join([*lines, "quorum g4999"])
    assert believed(policy, X[0])
    assert not believed(policy)


# --- round trips ---------------------------------------------------------------------------

_KEYS = [Signer(f"k{number}.example", 300 + number, COSIGNATURE).key for number in range(8)]
_LOGS = [Signer(f"l{number}.example", 400 + number, ED25519).key for number in range(3)]


@st.composite
def policies(draw: st.DrawFn) -> str:
    """Draw the lines of a policy as `Policy` writes them."""
    lines = [f"log {key}" for key in draw(st.lists(st.sampled_from(_LOGS), unique=True))]
    keys = draw(st.lists(st.sampled_from(_KEYS), unique=True))
    urls = st.sampled_from(["", " https://w.example/a?b"])
    lines += [f"witness w{number} {key}{draw(urls)}" for number, key in enumerate(keys)]
    names, free = [f"w{n}" for n in range(len(keys))], [f"w{n}" for n in range(len(keys))]
    for number in range(draw(st.integers(0, 3))):
        members = draw(st.lists(st.sampled_from(free), unique=True)) if free else []
        if members:
            least = draw(st.integers(1, len(members)))
            lines.append(f"group g{number} {least} {' '.join(members)}")
            free = [name for name in free if name not in members] + [f"g{number}"]
            names.append(f"g{number}")
    return "\n".join([*lines, f"quorum {draw(st.sampled_from(['none', *names]))}", ""])


@given(policies())
def test_a_policy_is_what_it_was_made_of(text: str) -> None:
    policy = parse_policy(text)
    assert str(policy) == text
    assert parse_policy(str(policy)) == policy


def test_words_for_numbers_are_written_as_numbers() -> None:
    policy = parse_policy(EXAMPLE)
    assert parse_policy(str(policy)) == policy
    assert "group Y-witnesses 1 Y1 Y2 Y3\n" in str(policy)


@given(st.text(max_size=80), st.integers(0, len(EXAMPLE)))
def test_nothing_breaks_the_parser(text: str, place: int) -> None:
    for one in (text, EXAMPLE[:place] + text + EXAMPLE[place:]):
        try:
            assert isinstance(parse_policy(one), Policy)
        except PolicyInvalidError:
            continue


# --- what is refused -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("", 1, "quorum"), (f"log {LOG.key}\n", 2, "quorum"),
        ("quorum none\nquorum none\n", 2, "once"),
        ("quorum\n", 1, "once"), ("quorum none none\n", 1, "once"),
        ("quorum w1\n", 1, "not defined"),
        ("quorum all\n", 1, "not defined"), ("quorum None\n", 1, "not defined"),
        (f"quorum w1\n{W1}", 1, "not defined"), (f"{W1}quorum w2\n", 2, "not defined"),
        ("Quorum none\n", 1, "no word"), ("LOG x\n", 1, "no word"), ("logs x\n", 1, "no word"),
        ("quorum\u00a0none\n", 1, "no word"), ("quorum\u3000none\n", 1, "no word"),
        ("// comment\n", 1, "no word"), ("log\n", 1, "must say"),
        (f"log {LOG.key} a b\n", 1, "must say"),
        ("log x\n", 1, "verifier key"), ("log a+00000000+AQ==\n", 1, "bytes"),
        (f"log {LOG.key}\nlog {LOG.key}\n", 2, "twice"),
        (f"log {LOG.key}\nlog {Signer('other.example', 1).key}\n", 2, "twice"),
        ("witness w\n", 1, "must say"), (f"witness w {X[0].key} a b\n", 1, "must say"),
        ("witness w x\n", 1, "verifier key"), (f"witness w {LOG.key}\n", 1, "type 4"),
        (f"witness w {Signer('w.example', 5).key}\n", 1, "type 4"),
        (f"{W1}witness w2 {X[0].key}\n", 2, "twice"),
        (f"{W1}witness w2 {Signer('other.example', 11, COSIGNATURE).key}\n", 2, "twice"),
        (f"{W1}witness w1 {X[1].key}\n", 2, "taken"), (f"witness none {X[0].key}\n", 1, "taken"),
        (f"{W1}group w1 any w1\n", 2, "taken"),
        (f"{W1}{W2}group g any w1\ngroup g any w2\n", 4, "taken"),
        (f"{W1}group none any w1\n", 2, "taken"),
        (f"{W1}group g any w1\nwitness g {X[1].key}", 3, "taken"),
        ("group\n", 1, "must say"), ("group g\n", 1, "must say"),
        (f"{W1}group g any\n", 2, "must say"),
        (f"{W1}group g any w2\n", 2, "not defined"), (f"{W1}group g any W1\n", 2, "not defined"),
        (f"{W1}group g any none\n", 2, "not defined"), (f"group g any w1\n{W1}", 1, "not defined"),
        ("group g any g\n", 1, "not defined"), (f"{W1}group g any w1 g\n", 2, "not defined"),
        (f"{W1}group g any h\ngroup h any g\n", 2, "not defined"),
        (f"{W1}group g any w1 w1\n", 2, "twice"), (f"{W1}group g 2 w1 w1\n", 2, "twice"),
        (f"{W1}group g any w1\ngroup h any w1\n", 3, "twice"),
        (f"{W1}{W2}group g any w1\ngroup h any g\ngroup i any g w2\n", 5, "twice"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(text: str, line: int, word: str) -> None:
    found = wrong(text)
    assert found[0] == line, found
    assert word in found[1]


@pytest.mark.parametrize(
    "number",
    ["0", "-1", "+1", "3", "01", "1.0", "1_", "١", "１", "99999999999999999999", "ANY", "x",
               "9223372036854775809", "2\u200b", "half"],
)  # fmt: skip
def test_the_number_of_a_group(number: str) -> None:
    line, problem = wrong(f"{W1}{W2}group g {number} w1 w2\nquorum g\n")
    assert line == 3
    assert "number" in problem


@pytest.mark.parametrize("code", [*range(9), *range(0x0B, 0x20), 0x7F])
@pytest.mark.parametrize("place", [0, 4, EXAMPLE.index("X1"), EXAMPLE.index("quorum") + 3])
def test_no_control_characters(code: int, place: int) -> None:
    line, problem = wrong(EXAMPLE[:place] + chr(code) + EXAMPLE[place:])
    assert line == EXAMPLE[:place].count("\n") + 1
    assert "control" in problem


def test_not_in_comments_either() -> None:
    assert wrong("# a\x00b\nquorum none\n")[0] == 1
    assert "control" in wrong(EXAMPLE.replace("\n", "\r\n"))[1]


def test_no_byte_order_mark() -> None:
    line, problem = wrong("\ufeff" + EXAMPLE)
    assert line == 1
    assert "no word" in problem
