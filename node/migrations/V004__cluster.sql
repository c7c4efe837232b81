-- What makes several processes one cluster: its name, who belongs to it, and the lease of the active role.

-- Told to clients, so that they notice when an address leads to somebody else's cluster.
CREATE TABLE cluster_identity (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    id       uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO cluster_identity DEFAULT VALUES;

-- The active role. epoch is unique so that a takeover, which changes it, waits for FOR KEY SHARE locks of running duties,
-- while a renewal, which touches expires_at alone, passes them.
CREATE TABLE cluster_lease (
    only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    epoch      bigint NOT NULL UNIQUE,
    holder     text,
    boot_id    uuid,
    expires_at timestamptz NOT NULL
) WITH (fillfactor = 10);
INSERT INTO cluster_lease (epoch, expires_at) VALUES (0, '-infinity');

-- Nodes by name. A node that starts writes its row; each heartbeat moves seen_at and applied.
CREATE TABLE cluster_nodes (
    id        text PRIMARY KEY,
    url       text NOT NULL,
    priority  int NOT NULL,
    boot_id   uuid NOT NULL,
    version   text NOT NULL,
    applied   bigint NOT NULL DEFAULT 0,
    joined_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- For the duty that removes versions nobody can have started an edit from any more.
CREATE INDEX product_versions_by_age ON product_versions (superseded_at);
