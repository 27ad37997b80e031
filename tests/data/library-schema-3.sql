BEGIN TRANSACTION;
CREATE TABLE chunks (
    key INTEGER PRIMARY KEY AUTOINCREMENT, passage INTEGER NOT NULL, vector INTEGER NOT NULL);
CREATE TABLE dead (passage INTEGER PRIMARY KEY);
CREATE TABLE documents (
    key INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL UNIQUE, path TEXT NOT NULL,
    sha256 TEXT NOT NULL, encoding TEXT NOT NULL, characters INTEGER NOT NULL, metadata TEXT NOT NULL,
    text BLOB NOT NULL, head TEXT NOT NULL);
INSERT INTO "documents" VALUES(1,'report.md','/old/report.md','3d30dfb941d7d14644ce3682171cff7e19b0bc131a50e17e8c0bd09f20a19dfd','utf-8',66,'{"title": "东岸区", "author": null, "date": null, "superseded": false}',X'789C535678B263CED34D3B9EF6ECE2E27A366DC3D3DDBB5E344E793AA1E3E9BA792F57F53C5DB7C4F2C98E55EFF7F43CDD33F5C5FED94F7B673D5DBCDAC2E4C9AE5D8F1B9AB8B894155E2CDDFF74D35A32B53FD9B1EF69D7BC671D139ECD9BF374FDCE677D4B9FEC99656CF6740E581A00CCC66436','# 东岸区

新建联合实验室9个，引进博士84人。

# 西岭区

新建联合实验室9个，引进博士84人。

举办成果对接会36场。
');
INSERT INTO "documents" VALUES(2,'table.md','/old/table.md','c62587f59e25308e70a165329ee6bcce1a38846cbc9b7a2716b961bc31595ce3','utf-8',102,'{"title": "Laboratories by district", "author": null, "date": null, "superseded": false}',X'789CF3494CCA2F4A2CC92FCA4C2D5648AA5448C92C2E29CA4C2EE1E2AA517081B2156A147C9095D570D5E8EAEA82315095476251527E69115091254846213CB5B824B5284FA12833253D15286A0E1405003F192286','Laboratories by district

| District | Laboratories |
|---|---|
| Harbour | 9 |
| Western ridge | 7 |
');
INSERT INTO "documents" VALUES(3,'old.txt','/old/old.txt','d583024b7de99a8a13250a919f0cc8d61b2b7408ac5175a570f2b579e9b7e835','gb18030',19,'{"title": "old", "author": null, "date": null, "superseded": false}',X'789C013100CEFFE58D97E6B996E58CBAE58F91E5B883E8A18CE58AA8E696B9E6A188EFBC8CE68A95E585A5322E35E4BABFE58583E380820A4FD82018','old
南湖区发布行动方案，投入2.5亿元。
');
CREATE TABLE locations (
    document INTEGER NOT NULL, position INTEGER NOT NULL, paragraph INTEGER NOT NULL,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, page INTEGER, PRIMARY KEY (document, position)) WITHOUT ROWID;
INSERT INTO "locations" VALUES(1,0,1,7,25,NULL);
INSERT INTO "locations" VALUES(1,1,2,34,52,NULL);
INSERT INTO "locations" VALUES(1,2,3,54,65,NULL);
INSERT INTO "locations" VALUES(2,0,4,0,24,NULL);
INSERT INTO "locations" VALUES(2,1,5,66,77,NULL);
INSERT INTO "locations" VALUES(2,2,6,82,99,NULL);
INSERT INTO "locations" VALUES(3,0,7,0,18,NULL);
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO "meta" VALUES('words_opstamp','6');
INSERT INTO "meta" VALUES('schema','3');
INSERT INTO "meta" VALUES('embedder','footnote-static');
INSERT INTO "meta" VALUES('fingerprint','bfa0086476e75d55');
INSERT INTO "meta" VALUES('dim','256');
INSERT INTO "meta" VALUES('words','1');
INSERT INTO "meta" VALUES('chunking','2.1');
INSERT INTO "meta" VALUES('generation','1');
INSERT INTO "meta" VALUES('vectors_upto','3');
CREATE TABLE paragraphs (
    key INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, content BLOB NOT NULL UNIQUE,
    text TEXT NOT NULL, heading TEXT NOT NULL, kind TEXT NOT NULL, context TEXT NOT NULL);
INSERT INTO "paragraphs" VALUES(1,'de2a33ac1c6df4a1',X'9E8A744AC3B3FDB8B2D830E7B5C63C6C','新建联合实验室9个，引进博士84人。','["东岸区"]','paragraph','');
INSERT INTO "paragraphs" VALUES(2,'de2a33ac1c6df4a1-2',X'446A0DA74A3B88DA3BF6ADA427188286','新建联合实验室9个，引进博士84人。','["西岭区"]','paragraph','');
INSERT INTO "paragraphs" VALUES(3,'a24437c5afa6fd8d',X'44F2B4B51C292CEB7C4CB08C12DEE8DA','举办成果对接会36场。','["西岭区"]','paragraph','');
INSERT INTO "paragraphs" VALUES(4,'bc4db9b750862741',X'FB9E8057AE66E3C1EB3E2D695AD6392D','Laboratories by district','[]','paragraph','');
INSERT INTO "paragraphs" VALUES(5,'0e2d536bf184d11f',X'FF946BF81A31323C6DEFAE10914575DC','Harbour | 9','[]','table_row','District | Laboratories');
INSERT INTO "paragraphs" VALUES(6,'bea9ea1da5fe70ed',X'33424E87B93792879CB70221C035A43A','Western ridge | 7','[]','table_row','District | Laboratories');
INSERT INTO "paragraphs" VALUES(7,'212ae0bc22a507d9',X'C2B57D1A7390C2596A3E107A561F4EC4','南湖区发布行动方案，投入2.5亿元。','[]','paragraph','');
CREATE TABLE passages (
    key INTEGER PRIMARY KEY AUTOINCREMENT, document INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    cjk INTEGER NOT NULL, head BLOB);
INSERT INTO "passages" VALUES(1,1,0,2,1,NULL);
INSERT INTO "passages" VALUES(2,2,0,2,0,NULL);
INSERT INTO "passages" VALUES(3,3,0,0,1,NULL);
CREATE TABLE vectors (
    key INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, vector BLOB NOT NULL, tokens BLOB);
CREATE INDEX locations_paragraph ON locations (paragraph);
CREATE INDEX passages_document ON passages (document, first);
CREATE INDEX chunks_passage ON chunks (passage);
CREATE INDEX chunks_vector ON chunks (vector);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('documents',3);
INSERT INTO "sqlite_sequence" VALUES('paragraphs',7);
INSERT INTO "sqlite_sequence" VALUES('passages',3);
INSERT INTO "sqlite_sequence" VALUES('chunks',3);
COMMIT;
