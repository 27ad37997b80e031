"""The tables of a library's SQLite file."""

from __future__ import annotations

SCHEMA = 4
"""Version of the tables below; another one is refused."""

EARLIER = ("2", "3")
"""Versions that `index.migration` brings up to date."""

TABLES = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS documents (
    key INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL UNIQUE, path TEXT NOT NULL,
    sha256 TEXT NOT NULL, encoding TEXT NOT NULL, metadata TEXT NOT NULL, characters INTEGER NOT NULL,
    head TEXT NOT NULL, passages INTEGER NOT NULL, text BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS paragraphs (
    key INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, content BLOB NOT NULL UNIQUE,
    text TEXT NOT NULL, heading TEXT NOT NULL, kind TEXT NOT NULL, context TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS locations (
    document INTEGER NOT NULL, position INTEGER NOT NULL, paragraph INTEGER NOT NULL,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, page INTEGER, PRIMARY KEY (document, position)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS locations_paragraph ON locations (paragraph);
CREATE TABLE IF NOT EXISTS passages (
    key INTEGER PRIMARY KEY, document INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS passages_document ON passages (document);
CREATE TABLE IF NOT EXISTS segments (number INTEGER PRIMARY KEY AUTOINCREMENT, checksum INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS dead (passage INTEGER PRIMARY KEY);
"""
"""`segments` are the files that hold what searching needs of `passages`; `dead` are passages that are still in one of
them and no longer in the library. AUTOINCREMENT: readers keep keys and numbers over commits, and none may come to mean
another."""

RECOGNISED = "CREATE TABLE IF NOT EXISTS recognised (document INTEGER PRIMARY KEY, lines TEXT NOT NULL)"
"""The lines of scans with their places, as JSON; made at each write: libraries of this version may lack it."""
