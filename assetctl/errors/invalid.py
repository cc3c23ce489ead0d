"""What was given cannot be used."""

from __future__ import annotations

from assetctl.errors.base import AssetctlError, Kind
from assetctl.i18n import N_


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


class EpcError(AssetctlError):
    """A number cannot stand in a radio tag, or does not say what its kind of number must say.

    `epc_field` is the code of the field that is wrong, `value` what stands there.
    """

    kind = Kind.INVALID
    code = "epc.invalid"
    template = N_("This is no number for a radio tag; {epc_field} {value!r}: {reason}.")


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


class ConfigError(AssetctlError):
    """The configuration file or a setting cannot be used."""

    kind = Kind.INVALID
    code = "config.invalid"
    template = N_("{source}: {reason}.")


class LabelUnfitError(AssetctlError):
    """A scanned text is no label that a radio tag could be written for."""

    kind = Kind.INVALID
    code = "tag.label_unfit"
    template = N_("{text!r} is no label that a tag can be written for: {reason}.")


class LabelRefusedError(AssetctlError):
    """A label job was stopped because what would be printed could not be relied on."""

    kind = Kind.INVALID
    code = "label.refused"
    template = N_("The labels were not made: {reason}. Nothing was written.")


class FormGlyphError(AssetctlError):
    """A character of a document is in no font here; an empty box is never printed in its place."""

    kind = Kind.INVALID
    code = "form.glyph_missing"
    template = N_(
        "{number} cannot be printed: the font {font} has no {characters}. Nothing was written."
    )


class FormRefusedError(AssetctlError):
    """Documents were not printed: there is no font, or something finds no room on its page."""

    kind = Kind.INVALID
    code = "form.refused"
    template = N_("The documents were not printed: {reason}. Nothing was written.")


class WitnessRequestError(AssetctlError):
    """What a witness was sent is no request to sign a checkpoint."""

    kind = Kind.INVALID
    code = "witness.request"
    template = N_("The request to the witness cannot be used: {reason}. Nothing was signed.")


class PolicyInvalidError(AssetctlError):
    """A policy file does not say whom to believe."""

    kind = Kind.INVALID
    code = "policy.invalid"
    template = N_("The policy {file} is wrong at line {line}: {problem}.")


class ArchiveUnreadableError(AssetctlError):
    """A ZIP file cannot be taken for a dossier."""

    kind = Kind.INVALID
    code = "archive.unreadable"
    template = N_("The file {file} cannot be read as a dossier: {problem}. Nothing was taken.")


class StandardsFaultyError(AssetctlError):
    """A file of provision standards cannot be used; every fault is listed."""

    kind = Kind.INVALID
    code = "standard.faulty"
    template = N_("{source} has {count} faults. Nothing was adopted. Correct them and try again.")


class RulesFaultyError(AssetctlError):
    """The rules of the audit cannot be used; every fault is listed."""

    kind = Kind.INVALID
    code = "audit.rules_faulty"
    template = N_("{source} has {count} faults. Nothing was looked at. Correct them and try again.")


class DocumentFieldsError(AssetctlError):
    """Fields of a document are missing or cannot be used; every one is named."""

    kind = Kind.INVALID
    code = "document.fields"
    template = N_("The {doc_kind} cannot be written like this; {count} faults are listed below.")


class OfficeRulesFaultyError(AssetctlError):
    """Rules of the office cannot be used; every fault is named."""

    kind = Kind.INVALID
    code = "rules.faulty"
    template = N_(
        "The rules in {source} have {count} faults, listed below. Nothing was adopted. Correct "
        "them and try again."
    )


class RadioListFaultyError(AssetctlError):
    """A list that a handheld exported has cells that say nothing that can be used."""

    kind = Kind.INVALID
    code = "stocktake.reads_faulty"
    template = N_(
        "{file} has {count} faults, listed below, so none of its reads counts. Correct them and "
        "try again."
    )
