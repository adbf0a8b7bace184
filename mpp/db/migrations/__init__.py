"""The history of headquarters' tables. Nothing but schema changes and the moves of rows they need may enter here."""
