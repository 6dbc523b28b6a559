"""Runs migrations on the connection that monitors.store.migrate hands over."""

from __future__ import annotations

from alembic import context

from crawler.store.tables import UtcDateTime
from monitors.store.tables import Base


def spell_type(kind: str, item: object, _context: object) -> str | bool:
    """Write our own column type as the library's, so that a migration never imports code that moves on."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_item=spell_type,
    render_as_batch=True,  # SQLite cannot alter a column in place
    # All or nothing, and read under the lock which revision it is: another process may have begun at the same time.
    # Alembic thinks that SQLite cannot do that, since Python's driver by itself would commit in between.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
