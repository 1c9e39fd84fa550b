"""What Alembic runs: the migrations, on the connection and in the transaction that the caller has begun."""

from alembic import context

from kept.storage.records.portable import metadata


def run() -> None:
    """Run them."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        render_as_batch=True,  # SQLite changes a table by making it anew
        compare_type=True,
    )
    context.run_migrations()


if hasattr(context, "config"):  # else somebody imports this who is not Alembic
    run()
