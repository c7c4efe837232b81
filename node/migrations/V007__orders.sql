-- Orders, their lines, their past, what came back of them, and what carries them on after the commit. docs/ORDERS.md tells their life.
--
-- Locks are taken in one order everywhere: order rows by id, stock rows by (variant_id, location_id), reservations, then inserts.

-- The human number is unique and grows; a rolled-back order leaves a gap. A counter row per day would be one more row all sales wait for.
CREATE SEQUENCE order_number;

CREATE TABLE orders (
    id                 uuid PRIMARY KEY,
    status             smallint NOT NULL CHECK (status BETWEEN 1 AND 11),    -- 1 created, 2 pending, 3 paid, 4 confirmed, 5 processing, 6 shipped,
                                                                             -- 7 delivered, 8 cancelled, 9 failed, 10 returned, 11 refunded
    channel            smallint NOT NULL CHECK (channel BETWEEN 1 AND 2),    -- 1 online, 2 pos
    payment_method     smallint NOT NULL CHECK (payment_method BETWEEN 1 AND 7),    -- 1 cash, 2 bank_transfer, 3 cod, 4 vnpay, 5 mock, 6 card, 7 on_account
    payment_status     smallint NOT NULL CHECK (payment_status BETWEEN 1 AND 6),    -- 1 unpaid, 2 authorized, 3 paid, 4 partially_refunded,
                                                                                    -- 5 refunded, 6 cod_pending
    fulfillment_status smallint NOT NULL CHECK (fulfillment_status BETWEEN 1 AND 5),    -- 1 unfulfilled, 2 partial, 3 shipped, 4 delivered, 5 returned
    currency           char(3) NOT NULL,
    version            bigint NOT NULL DEFAULT 1,
    total              bigint NOT NULL CHECK (total BETWEEN 0 AND 9000000000000000),
    paid               bigint NOT NULL DEFAULT 0 CHECK (paid >= 0),
    refunded           bigint NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND paid),
    refund_due         bigint NOT NULL DEFAULT 0 CHECK (refund_due BETWEEN 0 AND paid - refunded),    -- to be paid back, and not yet on its way
    request_hash       bigint NOT NULL,            -- of the request that made it: its repeat is told from another with the same key
    created_at         timestamptz NOT NULL DEFAULT now(),
    updated_at         timestamptz NOT NULL DEFAULT now(),
    expires_at         timestamptz,                -- while pending: when it ends by itself
    delivered_at       timestamptz,
    sold_at            timestamptz,                -- when a till without a connection sold it
    customer_id        uuid,                       -- an account, or
    guest_id           uuid,                       -- who holds a guest token
    location_id        uuid NOT NULL,
    placed_by          uuid,
    updated_by         uuid,
    number             text COLLATE "C" NOT NULL UNIQUE,
    principal          text COLLATE "C" NOT NULL,
    request_key        text COLLATE "C" NOT NULL,
    reason             text,                       -- why it was cancelled or failed
    note               text,
    customer           jsonb,                      -- name, phone, email as given
    shipping_address   jsonb,
    CHECK (customer_id IS NULL OR guest_id IS NULL),
    CHECK (status <> 2 OR expires_at IS NOT NULL),
    CHECK (status <= 2 OR expires_at IS NULL),
    -- The ledger of requests forgets after a day, an order never: what is sent again years later still is the same order.
    UNIQUE (principal, request_key)
) WITH (fillfactor = 85);
-- Ids are UUIDv7: their order is that of placing.
CREATE INDEX orders_of_customer ON orders (customer_id, id) WHERE customer_id IS NOT NULL;
CREATE INDEX orders_of_guest ON orders (guest_id, id) WHERE guest_id IS NOT NULL;
CREATE INDEX orders_by_status ON orders (status, id);
CREATE INDEX orders_to_expire ON orders (expires_at, id) WHERE status = 2;

-- What was sold, as it was called and priced then: an edited or archived product changes no order.
CREATE TABLE order_lines (
    order_id      uuid NOT NULL,
    line          smallint NOT NULL,               -- from 1
    quantity      bigint NOT NULL CHECK (quantity > 0),
    unit_price    bigint NOT NULL CHECK (unit_price >= 0),
    price_version bigint NOT NULL,
    returned      bigint NOT NULL DEFAULT 0 CHECK (returned BETWEEN 0 AND quantity),
    product_id    uuid NOT NULL,
    variant_id    uuid NOT NULL,
    offline_price boolean NOT NULL DEFAULT false,  -- sold without a connection at a price that was no longer the product's
    sku           text NOT NULL,
    name          text NOT NULL,
    image         text,
    attributes    jsonb NOT NULL,
    PRIMARY KEY (order_id, line)
);
CREATE INDEX order_lines_of_product ON order_lines (product_id);

