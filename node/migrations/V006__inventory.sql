-- What lies where, what of it is promised, and every movement that made it so. docs/ORDERS.md tells how orders use it.
--
-- Whoever changes stock locks its rows first, in the order of (variant_id, location_id); reservations and lots come after them, so that a lot
-- is protected by the row of its variant. available = quantity - reserved - expired, and is stored nowhere.

CREATE TABLE locations (
    id         uuid PRIMARY KEY,
    code       text COLLATE "C" NOT NULL UNIQUE,
    name       text NOT NULL,
    address    text,
    active     boolean NOT NULL DEFAULT true,
    is_default boolean NOT NULL DEFAULT false CHECK (active OR NOT is_default),
    version    bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    updated_by uuid
);
CREATE UNIQUE INDEX locations_one_default ON locations (is_default) WHERE is_default;
INSERT INTO locations (id, code, name, is_default) VALUES ('01900000-0000-7000-8000-000000000001', 'main', 'Cửa hàng', true);

-- The counters of one variant at one place. No row: nothing there, tracked, no backorder. version counts changes of the rules alone, so that
-- an edit of a threshold does not race with sales. level changes only where a threshold is passed: updates in between stay HOT.
CREATE TABLE stock (
    variant_id          uuid NOT NULL,
    location_id         uuid NOT NULL REFERENCES locations (id),
    quantity            bigint NOT NULL DEFAULT 0,
    reserved            bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    expired             bigint NOT NULL DEFAULT 0 CHECK (expired >= 0),    -- what is free in lots marked as expired
    low_stock_threshold bigint NOT NULL DEFAULT 10 CHECK (low_stock_threshold >= 0),
    track_inventory     boolean NOT NULL DEFAULT true,
    backorder           boolean NOT NULL DEFAULT false,
    lot_tracked         boolean NOT NULL DEFAULT false,
    level               smallint NOT NULL GENERATED ALWAYS AS (CASE WHEN NOT track_inventory THEN 0
                            WHEN quantity - reserved - expired <= 0 THEN 2
                            WHEN quantity - reserved - expired <= low_stock_threshold THEN 1 ELSE 0 END) STORED,    -- 1 low, 2 out
    version             bigint NOT NULL DEFAULT 1,
    updated_at          timestamptz NOT NULL DEFAULT now(),
    updated_by          uuid,
    PRIMARY KEY (variant_id, location_id),
    CONSTRAINT stock_not_oversold CHECK (reserved + expired <= quantity OR backorder),
    CHECK (NOT lot_tracked OR (track_inventory AND NOT backorder))
) WITH (fillfactor = 70);
CREATE INDEX stock_running_low ON stock (variant_id, location_id, level) WHERE level > 0;
CREATE INDEX stock_of_location ON stock (location_id, variant_id);

-- Goods of one batch with one last day of use; code '' holds what came in without a lot.
CREATE TABLE stock_lots (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    variant_id  uuid NOT NULL,
    location_id uuid NOT NULL,
    code        text COLLATE "C" NOT NULL,
    expires_on  date,                                   -- the last day it may be sold
    quantity    bigint NOT NULL DEFAULT 0,
    reserved    bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    expired     boolean NOT NULL DEFAULT false,         -- marked: what is free of it is counted in stock.expired
    created_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (variant_id, location_id, code),
    FOREIGN KEY (variant_id, location_id) REFERENCES stock (variant_id, location_id),
    CHECK (reserved <= quantity)
) WITH (fillfactor = 80);
CREATE INDEX stock_lots_to_expire ON stock_lots (expires_on, id) WHERE expires_on IS NOT NULL AND quantity > 0;

-- What an order holds. A counter sale's is committed from the beginning. returned: how much of it has come back since.
CREATE TABLE reservations (
    order_id    uuid NOT NULL,
    variant_id  uuid NOT NULL,
    location_id uuid NOT NULL,
    qty         bigint NOT NULL CHECK (qty > 0),
    returned    bigint NOT NULL DEFAULT 0 CHECK (returned BETWEEN 0 AND qty),
    state       smallint NOT NULL CHECK (state BETWEEN 1 AND 4),    -- 1 held, 2 committed, 3 released, 4 expired
    expires_at  timestamptz,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (order_id, variant_id, location_id),
    CHECK (state <> 1 OR expires_at IS NOT NULL)
) WITH (fillfactor = 80);
CREATE INDEX reservations_to_expire ON reservations (expires_at, order_id) WHERE state = 1;
CREATE INDEX reservations_held ON reservations (variant_id, location_id) WHERE state = 1;

-- Which lots a reservation was given; gone with its release.
CREATE TABLE reservation_lots (
    order_id    uuid NOT NULL,
    variant_id  uuid NOT NULL,
    location_id uuid NOT NULL,
    lot_id      uuid NOT NULL REFERENCES stock_lots (id),
    qty         bigint NOT NULL CHECK (qty > 0),
    returned    bigint NOT NULL DEFAULT 0 CHECK (returned BETWEEN 0 AND qty),
    PRIMARY KEY (order_id, variant_id, location_id, lot_id)
);
CREATE INDEX reservation_lots_of_lot ON reservation_lots (lot_id);

