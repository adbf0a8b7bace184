"""Knows how many rows are asked for or written in one statement of either database; refuses to know what they are.

A list is one parameter, whatever its length: a statement is built and compiled once, and no database limits it.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, Column, Connection, Select, Table, Text, any_, bindparam, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from mpp.db.models import Base

Values = Sequence[Any]
_LISTED = "listed"


class Lookup:
    """A question about the rows whose column is one of many texts or numbers."""

    def __init__(self, query: Select[Any], column: Column[Any]) -> None:
        each = func.json_each(bindparam(_LISTED, type_=Text())).table_valued("value")
        self._sqlite = query.where(column.in_(select(each.c.value)))
        self._postgresql = query.where(column == any_(bindparam(_LISTED, type_=ARRAY(column.type))))

    def rows(self, session: Session, values: Collection[Any], **more: Any) -> Sequence[Any]:
        """Return what is in the database; `more` are the question's other parameters."""
        if not values:
            return ()
        connection, listed = session.connection(), list(values)
        if is_postgresql(connection):
            return connection.execute(self._postgresql, {_LISTED: listed, **more}).all()
        return connection.execute(self._sqlite, {_LISTED: json.dumps(listed), **more}).all()


def insert_rows(session: Session, made: Table, columns: Sequence[str], rows: Sequence[Values]) -> None:
    """Write new rows, each with the values of these columns in their order."""
    if not rows:
        return
    connection, named = session.connection(), ", ".join(f'"{column}"' for column in columns)
    if is_postgresql(connection):
        _copy(connection, f'COPY "{made.name}" ({named}) FROM STDIN', rows)
        return
    marks = ", ".join("?" * len(columns))
    connection.exec_driver_sql(f'INSERT INTO "{made.name}" ({named}) VALUES ({marks})', [tuple(row) for row in rows])


def change_rows(session: Session, change: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Run one statement for each of these sets of parameters."""
    if rows:
        session.connection().execute(change, rows)


def table(model: type[Base]) -> Table:
    """Return the table behind a model: what is asked of it this way makes no objects."""
    return Base.metadata.tables[model.__tablename__]


def is_postgresql(connection: Connection) -> bool:
    """Say which of the two databases this is."""
    return connection.dialect.name == "postgresql"


def _copy(connection: Connection, statement: str, rows: Sequence[Values]) -> None:
    """PostgreSQL's own way for many rows; what goes wrong is raised as everywhere else."""
    driver: Any = connection.connection.driver_connection
    failure = connection.dialect.loaded_dbapi.Error
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except failure as error:
        raise DBAPIError.instance(None, None, error, failure, hide_parameters=True) from error