CREATE TABLE order_history (
    order_id    uuid NOT NULL,
    seq         smallint NOT NULL,                 -- from 1
    from_status smallint,
    to_status   smallint NOT NULL,
    actor       uuid,                              -- null: the shop itself, or a guest
    at          timestamptz NOT NULL DEFAULT now(),
    node        text NOT NULL,
    reason      text,
    PRIMARY KEY (order_id, seq)
);

CREATE TABLE shipments (
    id              uuid PRIMARY KEY,
    order_id        uuid NOT NULL,
    carrier         text,
    tracking_number text,
    created_by      uuid,
    created_at      timestamptz NOT NULL DEFAULT now(),
    node            text NOT NULL
);
CREATE INDEX shipments_of_order ON shipments (order_id);

-- One row per time that goods came back.
CREATE TABLE order_returns (
    id         uuid PRIMARY KEY,
    order_id   uuid NOT NULL,
    value      bigint NOT NULL CHECK (value >= 0), -- what the goods were sold for
    reason     text,
    created_by uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    node       text NOT NULL
);
CREATE INDEX order_returns_of_order ON order_returns (order_id, id);

CREATE TABLE order_return_lines (
    return_id uuid NOT NULL REFERENCES order_returns (id),
    line      smallint NOT NULL,
    quantity  bigint NOT NULL CHECK (quantity > 0),
    restock   boolean NOT NULL,                    -- false: not fit to be sold again
    PRIMARY KEY (return_id, line)
);

-- What an order still needs after its commit. Any node may take a saga whose lease is over.
CREATE TABLE sagas (
    id          uuid PRIMARY KEY,
    kind        text NOT NULL,
    order_id    uuid NOT NULL,
    state       text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'compensating', 'done', 'failed')),
    step        text NOT NULL,
    row_version bigint NOT NULL DEFAULT 1,
    lease_owner text,
    lease_until timestamptz,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (order_id, kind)
);
CREATE INDEX sagas_at_work ON sagas (lease_until NULLS FIRST, id) WHERE state IN ('running', 'compensating');

CREATE TABLE saga_steps (
    saga_id    uuid NOT NULL REFERENCES sagas (id),
    step       text NOT NULL,
    status     text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'running', 'done', 'failed', 'compensated')),
    attempts   int NOT NULL DEFAULT 0,
    next_at    timestamptz NOT NULL DEFAULT now(),
    request    jsonb,
    response   jsonb,
    error      text,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (saga_id, step)
);
CREATE INDEX saga_steps_due ON saga_steps (next_at) WHERE status IN ('waiting', 'running');

-- Which events a consumer has acted on: noted in the transaction of the effect.
CREATE TABLE inbox (
    consumer text NOT NULL,
    pos      bigint NOT NULL,
    seq      int NOT NULL,
    at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, pos, seq)
);
CREATE INDEX inbox_by_age ON inbox (at);

CREATE TABLE dlq (
    id           uuid PRIMARY KEY,
    source_topic text NOT NULL DEFAULT 'orders.dlq',
    consumer     text NOT NULL,
    event        jsonb NOT NULL,
    error        text NOT NULL,
    stack        text,
    attempts     int NOT NULL,
    first_at     timestamptz NOT NULL DEFAULT now(),
    last_at      timestamptz NOT NULL DEFAULT now(),
    status       text NOT NULL DEFAULT 'new' CHECK (status IN ('new', 'replayed', 'discarded')),
    changed_by   uuid
);
CREATE INDEX dlq_by_status ON dlq (status, id);

