"""The history does not verify."""

from __future__ import annotations

from assetctl.errors.base import AssetctlError, Kind
from assetctl.i18n import N_


class HistoryBrokenError(AssetctlError):
    """The history, or the tables made from it, are not what the chain proves."""

    kind = Kind.UNVERIFIED
    code = "history.broken"
    template = N_(
        "The history does not verify at {subject}, entry {seq}: {problem}. Expected {expected}, "
        "got {got}."
    )


class JournalBrokenError(AssetctlError):
    """A journal is not what was written: something in it was changed, moved or taken out."""

    kind = Kind.UNVERIFIED
    code = "journal.broken"
    template = N_(
        "The journal {file} does not verify at line {line}: {problem}. Nothing was done with it. "
        "Keep the file and report it."
    )


class ProofInvalidError(AssetctlError):
    """A proof does not show what it is held to show."""

    kind = Kind.UNVERIFIED
    code = "proof.invalid"
    template = N_("The proof does not hold: {reason}.")


class NoteInvalidError(AssetctlError):
    """A checkpoint, or another signed note, is malformed or not signed by whom it must be."""

    kind = Kind.UNVERIFIED
    code = "note.invalid"
    template = N_("The checkpoint cannot be trusted: {reason}. Nothing was taken from it.")


class LogForkedError(AssetctlError):
    """The log is not the continuation of what was signed or seen of it before."""

    kind = Kind.UNVERIFIED
    code = "log.forked"
    template = N_(
        "The log {origin} is not the one that was seen before: {reason}. It is not signed, and not "
        "to be relied on. Keep both checkpoints and the database as they are, and compare with the "
        "backups."
    )


class DossierBrokenError(AssetctlError):
    """A dossier, or an exported log, is not what its checkpoint proves."""

    kind = Kind.UNVERIFIED
    code = "dossier.broken"
    template = N_("{file} does not verify at {place}: {problem}.")


class AttachmentBrokenError(AssetctlError):
    """A photo or document is not what the history names by its hash."""

    kind = Kind.UNVERIFIED
    code = "attachment.broken"
    template = N_(
        "The file {sha256} is {fault}, so nothing was written. Bring it back from a backup of the "
        "folder blobs."
    )


class NotebookBrokenError(AssetctlError):
    """An auditor's notebook cannot be read or written, or is something else."""

    kind = Kind.UNVERIFIED
    code = "notebook.broken"
    template = N_(
        "The notebook {file} cannot be used: {reason}. The register was not touched. Begin a new "
        "one with a full check, or bring it back from a backup."
    )


class SignerAnswerError(AssetctlError):
    """A signer answered with something else than signatures of the log's keys that hold."""

    kind = Kind.UNVERIFIED
    code = "signer.wrong_answer"
    template = N_(
        "What the signer answered for {origin} was not kept: {reason}. The log is sealed and "
        "nothing is lost. Look into the signer before anything it signed is believed."
    )
