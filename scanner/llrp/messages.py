"""The messages of LLRP 1.1, clause 17.1: a number, and a body that is read like a parameter."""

from __future__ import annotations

from typing import Final

from scanner.llrp.codec import Parameter, layouts, parameter
from scanner.llrp.frames import Frame, frame
from scanner.llrp.parameters import PARAMETERS

TABLE: Final = """
  1 GET_READER_CAPABILITIES requested:B +
 11 GET_READER_CAPABILITIES_RESPONSE +
  2 GET_READER_CONFIG antenna:H requested:B input:H output:H +
 12 GET_READER_CONFIG_RESPONSE +
  3 SET_READER_CONFIG reset:B +
 13 SET_READER_CONFIG_RESPONSE +
  4 CLOSE_CONNECTION_RESPONSE +
 14 CLOSE_CONNECTION
 20 ADD_ROSPEC +
 30 ADD_ROSPEC_RESPONSE +
 21 DELETE_ROSPEC rospec:I
 31 DELETE_ROSPEC_RESPONSE +
 22 START_ROSPEC rospec:I
 32 START_ROSPEC_RESPONSE +
 23 STOP_ROSPEC rospec:I
 33 STOP_ROSPEC_RESPONSE +
 24 ENABLE_ROSPEC rospec:I
 34 ENABLE_ROSPEC_RESPONSE +
 25 DISABLE_ROSPEC rospec:I
 35 DISABLE_ROSPEC_RESPONSE +
 26 GET_ROSPECS
 36 GET_ROSPECS_RESPONSE +
 40 ADD_ACCESSSPEC +
 50 ADD_ACCESSSPEC_RESPONSE +
 41 DELETE_ACCESSSPEC accessspec:I
 51 DELETE_ACCESSSPEC_RESPONSE +
 42 ENABLE_ACCESSSPEC accessspec:I
 52 ENABLE_ACCESSSPEC_RESPONSE +
 43 DISABLE_ACCESSSPEC accessspec:I
 53 DISABLE_ACCESSSPEC_RESPONSE +
 44 GET_ACCESSSPECS
 54 GET_ACCESSSPECS_RESPONSE +
 46 GET_SUPPORTED_VERSION
 56 GET_SUPPORTED_VERSION_RESPONSE current:B supported:B +
 47 SET_PROTOCOL_VERSION version:B
 57 SET_PROTOCOL_VERSION_RESPONSE +
 60 GET_REPORT
 61 RO_ACCESS_REPORT +
 62 KEEPALIVE
 72 KEEPALIVE_ACK
 63 READER_EVENT_NOTIFICATION +
 64 ENABLE_EVENTS_AND_REPORTS
100 ERROR_MESSAGE +
1023 CUSTOM_MESSAGE vendor:I subtype:B data:rest
"""

_LAYOUTS: Final = {one.kind: one for one in layouts(TABLE)}
_BY_NAME: Final = {one.name: one for one in _LAYOUTS.values()}

RO_ACCESS_REPORT: Final = 61
KEEPALIVE: Final = 62


def pack(body: Parameter, number: int) -> bytes:
    """Return a message as it goes over the wire; `body.name` is that of the message."""
    layout = _BY_NAME[body.name]
    return frame(layout.kind, number, PARAMETERS.pack_body(layout, body))


def unpack(one: Frame) -> Parameter | None:
    """Return the body of a message, None where no table knows its type.

    Raises:
        ProtocolError: it ends too early, or a length in it cannot be.
    """
    layout = _LAYOUTS.get(one.kind)
    return None if layout is None else PARAMETERS.unpack_body(layout, one.body)


def answer_to(asked: str, *inside: Parameter, status: int = 0, description: str = "") -> Parameter:
    """Return the body of a reader's answer to the message `asked`."""
    said = parameter("LLRPStatus", status=status, description=description)
    name = f"{asked}_RESPONSE"
    return parameter(name if name in _BY_NAME else "ERROR_MESSAGE", said, *inside)