-- One row per asked pair: what a variant, or a product's default one, is sold for now. Unknown: sellable is false and the rest null; a variant of
-- another product than the one named with it is unknown.
CREATE FUNCTION sellable(variants uuid[], products uuid[])
RETURNS TABLE (ix int, product_id uuid, variant_id uuid, price bigint, currency char(3), price_version bigint, sellable boolean, sku text, name text,
               image text, attributes jsonb) LANGUAGE sql STABLE ROWS 10 AS $$
    SELECT u.ix::int, p.id, v.id, coalesce(v.price, p.price), p.currency, p.price_version,
           coalesce(p.status = 2 AND (p.published_at IS NULL OR p.published_at <= now()), false), v.sku, p.name, p.image_urls[p.primary_image], v.attributes
      FROM unnest($1, $2) WITH ORDINALITY u(variant, product, ix)
      LEFT JOIN LATERAL (SELECT x.* FROM variants x WHERE x.id = u.variant AND (u.product IS NULL OR x.product_id = u.product)
                         UNION ALL
                         SELECT x.* FROM variants x WHERE u.variant IS NULL AND x.product_id = u.product AND x.position = 0) v ON true
      LEFT JOIN products p ON p.id = v.product_id
$$;

-- What place_orders knows of a line, and of an order, between its statements.
CREATE TYPE placing_line AS (ord int, line int, verdict smallint, product_id uuid, variant_id uuid, quantity bigint, price bigint, price_version bigint,
                             offline_price boolean, sku text, name text, image text, attributes jsonb);
CREATE TYPE placing_order AS (ord int, verdict smallint, total bigint, currency char(3), known uuid);

-- Places a batch of orders: each wholly or not at all, and what one is refused for harms no other.
-- One value per order:
--   holds     seconds its goods are held; NULL: a finished counter sale, whose goods are gone
--   offline   the price it was sold for counts, whatever the product costs now
-- One value per line: line_order is the index of its order.
-- The price is compared and taken in one statement: nothing can change between the two. Plans are made once: planning costs more than an order.
-- Answers rows of
--   outcome 1 placed, one per line     2 price_changed     3 product_unavailable, one per such line     4 insufficient_stock, one per short variant
--   5 currency_mixed     6 money_overflow     7 there is an order of this key already: its id, and in price_version its request_hash
--   8 a variant fell to its threshold (ord 0, quantity: the threshold, available: what is left)
CREATE FUNCTION place_orders(ids uuid[], channels smallint[], methods smallint[], customers uuid[], guests uuid[], actors uuid[], principals text[],
                             keys text[], hashes bigint[], contacts jsonb[], addresses jsonb[], notes text[], holds int[], sold timestamptz[],
                             offline boolean[], line_order int[], line_products uuid[], line_variants uuid[], quantities bigint[], prices bigint[],
                             price_versions bigint[], location uuid, node text)
RETURNS TABLE (ord int, outcome smallint, line int, order_id uuid, number text, total bigint, currency char(3), placed_at timestamptz,
               expires_at timestamptz, product_id uuid, variant_id uuid, quantity bigint, available bigint, price bigint, price_version bigint,
               offline_price boolean, sku text, name text, image text, attributes jsonb) LANGUAGE plpgsql VOLATILE SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    lines    placing_line[];
    verdicts placing_order[];
    until    timestamptz[];
    short    int[] := '{}';
    held     record;
    good     int;
