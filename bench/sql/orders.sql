-- The same rows that Kiềng writes for an order, for pgbench: any number of orders in one call and one commit, set by set, and the pieces for
-- the script that goes statement by statement. Answers and documents are constants of the usual length; prices are taken as they are.

CREATE SEQUENCE bench_orders_made;

-- As long as the JSON of one order of two lines.
CREATE FUNCTION bench_order_answer() RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT rpad('{"orderId":"', 1250, 'order ')
$$;

CREATE FUNCTION bench_order_event() RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT '{"topic": "orders", "orderId": "01980000-0000-7000-8000-100000004711", "number": "DH-261121-000123", "userId": "01980000-0000-7000-8000-100000000001", "status": "pending", "channel": "online", "paymentMethod": "cod", "totalAmount": 350614, "currency": "VND", "timestamp": "2026-01-04T06:31:00.000Z", "expiresAt": "2026-01-05T06:31:00.000Z", "items": [{"productId": "01980000-0000-7000-8000-100000004711", "variantId": "01980000-0000-7000-a000-100000004711", "quantity": 1, "price": 175307}, {"productId": "01980000-0000-7000-8000-100000008042", "variantId": "01980000-0000-7000-a000-100000008042", "quantity": 2, "price": 175307}]}'::jsonb
$$;

CREATE FUNCTION bench_place() RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT '01900000-0000-7000-8000-000000000001'::uuid
$$;

CREATE FUNCTION bench_variant(i bigint) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ('01980000-0000-7000-a000-' || i::text)::uuid
$$;

CREATE FUNCTION bench_order_tags(product uuid) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ARRAY['order:' || product, 'list:orders', 'user:' || product, 'list:stock', 'stock:' || product, 'product:' || product,
                 'stock:' || product, 'product:' || product]
$$;

-- `count` orders of one to three lines each, of `spread` products: 1, 2 and 3 pieces. Returns the last position.
CREATE FUNCTION bench_place_orders(count int, spread int) RETURNS bigint LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    first    bigint := nextval('bench_orders_made') * 1000;    -- ids in the order of placing, as ours are
    owner    int[];
    numbers  int[];
    variants uuid[];
    last     bigint;
BEGIN
    SELECT array_agg(o), array_agg(l), array_agg(bench_variant(100000000001 + (base + l * (spread / 3)) % spread)) INTO owner, numbers, variants
      FROM (SELECT o, floor(random() * spread)::bigint AS base, 1 + floor(random() * 3)::int AS lines
              FROM generate_series(1, count) o OFFSET 0) u, generate_series(1, u.lines) l;
    PERFORM FROM stock s WHERE s.variant_id = ANY (variants) AND s.location_id = bench_place() ORDER BY s.variant_id FOR NO KEY UPDATE;
    WITH line AS MATERIALIZED (
        SELECT u.o, u.l, v.id AS variant_id, p.id AS product_id, p.price, p.price_version, p.sku, p.name, p.image_urls[p.primary_image] AS image,
               v.attributes, bench_id(200000000000 + first + u.o) AS id
          FROM unnest(owner, numbers, variants) u(o, l, v) JOIN variants v ON v.id = u.v JOIN products p ON p.id = v.product_id WHERE p.status = 2),
    moved AS (
        UPDATE stock s SET reserved = s.reserved + d.n, updated_at = now()
          FROM (SELECT variant_id, sum(l)::bigint AS n FROM line GROUP BY variant_id) d
         WHERE s.variant_id = d.variant_id AND s.location_id = bench_place() AND s.quantity - s.reserved - s.expired >= d.n),
    held AS (
        INSERT INTO reservations (order_id, variant_id, location_id, qty, state, expires_at)
        SELECT id, variant_id, bench_place(), l, 1, now() + interval '1 day' FROM line),
    noted AS (
        INSERT INTO stock_movements (variant_id, location_id, kind, ref_type, ref_id, qty_delta, reserved_delta, actor, node)
        SELECT variant_id, bench_place(), 10, 1, id, 0, l, bench_id(0), 'bench' FROM line),
    kept AS (
        INSERT INTO order_lines (order_id, line, quantity, unit_price, price_version, product_id, variant_id, sku, name, image, attributes)
        SELECT id, l, l, price, price_version, product_id, variant_id, sku, name, image, attributes FROM line),
    made AS (
        INSERT INTO orders (id, status, channel, payment_method, payment_status, fulfillment_status, currency, total, request_hash, expires_at,
                            customer_id, location_id, placed_by, updated_by, number, principal, request_key)
        SELECT id, 2, 1, 3, 6, 1, 'VND', sum(price * l), 0, now() + interval '1 day', bench_id(0), bench_place(), bench_id(0), bench_id(0),
               'BE-261121-' || first + o, 'bench', 'bench-' || first + o
          FROM line GROUP BY id, o),
    told AS (
        INSERT INTO order_history (order_id, seq, from_status, to_status, actor, node)
        SELECT bench_id(200000000000 + first + o), s.seq, s.was, s.becomes, bench_id(0), 'bench'
          FROM generate_series(1, count) o, (VALUES (1, NULL::smallint, 1::smallint), (2, 1, 2)) s(seq, was, becomes)),
    head AS (UPDATE cluster_head SET pos = pos + count RETURNING pos),
    announced AS (
        INSERT INTO outbox (pos, seq, type, entity, entity_id, version, tags, node, trace, data)
        SELECT head.pos - count + o, 1, 'OrderPlacedEvent', 'order', bench_id(200000000000 + first + o), 1, bench_order_tags(bench_id(first)), 'bench', '',
               bench_order_event() FROM head, generate_series(1, count) o),
    answered AS (
        INSERT INTO requests (principal, key, fingerprint, state, status, headers, body, pos)
        SELECT 'bench', 'bench-' || first + o, bench_digest(), 'done', 202, '{}', bench_order_answer(), head.pos - count + o
          FROM head, generate_series(1, count) o)
    SELECT pos INTO last FROM head;
    RETURN last;
END $$;