-- The ledger: never changed, never deleted. The sums of its deltas are the counters.
CREATE TABLE stock_movements (
    id             bigint GENERATED ALWAYS AS IDENTITY (CACHE 64),
    variant_id     uuid NOT NULL,
    location_id    uuid NOT NULL,
    kind           smallint NOT NULL CHECK (kind BETWEEN 1 AND 12),    -- 1 receive, 2 customer_return, 3 opening, 4 sale, 5 return_to_supplier,
                                                                       -- 6 destroy, 7 adjust, 8 transfer_out, 9 transfer_in, 10 reserve, 11 release, 12 commit
    ref_type       smallint NOT NULL CHECK (ref_type BETWEEN 1 AND 3), -- 1 order, 2 document, 3 change of the stock's rules
    ref_id         uuid NOT NULL,
    qty_delta      bigint NOT NULL,
    reserved_delta bigint NOT NULL,
    unit_cost      bigint,
    lot_id         uuid,
    actor          uuid,
    node           text NOT NULL,
    reason         text,
    at             timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (at, id)
);
CREATE INDEX stock_movements_of_variant ON stock_movements (variant_id, at, id);
CREATE INDEX stock_movements_of_location ON stock_movements (location_id, at, id);

-- The shop's day: goods are sold up to and with the last one of their lot.
CREATE FUNCTION shop_today() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
$$;

-- Locks the rows that exist, in the order all others lock them in.
CREATE FUNCTION stock_lock(variants uuid[], location uuid) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM FROM stock s WHERE s.variant_id = ANY (variants) AND s.location_id = location ORDER BY s.variant_id FOR NO KEY UPDATE;
END $$;

-- Gives the lines of accepted orders their lots, first expired first out: the lots of a variant lie one behind the other, its lines too, and
-- where the two overlap is what a line gets. The caller has locked the stock rows, and knows that there is enough.
CREATE FUNCTION stock_take_lots(line_order int[], order_ids uuid[], variants uuid[], quantities bigint[], location uuid, expires timestamptz[],
                                actors uuid[], node text)
RETURNS void LANGUAGE sql VOLATILE AS $$
    WITH lot AS (
        SELECT k.id, k.variant_id, k.quantity - k.reserved AS free,
               sum(k.quantity - k.reserved) OVER (PARTITION BY k.variant_id ORDER BY k.expires_on NULLS LAST, k.created_at, k.id) AS upto
          FROM stock_lots k
         WHERE k.variant_id = ANY ($3) AND k.location_id = $5 AND k.quantity > k.reserved AND (k.expires_on IS NULL OR k.expires_on >= shop_today())),
    line AS (
        SELECT u.o, u.v, u.n, sum(u.n) OVER (PARTITION BY u.v ORDER BY u.o) AS upto FROM unnest($1, $3, $4) u(o, v, n)),
    piece AS MATERIALIZED (
        SELECT line.o, line.v, lot.id AS lot_id, $6[line.o] IS NULL AS sold,
               (least(line.upto, lot.upto) - greatest(line.upto - line.n, lot.upto - lot.free))::bigint AS n
          FROM line JOIN lot ON lot.variant_id = line.v AND line.upto - line.n < lot.upto AND lot.upto - lot.free < line.upto),
    taken AS (
        UPDATE stock_lots k SET reserved = k.reserved + d.held, quantity = k.quantity - d.sold
          FROM (SELECT p.lot_id, coalesce(sum(p.n) FILTER (WHERE NOT p.sold), 0)::bigint AS held,
                       coalesce(sum(p.n) FILTER (WHERE p.sold), 0)::bigint AS sold FROM piece p GROUP BY p.lot_id) d
         WHERE k.id = d.lot_id),
    given AS (
        INSERT INTO reservation_lots (order_id, variant_id, location_id, lot_id, qty)
        SELECT $2[p.o], p.v, $5, p.lot_id, p.n FROM piece p)
    INSERT INTO stock_movements (variant_id, location_id, kind, ref_type, ref_id, qty_delta, reserved_delta, lot_id, actor, node)
    SELECT p.v, $5, CASE WHEN p.sold THEN 4 ELSE 10 END, 1, $2[p.o], CASE WHEN p.sold THEN -p.n ELSE 0 END, CASE WHEN p.sold THEN 0 ELSE p.n END,
           p.lot_id, $7[p.o], $8
      FROM piece p
$$;

-- Holds the goods of a batch of orders; each gets all its lines or none, and what the ones before it left.
--   line_order, variants, quantities: the lines, line_order being the index of the order a line belongs to;
--   order_ids, expires, actors: one per order. expires NULL: sold at once, nothing stays held.
-- Answers one row per variant an order is short of; an order without such a row has everything. A row with ord = 0 says that the variant
-- fell to its threshold by this batch (wanted: the threshold, available: what is left). What is not tracked is always there.
CREATE FUNCTION stock_hold(line_order int[], order_ids uuid[], variants uuid[], quantities bigint[], location uuid, expires timestamptz[],
                           actors uuid[], node text)
RETURNS TABLE (ord int, variant_id uuid, wanted bigint, available bigint) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    o        int[];        -- lines, each variant once per order, in the order of orders
    v        uuid[];
    n        bigint[];
    place    int[];        -- which of the variants it is
    free     bigint[];     -- what there is; null: without end
    takes    boolean[];    -- whether it moves stock
    lots     boolean[];
    by_lot   boolean;
    enough   boolean;
    remains  bigint[] := '{}';
    refused  int[] := '{}';
    first    int := 1;
    past     int;
    short    boolean;
