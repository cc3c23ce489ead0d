"""Something needed is not available."""

from __future__ import annotations

from assetctl.errors.base import AssetctlError, Kind
from assetctl.i18n import N_


class PayloadKeyError(AssetctlError):
    """A tag was signed with a key that this station does not hold."""

    kind = Kind.UNAVAILABLE
    code = "payload.key_missing"
    template = N_("The tag for {asset_id} was signed with key {key}, which is not held here.")


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


class KeyUnwritableError(AssetctlError):
    """A new key could not be written where it belongs, so it was not noted either."""

    kind = Kind.UNAVAILABLE
    code = "key.unwritable"
    template = N_("The key {key} could not be written to {place}: {reason}. Nothing was noted.")


class PartMissingError(AssetctlError):
    """An optional part that this command needs is not installed."""

    kind = Kind.UNAVAILABLE
    code = "part.missing"
    template = N_("{part} is missing: {cost}. To mend it: {mend}")


class StationBusyError(AssetctlError):
    """Another session of this station has the journal open."""

    kind = Kind.UNAVAILABLE
    code = "station.busy"
    template = N_(
        "Another session of station {station} is open ({file}). Close it, or name another station "
        "(--station)."
    )


class JournalUnwritableError(AssetctlError):
    """A journal cannot be read or written, so nothing may be accepted or signed."""

    kind = Kind.UNAVAILABLE
    code = "journal.unwritable"
    template = N_("The journal {file} cannot be used: {reason}. Nothing was done.")


class TagsNotEncodedError(AssetctlError):
    """Radio tags in labels do not read back as they should; the labels are not noted as printed."""

    kind = Kind.UNAVAILABLE
    code = "label.not_encoded"
    template = N_(
        "{count} of {total} labels carry no radio tag that reads back as it should: {labels}. They "
        "are noted neither as printed nor as encoded: destroy them and print them again. All "
        "others are noted."
    )


class TagNotWrittenError(AssetctlError):
    """A reader could not write a radio tag; `scan_code` says in which way."""

    kind = Kind.UNAVAILABLE
    code = "tag.not_written"
    template = N_("No radio tag was written for {asset_id}, and none was bound: {reason}.")


class TagInDoubtError(AssetctlError):
    """A reader went away while it wrote a radio tag, so that nobody knows what stands in it."""

    kind = Kind.UNAVAILABLE
    code = "tag.in_doubt"
    template = N_(
        "The reader went away while it wrote the tag for {asset_id}: {reason}. Chip {tid} may hold "
        "the number {epc} now; it was not bound. Give the same command again with the same tag."
    )


class TagUnboundError(AssetctlError):
    """A radio tag was written, but the register did not take it."""

    kind = Kind.UNAVAILABLE
    code = "tag.unbound"
    template = N_(
        "The tag was written and holds {epc} (PC word {pc}, chip {tid}), but it was not bound to "
        "{asset_id}: {reason}. Nothing is lost. Once that is cleared up: {mend}"
    )


class PrinterFailedError(AssetctlError):
    """A printer could not be reached, or stopped taking the job; nothing was noted as printed."""

    kind = Kind.UNAVAILABLE
    code = "printer.failed"
    template = N_("The labels were not noted as printed: {reason}")


class SignerFailedError(AssetctlError):
    """The program that signs checkpoints did not answer as it must."""

    kind = Kind.UNAVAILABLE
    code = "signer.failed"
    template = N_(
        "The signer {command} did not sign: {reason}. Nothing is lost: the log is sealed, and the "
        "next assetctl seal asks again."
    )


class WitnessMissingError(AssetctlError):
    """There is no witness in this folder."""

    kind = Kind.UNAVAILABLE
    code = "witness.missing"
    template = N_("There is no witness in {folder}. Make one with: assetctl witness init")


class WitnessUnavailableError(AssetctlError):
    """A witness could not be reached, or did not sign."""

    kind = Kind.UNAVAILABLE
    code = "witness.unavailable"
    template = N_(
        "The witness at {url} did not sign: {reason}. The checkpoint stands as it is, without this "
        "signature; ask again later."
    )


class ListenFailedError(AssetctlError):
    """A service cannot have the address that it should listen at."""

    kind = Kind.UNAVAILABLE
    code = "network.cannot_listen"
    template = N_(
        "Nothing can listen at {address}: {reason}. End the program that uses it, or choose "
        "another address."
    )


class CheckpointMissingError(AssetctlError):
    """No checkpoint of the log was signed yet."""

    kind = Kind.UNAVAILABLE
    code = "checkpoint.missing"
    template = N_(
        "No checkpoint of {origin} was signed yet, so nothing could be proven. Run: assetctl seal"
    )


class MessageNotSentError(AssetctlError):
    """A message could not be sent; `fault` is a stable code."""

    kind = Kind.UNAVAILABLE
    code = "message.not_sent"
    template = N_("The message {message} was not sent by {channel}: {fault}.")


class ReaderUnavailableError(AssetctlError):
    """A radio reader cannot be opened, or went away: it is busy, not reached, or not there."""

    kind = Kind.UNAVAILABLE
    code = "reader.unavailable"
    template = N_("{reason}. See: assetctl reader list")


class ReaderSilentError(AssetctlError):
    """A radio reader was opened but said nothing at all."""

    kind = Kind.UNAVAILABLE
    code = "reader.silent"
    template = N_(
        "{reader} was opened but said nothing for {seconds} s. Look at its power, its cable, its "
        "speed and its family; hold a tag before its antenna."
    )


class SweepKeptError(AssetctlError):
    """The register is away; what a radio reader heard lies in a file."""

    kind = Kind.UNAVAILABLE
    code = "stocktake.sweep_kept"
    template = N_(
        "The register is away. Nothing is lost: what was heard lies in {file}. Once it answers: "
        "assetctl stocktake count {number} --place {place} --reader replay:{file}"
    )
