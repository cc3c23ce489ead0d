"""The tables: history and its heads, and the projection that is made from it.

Portable on purpose: texts, integers and bytes only. Instants are UTC text, money is whole fen,
typed attributes are one canonical JSON text. Every constraint has a name.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from assetctl.domain.card import CARD
from assetctl.domain.projection import KEYS
from assetctl.store.document_tables import counter as counter
from assetctl.store.document_tables import document as document
from assetctl.store.document_tables import document_asset as document_asset
from assetctl.store.document_tables import document_line as document_line
from assetctl.store.document_tables import opinion as opinion
from assetctl.store.document_tables import paper_part as paper_part
from assetctl.store.document_tables import rule_set as rule_set
from assetctl.store.document_tables import warehouse as warehouse
from assetctl.store.metadata import metadata as metadata
from assetctl.store.sharing_tables import booking as booking
from assetctl.store.sharing_tables import occasion as occasion
from assetctl.store.sharing_tables import reminder as reminder
from assetctl.store.sourcing_tables import SOURCING
from assetctl.store.sourcing_tables import sourcing_candidate as sourcing_candidate
from assetctl.store.sourcing_tables import sourcing_purchase as sourcing_purchase
from assetctl.store.sourcing_tables import sourcing_search as sourcing_search
from assetctl.store.stocktake_tables import STOCKTAKE

SCHEMA = "0015"
"""The revision of the migrations that this program needs."""

log = Table(
    "log", metadata,
    Column("origin", Text, primary_key=True),
    Column("entry", LargeBinary, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
)  # fmt: skip

history = Table(
    "history", metadata,
    Column("event_id", Text, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("recorded_at", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("entry", LargeBinary, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    UniqueConstraint("subject", "seq"),
    UniqueConstraint("request_id", "subject", "kind"),
    # What auditors ask: what was recorded in this time, and what by this person.
    Index(None, "recorded_at", "event_id"),
    Index(None, "actor", "recorded_at", "event_id"),
)  # fmt: skip

head = Table(
    "head", metadata,
    Column("subject", Text, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip

leaf = Table(
    "leaf", metadata,
    Column("event_id", Text, primary_key=True),
    Column("idx", BigInteger),
    UniqueConstraint("idx"),
    sqlite_with_rowid=False,
)  # fmt: skip
"""Which leaf of the log each entry is, counted from 1 (0 is the genesis); NULL until it is sealed.

