"""Every way to fail: a kind, a stable code, and a sentence made from the facts of the case.

An error never prints, exits or reads a context. Each edge maps `kind` once, the command line to
an exit code. Codes never change their meaning.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from assetctl.i18n import N_


class Kind(StrEnum):
    """What sort of failure it is; every edge turns this, and only this, into its own status."""

    INVALID = "invalid"
    NOT_FOUND = "not_found"
    REFUSED = "refused"
    CONFLICT = "conflict"
    UNVERIFIED = "unverified"
    UNAVAILABLE = "unavailable"


class AssetctlError(Exception):
    """The root of every failure that assetctl reports on purpose.

    `facts` are the values the sentence is made from; they go out as `error.details` in JSON, so
    they hold codes and plain values, never translated words.
    """

    kind: ClassVar[Kind]
    code: ClassVar[str]
    template: ClassVar[str]

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.template.format_map(facts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong with one cell of a file: where it is, what stands there, what to do.

    `template` and `facts` are what `message` was made from, for readers of another language.
    """

    row: int
    column: str
    value: str
    code: str
    message: str
    template: str = ""
    facts: dict[str, object] = field(default_factory=dict)


class InputError(AssetctlError):
    """A value that was given is not one that can be used."""

    kind = Kind.INVALID
    code = "input.invalid"
    template = N_("{field} cannot be {value!r}: {expected}.")


class AssetIdError(AssetctlError):
    """A text is no asset id: wrong length, a foreign character, or check characters that fail."""

    kind = Kind.INVALID
    code = "identity.invalid"
    template = N_("{text!r} is not an asset id: {reason}.")


class PayloadForeignError(AssetctlError):
    """A scanned text does not follow the grammar of our tags."""

    kind = Kind.INVALID
    code = "payload.foreign"
    template = N_("This code is not one of ours: {text!r}.")


class PayloadForgedError(AssetctlError):
    """A scanned text looks like our tag but its signature is wrong."""

    kind = Kind.REFUSED
    code = "payload.forged"
    template = N_(
        "The tag for {asset_id} does not carry a signature of this register, so it was forged or "
        "altered. Nothing was done. Keep the tag and report it."
    )


class PayloadKeyError(AssetctlError):
    """A tag was signed with a key that this station does not hold."""

    kind = Kind.UNAVAILABLE
    code = "payload.key_missing"
    template = N_("The tag for {asset_id} was signed with key {key}, which is not held here.")


class UsccError(AssetctlError):
    """A 统一社会信用代码 fails its check and no reason was given to let it through."""

    kind = Kind.INVALID
    code = "party.uscc_invalid"
    template = N_(
        "The credit code {uscc!r} is wrong: {reason}. Correct it, or give a reason (--uscc-reason)."
    )


class MoneyError(AssetctlError):
    """An amount is not money: not a plain decimal, too many digits, or negative."""

    kind = Kind.INVALID
    code = "money.invalid"
    template = N_("{text!r} is not an amount: {reason}.")


class CanonicalError(AssetctlError):
    """A value cannot stand in a history entry (a float, a key or a text outside the profile)."""

    kind = Kind.INVALID
    code = "history.not_canonical"
    template = N_("This cannot be written into the history: {reason}.")


class ImportFaultsError(AssetctlError):
    """A file has faults; every one of them is listed and nothing was changed."""

    kind = Kind.INVALID
    code = "import.faults"
    template = N_("{file} has {count} faults. Nothing was changed. Correct them and import again.")


class FileFormatError(AssetctlError):
    """A file cannot be read as the kind of file it should be."""

    kind = Kind.INVALID
    code = "file.unreadable"
    template = N_("{file} cannot be read: {reason}. Nothing was changed.")


class AssetNotFoundError(AssetctlError):
    """No asset answers to this reference."""

    kind = Kind.NOT_FOUND
    code = "asset.not_found"
    template = N_("No asset answers to {reference!r}. Nearest: {nearest}.")


class AssetAmbiguousError(AssetctlError):
    """Several assets answer to this reference."""

    kind = Kind.NOT_FOUND
    code = "asset.ambiguous"
    template = N_("Several assets answer to {reference!r}: {candidates}. Name one by its id.")


class PartyNotFoundError(AssetctlError):
    """No unit, person or vendor has this code."""

    kind = Kind.NOT_FOUND
    code = "party.not_found"
    template = N_("There is no party {party!r}. Nearest: {nearest}. Add it with: party add")


class PlaceNotFoundError(AssetctlError):
    """No place has this code."""

    kind = Kind.NOT_FOUND
    code = "place.not_found"
    template = N_("There is no place {place!r}. Nearest: {nearest}. Add it with: place add")


class ClassNotFoundError(AssetctlError):
    """No asset class has this code in the scheme."""

    kind = Kind.NOT_FOUND
    code = "class.not_found"
    template = N_(
        "There is no asset class {class_code!r} in scheme {scheme}. Nearest: {nearest}. "
        "Load the catalogue with: import classes FILE"
    )


class TagNotFoundError(AssetctlError):
    """The asset carries no such tag."""

    kind = Kind.NOT_FOUND
    code = "tag.not_found"
    template = N_("{asset_id} carries no {carrier} tag that could be changed.")


class FileMissingError(AssetctlError):
    """A file named on the command line is not there."""

    kind = Kind.NOT_FOUND
    code = "file.not_found"
    template = N_("There is no file {file}.")


class ActRefusedError(AssetctlError):
    """The lifecycle table does not allow this act in this state."""

    kind = Kind.REFUSED
    code = "lifecycle.refused"
    template = N_(
        "{act} is refused: {asset_id} is {state}, held by {holder} since {since}. The rule allows "
        "it only from: {allowed_from}. Allowed now: {allowed_acts}."
    )


