"""A dossier checked by its bytes alone, without the register it came from.

The forms are those of docs/dossier.md. The file `verify.py` that lies in every dossier does the
same and shares no line with this module, so that one can be held against the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Never

from assetctl.domain import chain, merkle
from assetctl.domain.chain import Link
from assetctl.domain.checkpoint import Checkpoint, parse_proof
from assetctl.domain.note import Check, from_b64url, parse_note
from assetctl.domain.policy import Believed, Policy, believe
from assetctl.errors import (
    AssetctlError,
    CanonicalError,
    DossierBrokenError,
    HistoryBrokenError,
    NoteInvalidError,
    ProofInvalidError,
)
from assetctl.i18n import N_, Phrase

FORM = "assetctl/dossier@1"
SNAPSHOT = "log.snapshot_taken"

Members = Mapping[str, bytes]
SignatureCheck = Callable[[str, int, dict[str, Any], Sequence[dict[str, Any]]], None]
"""Checks the operator's signature of an entry against the entries of its key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """What a dossier proves: `complete_to` is the entry up to which nothing is missing.

    `seen` is the latest time a witness names, `erased` how many disclosures are not there.
    """

    subject: str
    origin: str
    size: int
    entries: int
    complete_to: int
    disclosed: int
    erased: int
    files: int
    signers: tuple[str, ...]
    seen: int | None


def check_bundle(
    members: Members, policy: Policy, *, source: str, extra: Mapping[bytes, Check] | None = None,
    signatures: SignatureCheck | None = None,
) -> Bundle:  # fmt: skip
    """Check everything a dossier says; return what is proven.

    Raises:
        DossierBrokenError: names the first member that does not hold.
        NoteInvalidError: the checkpoint is not signed by whom the policy asks for.
    """
    return _Checker(members, source).check(policy, extra, signatures)


class _Checker:
    def __init__(self, members: Members, source: str) -> None:
        self._members = members
        self._source = source
        self._head = Checkpoint(origin="", size=0, root=b"")
        self._places: dict[str, int] = {}

    def check(
        self, policy: Policy, extra: Mapping[bytes, Check] | None,
        signatures: SignatureCheck | None,
    ) -> Bundle:  # fmt: skip
        believed = self._checkpoint(policy, extra)
        manifest = self._canonical("dossier.json")
        subject = str(manifest.get("subject"))
        said = (manifest.get("_"), manifest.get("origin"), manifest.get("size"))
        if said != (FORM, self._head.origin, self._head.size):
            self._broken("dossier.json", N_("it is about another log"))
        genesis = self._genesis()
        count = manifest.get("entries")
        if type(count) is not int or count < 1:
            self._broken("dossier.json", N_("it names no entries"))
        entries = self._chain(subject, genesis, "entries/{:06}.json", "proofs/{:06}.tlog-proof",
                              count)  # fmt: skip
        self._no_more_than(count)
        if signatures is not None:
            self._signatures(entries, genesis, signatures)
        disclosed, erased = self._disclosures(entries)
        complete = self._completeness(manifest, subject, entries)
        return Bundle(
            subject=subject, origin=self._head.origin, size=self._head.size, entries=len(entries),
            complete_to=complete, disclosed=disclosed, erased=erased,
            files=self._files(manifest, entries),
            signers=tuple(one.key.name for one in believed.signed), seen=believed.seen,
        )  # fmt: skip

    def _checkpoint(self, policy: Policy, extra: Mapping[bytes, Check] | None) -> Believed:
        note = parse_note(self._text("checkpoint"))
        believed = believe(policy, note, extra)
        self._head = believed.checkpoint
        return believed

    def _genesis(self) -> bytes:
        entry = self._member("genesis.json")
        fields = self._canonical("genesis.json")
        if (fields.get("_"), fields.get("log")) != (chain.GENESIS, self._head.origin):
            self._broken("genesis.json", N_("it is not the beginning of this log"))
        if self._proven("genesis.tlog-proof", entry) != 0:
            self._broken("genesis.tlog-proof", N_("it stands elsewhere than it says"))
        return chain.leaf_hash(entry)

    def _chain(
        self, subject: str, genesis: bytes, entry_name: str, proof_name: str, count: int
    ) -> list[dict[str, Any]]:
        """Return the entries of a subject after checking bytes, places and links."""
        before, place, found = Link(seq=0, leaf=genesis), 0, []
        for seq in range(1, count + 1):
            name = entry_name.format(seq)
            entry = self._member(name)
            fields = self._canonical(name)
            if fields.get("_") != chain.EVENT:
                self._broken(name, N_("it is no entry"))
            try:
                chain.check_link(subject, before, fields)
            except HistoryBrokenError as error:
                self._broken(name, str(error.facts["problem"]))
            index = self._proven(proof_name.format(seq), entry)
            if index <= place:
                self._broken(name, N_("it stands before the entry that it follows"))
            before, place = Link(seq=seq, leaf=chain.leaf_hash(entry)), index
            found.append(fields)
        return found

    def _signatures(
        self, entries: Sequence[dict[str, Any]], genesis: bytes, check: SignatureCheck
    ) -> None:
        keys: dict[str, list[dict[str, Any]]] = {}
        for seq, fields in enumerate(entries, 1):
            if "by" not in fields and "sig" not in fields:
                continue
            code = str(fields.get("by"))
            if code not in keys:
                prefix = f"keys/{code}/"
                count = sum(name.startswith(prefix) and name.endswith(".json")
                            for name in self._members)  # fmt: skip
                names = (f"{prefix}{{:06}}.json", f"{prefix}{{:06}}.tlog-proof")
                keys[code] = self._chain(f"key:{code}", genesis, *names, count)
            try:
                check(str(fields["subject"]), seq, fields, keys[code])
            except AssetctlError as error:
                self._broken(f"entries/{seq:06}.json", str(error.facts.get("problem", error)))

    def _disclosures(self, entries: Sequence[dict[str, Any]]) -> tuple[int, int]:
        wanted = [digest for fields in entries for digest in fields.get("sd", ())]
        left = set(wanted)
        lines = self._members.get("disclosures.txt", b"").decode("ascii", "replace").splitlines()
        for number, line in enumerate(lines, 1):
            digest = chain.disclosure_digest(line)
            if digest not in left:
                place = f"disclosures.txt:{number}"
                self._broken(place, N_("no entry here has disclosed it"))
            left.discard(digest)
        return len(lines), len(left)

    def _completeness(
        self, manifest: dict[str, Any], subject: str, entries: Sequence[dict[str, Any]]
    ) -> int:
        if "completeness.json" not in self._members:
            if manifest.get("snapshot"):
                self._broken("completeness.json", N_("it is missing"))
            return 0
        fields = self._canonical("snapshot.json")
        taken = self._proven("snapshot.tlog-proof", self._member("snapshot.json"))
        said = self._canonical("completeness.json")
        try:
            data, leaf = fields["data"], said["leaf"]
            if (fields["kind"], fields["subject"]) != (SNAPSHOT, "log"):
                self._broken("snapshot.json", N_("it is no snapshot"))
            newest = entries[leaf["n"] - 1] if leaf["n"] > 0 else {}
            hashed = chain.b64(chain.leaf_hash(chain.canonical(newest)))
            if leaf != {"a": subject, "h": hashed, "n": leaf["n"]}:
                self._broken("completeness.json", N_("it is about another entry"))
            merkle.check_inclusion(
                said["index"], data["count"], merkle.leaf_hash(chain.canonical(leaf)),
                [from_b64url(one) for one in said["proof"]], from_b64url(data["root"]),
            )  # fmt: skip
        except ProofInvalidError as error:
            self._broken("completeness.json", str(error.facts["reason"]))
        except (KeyError, TypeError, IndexError, AttributeError, CanonicalError, NoteInvalidError):
            self._broken("completeness.json", N_("it does not say what it must"))
        self._stands_where_it_says(data["size"], taken, int(leaf["n"]), len(entries))
        return int(leaf["n"])

    def _stands_where_it_says(self, size: Any, taken: int, newest: int, count: int) -> None:
        """Check that a snapshot counts what stood in the log before it, and nothing else."""
        if type(size) is not int or not 0 <= size <= taken:
            self._broken("snapshot.json", N_("it is about a log that was not there yet"))
        for seq in range(1, count + 1):
            name = f"proofs/{seq:06}.tlog-proof"
            if (self._places[name] < size) != (seq <= newest):
                self._broken(name, N_("it stands on the wrong side of the snapshot"))

    def _files(self, manifest: dict[str, Any], entries: Sequence[dict[str, Any]]) -> int:
        named = {fields["data"].get("sha256") for fields in entries}
        listed = manifest.get("files")
        if not isinstance(listed, list):
            self._broken("dossier.json", N_("it does not say what it must"))
        names = set()
        for one in listed:
            if not isinstance(one, dict):
                self._broken("dossier.json", N_("it does not say what it must"))
            name, sha256 = str(one.get("name")), one.get("sha256")
            names.add(name)
            if hashlib.sha256(self._member(name)).hexdigest() != sha256:
                self._broken(name, N_("it is not the file of this hash"))
            if sha256 not in named:
                self._broken(name, N_("no entry here names it"))
        for name in self._members:
            if name.startswith("files/") and name not in names:
                self._broken(name, N_("no entry here names it"))
        return len(names)

    def _no_more_than(self, count: int) -> None:
        for name in self._members:
            if name.startswith("entries/") and name > f"entries/{count:06}.json":
                self._broken(name, N_("it is more than the dossier says"))

    def _proven(self, name: str, entry: bytes) -> int:
        """Return the place at which a proof file shows an entry."""
        try:
            proof = parse_proof(self._text(name))
            head = parse_note(self._text("checkpoint"))
            if proof.note != head:
                self._broken(name, N_("it leads to another checkpoint"))
            merkle.check_inclusion(
                proof.index, self._head.size, chain.leaf_hash(entry), proof.proof, self._head.root
            )
        except DossierBrokenError:
            raise
        except AssetctlError as error:
            self._broken(name, str(error.facts.get("reason", error)))
        self._places[name] = proof.index
        return proof.index

    def _canonical(self, name: str) -> dict[str, Any]:
        try:
            return chain.parse_entry(name, 0, self._member(name))
        except HistoryBrokenError as error:
            self._broken(name, str(error.facts["problem"]))

    def _text(self, name: str) -> str:
        try:
            return self._member(name).decode("utf-8")
        except UnicodeDecodeError:
            self._broken(name, N_("it is no text"))

    def _member(self, name: str) -> bytes:
        if name not in self._members:
            self._broken(name, N_("it is missing"))
        return self._members[name]

    def _broken(self, place: str, problem: str) -> Never:
        raise DossierBrokenError(file=self._source, place=place, problem=Phrase(problem))