Apart from `history`, whose rows are never updated."""

tile = Table(
    "tile", metadata,
    Column("tree", Text, nullable=False),
    Column("level", Integer, nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("hashes", LargeBinary, nullable=False),
    PrimaryKeyConstraint("tree", "level", "n"),
)  # fmt: skip
"""Hashes of full tiles, from level 1 up (C2SP tlog-tiles); those of level 0 stand in `history`."""

checkpoint = Table(
    "checkpoint", metadata,
    Column("origin", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
    Column("signed_at", Text, nullable=False),
    PrimaryKeyConstraint("origin", "size"),
)  # fmt: skip
"""Checkpoints as they were signed; copies of what the signer keeps outside."""

disclosure = Table(
    "disclosure", metadata,
    Column("event_id", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("disclosure", Text, nullable=False),
    PrimaryKeyConstraint("event_id", "path"),
    Index(None, "subject"),
)  # fmt: skip

_HAS_CHIP = text("tid IS NOT NULL")
_CARD_TYPES = {"money": BigInteger, "integer": Integer}

asset = Table(
    "asset", metadata,
    Column("asset_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("scheme", Text, nullable=False),
    Column("class_code", Text, nullable=False),
    Column("card_no", Text),
    Column("state", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("place", Text),
    Column("condition", Text),
    Column("due", Text),
    Column("sent_to", Text),
    Column("prior_state", Text),
    Column("prior_holder", Text),
    Column("prior_place", Text),
    Column("held_since", Text, nullable=False),
    Column("registered_at", Text, nullable=False),
    Column("changed_at", Text, nullable=False),
    Column("changes", Integer, nullable=False),
    Column("counted_at", Text),
    Column("counted_place", Text),
    Column("disposal_method", Text),
    Column("disposal_doc", Text),
    Column("disposed_at", Text),
    Column("listed", Text),
    Column("shared", Text),
    Column("sanitised_at", Text),
    Column("sanitised_how", Text),
    Column("attributes", Text),
    *(
        Column(f"{field.name}_fen" if field.type == "money" else field.name,
               _CARD_TYPES.get(field.type, Text))
        for field in CARD
    ),
    Index(None, "owner", "state", "asset_id"),
    Index(None, "holder", "asset_id"),
    Index(None, "place", "asset_id"),
    Index(None, "listed", "class_code", "asset_id"),
    Index(None, "class_code", "state", "asset_id"),
    Index(None, "shared", "asset_id"),
)  # fmt: skip

tag = Table(
    "tag", metadata,
    Column("asset_id", Text, nullable=False),
    Column("carrier", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("issue", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("epc", Text),
    Column("tid", Text),
    Column("pc", Text),
    Column("air", Text),
    Column("prints", Integer),
    PrimaryKeyConstraint("asset_id", "carrier", "code", "issue"),
    Index(None, "tid", sqlite_where=_HAS_CHIP, postgresql_where=_HAS_CHIP),
    sqlite_with_rowid=False,
)  # fmt: skip

tag_alert = Table(
    "tag_alert", metadata,
    Column("asset_id", Text, nullable=False),
    Column("alert", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("issue", Integer, nullable=False),
    Column("other", Text, nullable=False),
    Column("carrier", Text, nullable=False),
    Column("station", Text, nullable=False),
    Column("place", Text),
    Column("other_station", Text),
    Column("other_place", Text),
    Column("seconds_apart", Integer),
    Column("seen_at", Text, nullable=False),
    PrimaryKeyConstraint("asset_id", "alert", "code", "issue", "other"),
)  # fmt: skip

blank = Table(
    "blank", metadata,
    Column("code", Text, nullable=False),
    Column("tag", Text, nullable=False),
    Column("carrier", Text, nullable=False),
    Column("issued_at", Text, nullable=False),
    Column("printed_at", Text),
    Column("voided_at", Text),
    PrimaryKeyConstraint("code", "tag"),
    UniqueConstraint("tag"),
)  # fmt: skip

alias = Table(
    "alias", metadata,
    Column("asset_id", Text, nullable=False),
    Column("scheme", Text, nullable=False),
    Column("value", Text, nullable=False),
    PrimaryKeyConstraint("asset_id", "scheme", "value"),
    UniqueConstraint("value", "scheme"),
    sqlite_with_rowid=False,
)  # fmt: skip

attachment = Table(
    "attachment", metadata,
    Column("asset_id", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("title", Text),
    Column("media_type", Text, nullable=False),
    Column("byte_count", BigInteger, nullable=False),
    Column("attached_at", Text, nullable=False),
    Column("erased_at", Text),
    PrimaryKeyConstraint("asset_id", "sha256"),
)  # fmt: skip

party = Table(
    "party", metadata,
    Column("code", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text),
    Column("unit", Text),
    Column("uscc", Text),
    Column("added_at", Text, nullable=False),
)  # fmt: skip

role_grant = Table(
    "role_grant", metadata,
    Column("code", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("granted_at", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("revoked_at", Text),
    PrimaryKeyConstraint("code", "role", "number"),
)  # fmt: skip

staff_card = Table(
    "staff_card", metadata,
    Column("code", Text, nullable=False),
    Column("tag", Text, nullable=False),
    Column("issue", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("issued_at", Text, nullable=False),
    Column("prints", Integer),
    PrimaryKeyConstraint("code", "tag", "issue"),
    UniqueConstraint("tag", "issue"),
)  # fmt: skip

place = Table(
    "place", metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("parent", Text),
    Column("added_at", Text, nullable=False),
    Index(None, "parent"),
)  # fmt: skip

place_tag = Table(
    "place_tag", metadata,
    Column("code", Text, nullable=False),
    Column("tag", Text, nullable=False),
    Column("issue", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("issued_at", Text, nullable=False),
    Column("prints", Integer),
    PrimaryKeyConstraint("code", "tag", "issue"),
    UniqueConstraint("tag", "issue"),
)  # fmt: skip

asset_class = Table(
    "asset_class", metadata,
    Column("scheme", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_en", Text),
    Column("parent", Text),
    Column("depth", Integer, nullable=False),
    Column("life_years", Integer),
    Column("use_years", Integer),
    PrimaryKeyConstraint("scheme", "code"),
)  # fmt: skip

signing_key = Table(
    "signing_key", metadata,
    Column("code", Text, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("algorithm", Text, nullable=False),
    Column("public", Text),
    Column("created_at", Text, nullable=False),
    Column("party", Text),
    Column("ended_at", Text),
    Column("ended_as", Text),
    Column("ended_doc", Text),
    Index(None, "party"),
)  # fmt: skip

signing_rule = Table(
    "signing_rule", metadata,
    Column("code", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("since", Text),
    PrimaryKeyConstraint("code", "number"),
)  # fmt: skip
"""From when on operators with a role must sign; NULL once that was lifted or said anew."""

sighting = Table(
    "sighting", metadata,
    Column("code", Text, nullable=False),
    Column("issue", Integer, nullable=False),
    Column("station", Text, nullable=False),
    Column("place", Text),
    Column("seen_at", Text, nullable=False),
    PrimaryKeyConstraint("code", "issue"),
)  # fmt: skip
"""Where each tag was last seen: a memory for comparing, neither history nor made from it."""

evidence = Table(
    "evidence", metadata,
    Column("code", Text, primary_key=True),
    Column("event_time", Text, nullable=False),
    Column("declared_wrong", Text),
)  # fmt: skip

evidence_asset = Table(
    "evidence_asset", metadata,
    Column("code", Text, nullable=False),
    Column("asset_id", Text, nullable=False),
    PrimaryKeyConstraint("code", "asset_id"),
    Index(None, "asset_id"),
)  # fmt: skip
"""Which events of partners concern which assets."""

provision_standard = Table(
    "provision_standard", metadata,
    Column("code", Text, primary_key=True),
    Column("jurisdiction", Text, nullable=False),
    Column("doc_no", Text, nullable=False),
    Column("effective_from", Text, nullable=False),
    Column("until", Text),
    Column("class_scheme", Text, nullable=False),
    Column("class_code", Text, nullable=False),
    Column("rank", Text),
    Column("basis", Text, nullable=False),
    Column("quantity", Text),
    Column("price_cap_fen", BigInteger),
    Column("argued", Integer, nullable=False),
    Column("min_years", Integer),
    Column("note", Text),
    Column("source", Text),
    Column("adopted_at", Text, nullable=False),
    Column("adopted_doc", Text, nullable=False),
    Column("ended_doc", Text),
)  # fmt: skip
"""How many of a class a unit may have, at what price and for how long: dated, by division."""

PROJECTED: dict[str, Table] = {name: metadata.tables[name] for name in KEYS}
"""The tables that are made from history, by name."""

SUBJECTS: dict[str, tuple[str, ...]] = {
    "asset": ("asset", "tag", "tag_alert", "alias", "attachment"),
    "blank": ("blank",),
    "party": ("party", "role_grant", "staff_card"),
    "place": ("place", "place_tag", "warehouse"),
    "class": ("asset_class",),
    "key": ("signing_key",),
    "role": ("signing_rule",),
    "log": (),
    "standard": ("provision_standard",),
    "evidence": ("evidence", "evidence_asset"),
    "rules": ("rule_set",),
    "doc": ("document", "document_line", "document_asset", "opinion", "paper_part", *SOURCING),
    "booking": ("booking",),
    "occasion": ("occasion",),
    "reminder": ("reminder",),
    "stocktake": STOCKTAKE,
}
"""Which projected tables hold the rows of each sort of subject, the main one first."""

APPEND_ONLY = ("log", "history", "leaf")
"""Tables whose rows triggers protect from DELETE and UPDATE, but a leaf gets its number once."""
