"""The tables of a library's SQLite file."""

from __future__ import annotations

SCHEMA = 3
"""Version of the tables below; another one is refused."""

TABLES = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS documents (
    key INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL UNIQUE, path TEXT NOT NULL,
    sha256 TEXT NOT NULL, encoding TEXT NOT NULL, characters INTEGER NOT NULL, metadata TEXT NOT NULL,
    text BLOB NOT NULL, head TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS paragraphs (
    key INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, content BLOB NOT NULL UNIQUE,
    text TEXT NOT NULL, heading TEXT NOT NULL, kind TEXT NOT NULL, context TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS locations (
    document INTEGER NOT NULL, position INTEGER NOT NULL, paragraph INTEGER NOT NULL,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, page INTEGER, PRIMARY KEY (document, position)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS locations_paragraph ON locations (paragraph);
CREATE TABLE IF NOT EXISTS passages (
    key INTEGER PRIMARY KEY AUTOINCREMENT, document INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    cjk INTEGER NOT NULL, head BLOB);
CREATE INDEX IF NOT EXISTS passages_document ON passages (document, first);
CREATE TABLE IF NOT EXISTS chunks (
    key INTEGER PRIMARY KEY AUTOINCREMENT, passage INTEGER NOT NULL, vector INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS chunks_passage ON chunks (passage);
CREATE INDEX IF NOT EXISTS chunks_vector ON chunks (vector);
CREATE TABLE IF NOT EXISTS vectors (
    key INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, vector BLOB NOT NULL, tokens BLOB);
CREATE TABLE IF NOT EXISTS dead (passage INTEGER PRIMARY KEY);
"""
