"""The rules do not allow it."""

from __future__ import annotations

from assetctl.errors.base import AssetctlError, Kind
from assetctl.i18n import N_


class PayloadForgedError(AssetctlError):
    """A scanned text looks like our tag but its signature is wrong."""

    kind = Kind.REFUSED
    code = "payload.forged"
    template = N_(
        "The tag for {asset_id} does not carry a signature of this register, so it was forged or "
        "altered. Nothing was done. Keep the tag and report it."
    )


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


class BlankStateError(AssetctlError):
    """A blank tag cannot be used as one: it is void, or bound to a thing already."""

    kind = Kind.REFUSED
    code = "blank.state"
    template = N_(
        "{count} of the tags cannot be used as blank tags, each for the reason named below: "
        "{tags}. Nothing was done."
    )


class CannotUndoError(AssetctlError):
    """The last commit of a session cannot be taken back."""

    kind = Kind.REFUSED
    code = "session.cannot_undo"
    template = N_("The last commit cannot be taken back: {reason}.")


class PhotoUsedError(AssetctlError):
    """A photo given with an act is attached to one of the assets already."""

    kind = Kind.REFUSED
    code = "photo.used"
    template = N_(
        "The photo {sha256} is attached to {asset_id} already, so it shows another time. Nothing "
        "was done. Take a new one."
    )


class ReprintReasonError(AssetctlError):
    """A label of this issue was printed before; printing it again needs a reason."""

    kind = Kind.REFUSED
    code = "label.reason_needed"
    template = N_(
        "{count} of the labels were printed before: {labels}. To print them again, give the "
        "reason (--reason); to make the older ones worthless, issue them anew with: {anew}"
    )


class TagElsewhereError(AssetctlError):
    """The radio tag before a reader is bound to another asset than the one it is written for."""

    kind = Kind.REFUSED
    code = "tag.elsewhere"
    template = N_(
        "The tag before the reader (EPC {epc}, chip {tid}) is that of {holder}; it was left as it "
        "is. Take another tag. If it was taken off: assetctl tag void {holder} --carrier uhf"
    )


class TwoTidsError(AssetctlError):
    """A second chip answers to an EPC that is bound already: one of the two tags is a copy."""

    kind = Kind.REFUSED
    code = "tag.two_tids"
    template = N_(
        "EPC {epc} is bound to {asset_id} with chip {bound_tid}, and now chip {tid} answers to it: "
        "one of the two tags is a copy. Nothing was bound; an alert was recorded. Keep the tag."
    )


class FileErasedError(AssetctlError):
    """A file whose bytes were erased under a document comes back."""

    kind = Kind.REFUSED
    code = "attachment.erased"
    template = N_(
        "This file was erased from {asset_id} under a document and may not come back. Nothing was "
        "stored."
    )


class FolderInUseError(AssetctlError):
    """A folder that a command should fill holds something else."""

    kind = Kind.REFUSED
    code = "folder.in_use"
    template = N_(
        "The folder {folder} holds something that is no earlier part of this ({file}). It was left "
        "as it is. Name a folder that is new or empty."
    )


class SignatureRequiredError(AssetctlError):
    """The rule says that this operator's acts must be signed, and none of his keys signs here."""

    kind = Kind.REFUSED
    code = "signature.required"
    template = N_(
        "{operator} must sign every act since {since}, and no key of {operator} that counts is "
        "held here. Nothing was done. Bring the key (setting operator_key), or have a new one "
        "made: assetctl key make operator {operator}"
    )


class KeyEndedError(AssetctlError):
    """A key was revoked or retired before."""

    kind = Kind.REFUSED
    code = "key.ended"
    template = N_("The key {key} ended at {since} already ({ended_as}). Nothing was changed.")


class KeyInUseError(AssetctlError):
    """The key of the log cannot end: no other one that could go on is in use and known."""

    kind = Kind.REFUSED
    code = "key.in_use"
    template = N_("The key {key} stays in use: {reason}. Nothing was changed.")