BEGIN
    SELECT array_agg(now() + make_interval(secs => h) ORDER BY i) INTO until FROM unnest(holds) WITH ORDINALITY u(h, i);

    WITH line AS MATERIALIZED (
        SELECT u.o, (row_number() OVER (PARTITION BY u.o ORDER BY u.ix))::int AS nr,
               CASE WHEN s.variant_id IS NULL OR NOT (s.sellable OR offline[u.o]) THEN 3
                    WHEN NOT offline[u.o] AND (u.price <> s.price OR u.version <> s.price_version) THEN 2 ELSE 1 END::smallint AS verdict,
               coalesce(s.product_id, u.p) AS product_id, coalesce(s.variant_id, u.v) AS variant_id, u.n,
               CASE WHEN offline[u.o] THEN u.price ELSE s.price END AS price, s.price_version, offline[u.o] AND u.price <> s.price AS offline_price,
               s.currency, s.sku, s.name, s.image, s.attributes
          FROM unnest(line_order, line_products, line_variants, quantities, prices, price_versions) WITH ORDINALITY u(o, p, v, n, price, version, ix)
         CROSS JOIN LATERAL sellable(ARRAY[u.v], ARRAY[u.p]) s),
    judged AS (
        SELECT l.o, max(l.verdict) AS verdict, sum(l.price::numeric * l.n) AS total, min(l.currency) AS currency, min(l.currency) <> max(l.currency) AS mixed
          FROM line l GROUP BY l.o)
    SELECT (SELECT array_agg(ROW(l.o, l.nr, l.verdict, l.product_id, l.variant_id, l.n, l.price, l.price_version, l.offline_price, l.sku, l.name, l.image,
                                 l.attributes)::placing_line ORDER BY l.o, l.nr) FROM line l),
           array_agg(ROW(j.o, CASE WHEN j.known IS NOT NULL THEN 7 WHEN j.verdict > 1 THEN j.verdict WHEN j.mixed THEN 5
                                   WHEN j.total > 9000000000000000 THEN 6 ELSE 1 END,
                         CASE WHEN j.total <= 9000000000000000 THEN j.total END, j.currency, j.known)::placing_order ORDER BY j.o),
           count(*) FILTER (WHERE j.known IS NULL AND j.verdict = 1 AND NOT j.mixed AND j.total <= 9000000000000000)
      INTO lines, verdicts, good
      FROM (SELECT g.*, (SELECT k.id FROM orders k WHERE k.principal = principals[g.o] AND k.request_key = keys[g.o]) AS known FROM judged g) j;

    IF good > 0 THEN
        FOR held IN
            SELECT h.ord, h.variant_id, h.wanted, h.available
              FROM stock_hold((SELECT array_agg(l.ord ORDER BY l.ord, l.line) FROM unnest(lines) l JOIN unnest(verdicts) v ON v.ord = l.ord AND v.verdict = 1),
                              ids,
                              (SELECT array_agg(l.variant_id ORDER BY l.ord, l.line) FROM unnest(lines) l JOIN unnest(verdicts) v ON v.ord = l.ord AND v.verdict = 1),
                              (SELECT array_agg(l.quantity ORDER BY l.ord, l.line) FROM unnest(lines) l JOIN unnest(verdicts) v ON v.ord = l.ord AND v.verdict = 1),
                              location, until, actors, node) h
        LOOP
            ord := held.ord;
            outcome := CASE WHEN held.ord = 0 THEN 8 ELSE 4 END;
            variant_id := held.variant_id;
            quantity := held.wanted;
            available := held.available;
            SELECT l.product_id, l.sku, l.name INTO product_id, sku, name FROM unnest(lines) l WHERE l.variant_id = held.variant_id LIMIT 1;
            RETURN NEXT;
            IF held.ord > 0 THEN
                short := short || held.ord;
            END IF;
        END LOOP;

        RETURN QUERY
        WITH made AS (
            INSERT INTO orders (id, status, channel, payment_method, payment_status, fulfillment_status, currency, total, paid, request_hash, expires_at,
                                delivered_at, sold_at, customer_id, guest_id, location_id, placed_by, updated_by, number, principal, request_key, note,
                                customer, shipping_address)
            SELECT ids[v.ord], CASE WHEN until[v.ord] IS NULL THEN 7 ELSE 2 END, channels[v.ord], methods[v.ord],
                   CASE WHEN until[v.ord] IS NULL THEN 3 WHEN methods[v.ord] = 3 THEN 6 ELSE 1 END, CASE WHEN until[v.ord] IS NULL THEN 4 ELSE 1 END,
                   v.currency, v.total, CASE WHEN until[v.ord] IS NULL THEN v.total ELSE 0 END, hashes[v.ord], until[v.ord],
                   CASE WHEN until[v.ord] IS NULL THEN now() END, sold[v.ord], customers[v.ord], guests[v.ord], location, actors[v.ord], actors[v.ord],
                   'DH-' || to_char(shop_today(), 'YYMMDD') || '-' || repeat('0', 6 - length(n.n::text)) || n.n, principals[v.ord], keys[v.ord],
                   notes[v.ord], contacts[v.ord], addresses[v.ord]
              FROM (SELECT u.* FROM unnest(verdicts) u WHERE u.verdict = 1 AND u.ord <> ALL (short) ORDER BY u.ord) v
             CROSS JOIN LATERAL (SELECT nextval('order_number') + v.ord * 0 AS n) n
            RETURNING id, number, total, currency, created_at, expires_at),
        line AS (
            SELECT l.*, ids[l.ord] AS id FROM unnest(lines) l JOIN unnest(verdicts) v ON v.ord = l.ord AND v.verdict = 1 AND v.ord <> ALL (short)),
        kept AS (
            INSERT INTO order_lines (order_id, line, quantity, unit_price, price_version, product_id, variant_id, offline_price, sku, name, image, attributes)
            SELECT l.id, l.line, l.quantity, l.price, l.price_version, l.product_id, l.variant_id, l.offline_price, l.sku, l.name, l.image, l.attributes
              FROM line l),
        noted AS (
            INSERT INTO order_history (order_id, seq, from_status, to_status, actor, node)
            SELECT ids[v.ord], s.seq, s.was, s.becomes, actors[v.ord], node
              FROM unnest(verdicts) v
              JOIN (VALUES (1::smallint, NULL::smallint, 1::smallint, true), (2, 1, 2, true), (3, 2, 3, false), (4, 3, 4, false), (5, 4, 5, false),
                           (6, 5, 7, false)) s(seq, was, becomes, always) ON s.always OR until[v.ord] IS NULL
             WHERE v.verdict = 1 AND v.ord <> ALL (short))
        SELECT l.ord, 1::smallint, l.line, l.id, m.number, m.total, m.currency, m.created_at, m.expires_at, l.product_id, l.variant_id, l.quantity,
               NULL::bigint, l.price, l.price_version, l.offline_price, l.sku, l.name, l.image, l.attributes
          FROM line l JOIN made m ON m.id = l.id ORDER BY l.ord, l.line;
    END IF;

    IF good < cardinality(verdicts) THEN
        RETURN QUERY
        SELECT v.ord, v.verdict, l.line, v.known, NULL::text, NULL::bigint, v.currency, NULL::timestamptz, NULL::timestamptz, l.product_id, l.variant_id,
               l.quantity, NULL::bigint, l.price, coalesce(k.request_hash, l.price_version), NULL::boolean, l.sku, l.name, NULL::text, NULL::jsonb
          FROM unnest(verdicts) v LEFT JOIN unnest(lines) l ON l.ord = v.ord AND l.verdict = v.verdict AND v.verdict IN (2, 3)
          LEFT JOIN orders k ON k.id = v.known
         WHERE v.verdict > 1 ORDER BY v.ord, l.line;
    END IF;
