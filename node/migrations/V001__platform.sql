-- The ground of every write: one position for all changes, the outbox, the ledger of idempotency keys,
-- cursors of consumers, and how Vietnamese text is folded for searching.

CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- The counter every announcing transaction ends with. incarnation tells one history from another:
-- it changes when acknowledged history may have been lost (restored backup, failover of PostgreSQL).
CREATE TABLE cluster_head (
    only_row          boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    incarnation       bigint NOT NULL,
    system_identifier text,
    timeline          text,
    pos               bigint NOT NULL
) WITH (fillfactor = 10);

INSERT INTO cluster_head (incarnation, system_identifier, timeline, pos)
SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint,
       (SELECT system_identifier::text FROM pg_control_system()),
       substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8),
       0;

-- Ends a write whose node believes in another history than the database's.
CREATE FUNCTION history_changed() RETURNS text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RAISE EXCEPTION 'the history of this database changed' USING ERRCODE = 'KI001';
END $$;

CREATE TABLE outbox (
    pos        bigint NOT NULL,
    seq        int NOT NULL,
    type       text NOT NULL,
    entity     text NOT NULL,
    entity_id  uuid,
    version    bigint NOT NULL,
    tags       text[] NOT NULL,
    node       text NOT NULL,
    trace      text NOT NULL,
    data       jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (pos, seq)
);

-- One row per write that carried a key, in the same transaction as its effect. A row without status
-- belongs to a write that brought no key: it only tells whether that write was committed.
CREATE TABLE requests (
    principal   text NOT NULL,
    key         text NOT NULL,
    fingerprint bytea NOT NULL,
    state       text NOT NULL DEFAULT 'claimed' CHECK (state IN ('claimed', 'done', 'abandoned')),
    status      int,
    headers     text[],
    body        text,
    pos         bigint,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (principal, key)
);
CREATE INDEX requests_by_age ON requests (created_at);

CREATE TABLE consumers (
    name text PRIMARY KEY,
    pos  bigint NOT NULL
);

-- Text as searches compare it: without case and diacritics, "Áo Sơ Mi" = "ao so mi", "Đ" = "d".
-- unaccent is only STABLE because a dictionary can be edited; naming the dictionary and wrapping it
-- makes the promise that indexes need.
CREATE FUNCTION vn_fold(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT translate(lower(public.unaccent('public.unaccent'::regdictionary, normalize(value, NFC))), 'đ', 'd')
$$;

-- "Áo sơ mi trắng!" -> "ao-so-mi-trang"; empty when nothing of it can stand in an address.
CREATE FUNCTION slugify(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT trim(BOTH '-' FROM regexp_replace(public.vn_fold(value), '[^a-z0-9]+', '-', 'g'))
$$;