BEGIN
    WITH locked AS MATERIALIZED (
        SELECT s.variant_id, s.quantity - s.reserved - s.expired AS free, s.track_inventory, s.backorder, s.lot_tracked
          FROM stock s WHERE s.variant_id = ANY (variants) AND s.location_id = location
         ORDER BY s.variant_id FOR NO KEY UPDATE),
    line AS (
        SELECT u.o, u.v, least(sum(u.n), 9000000000000000)::bigint AS n
          FROM unnest(line_order, variants, quantities) u(o, v, n) WHERE u.n > 0 GROUP BY u.o, u.v),
    known AS (
        SELECT line.o, line.v, line.n, (dense_rank() OVER (ORDER BY line.v))::int AS place, coalesce(l.track_inventory, true) AS takes,
               coalesce(l.lot_tracked, false) AS lots,
               CASE WHEN NOT l.track_inventory OR l.backorder THEN NULL ELSE greatest(coalesce(l.free, 0), 0) END AS free,
               sum(line.n) OVER (PARTITION BY line.v) AS total
          FROM line LEFT JOIN locked l ON l.variant_id = line.v ORDER BY line.o, line.v)
    SELECT array_agg(k.o), array_agg(k.v), array_agg(k.n), array_agg(k.place), array_agg(k.free), array_agg(k.takes), array_agg(k.lots),
           bool_or(k.lots), bool_and(k.free IS NULL OR k.total <= k.free)
      INTO o, v, n, place, free, takes, lots, by_lot, enough
      FROM known k;
    IF o IS NULL THEN
        RETURN;
    END IF;

    IF by_lot THEN
        -- Asked only now: what lots hold is certain once their stock rows are locked.
        SELECT array_agg(CASE WHEN u.lots THEN coalesce(f.free, 0) ELSE u.free END ORDER BY u.i) INTO free
          FROM unnest(v, free, lots) WITH ORDINALITY u(v, free, lots, i)
          LEFT JOIN (SELECT k.variant_id, sum(k.quantity - k.reserved)::bigint AS free FROM stock_lots k
                      WHERE k.variant_id = ANY (v) AND k.location_id = location AND (k.expires_on IS NULL OR k.expires_on >= shop_today())
                      GROUP BY k.variant_id) f ON f.variant_id = u.v;
    END IF;

    IF by_lot OR NOT enough THEN
        FOR i IN 1 .. cardinality(o) LOOP
            remains[place[i]] := free[i];
        END LOOP;
        WHILE first <= cardinality(o) LOOP
            past := first;
            short := false;
            WHILE past <= cardinality(o) AND o[past] = o[first] LOOP
                IF n[past] > remains[place[past]] THEN
                    short := true;
                    ord := o[past]; variant_id := v[past]; wanted := n[past]; available := remains[place[past]];
                    RETURN NEXT;
                END IF;
                past := past + 1;
            END LOOP;
            IF short THEN
                refused := refused || o[first];
            ELSE
                FOR i IN first .. past - 1 LOOP
                    remains[place[i]] := remains[place[i]] - n[i];
                END LOOP;
            END IF;
            first := past;
        END LOOP;
    END IF;

    RETURN QUERY
    WITH line AS MATERIALIZED (
        SELECT u.o, u.v, u.n, u.lots, expires[u.o] IS NULL AS sold
          FROM unnest(o, v, n, takes, lots) u(o, v, n, takes, lots) WHERE u.takes AND u.o <> ALL (refused)),
    moved AS (
        UPDATE stock s SET reserved = s.reserved + d.held, quantity = s.quantity - d.sold, updated_at = now()
          FROM (SELECT l.v, coalesce(sum(l.n) FILTER (WHERE NOT l.sold), 0)::bigint AS held,
                       coalesce(sum(l.n) FILTER (WHERE l.sold), 0)::bigint AS sold FROM line l GROUP BY l.v) d
         WHERE s.variant_id = d.v AND s.location_id = location
        RETURNING s.variant_id, s.low_stock_threshold, s.quantity - s.reserved - s.expired AS free, d.held + d.sold AS taken),
    kept AS (
        INSERT INTO reservations (order_id, variant_id, location_id, qty, state, expires_at)
        SELECT order_ids[l.o], l.v, location, l.n, CASE WHEN l.sold THEN 2 ELSE 1 END, expires[l.o] FROM line l
        -- An order that lost its goods may hold them again. One that has them still must not: it would hold twice what it says.
        ON CONFLICT ON CONSTRAINT reservations_pkey DO UPDATE
           SET qty = CASE WHEN reservations.state IN (3, 4) THEN excluded.qty END, state = excluded.state, expires_at = excluded.expires_at, returned = 0),
    noted AS (
        INSERT INTO stock_movements (variant_id, location_id, kind, ref_type, ref_id, qty_delta, reserved_delta, actor, node)
        SELECT l.v, location, CASE WHEN l.sold THEN 4 ELSE 10 END, 1, order_ids[l.o], CASE WHEN l.sold THEN -l.n ELSE 0 END,
               CASE WHEN l.sold THEN 0 ELSE l.n END, actors[l.o], node
          FROM line l WHERE NOT l.lots)
    SELECT 0, m.variant_id, m.low_stock_threshold, m.free FROM moved m
     WHERE m.free <= m.low_stock_threshold AND m.free + m.taken > m.low_stock_threshold;

    IF by_lot THEN
        PERFORM stock_take_lots(array_agg(u.o), order_ids, array_agg(u.v), array_agg(u.n), location, expires, actors, node)
           FROM unnest(o, v, n, lots) u(o, v, n, lots) WHERE u.lots AND u.o <> ALL (refused);
    END IF;
END $$;

-- Locks the stock rows that reservations of these orders in this state stand for.
CREATE FUNCTION stock_lock_reserved(orders uuid[], in_state smallint) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM FROM stock s
      WHERE (s.variant_id, s.location_id) IN (SELECT r.variant_id, r.location_id FROM reservations r WHERE r.order_id = ANY (orders) AND r.state = in_state)
      ORDER BY s.variant_id, s.location_id FOR NO KEY UPDATE;
END $$;