END $$;

-- The present row of an order, locked: what its status, its goods and its money are decided by. Order rows come first in the order of locks.
CREATE FUNCTION lock_order("order" uuid) RETURNS SETOF orders LANGUAGE sql VOLATILE ROWS 1 AS $$
    SELECT o.* FROM orders o WHERE o.id = $1 FOR NO KEY UPDATE
$$;

-- One step of an order, and its line in the history. The caller has locked the order; an order that is elsewhere stays there, and nothing is answered.
CREATE FUNCTION move_order("order" uuid, was smallint, becomes smallint, why text, actor uuid, node text)
RETURNS TABLE (version bigint, at timestamptz) LANGUAGE plpgsql VOLATILE ROWS 1 AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH moved AS (
        UPDATE orders o SET status = becomes, version = o.version + 1, updated_at = now(), updated_by = actor,
                            expires_at = CASE WHEN becomes <= 2 THEN o.expires_at END,
                            reason = CASE WHEN becomes IN (8, 9) THEN why ELSE o.reason END,
                            delivered_at = CASE WHEN becomes = 7 THEN now() ELSE o.delivered_at END,
                            fulfillment_status = CASE becomes WHEN 6 THEN 3 WHEN 7 THEN 4 WHEN 10 THEN 5 ELSE o.fulfillment_status END
         WHERE o.id = "order" AND o.status = was
        RETURNING o.version, o.updated_at),
    noted AS (
        INSERT INTO order_history (order_id, seq, from_status, to_status, actor, node, reason)
        SELECT "order", (SELECT coalesce(max(h.seq), 0) + 1 FROM order_history h WHERE h.order_id = "order"), was, becomes, actor, node, why FROM moved)
    SELECT m.version, m.updated_at FROM moved m;
END $$;

-- Whether a product has left a trace that deleting it would break; goods that nobody counts are ordered without a movement.
CREATE OR REPLACE FUNCTION product_is_referenced(product uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM order_lines l WHERE l.product_id = product) OR
           EXISTS (SELECT FROM variants v WHERE v.product_id = product AND
                   (EXISTS (SELECT FROM stock_movements m WHERE m.variant_id = v.id) OR
                    EXISTS (SELECT FROM stock s WHERE s.variant_id = v.id AND (s.quantity <> 0 OR s.reserved <> 0))))
$$;
