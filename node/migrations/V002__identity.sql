-- Accounts, how they sign in, where they live, and who did what.

CREATE TABLE users (
    id                uuid PRIMARY KEY,
    email             text NOT NULL CHECK (email = normalize(email, NFC)),
    role              text NOT NULL CHECK (role IN ('owner', 'manager', 'cashier', 'warehouse', 'customer')),
    status            text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
    first_name        text,
    last_name         text,
    phone             text,
    avatar            text,
    currency          char(3) NOT NULL,
    language          text NOT NULL CHECK (language IN ('vi', 'en')),
    notify_email      boolean NOT NULL DEFAULT true,
    notify_sms        boolean NOT NULL DEFAULT false,
    notify_push       boolean NOT NULL DEFAULT false,
    version           bigint NOT NULL DEFAULT 1,
    -- The version that last changed each field; a field not named was never changed. Concurrent edits merge by it.
    changed           jsonb NOT NULL DEFAULT '{}',
    -- Grows when role, status or password change. Access tokens carry it; those with an older one stop counting.
    rights_version    bigint NOT NULL DEFAULT 1,
    rights_changed_at timestamptz NOT NULL DEFAULT now(),
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),
    updated_by        uuid,
    search            text GENERATED ALWAYS AS (vn_fold(email || ' ' || coalesce(first_name, '') || ' ' ||
                          coalesce(last_name, '') || ' ' || coalesce(first_name, '') || ' ' || coalesce(phone, ''))) STORED
);
CREATE UNIQUE INDEX users_email ON users (lower(email));
CREATE INDEX users_newest ON users (created_at DESC, id DESC);
CREATE INDEX users_by_role ON users (role, created_at DESC, id DESC);
CREATE INDEX users_search ON users USING gin (search gin_trgm_ops);
CREATE INDEX users_by_rights_change ON users (rights_changed_at);

-- Apart from users, so that no query about people reads a hash by accident.
CREATE TABLE credentials (
    user_id       uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    password_hash text NOT NULL,
    changed_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE sessions (
    id           uuid PRIMARY KEY,
    user_id      uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL,
    ended_at     timestamptz,
    user_agent   text,
    address      text
) WITH (fillfactor = 80);
CREATE INDEX sessions_live ON sessions (user_id, last_used_at DESC) WHERE ended_at IS NULL;
CREATE INDEX sessions_ended ON sessions (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- A session's tokens form a tree: each use of one makes a child. Only hashes are kept.
CREATE TABLE refresh_tokens (
    hash       text COLLATE "C" PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    parent     text COLLATE "C",
    issued_at  timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);
CREATE INDEX refresh_tokens_by_parent ON refresh_tokens (parent) WHERE parent IS NOT NULL;
CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);

-- Password attempts of the whole cluster. key is a keyed hash of an account name or a network address.
CREATE TABLE login_attempts (
    kind     text NOT NULL CHECK (kind IN ('account', 'address')),
    key      text COLLATE "C" NOT NULL,
    attempts int NOT NULL,
    last_at  timestamptz NOT NULL,
    PRIMARY KEY (kind, key)
) WITH (fillfactor = 50);
CREATE INDEX login_attempts_by_age ON login_attempts (last_at);

CREATE TABLE addresses (
    id          uuid PRIMARY KEY,
    user_id     uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    label       text,
    recipient   text NOT NULL,
    phone       text NOT NULL,
    line1       text NOT NULL,
    line2       text,
    ward        text,
    district    text,
    province    text NOT NULL,
    postal_code text,
    country     char(2) NOT NULL,
    is_default  boolean NOT NULL DEFAULT false,
    version     bigint NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    updated_by  uuid
);
CREATE INDEX addresses_of_user ON addresses (user_id, created_at DESC, id DESC);
CREATE UNIQUE INDEX addresses_one_default ON addresses (user_id) WHERE is_default;

-- Append-only. The actor's email is kept as it was then; there is no foreign key, because entries outlive what they speak of.
CREATE TABLE audit_log (
    id          uuid PRIMARY KEY,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor_id    uuid,
    actor_email text,
    action      text COLLATE "C" NOT NULL,
    entity      text COLLATE "C" NOT NULL,
    entity_id   uuid,
    node        text NOT NULL,
    request_id  text NOT NULL,
    address     text,
    details     jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_newest ON audit_log (at DESC, id DESC);
CREATE INDEX audit_by_actor ON audit_log (actor_id, at DESC, id DESC);
CREATE INDEX audit_by_entity_id ON audit_log (entity_id, at DESC, id DESC);
CREATE INDEX audit_by_action ON audit_log (action, at DESC, id DESC);