-- Ends what is held: sold (2: quantity falls too), released (3) or expired (4). The second call finds nothing to do.
CREATE FUNCTION stock_settle(orders uuid[], outcome smallint, actor uuid, node text) RETURNS SETOF uuid LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM stock_lock_reserved(orders, 1::smallint);
    RETURN QUERY
    WITH done AS (
        UPDATE reservations r SET state = outcome
         WHERE r.order_id = ANY (orders) AND r.state = 1 AND (outcome <> 4 OR r.expires_at <= clock_timestamp())
        RETURNING r.order_id, r.variant_id, r.location_id, r.qty),
    piece AS MATERIALIZED (
        SELECT d.order_id, d.variant_id, d.location_id, coalesce(l.qty, d.qty) AS n, l.lot_id
          FROM done d LEFT JOIN reservation_lots l USING (order_id, variant_id, location_id)),
    lot AS (
        UPDATE stock_lots k SET reserved = k.reserved - p.n, quantity = k.quantity - CASE WHEN outcome = 2 THEN p.n ELSE 0 END
          FROM (SELECT q.lot_id, sum(q.n)::bigint AS n FROM piece q WHERE q.lot_id IS NOT NULL GROUP BY q.lot_id) p
         WHERE k.id = p.lot_id
        RETURNING k.variant_id, k.location_id, CASE WHEN k.expired AND outcome <> 2 THEN p.n ELSE 0 END AS spoiled),
    forgotten AS (
        DELETE FROM reservation_lots l USING done d
         WHERE outcome <> 2 AND l.order_id = d.order_id AND l.variant_id = d.variant_id AND l.location_id = d.location_id),
    noted AS (
        INSERT INTO stock_movements (variant_id, location_id, kind, ref_type, ref_id, qty_delta, reserved_delta, lot_id, actor, node, reason)
        SELECT p.variant_id, p.location_id, CASE WHEN outcome = 2 THEN 12 ELSE 11 END, 1, p.order_id, CASE WHEN outcome = 2 THEN -p.n ELSE 0 END,
               -p.n, p.lot_id, actor, node, CASE WHEN outcome = 4 THEN 'expired' END
          FROM piece p),
    moved AS (
        UPDATE stock s SET reserved = s.reserved - d.n, quantity = s.quantity - CASE WHEN outcome = 2 THEN d.n ELSE 0 END,
                           expired = s.expired + coalesce(x.spoiled, 0), updated_at = now()
          FROM (SELECT q.variant_id, q.location_id, sum(q.qty)::bigint AS n FROM done q GROUP BY q.variant_id, q.location_id) d
          LEFT JOIN (SELECT q.variant_id, q.location_id, sum(q.spoiled)::bigint AS spoiled FROM lot q GROUP BY q.variant_id, q.location_id) x
                    USING (variant_id, location_id)
         WHERE s.variant_id = d.variant_id AND s.location_id = d.location_id
        RETURNING s.variant_id)
    SELECT DISTINCT m.variant_id FROM moved m;
END $$;

-- What is held becomes sold. Answers the variants whose stock changed.
CREATE FUNCTION stock_commit(orders uuid[], actor uuid, node text) RETURNS SETOF uuid LANGUAGE sql VOLATILE AS $$
    SELECT stock_settle(orders, 2::smallint, actor, node)
$$;

-- What is held is free again; with expired only where its time is over.
CREATE FUNCTION stock_release(orders uuid[], expired boolean, actor uuid, node text) RETURNS SETOF uuid LANGUAGE sql VOLATILE AS $$
    SELECT stock_settle(orders, CASE WHEN expired THEN 4 ELSE 3 END::smallint, actor, node)
$$;

-- Sold goods of an order come back to the place, and the lots, they were taken from; never more of them than were taken, so that doing all of
-- it twice does it once. Goods sold without lots into a variant that has them now lie in the lot ''.
CREATE FUNCTION stock_restock(of_order uuid, variants uuid[], quantities bigint[], kind smallint, actor uuid, node text)
RETURNS SETOF uuid LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
    PERFORM stock_lock_reserved(ARRAY[of_order], 2::smallint);
    -- Rows of the lot '' for what will need one.
    INSERT INTO stock_lots (variant_id, location_id, code)
    SELECT s.variant_id, s.location_id, '' FROM stock s JOIN reservations r USING (variant_id, location_id)
     WHERE r.order_id = of_order AND r.state = 2 AND r.variant_id = ANY (variants) AND s.lot_tracked AND NOT EXISTS
           (SELECT FROM reservation_lots l WHERE l.order_id = r.order_id AND l.variant_id = r.variant_id AND l.location_id = r.location_id)
    ON CONFLICT DO NOTHING;
    RETURN QUERY
    WITH line AS (SELECT u.v, least(sum(u.n), 9000000000000000)::bigint AS n FROM unnest(variants, quantities) u(v, n) WHERE u.n > 0 GROUP BY u.v),
    -- An order's variant may lie at several places; what comes back fills them one after the other.
    room AS (
        SELECT r.variant_id, r.location_id, r.qty - r.returned AS free, sum(r.qty - r.returned) OVER (PARTITION BY r.variant_id ORDER BY r.location_id) AS upto
          FROM reservations r WHERE r.order_id = of_order AND r.state = 2 AND r.returned < r.qty),
    back AS MATERIALIZED (
        SELECT room.variant_id, room.location_id, (least(line.n, room.upto) - (room.upto - room.free))::bigint AS n, s.lot_tracked
          FROM line JOIN room ON room.variant_id = line.v AND room.upto - room.free < line.n
               JOIN stock s ON s.variant_id = room.variant_id AND s.location_id = room.location_id),
    marked AS (
        UPDATE reservations r SET returned = r.returned + b.n FROM back b
         WHERE r.order_id = of_order AND r.variant_id = b.variant_id AND r.location_id = b.location_id),
    lot_room AS (
        SELECT l.variant_id, l.location_id, l.lot_id, l.qty - l.returned AS free,
               sum(l.qty - l.returned) OVER (PARTITION BY l.variant_id, l.location_id ORDER BY l.lot_id) AS upto
          FROM reservation_lots l WHERE l.order_id = of_order AND l.returned < l.qty),
    piece AS MATERIALIZED (
        SELECT b.variant_id, b.location_id, p.lot_id, coalesce((least(b.n, p.upto) - (p.upto - p.free))::bigint, b.n) AS n, p.free IS NOT NULL AS known
          FROM back b LEFT JOIN LATERAL
               (SELECT q.lot_id, q.free, q.upto FROM lot_room q
                 WHERE b.lot_tracked AND q.variant_id = b.variant_id AND q.location_id = b.location_id AND q.upto - q.free < b.n
                UNION ALL
                SELECT k.id, NULL, NULL FROM stock_lots k
                 WHERE b.lot_tracked AND k.variant_id = b.variant_id AND k.location_id = b.location_id AND k.code = '' AND NOT EXISTS
                       (SELECT FROM reservation_lots l WHERE l.order_id = of_order AND l.variant_id = b.variant_id AND l.location_id = b.location_id)) p ON true),
    lot_marked AS (
        UPDATE reservation_lots l SET returned = l.returned + p.n FROM piece p
         WHERE p.known AND l.order_id = of_order AND l.variant_id = p.variant_id AND l.location_id = p.location_id AND l.lot_id = p.lot_id),
    lot AS (
        UPDATE stock_lots k SET quantity = k.quantity + p.n FROM piece p WHERE k.id = p.lot_id
        RETURNING k.variant_id, k.location_id, CASE WHEN k.expired THEN p.n ELSE 0 END AS spoiled),
    noted AS (
        INSERT INTO stock_movements (variant_id, location_id, kind, ref_type, ref_id, qty_delta, reserved_delta, lot_id, actor, node)
        SELECT p.variant_id, p.location_id, kind, 1, of_order, p.n, 0, p.lot_id, actor, node FROM piece p),
    moved AS (
        UPDATE stock s SET quantity = s.quantity + b.n, expired = s.expired + coalesce(x.spoiled, 0), updated_at = now()
          FROM back b LEFT JOIN (SELECT q.variant_id, q.location_id, sum(q.spoiled)::bigint AS spoiled FROM lot q GROUP BY q.variant_id, q.location_id) x
                    USING (variant_id, location_id)
         WHERE s.variant_id = b.variant_id AND s.location_id = b.location_id
        RETURNING s.variant_id)
    SELECT DISTINCT m.variant_id FROM moved m;
