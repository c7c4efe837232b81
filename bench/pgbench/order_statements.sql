\set a random(100000000001, 100000003333)
\set b :a + 3333
\set k random(1, 99999999999)
\set o 300000000000 + :k
BEGIN;
SELECT 1 FROM requests WHERE principal = 'bench' AND key = 'bench-' || :k;
SELECT p.id AS pa, p.price AS ca, p.price_version AS va FROM variants v JOIN products p ON p.id = v.product_id WHERE v.id = bench_variant(:a) AND p.status = 2 \gset
SELECT p.id AS pb, p.price AS cb, p.price_version AS vb FROM variants v JOIN products p ON p.id = v.product_id WHERE v.id = bench_variant(:b) AND p.status = 2 \gset
UPDATE stock SET reserved = reserved + 1, updated_at = now() WHERE variant_id = bench_variant(:a) AND location_id = bench_place() AND quantity - reserved - expired >= 1;
UPDATE stock SET reserved = reserved + 2, updated_at = now() WHERE variant_id = bench_variant(:b) AND location_id = bench_place() AND quantity - reserved - expired >= 2;
INSERT INTO reservations (order_id, variant_id, location_id, qty, state, expires_at) VALUES (bench_id(:o), bench_variant(:a), bench_place(), 1, 1, now() + interval '1 day'), (bench_id(:o), bench_variant(:b), bench_place(), 2, 1, now() + interval '1 day');
INSERT INTO stock_movements (variant_id, location_id, kind, ref_type, ref_id, qty_delta, reserved_delta, actor, node) VALUES (bench_variant(:a), bench_place(), 10, 1, bench_id(:o), 0, 1, bench_id(0), 'bench'), (bench_variant(:b), bench_place(), 10, 1, bench_id(:o), 0, 2, bench_id(0), 'bench');
INSERT INTO orders (id, status, channel, payment_method, payment_status, fulfillment_status, currency, total, request_hash, expires_at, customer_id, location_id, placed_by, updated_by, number, principal, request_key) VALUES (bench_id(:o), 2, 1, 3, 6, 1, 'VND', :ca + 2 * :cb, 0, now() + interval '1 day', bench_id(0), bench_place(), bench_id(0), bench_id(0), 'BS-' || :k, 'bench', 'bench-' || :k);
INSERT INTO order_lines (order_id, line, quantity, unit_price, price_version, product_id, variant_id, sku, name, attributes) VALUES (bench_id(:o), 1, 1, :ca, :va, :pa, bench_variant(:a), 'SKU', 'Product, box of twelve', '{}'), (bench_id(:o), 2, 2, :cb, :vb, :pb, bench_variant(:b), 'SKU', 'Product, box of twelve', '{}');
INSERT INTO order_history (order_id, seq, from_status, to_status, actor, node) VALUES (bench_id(:o), 1, NULL, 1, bench_id(0), 'bench'), (bench_id(:o), 2, 1, 2, bench_id(0), 'bench');
WITH head AS (UPDATE cluster_head SET pos = pos + 1 RETURNING pos), announced AS (INSERT INTO outbox (pos, seq, type, entity, entity_id, version, tags, node, trace, data) SELECT head.pos, 1, 'OrderPlacedEvent', 'order', bench_id(:o), 1, bench_order_tags(bench_id(:o)), 'bench', '', bench_order_event() FROM head) INSERT INTO requests (principal, key, fingerprint, state, status, headers, body, pos) SELECT 'bench', 'bench-' || :k, bench_digest(), 'done', 202, '{}', bench_order_answer(), pos FROM head;
COMMIT;
