"""The parameters of LLRP 1.1, clause 17.2, as far as readers of Class 1 Gen 2 tags need them.

Single bits stand as the bytes that hold them, the first bit of the standard the highest.
"""

from __future__ import annotations

from typing import Final

from scanner.llrp.codec import Codec, Parameter, layouts

TABLE: Final = """
  1 AntennaID antenna:H
  2 FirstSeenTimestampUTC microseconds:Q
  3 FirstSeenTimestampUptime microseconds:Q
  4 LastSeenTimestampUTC microseconds:Q
  5 LastSeenTimestampUptime microseconds:Q
  6 PeakRSSI dbm:b
  7 ChannelIndex channel:H
  8 TagSeenCount count:H
  9 ROSpecID rospec:I
 10 InventoryParameterSpecID spec:H
 11 C1G2CRC crc:H
 12 C1G2PC pc:H
 13 EPC96 epc:12s
 14 SpecIndex index:H
 15 ClientRequestOpSpecResult op:H
 16 AccessSpecID accessspec:I
 17 OpSpecID op:H
 18 C1G2SingulationDetails collisions:H empty:H
 19 C1G2XPCW1 word:H
 20 C1G2XPCW2 word:H
128 UTCTimestamp microseconds:Q
129 Uptime microseconds:Q
137 GeneralDeviceCapabilities antennas:H flags:H maker:I model:I firmware:text +
139 ReceiveSensitivityTableEntry index:H value:h
140 PerAntennaAirProtocol antenna:H protocols:octets
141 GPIOCapabilities inputs:H outputs:H
142 LLRPCapabilities flags:B levels:B timeout:H rospecs:I specs:I params:I accessspecs:I ops:I
143 RegulatoryCapabilities country:H standard:H +
144 UHFBandCapabilities +
145 TransmitPowerLevelTableEntry index:H value:h
146 FrequencyInformation flags:B +
147 FrequencyHopTable table:B reserved:B khz:longs
148 FixedFrequencyTable khz:longs
149 PerAntennaReceiveSensitivityRange antenna:H first:H last:H
177 ROSpec rospec:I priority:B state:B +
178 ROBoundarySpec +
179 ROSpecStartTrigger trigger:B +
180 PeriodicTriggerValue offset:I period:I +
182 ROSpecStopTrigger trigger:B duration:I +
183 AISpec antennas:words +
184 AISpecStopTrigger trigger:B duration:I +
185 TagObservationTrigger trigger:B reserved:B tags:H attempts:H quiet:H timeout:I
186 InventoryParameterSpec spec:H protocol:B +
207 AccessSpec accessspec:I antenna:H protocol:B state:B rospec:I +
208 AccessSpecStopTrigger trigger:B count:H
209 AccessCommand +
217 LLRPConfigurationStateValue value:I
218 Identification kind:B id:octets
220 KeepaliveSpec trigger:B period:I
221 AntennaProperties flags:B antenna:H gain:h
222 AntennaConfiguration antenna:H +
223 RFReceiver sensitivity:H
224 RFTransmitter hop:H channel:H power:H
226 EventsAndReports flags:B
237 ROReportSpec trigger:B n:H +
238 TagReportContentSelector flags:H +
239 AccessReportSpec trigger:B
240 TagReportData +
241 EPCData epc:bits
244 ReaderEventNotificationSpec +
245 EventNotificationState event:H state:B
246 ReaderEventNotificationData +
249 ROSpecEvent event:B rospec:I by:I
250 ReportBufferLevelWarningEvent percent:B
251 ReportBufferOverflowErrorEvent
252 ReaderExceptionEvent message:text +
254 AISpecEvent event:B rospec:I index:H +
255 AntennaEvent event:B antenna:H
256 ConnectionAttemptEvent status:H
257 ConnectionCloseEvent
287 LLRPStatus status:H description:text +
288 FieldError field:H status:H
289 ParameterError parameter:H status:H +
327 C1G2LLRPCapabilities flags:B filters:H
328 C1G2UHFRFModeTable +
329 C1G2UHFRFModeTableEntry mode:I flags:B m:B modulation:B mask:B bdr:I pie:I low:I high:I step:I
330 C1G2InventoryCommand flags:B +
331 C1G2Filter truncate:B +
332 C1G2TagInventoryMask bank:B pointer:H mask:bits
334 C1G2TagInventoryStateUnawareFilterAction action:B
335 C1G2RFControl mode:H tari:H
336 C1G2SingulationControl session:B population:H transit:I +
338 C1G2TagSpec +
339 C1G2TargetTag flags:B pointer:H mask:bits data:bits
341 C1G2Read op:H password:I bank:B pointer:H count:H
342 C1G2Write op:H password:I bank:B pointer:H data:words
343 C1G2Kill op:H password:I
344 C1G2Lock op:H password:I +
345 C1G2LockPayload privilege:B field:B
347 C1G2BlockWrite op:H password:I bank:B pointer:H data:words
348 C1G2EPCMemorySelector flags:B
349 C1G2ReadOpSpecResult result:B op:H data:words
350 C1G2WriteOpSpecResult result:B op:H count:H
351 C1G2KillOpSpecResult result:B op:H
352 C1G2LockOpSpecResult result:B op:H
353 C1G2BlockEraseOpSpecResult result:B op:H
354 C1G2BlockWriteOpSpecResult result:B op:H count:H
1023 Custom vendor:I subtype:I data:rest
"""

PARAMETERS: Final = Codec(layouts(TABLE))

GEN2: Final = 1
"""The air protocol EPC Class 1 Gen 2."""

BANK: Final = 6
"""Memory banks and sessions stand in the two highest bits of their byte."""

RESERVED_BANK, EPC_BANK, TID_BANK, USER_BANK = range(4)

ON: Final = 0x80
"""A byte whose only bit in use is set."""

IMPINJ: Final = 25882
"""The enterprise number of a maker whose readers offer a choice of inventory search mode."""

SUCCESS, UNSUPPORTED_MESSAGE = 0, 109

STATUS: Final = {
    100: "ParameterError", 101: "FieldError", 102: "UnexpectedParameter", 103: "MissingParameter",
    104: "DuplicateParameter", 105: "OverflowParameter", 106: "OverflowField",
    107: "UnknownParameter", 108: "UnknownField", 109: "UnsupportedMessage",
    110: "UnsupportedVersion", 111: "UnsupportedParameter", 112: "UnexpectedMessage",
    200: "ParameterError", 201: "FieldError", 202: "UnexpectedParameter", 203: "MissingParameter",
    204: "DuplicateParameter", 205: "OverflowParameter", 206: "OverflowField",
    207: "UnknownParameter", 208: "UnknownField", 209: "UnsupportedParameter",
    300: "Invalid", 301: "OutOfRange", 401: "DeviceError",
}  # fmt: skip
"""What a reader answers that does not do what it was asked; LLRP 1.1, 15.2.1."""


def status_of(answer: Parameter) -> tuple[int, str]:
    """Return the status in an answer and what the reader says to it; 0 is success."""
    status = answer.first("LLRPStatus")
    if status is None:
        return SUCCESS, ""
    return status.number("status"), status.text("description")