END $$;

-- Whether a product has left a trace that deleting it would break. Every reservation has a movement.
CREATE FUNCTION product_is_referenced(product uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM variants v WHERE v.product_id = product AND
                   (EXISTS (SELECT FROM stock_movements m WHERE m.variant_id = v.id) OR
                    EXISTS (SELECT FROM stock s WHERE s.variant_id = v.id AND (s.quantity <> 0 OR s.reserved <> 0))))
$$;

-- What others may know of the goods by their variants: a face of the catalogue's tables.
CREATE VIEW variant_labels AS
SELECT v.id AS variant_id, v.product_id, v.position, v.sku, v.barcode, v.attributes, p.name, p.status
  FROM variants v JOIN products p ON p.id = v.product_id;

-- The variant that each of these names means: itself, or the default one of a product; nothing for a name that means none. Whoever writes
-- about goods holds them so, and they are not deleted meanwhile.
CREATE FUNCTION resolve_variants(variants uuid[], products uuid[]) RETURNS TABLE (ix int, variant_id uuid, product_id uuid)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
    PERFORM FROM products p WHERE p.id = ANY (products) OR p.id IN (SELECT v.product_id FROM variants v WHERE v.id = ANY (variants))
      ORDER BY p.id FOR KEY SHARE;
    RETURN QUERY SELECT u.i::int, v.id, v.product_id FROM unnest(variants, products) WITH ORDINALITY u(variant, product, i)
                   JOIN variants v ON v.id = u.variant OR (u.variant IS NULL AND v.product_id = u.product AND v.position = 0);
END $$;

-- Receipts and their siblings: what was moved by hand, on paper with a number.
CREATE SEQUENCE stock_document_number;
CREATE TABLE stock_documents (
    id             uuid PRIMARY KEY,
    number         text COLLATE "C" NOT NULL UNIQUE,
    kind           smallint NOT NULL CHECK (kind BETWEEN 1 AND 7),     -- 1 receipt, 2 opening, 3 supplier_return, 4 destruction, 5 transfer,
                                                                       -- 6 adjustment, 7 count
    status         smallint NOT NULL CHECK (status BETWEEN 1 AND 3),   -- 1 open, 2 done, 3 cancelled
    location_id    uuid NOT NULL REFERENCES locations (id),
    to_location_id uuid REFERENCES locations (id),
    supplier       text,
    reason         text,
    note           text,
    currency       char(3) NOT NULL,
    total_cost     bigint,
    version        bigint NOT NULL DEFAULT 1,
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by     uuid,
    updated_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_by     uuid,
    node           text NOT NULL,
    CHECK ((kind = 5) = (to_location_id IS NOT NULL)),
    CHECK (to_location_id <> location_id)
);
CREATE INDEX stock_documents_by_kind ON stock_documents (kind, id);
CREATE INDEX stock_documents_of_location ON stock_documents (location_id, id);
CREATE INDEX stock_documents_to_location ON stock_documents (to_location_id, id) WHERE to_location_id IS NOT NULL;
CREATE INDEX stock_documents_open ON stock_documents (id) WHERE status = 1;

