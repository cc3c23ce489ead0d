"""Random acts by random people on documents: whatever they try, what must hold does hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any, ClassVar

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from assetctl.acts import documents, handovers, loans
from assetctl.domain.document import ENDS
from assetctl.domain.request import Receipt, Stamp
from assetctl.errors import AssetctlError, Kind
from assetctl.reads.replay import no_missing_numbers
from assetctl.store.tables import asset, document, document_asset, opinion
from tests.store.county import DUE, STAFF, County, make_county
from tests.store.world import make_world

people = st.sampled_from(sorted(STAFF))
askers = st.sampled_from(["C1", "C2", "C1", "C2", "M", "H1", "K", "A"])
some = st.lists(st.integers(0, 3), min_size=1, max_size=3, unique=True)
which = st.integers(0, 5)
verdict = st.sampled_from(["agree", "agree", "agree", "return", "reject"])
unit = st.sampled_from(["U1", "U2"])
LIVE = ("submitted", "approved", "executing")
PROMISING = ("reserved", "sent", "received", "out")


class Office(RuleBasedStateMachine):
    """Four desks, and everybody who may lay hands on them or on their papers."""

    county: ClassVar[County]
    counts: ClassVar[dict[str, int]] = {}

    @initialize(owner=st.sampled_from(["GOA", "U1"]))
    def begin(self, owner: str) -> None:
        self.assets = [
            self.county.world.asset("办公桌", class_code="A05010201", owner=owner,
                                    place="W1" if owner == "GOA" else "B1-101",
                                    values={"value": f"{number}00.00"})
            for number in range(1, 5)
        ]  # fmt: skip
        self.numbers: list[str] = []
        self.value = self._value()

    def attempt(self, name: str, act: Callable[..., Receipt], person: str, **wish: Any) -> bool:
        """Try something; a refusal must be one, and leave nothing behind."""
        try:
            self.county.by(person, act, **wish)
        except AssetctlError as error:
            expected = (Kind.REFUSED, Kind.CONFLICT, Kind.INVALID, Kind.NOT_FOUND)
            assert error.kind in expected, error  # noqa: PT017  a refusal is no failure here
            return False
        self.counts[name] = self.counts.get(name, 0) + 1
        return True

    def ids(self, chosen: Sequence[int]) -> list[str]:
        return [self.assets[number] for number in chosen]

    def number(self, place: int) -> str:
        return self.numbers[place % len(self.numbers)] if self.numbers else "JY-2026-9999"

    # --- asking and deciding -------------------------------------------------------------------

    @rule(person=askers, chosen=some, unit=unit)
    def ask_for_a_loan(self, person: str, chosen: Sequence[int], unit: str) -> None:
        self._ask(person, "loan", chosen, {"borrower": unit, "due": DUE})

    @rule(person=askers, chosen=some, unit=unit)
    def ask_for_reallocation(self, person: str, chosen: Sequence[int], unit: str) -> None:
        self._ask(person, "realloc", chosen, {"to_unit": unit})

    @rule(person=askers, chosen=some, mode=st.sampled_from(["custody", "title"]))
    def ask_for_intake(self, person: str, chosen: Sequence[int], mode: str) -> None:
        fields = {"source": "idle", "mode": mode, "warehouse": "W1", "keeping_unit": "GOA"}
        self._ask(person, "intake", chosen, fields)

    def _ask(self, person: str, kind: str, chosen: Sequence[int], fields: dict[str, str]) -> None:
        try:
            receipt = self.county.by(person, documents.draft, kind=kind, fields=fields,
                                     assets=self.ids(chosen), text="用")  # fmt: skip
        except AssetctlError as error:
            assert error.kind is Kind.REFUSED  # noqa: PT017  the same
            return
        number = receipt.events[0].subject.removeprefix("doc:")
        self.numbers.append(number)
        self.attempt(f"submit {kind}", documents.submit, person, number=number)

    @rule(chosen=some, kind=st.sampled_from(["loan", "realloc"]), comes_back=st.booleans())
    def go_by_the_book(self, chosen: Sequence[int], kind: str, *, comes_back: bool) -> None:
        fields = {"borrower": "U2", "due": DUE} if kind == "loan" else {"to_unit": "U2"}
        self._ask("C2", kind, chosen, fields)
        self.let_all_agree(len(self.numbers) - 1)
        if kind == "loan":
            self.hand_over("K", len(self.numbers) - 1, chosen)
            if comes_back:
                self.take_back("K", chosen)
        else:
            self.send("K", len(self.numbers) - 1, chosen, "U2")

    @rule(person=people, place=which, verdict=verdict)
    def give_an_opinion(self, person: str, place: int, verdict: str) -> None:
        before = self._heads()
        self.attempt(verdict, documents.give_opinion, person, number=self.number(place),
                     verdict=verdict, text="阅")  # fmt: skip
        assert self._heads() == before  # approval alone moves nothing

    @rule(place=which)
    def let_all_agree(self, place: int) -> None:
        for _ in range(3):
            for person in ("H1", "H2", "F1", "F2", "M", "D", "B"):
                self.attempt("agree", documents.give_opinion, person,
                             number=self.number(place), verdict="agree")  # fmt: skip

    @rule(person=people, place=which, act=st.sampled_from(["withdraw", "void", "finish"]))
    def end_it(self, person: str, place: int, act: str) -> None:
        self.attempt(act, getattr(documents, act), person, number=self.number(place), text="止")

    @rule(person=people, place=which)
    def submit_again(self, person: str, place: int) -> None:
        self.attempt("submit again", documents.submit, person, number=self.number(place))

    # --- handing over --------------------------------------------------------------------------

    @rule(person=st.sampled_from(["K", "K", "K", "M", "C1", "H2"]), place=which, chosen=some)
    def hand_over(self, person: str, place: int, chosen: Sequence[int]) -> None:
        for to in ("U1", "U2"):
            self.attempt("lend", loans.check_out, person, assets=self.ids(chosen), to=to, due=DUE,
                         doc=self.number(place))  # fmt: skip

    @rule(person=st.sampled_from(["K", "K", "C2"]), chosen=some)
    def take_back(self, person: str, chosen: Sequence[int]) -> None:
        self.attempt("take back", loans.check_in, person, assets=self.ids(chosen))

    @rule(person=st.sampled_from(["K", "C1", "C2"]), place=which, chosen=some,
          to=st.sampled_from(["U1", "U2", "GOA"]))  # fmt: skip
    def send(self, person: str, place: int, chosen: Sequence[int], to: str) -> None:
        self.attempt("send", handovers.send, person, assets=self.ids(chosen), to=to,
                     doc=self.number(place))  # fmt: skip

    @rule(person=st.sampled_from(["K", "C1", "C2"]), chosen=some, takes=st.booleans())
    def receive_or_refuse(self, person: str, chosen: Sequence[int], *, takes: bool) -> None:
        act = handovers.receive if takes else handovers.refuse
        more = {"place": "W1"} if takes else {"note": "不符"}
        self.attempt(act.__name__, act, person, assets=self.ids(chosen), **more)

    @rule(person=st.sampled_from(["K", "C1", "C2"]), place=which, chosen=some,
          to=st.sampled_from(["U1", "U2", "GOA"]))  # fmt: skip
    def move_title(self, person: str, place: int, chosen: Sequence[int], to: str) -> None:
        self.attempt("title", handovers.transfer_title, person, assets=self.ids(chosen),
                     to_unit=to, doc=self.number(place))  # fmt: skip

    @rule(chosen=some)
    def lend_without_paper(self, chosen: Sequence[int]) -> None:
        self.attempt("lend bare", loans.check_out, "K", assets=self.ids(chosen), to="U1")

    # --- what must hold ------------------------------------------------------------------------

    @invariant()
    def promises_are_kept_by_documents_that_live(self) -> None:
        claims = self._rows(
            sa.select(document_asset.c.promised, document_asset.c.state, document.c.state,
                      document.c.round - document_asset.c.round)
            .join_from(document_asset, document, document.c.number == document_asset.c.number)
            .where(document_asset.c.asset_id.in_(self.assets))
        )  # fmt: skip
        for promised, line, state, older in claims:
            alive = state in LIVE and line in PROMISING and not older
            assert (promised is not None) == alive, (promised, line, state)
        held = [one[0] for one in claims if one[0]]
        assert len(held) == len(set(held))

    @invariant()
    def what_a_document_says_of_a_thing_is_so(self) -> None:
        rows = self._rows(
            sa.select(document_asset.c.state, asset.c.state, asset.c.holder)
            .join_from(document_asset, asset, asset.c.asset_id == document_asset.c.asset_id)
            .where(document_asset.c.promised.in_(self.assets))
        )
        expected = {"out": "on_loan", "sent": "in_transit"}
        for line, state, _holder in rows:
            assert expected.get(line, state) == state

    @invariant()
    def nobody_decides_what_he_asked_for_or_decides_twice(self) -> None:
        rows = self._rows(
            sa.select(opinion.c.number, opinion.c.round, opinion.c.person, document.c.applicant)
            .join_from(opinion, document, document.c.number == opinion.c.number)
            .where(opinion.c.number.in_(self.numbers))
        )
        assert all(person != applicant for _, _, person, applicant in rows)
        assert len({row[:3] for row in rows}) == len(rows)

    @invariant()
    def who_hands_out_neither_asked_nor_decided(self) -> None:
        paper = document.alias("paper")
        handed = self._rows(
            sa.select(paper.c.under, paper.c.applicant).where(
                paper.c.kind == "goods_out", paper.c.under.in_(self.numbers)
            )
        )
        for number, keeper in handed:
            one = self.county.doc(number)
            assert keeper not in {one.applicant, *(given.person for given in one.given())}

    @invariant()
    def value_is_conserved(self) -> None:
        assert self._value() == self.value

    @invariant()
    def numbers_run_without_a_gap(self) -> None:
        with self.county.world.store.reading() as connection:
            no_missing_numbers(connection)

    def teardown(self) -> None:
        if not hasattr(self, "assets"):
            return
        for number in self.numbers:
            one = self.county.doc(number)
            if one.state in {state.value for state in ENDS}:
                assert self._rows(
                    sa.select(document_asset.c.promised).where(
                        document_asset.c.number == number, document_asset.c.promised.is_not(None)
                    )
                ) == []  # fmt: skip

    def _rows(self, query: Any) -> list[Any]:
        with self.county.world.store.reading() as connection:
            return [tuple(row) for row in connection.execute(query)]

    def _value(self) -> int:
        ((total,),) = self._rows(
            sa.select(sa.func.sum(asset.c.value_fen)).where(asset.c.asset_id.in_(self.assets))
        )
        return int(total)

    def _heads(self) -> dict[str, int]:
        heads = self.county.world.heads()
        return {one: heads[f"asset:{one}"] for one in self.assets}


def test_random_acts_by_random_people(url: str, stamp: Callable[..., Stamp]) -> None:
    world = make_world(url, stamp)
    with closing(world.store):
        Office.county = make_county(world)
        Office.counts = {}
        run_state_machine_as_test(
            Office,
            settings=settings(
                # The same lives each time, so that what they must have reached can be asserted.
                derandomize=True, max_examples=30, stateful_step_count=30, deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )  # fmt: skip
        world.verify()
    reached = {"submit loan", "submit realloc", "submit intake", "agree", "lend", "take back"}
    assert reached <= Office.counts.keys(), Office.counts
