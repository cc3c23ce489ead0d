"""What goes wrong with a fixed reader: some of it ends a count, most of it is only told.

What is told comes as a value of one of these classes and is not raised: the reader is connected
again by itself, and what it heard before counts.
"""

from __future__ import annotations

from scanner.reading import ScanError, SourceUnavailableError


class ReaderBusyError(SourceUnavailableError):
    """A reader serves one program at a time, and another one holds it."""

    code = "scan.reader_busy"
    template = (
        "{source} is busy: another program holds it. End that program, or wait a minute if it "
        "has crashed, and try again."
    )


class ReaderRefusedError(SourceUnavailableError):
    """A reader does not do what it was asked."""

    code = "scan.reader_refused"
    template = "{source} refuses {message} with {status} ({description})."


class ReaderBrokenOffError(SourceUnavailableError):
    """A connection to a reader broke off; it is made again where one had been open."""

    code = "scan.reader_broken_off"
    template = "The connection to {source} broke off: {reason}. What it read before counts."


class ReaderSilentError(SourceUnavailableError):
    """A reader gave no sign of life for three times as long as it should."""

    code = "scan.reader_silent"
    template = "{source} has given no sign of life for {seconds} s. What it read before counts."


class ReaderSettingError(ScanError):
    """A reader has no way to set what was wished for; it reads all the same."""

    code = "scan.reader_setting"
    template = "{source} reads, but not with the {setting} that was asked for: {reason}."


class ReportDamagedError(ScanError):
    """A report ends in the middle; it was left out from there on."""

    code = "scan.report_damaged"
    template = "A report of {source} cannot be read to its end; what came before in it counts."


class TagError(ScanError):
    """A tag could not be written, and why; the root of these."""

    code = "scan.tag_failed"
    template = "The tag {epc} did not take it, and says no more. Try again, or take another tag."


class TagMissingError(TagError):
    """There is no tag before the reader, or not the one that was named."""

    code = "scan.tag_missing"
    template = "{source} does not hear the tag. Lay it on the antenna, or raise the power."


class TagCrowdError(TagError):
    """More than one tag is meant, and writing could hit the wrong one."""

    code = "scan.tag_crowd"
    template = (
        "{source} hears {count} tags and writes none of them. Leave one on the antenna, or lower "
        "the power."
    )


class TagSilentError(TagError):
    """A tag that was heard did not answer to the operation."""

    code = "scan.tag_silent"
    template = (
        "The tag {epc} does not answer, and may hold a part of what was written. Lay it closer "
        "and write it again."
    )


class TagLockedError(TagError):
    """The memory is locked."""

    code = "scan.tag_locked"
    template = (
        "The tag {epc} is locked, and no access password that is known here opens it. Take "
        "another tag."
    )


class TagPasswordError(TagError):
    """The access password is not that of the tag."""

    code = "scan.tag_password"
    template = (
        "The tag {epc} has an access password that is not known here. Take another tag, or ask "
        "whoever locked it."
    )


class TagPowerError(TagError):
    """The tag has too little power to be written."""

    code = "scan.tag_power"
    template = (
        "The tag {epc} has too little power to be written. Lay it closer, or raise the power."
    )


class TagTooSmallError(TagError):
    """The memory of the tag ends before what was to be written."""

    code = "scan.tag_too_small"
    template = "The tag {epc} has no room for it. Take a tag with more memory."


class TagDifferentError(TagError):
    """What was read back is not what was written."""

    code = "scan.tag_different"
    template = "The tag {epc} was written and reads back as {got}. Do not use it."


class EpcUnfitError(TagError):
    """A number, a PC word or a password that no tag can hold."""

    code = "scan.epc_unfit"
    template = "{epc} cannot be written into a tag: {reason}."