CREATE TABLE stock_document_lines (
    document_id uuid NOT NULL REFERENCES stock_documents (id),
    line        int NOT NULL,
    variant_id  uuid NOT NULL,
    quantity    bigint NOT NULL,        -- with its sign in an adjustment; what was counted in a count
    unit_cost   bigint,
    lot         text COLLATE "C",
    expires_on  date,
    counted_at  timestamptz,            -- counts only
    expected    bigint,                 -- what the book said at that moment, known when the count is finished
    PRIMARY KEY (document_id, line)
);
CREATE UNIQUE INDEX stock_counted_once ON stock_document_lines (document_id, variant_id, coalesce(lot, '')) WHERE counted_at IS NOT NULL;

-- Rows for what never lay somewhere; a variant's rules are the same at all places.
CREATE FUNCTION stock_ensure(variants uuid[], places uuid[]) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    INSERT INTO stock (variant_id, location_id, low_stock_threshold, track_inventory, backorder, lot_tracked, version)
    SELECT w.v, w.l, coalesce(r.low_stock_threshold, 10), coalesce(r.track_inventory, true), coalesce(r.backorder, false), coalesce(r.lot_tracked, false),
           coalesce(r.version, 1)
      FROM (SELECT DISTINCT u.v, u.l FROM unnest(variants, places) u(v, l)) w
      LEFT JOIN LATERAL (SELECT s.* FROM stock s WHERE s.variant_id = w.v ORDER BY s.location_id LIMIT 1) r ON true
     WHERE NOT EXISTS (SELECT FROM stock s WHERE s.variant_id = w.v AND s.location_id = w.l)
     ORDER BY w.v, w.l
    ON CONFLICT DO NOTHING;
    PERFORM FROM stock s WHERE (s.variant_id, s.location_id) IN (SELECT u.v, u.l FROM unnest(variants, places) u(v, l))
      ORDER BY s.variant_id, s.location_id FOR NO KEY UPDATE;
END $$;

-- Moves stock by hand: each piece (a variant, a place, a signed quantity, for lots their code) with its kind and its line. Answers either what
-- stands against it, and then nothing was moved, or the rows that changed.
--   problem 1: the variant goes by lots and the piece names none; 2: it names one and the variant does not go by lots; 3: the lot has another
--   last day (expires_on says which); 4: so much is not free (wanted, available). 0: moved; fell: to its threshold or below by this.
CREATE FUNCTION stock_post(reference uuid, of_type smallint, lines int[], variants uuid[], places uuid[], kinds smallint[], deltas bigint[],
                           lots text[], last_days date[], costs bigint[], reason text, actor uuid, node text)
RETURNS TABLE (problem smallint, line int, variant_id uuid, location_id uuid, wanted bigint, available bigint, expires_on date, fell boolean,
               quantity bigint, reserved bigint, threshold bigint)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
    PERFORM stock_ensure(variants, places);
    -- A lot's last day is the same wherever it lies, so that what is moved or found again needs not be told.
    INSERT INTO stock_lots (variant_id, location_id, code, expires_on, expired)
    SELECT DISTINCT ON (u.v, u.l, u.lot) u.v, u.l, u.lot, coalesce(u.day, k.expires_on), coalesce(coalesce(u.day, k.expires_on) < shop_today(), false)
      FROM unnest(variants, places, deltas, lots, last_days) u(v, l, n, lot, day)
      JOIN stock s ON s.variant_id = u.v AND s.location_id = u.l AND s.lot_tracked
      LEFT JOIN LATERAL (SELECT o.expires_on FROM stock_lots o WHERE o.variant_id = u.v AND o.code = u.lot ORDER BY o.expires_on LIMIT 1) k ON true
     WHERE u.n > 0 AND u.lot IS NOT NULL
     ORDER BY u.v, u.l, u.lot, u.day
    ON CONFLICT DO NOTHING;

    RETURN QUERY
    WITH piece AS (
        SELECT u.line, u.v, u.l, u.n, u.lot, u.day, s.lot_tracked, k.id AS lot_id, k.expires_on,
               CASE WHEN s.lot_tracked THEN coalesce(k.quantity - k.reserved, 0)
                    WHEN s.backorder THEN NULL ELSE s.quantity - s.reserved - s.expired END AS free,
               sum(u.n) OVER (PARTITION BY u.v, u.l, CASE WHEN s.lot_tracked THEN u.lot END) AS total
          FROM unnest(lines, variants, places, deltas, lots, last_days) u(line, v, l, n, lot, day)
          JOIN stock s ON s.variant_id = u.v AND s.location_id = u.l
          LEFT JOIN stock_lots k ON s.lot_tracked AND k.variant_id = u.v AND k.location_id = u.l AND k.code = u.lot)
    SELECT f.problem::smallint, p.line, p.v, p.l, abs(p.n), p.free, p.expires_on, false, NULL::bigint, NULL::bigint, NULL::bigint
      FROM piece p CROSS JOIN LATERAL (SELECT CASE
             WHEN p.lot_tracked AND p.lot IS NULL THEN 1
             WHEN p.lot IS NOT NULL AND NOT p.lot_tracked THEN 2
             WHEN p.lot_id IS NOT NULL AND p.day IS NOT NULL AND p.day IS DISTINCT FROM p.expires_on THEN 3
             WHEN p.n < 0 AND p.free + p.total < 0 THEN 4 END AS problem) f
     WHERE f.problem IS NOT NULL ORDER BY p.line;
    IF FOUND THEN
        RETURN;
    END IF;

    RETURN QUERY
    WITH piece AS MATERIALIZED (
        SELECT u.v, u.l, u.kind, u.n, u.cost, k.id AS lot_id
          FROM unnest(variants, places, kinds, deltas, lots, costs) u(v, l, kind, n, lot, cost)
          LEFT JOIN stock_lots k ON u.lot IS NOT NULL AND k.variant_id = u.v AND k.location_id = u.l AND k.code = u.lot
         WHERE u.n <> 0),
    lot AS (
        UPDATE stock_lots k SET quantity = k.quantity + p.n
          FROM (SELECT q.lot_id, sum(q.n)::bigint AS n FROM piece q WHERE q.lot_id IS NOT NULL GROUP BY q.lot_id) p WHERE k.id = p.lot_id
        RETURNING k.variant_id, k.location_id, CASE WHEN k.expired THEN p.n ELSE 0 END AS spoiled),
    noted AS (
        INSERT INTO stock_movements (variant_id, location_id, kind, ref_type, ref_id, qty_delta, reserved_delta, unit_cost, lot_id, actor, node, reason)
        SELECT p.v, p.l, p.kind, of_type, reference, p.n, 0, p.cost, p.lot_id, actor, node, reason FROM piece p),
    moved AS (
        UPDATE stock s SET quantity = s.quantity + d.n, expired = s.expired + coalesce(x.spoiled, 0), updated_at = now(), updated_by = actor
          FROM (SELECT q.v, q.l, sum(q.n)::bigint AS n FROM piece q GROUP BY q.v, q.l) d
          LEFT JOIN (SELECT q.variant_id, q.location_id, sum(q.spoiled)::bigint AS spoiled FROM lot q GROUP BY q.variant_id, q.location_id) x
                    ON x.variant_id = d.v AND x.location_id = d.l
         WHERE s.variant_id = d.v AND s.location_id = d.l
        RETURNING s.*, d.n - coalesce(x.spoiled, 0) AS gained)
    SELECT 0::smallint, 0, m.variant_id, m.location_id, NULL::bigint, m.quantity - m.reserved - m.expired, NULL::date,
           m.track_inventory AND m.quantity - m.reserved - m.expired <= m.low_stock_threshold
               AND m.quantity - m.reserved - m.expired - m.gained > m.low_stock_threshold,
           m.quantity, m.reserved, m.low_stock_threshold
      FROM moved m ORDER BY m.variant_id, m.location_id;
