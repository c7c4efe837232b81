\set i random(100000000001, 100000010000)
\set k random(1, 9000000000000000000)
\set price random(1000, 900000)
BEGIN;
SELECT 1 FROM requests WHERE principal = 'bench' AND key = 'bench-' || :k;
SELECT version, price_version, price AS old_price FROM products WHERE id = bench_id(:i) FOR NO KEY UPDATE \gset
INSERT INTO product_versions (product_id, version, product, changed, changed_at) VALUES (bench_id(:i), :version, bench_product(), '{}', now());
UPDATE products SET price = :price, version = version + 1, price_version = price_version + 1, updated_at = now(), changed_fields = '{price}' WHERE id = bench_id(:i);
INSERT INTO price_history (product_id, price_version, seq, old_price, new_price, currency) VALUES (bench_id(:i), :price_version + 1, 0, :old_price, :price, 'VND');
SELECT bench_audit('product.update', bench_id(:i));
SELECT bench_announce('bench-' || :k, 'ProductUpdatedEvent', bench_id(:i), :version + 1, 200);
COMMIT;