class DocumentRequiredError(AssetctlError):
    """The lifecycle table asks for a document number for this act."""

    kind = Kind.REFUSED
    code = "lifecycle.document_required"
    template = N_("{act} needs the number of the document that allows it (--doc).")


class WrongPartyError(AssetctlError):
    """The party named cannot take this part in the act."""

    kind = Kind.REFUSED
    code = "party.wrong_kind"
    template = N_("{party} is a {party_kind}; {act} needs a {expected}.")


class SamePartyError(AssetctlError):
    """The asset is already there or with this party, so the act would change nothing."""

    kind = Kind.REFUSED
    code = "custody.no_change"
    template = N_("{act} is refused: {asset_id} is already {where}.")


class ReceiverError(AssetctlError):
    """Somebody else than the named receiver tries to receive an asset in transit."""

    kind = Kind.REFUSED
    code = "custody.wrong_receiver"
    template = N_("{asset_id} was sent to {sent_to}, not to {party}.")


class DateOrderError(AssetctlError):
    """Two dates stand in the wrong order."""

    kind = Kind.REFUSED
    code = "custody.date_order"
    template = N_("{field} {value} lies before {limit}.")


class FieldFrozenError(AssetctlError):
    """A field of the card that is fixed after booking cannot be corrected without a document."""

    kind = Kind.REFUSED
    code = "card.frozen"
    template = N_("{field} of {asset_id} is fixed once booked. A change needs a document (--doc).")


class NothingToCorrectError(AssetctlError):
    """A correction that changes nothing."""

    kind = Kind.REFUSED
    code = "card.no_change"
    template = N_("The card of {asset_id} already says that. Nothing was changed.")


class TagStateError(AssetctlError):
    """A tag is not in a state in which this can be done with it."""

    kind = Kind.REFUSED
    code = "tag.state"
    template = N_("The {carrier} tag {tag_code} issue {issue} of {asset_id} is {state}.")


class TagIssuesSpentError(AssetctlError):
    """All 31 issue numbers that one base-32 digit can carry have been printed."""

    kind = Kind.REFUSED
    code = "tag.issues_spent"
    template = N_("{asset_id} has had 31 labels; bind a new blank tag instead.")


class SomeoneFirstError(AssetctlError):
    """The asset changed between the start of this request and its turn: someone was first."""

    kind = Kind.CONFLICT
    code = "custody.someone_first"
    template = N_(
        "{act} came second: {asset_id} is {state}, held by {holder} since {since}. Nothing changed."
    )


class SubjectChangedError(AssetctlError):
    """Two writers added the same new thing, or wrote the same next entry; this one lost."""

    kind = Kind.CONFLICT
    code = "history.conflict"
    template = N_("{subject} was written by someone else at the same moment. Try again.")


class CodeTakenError(AssetctlError):
    """A code that must be unique is already in use."""

    kind = Kind.CONFLICT
    code = "code.taken"
    template = N_("{scheme} {value!r} is already used by {holder}.")


class RequestReusedError(AssetctlError):
    """A request id came back with a different wish than the one it was first used for."""

    kind = Kind.CONFLICT
    code = "request.reused"
    template = N_(
        "Request {request_id!r} was already used for something else ({first}). Nothing was done. "
        "Use a new request id."
    )


class HistoryBrokenError(AssetctlError):
    """The history, or the tables made from it, are not what the chain proves."""

    kind = Kind.UNVERIFIED
    code = "history.broken"
    template = N_(
        "The history does not verify at {subject}, entry {seq}: {problem}. Expected {expected}, "
        "got {got}."
    )


class StoreMissingError(AssetctlError):
    """There is no register at this address yet."""

    kind = Kind.UNAVAILABLE
    code = "store.missing"
    template = N_("There is no register at {db}. Make one with: assetctl init")


class StoreOutdatedError(AssetctlError):
    """The register has an older shape than this program."""

    kind = Kind.UNAVAILABLE
    code = "store.outdated"
    template = N_(
        "The register at {db} has schema {found}, this program needs {needed}. Back it up, then "
        "run: assetctl db upgrade"
    )


class StoreNewerError(AssetctlError):
    """The register was upgraded by a newer version of this program."""

    kind = Kind.UNAVAILABLE
    code = "store.newer"
    template = N_(
        "The register at {db} has schema {found}, newer than {needed}. Install a newer assetctl."
    )


class StoreUnavailableError(AssetctlError):
    """The database cannot be reached, is locked, is full, or refuses."""

    kind = Kind.UNAVAILABLE
    code = "store.unavailable"
    template = N_("The database at {db} does not answer: {reason}. Nothing was changed.")


class KeyMissingError(AssetctlError):
    """A key that is needed is not in the key store."""

    kind = Kind.UNAVAILABLE
    code = "key.missing"
    template = N_("The key {key} is not in {place}. Restore it from the backup of the keys.")


class PartMissingError(AssetctlError):
    """An optional part that this command needs is not installed."""

    kind = Kind.UNAVAILABLE
    code = "part.missing"
    template = N_("{part} is missing: {cost}. To mend it: {mend}")


class ConfigError(AssetctlError):
    """The configuration file or a setting cannot be used."""

    kind = Kind.INVALID
    code = "config.invalid"
    template = N_("{source}: {reason}.")


class LabelRefusedError(AssetctlError):
    """A label job was stopped because what would be printed could not be relied on."""

    kind = Kind.INVALID
    code = "label.refused"
    template = N_("The labels were not made: {reason}. Nothing was written.")