END $$;

-- What lies in a cashier's hand is there, whatever the book says: adds what is missing so that so much can be sold.
CREATE FUNCTION stock_found(of_order uuid, variants uuid[], quantities bigint[], location uuid, actor uuid, node text)
RETURNS TABLE (variant_id uuid, added bigint) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    v uuid[];
    n bigint[];
    lots text[];
BEGIN
    PERFORM stock_ensure(variants, array_fill(location, ARRAY[cardinality(variants)]));
    SELECT array_agg(w.v), array_agg(w.missing), array_agg(w.lot) INTO v, n, lots FROM (
        SELECT u.v, sum(u.n)::bigint - greatest(0, CASE WHEN s.lot_tracked THEN coalesce(k.free, 0) ELSE s.quantity - s.reserved - s.expired END) AS missing,
               CASE WHEN s.lot_tracked THEN '' END AS lot
          FROM unnest(variants, quantities) u(v, n) JOIN stock s ON s.variant_id = u.v AND s.location_id = location
          LEFT JOIN LATERAL (SELECT sum(o.quantity - o.reserved)::bigint AS free FROM stock_lots o WHERE o.variant_id = s.variant_id AND
                             o.location_id = s.location_id AND (o.expires_on IS NULL OR o.expires_on >= shop_today())) k ON true
         WHERE s.track_inventory AND NOT s.backorder
         GROUP BY u.v, s.lot_tracked, s.quantity, s.reserved, s.expired, k.free) w WHERE w.missing > 0;
    IF v IS NULL THEN
        RETURN;
    END IF;
    PERFORM stock_post(of_order, 1::smallint, array_fill(1, ARRAY[cardinality(v)]), v, array_fill(location, ARRAY[cardinality(v)]),
                       array_fill(7::smallint, ARRAY[cardinality(v)]), n, lots, array_fill(NULL::date, ARRAY[cardinality(v)]),
                       array_fill(NULL::bigint, ARRAY[cardinality(v)]), 'miscount', actor, node);
    RETURN QUERY SELECT u.v, u.n FROM unnest(v, n) u(v, n);
END $$;

-- Fills in what the book said when each line of a count was counted: today's quantity without what moved since.
CREATE FUNCTION stock_count_expect(document uuid) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM stock_ensure(array_agg(l.variant_id), array_agg(d.location_id))
       FROM stock_document_lines l JOIN stock_documents d ON d.id = l.document_id WHERE d.id = document;
    UPDATE stock_document_lines l SET expected = b.book
      FROM (SELECT l.line, (CASE WHEN s.lot_tracked THEN coalesce(k.quantity, 0) ELSE s.quantity END - coalesce((
                       SELECT sum(m.qty_delta) FROM stock_movements m
                        WHERE m.variant_id = l.variant_id AND m.location_id = d.location_id AND m.at > l.counted_at
                          AND (NOT s.lot_tracked OR m.lot_id = k.id)), 0))::bigint AS book
              FROM stock_documents d JOIN stock_document_lines l ON l.document_id = d.id
              JOIN stock s ON s.variant_id = l.variant_id AND s.location_id = d.location_id
              LEFT JOIN stock_lots k ON s.lot_tracked AND k.variant_id = l.variant_id AND k.location_id = d.location_id AND k.code = l.lot
             WHERE d.id = document) b
     WHERE l.document_id = document AND l.line = b.line;
END $$;