class KeyUnvouchedError(AssetctlError):
    """No key of the log that is trusted answers for a new one."""

    kind = Kind.REFUSED
    code = "key.unvouched"
    template = N_(
        "The key {vkey} was not taken: {reason}. A key of the log must be vouched for by one that "
        "is in use."
    )


class RoleDeniedError(AssetctlError):
    """Somebody grants or revokes a role who may not."""

    kind = Kind.REFUSED
    code = "role.denied"
    template = N_("{actor} may not do this with roles: {reason}. Nothing was done.")


class RoleHeldError(AssetctlError):
    """A person is given a role that he has."""

    kind = Kind.REFUSED
    code = "role.held"
    template = N_("{party} has the role {role} already. Nothing was done.")


class RoleNotHeldError(AssetctlError):
    """A role is taken from somebody who does not have it."""

    kind = Kind.REFUSED
    code = "role.not_held"
    template = N_("{party} does not have the role {role}. Nothing was done.")


class RoleConflictError(AssetctlError):
    """Two roles would meet in one person that must not."""

    kind = Kind.REFUSED
    code = "role.conflict"
    template = N_(
        "{party} is {other} and cannot be {role} as well: duties are separated. Grant it to "
        "somebody else, or revoke the other first."
    )


class RegimeError(AssetctlError):
    """What is confiscated, or property in a case, would be lent or given away."""

    kind = Kind.REFUSED
    code = "asset.regime"
    template = N_(
        "{act} is refused: {asset_id} is {regime}, which has rules of its own and is kept apart "
        "from public property. Nothing was done."
    )


class ActDeniedError(AssetctlError):
    """The actor has no role that may do this."""

    kind = Kind.REFUSED
    code = "role.may_not"
    template = N_(
        "{actor} may not do this ({act}): it is for {roles}. Nothing was done. Ask whoever grants "
        "roles, or somebody who has one of them."
    )


class DutiesMixedError(AssetctlError):
    """One person would do two things that must be done by different persons."""

    kind = Kind.REFUSED
    code = "document.duties"
    template = N_(
        "{actor} may not do this for {number}: {reason}. Somebody else must. Nothing was done."
    )


class DocumentStateError(AssetctlError):
    """A document is not in a state in which this can be done with it."""

    kind = Kind.REFUSED
    code = "document.state"
    template = N_(
        "{doc_act} is refused: {number} is {doc_state}. The rule allows it only from: {doc_states}."
    )


class NotAskedError(AssetctlError):
    """The chain of a document does not ask for the opinion of this person now."""

    kind = Kind.REFUSED
    code = "document.not_asked"
    template = N_("{number} waits for {asked}, and {actor} is none of them. Nothing was done.")


class DocumentUnfitError(AssetctlError):
    """An act does not fit the document whose number it names."""

    kind = Kind.REFUSED
    code = "document.unfit"
    template = N_("{act} under {number} is refused: {reason}. Nothing was done.")


class DocumentRefusedError(AssetctlError):
    """A document cannot be submitted; every reason is named."""

    kind = Kind.REFUSED
    code = "document.refused"
    template = N_("{number} cannot be submitted; {count} reasons are listed below.")


class AuditorWritesError(AssetctlError):
    """An auditor would change something."""

    kind = Kind.REFUSED
    code = "role.auditor"
    template = N_(
        "{actor} is an auditor, who reads everything and changes nothing. Nothing was done."
    )


class NotBookableError(AssetctlError):
    """A thing cannot be booked for that time."""

    kind = Kind.REFUSED
    code = "booking.refused"
    template = N_("{asset_id} cannot be booked from {start} to {end}: {reason}.")


class BookingStateError(AssetctlError):
    """A booking is not in a state in which this can be done with it."""

    kind = Kind.REFUSED
    code = "booking.state"
    template = N_(
        "{booking_act} is refused: {number} is {booking_state}. The rule allows it only from: "
        "{booking_states}."
    )