-- The rules of a variant, at all its places. Answers false where more is promised than is there, and selling beyond it would be forbidden.
-- Turning lots on puts what is there into the lot ''; turning them off forgets which lot it lay in. The ledger tells of both.
CREATE FUNCTION stock_set_rules(variant uuid, low bigint, tracked boolean, beyond boolean, by_lot boolean, actor uuid, node text) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM stock_ensure(ARRAY[variant], ARRAY[(SELECT l.id FROM locations l WHERE l.is_default)])
      WHERE NOT EXISTS (SELECT FROM stock s WHERE s.variant_id = variant);
    PERFORM FROM stock s WHERE s.variant_id = variant ORDER BY s.location_id FOR NO KEY UPDATE;
    IF NOT beyond AND EXISTS (SELECT FROM stock s WHERE s.variant_id = variant AND s.reserved > s.quantity) THEN
        RETURN false;
    END IF;
    IF by_lot THEN
        INSERT INTO stock_lots (variant_id, location_id, code)
        SELECT s.variant_id, s.location_id, '' FROM stock s WHERE s.variant_id = variant AND NOT s.lot_tracked ON CONFLICT DO NOTHING;
        UPDATE stock_lots k SET quantity = s.quantity, reserved = s.reserved FROM stock s
         WHERE s.variant_id = variant AND NOT s.lot_tracked AND k.variant_id = variant AND k.location_id = s.location_id AND k.code = '';
        INSERT INTO reservation_lots (order_id, variant_id, location_id, lot_id, qty)
        SELECT r.order_id, r.variant_id, r.location_id, k.id, r.qty FROM reservations r
          JOIN stock s ON s.variant_id = r.variant_id AND s.location_id = r.location_id AND NOT s.lot_tracked
          JOIN stock_lots k ON k.variant_id = r.variant_id AND k.location_id = r.location_id AND k.code = ''
         WHERE r.variant_id = variant AND r.state = 1;
    END IF;
    INSERT INTO stock_movements (variant_id, location_id, kind, ref_type, ref_id, qty_delta, reserved_delta, lot_id, actor, node, reason)
    SELECT k.variant_id, k.location_id, 7, 3, variant, e.sign * k.quantity, e.sign * k.reserved, e.lot_id, actor, node, 'lots'
      FROM stock_lots k JOIN stock s ON s.variant_id = k.variant_id AND s.location_id = k.location_id AND s.lot_tracked <> by_lot
      CROSS JOIN LATERAL (VALUES (CASE WHEN by_lot THEN 1 ELSE -1 END, k.id), (CASE WHEN by_lot THEN -1 ELSE 1 END, NULL::uuid)) e(sign, lot_id)
     WHERE k.variant_id = variant AND (k.quantity <> 0 OR k.reserved <> 0);
    IF NOT by_lot THEN
        DELETE FROM reservation_lots l USING reservations r
         WHERE r.variant_id = variant AND r.state = 1 AND l.order_id = r.order_id AND l.variant_id = r.variant_id AND l.location_id = r.location_id;
        UPDATE stock_lots k SET quantity = 0, reserved = 0, expired = false WHERE k.variant_id = variant AND (k.quantity <> 0 OR k.reserved <> 0 OR k.expired);
    END IF;
    UPDATE stock s SET low_stock_threshold = low, track_inventory = tracked, backorder = beyond, lot_tracked = by_lot, version = s.version + 1,
                       expired = CASE WHEN by_lot THEN s.expired ELSE 0 END, updated_at = now(), updated_by = actor
     WHERE s.variant_id = variant;
    RETURN true;
END $$;

-- Marks lots whose last day is over, and tells which stock that took from what is for sale; fell: to its threshold or below by this.
CREATE FUNCTION stock_expire_lots(most int) RETURNS TABLE (variant_id uuid, location_id uuid, fell boolean) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    due uuid[];
BEGIN
    due := ARRAY(SELECT k.id FROM stock_lots k WHERE k.expires_on < shop_today() AND k.quantity > 0 AND NOT k.expired ORDER BY k.expires_on, k.id LIMIT most);
    PERFORM FROM stock s WHERE (s.variant_id, s.location_id) IN (SELECT k.variant_id, k.location_id FROM stock_lots k WHERE k.id = ANY (due))
      ORDER BY s.variant_id, s.location_id FOR NO KEY UPDATE;
    RETURN QUERY
    WITH lot AS (
        UPDATE stock_lots k SET expired = true WHERE k.id = ANY (due) AND NOT k.expired
        RETURNING k.variant_id, k.location_id, k.quantity - k.reserved AS free),
    moved AS (
        UPDATE stock s SET expired = s.expired + d.free, updated_at = now()
          FROM (SELECT q.variant_id, q.location_id, sum(q.free)::bigint AS free FROM lot q GROUP BY q.variant_id, q.location_id) d
         WHERE s.variant_id = d.variant_id AND s.location_id = d.location_id
        RETURNING s.*, d.free)
    SELECT m.variant_id, m.location_id, m.quantity - m.reserved - m.expired <= m.low_stock_threshold
               AND m.quantity - m.reserved - m.expired + m.free > m.low_stock_threshold
      FROM moved m;
END $$;

-- Products whose name, tags or codes hold all of these pieces of words (patterns for LIKE); the first one is looked up, so the longest is best.
CREATE FUNCTION products_like(pattern text, patterns text[]) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT s.id FROM product_search s WHERE s.labels LIKE pattern AND s.labels LIKE ALL (patterns)
$$;

-- The same for some variants of a product.
CREATE FUNCTION variants_are_referenced(variants uuid[]) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM unnest(variants) v(id) WHERE
                   (EXISTS (SELECT FROM stock_movements m WHERE m.variant_id = v.id) OR
                    EXISTS (SELECT FROM stock s WHERE s.variant_id = v.id AND (s.quantity <> 0 OR s.reserved <> 0))))
$$;

-- Whether this one is among them: for questions that many goods answer, walking the goods and asking each is quicker than finding all.
CREATE FUNCTION product_is_like(product uuid, patterns text[]) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM product_search s WHERE s.id = product AND s.labels LIKE ALL (patterns))
$$;
